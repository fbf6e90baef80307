import pytest
from django.test import Client

from tests.builders import make_user


@pytest.fixture
def moderating(client: Client, moderator) -> Client:
    client.force_login(moderator)
    return client


@pytest.fixture
def revealing(client: Client, db) -> Client:
    user = make_user(
        "comments.view_comment", "comments.moderate_comment", "comments.reveal_contact"
    )
    client.force_login(user)
    return client
