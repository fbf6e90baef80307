"""What the owner is told of a database that does not answer."""

import pytest
from django.db import OperationalError, connection

from recovery import faults


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("connection option unknown", "connection option unknown"),
        ("password authentication failed for user p", "password authentication failed for user p"),
        ("bad: host=db password=p user=ann", "bad: host=db password=… user=ann"),
        ("bad: PASSWORD = 'p \\' q' user=ann", "bad: PASSWORD = … user=ann"),
        ("bad: password='not closed", "bad: password=…"),
        (
            "cannot parse postgres://ann:p@db:5432/blog",
            "cannot parse postgres://ann:…@db:5432/blog",
        ),
        ("cannot parse postgres://ann:p:/@q@db/blog", "cannot parse postgres://ann:…@db/blog"),
        (
            'connection to server at "db", port 5432 failed',
            'connection to server at "db", port 5432 failed',
        ),
    ],
)
def test_only_a_password_is_hidden(monkeypatch, said, told):
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "p")
    assert f" cannot be used: {told}. " in faults.database_sentence(OperationalError(said))
