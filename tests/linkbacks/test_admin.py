"""Linkbacks in the admin."""

import pytest
from django.urls import reverse

from comments.linkbacks.models import Linkback
from tests.builders import make_pingback

LIST = "/admin/linkbacks/linkback/"


def body(response) -> str:
    return str(response.content, "utf-8")


@pytest.fixture
def linkback(article) -> Linkback:
    return make_pingback(article, source_url="https://blog.example/post").linkback


@pytest.mark.parametrize(
    "lookup",
    [
        "status_key__startswith",
        "source_digest__startswith",
        "final_digest__startswith",
        "comment__private_key__startswith",
        "evidence__rel",
    ],
)
def test_hidden_fields_cannot_be_spelled_out(admin_client, linkback, lookup):
    assert admin_client.get(LIST, {lookup: "a"}).status_code == 400


def test_state_and_reason_are_one_column(admin_client, linkback):
    Linkback.objects.update(state=Linkback.State.REFUSED, refusal="There was no <link>.")

    page = body(admin_client.get(LIST))

    assert "Refused: There was no &lt;link&gt;." in page
    assert 'class="field-announced_by">Pingback<' in page


def test_linkbacks_are_told_apart_by_state_and_protocol(admin_client, linkback):
    Linkback.objects.update(protocols=["pingback", "webmention"])
    Linkback.objects.update(protocols=["pingback", "webmention"])

    def found(**query) -> bool:
        return linkback.source_url in body(admin_client.get(LIST, query))

    assert found(protocol="pingback")
    assert found(protocol="webmention")
    assert not found(protocol="trackback")
    assert found(protocol="nonsense")
    assert found(state__exact="verified")
    assert not found(state__exact="refused", protocol="pingback")
    for label in ("TrackBack", "Webmention"):
        assert f">{label}</a>" in body(admin_client.get(LIST))


@pytest.mark.parametrize("pk", ["abc", "9" * 30, "-1", ""])
def test_an_odd_selection_is_refused(admin_client, linkback, pk):
    data = {"action": "check_again", "index": "0", "_selected_action": pk}

    assert admin_client.post(LIST, data).status_code == 400


def test_a_protocol_nobody_knows_any_more_is_shown_as_it_is(admin_client, linkback):
    Linkback.objects.update(protocols=["refback"])

    page = body(admin_client.get(reverse("admin:linkbacks_linkback_change", args=[linkback.pk])))

    assert "refback" in page
