"""Who asks and how often, without keeping an IP address."""

import datetime

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from comments import pace
from comments.models import NetworkUse
from recovery.environment import networks
from tests.builders import make_comment

MINUTE = datetime.timedelta(minutes=1)


def request_from(rf, address, forwarded=None):
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded is not None else {}
    return rf.get("/", REMOTE_ADDR=address, **headers)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("fe80::1%eth0", "fe80::/48"),
        ("", "unknown"),
        ("not an address", "unknown"),
    ],
)
def test_an_address_is_cut_to_its_network(rf, address, network):
    assert pace.client_network(request_from(rf, address)) == network


@pytest.mark.parametrize(
    ("address", "forwarded", "network"),
    [
        (
            "198.51.100.9",
            "192.0.2.1",
            "198.51.100.0/24",
        ),  # not a proxy of ours: its word counts nothing
        ("10.0.0.1", "192.0.2.1", "192.0.2.0/24"),
        (
            "10.0.0.1",
            "203.0.113.5, 192.0.2.1",
            "192.0.2.0/24",
        ),  # the rest may be made up by the client
        ("10.0.0.1", "192.0.2.1, 10.0.0.2", "192.0.2.0/24"),
        ("10.0.0.1", "", "10.0.0.0/24"),
        ("10.0.0.1", None, "10.0.0.0/24"),
        ("10.0.0.1", "garbage", "unknown"),
        ("10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.0/24"),
    ],
)
def test_forwarded_for_counts_only_from_trusted_proxies(
    rf, settings, monkeypatch, address, forwarded, network
):
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.0/24")
    settings.TRUSTED_PROXIES = networks("TRUSTED_PROXIES")
    assert pace.client_network(request_from(rf, address, forwarded)) == network


@pytest.mark.django_db
def test_the_pace_is_kept_per_network_and_act():
    def allowed(who="192.0.2.0/24", act="reply"):
        with transaction.atomic():
            return pace.allow(act, who, times=2, within=MINUTE)

    with time_machine.travel("2026-05-01T23:59:40Z", tick=False) as clock:
        assert [allowed(), allowed(), allowed()] == [True, True, False]
        assert allowed(who="192.0.3.0/24")
        assert allowed(act="pingback")
        clock.shift(30)  # over midnight, when the key changes
        assert not allowed()
        clock.shift(31)
        assert allowed()


@pytest.mark.django_db
def test_what_is_kept_is_keyed_and_changes_every_day(settings):
    with time_machine.travel("2026-05-01T12:00:00Z", tick=False) as clock:
        pace.allow("reply", "192.0.2.0/24", times=9, within=MINUTE)
        clock.shift(86_400)
        pace.allow("reply", "192.0.2.0/24", times=9, within=MINUTE)
        settings.SECRET_KEY = "another key, long enough to be one"
        pace.allow("reply", "192.0.2.0/24", times=9, within=MINUTE)
    keys = list(NetworkUse.objects.values_list("key", flat=True))
    assert len(set(keys)) == 3
    assert not any(
        "192" in str(row["key"])[:3] and "." in row["key"] for row in NetworkUse.objects.values()
    )


@pytest.mark.django_db
def test_uses_are_forgotten_after_a_day():
    now = timezone.now()
    NetworkUse.objects.create(key="old", act="reply", at=now - datetime.timedelta(hours=25))
    NetworkUse.objects.create(key="new", act="reply", at=now - datetime.timedelta(hours=23))
    assert pace.forget_old() == 1
    assert NetworkUse.objects.get().key == "new"


@pytest.mark.django_db
def test_where_a_comment_came_from_is_known_for_a_day(article):
    with time_machine.travel("2026-05-01T12:00:00Z", tick=False) as clock:
        key = pace.network_key("192.0.2.0/24")
        comment = make_comment(article, network_key=key)
        assert pace.network_key("192.0.2.0/24") == key
        assert "192.0.2" not in key
        clock.shift(24 * 3600)
        assert pace.forget_networks() == 0
        assert pace.network_key("192.0.2.0/24") != key, "nor can tomorrow's be compared with it"
        clock.shift(1)
        assert pace.forget_networks() == 1
    comment.refresh_from_db()
    assert comment.network_key == ""


def test_an_unknown_network_has_no_key():
    assert pace.network_key(pace.UNKNOWN) == ""
