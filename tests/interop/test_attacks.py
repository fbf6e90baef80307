"""Sources that misbehave, through the whole task with brief limits: refused, and the queue moves on.

With the real limits, and over the real web server, ``manage.py check_linkbacks`` tries the same.
"""

import socket
from functools import partial
from ipaddress import ip_network

import pytest

from comments.linkbacks import checking, fetching
from comments.linkbacks.fetching import Limits
from comments.linkbacks.models import Linkback
from comments.models import NetworkUse
from recovery.linkback_check import attacks, vices
from recovery.linkback_check.bench import link_to
from recovery.linkback_check.peer import Page, Peer
from tests.linkbacks.fake_web import mention, target_of

BRIEF = Limits(total=0.4, connect=0.3, body=50_000)

PAGES = {
    "body drips": lambda _: Page(vice=vices.BODY_DRIP),
    "headers drip": lambda _: Page(vice=vices.HEADER_DRIP),
    "1 GB": lambda _: Page(vice=vices.GIGABYTE),
    "gzip bomb": lambda _: Page(vice=vices.GZIP_BOMB),
    "20,000 tags, the link beyond what is read": attacks._nested,
    "redirect for ever": lambda _: Page("", 302, (("Location", "?"),)),
    "redirect inside": lambda _: Page("", 302, (("Location", "http://10.0.0.1/"),)),
}


@pytest.fixture
def peer(settings, monkeypatch):
    settings.LINKBACK_ALLOWED_NETWORKS = (ip_network("127.0.0.0/8"),)
    settings.LINKBACK_ALLOWED_PORTS = ((1, 65535),)
    monkeypatch.setattr(checking, "fetch", partial(fetching.fetch, limits=BRIEF))
    with Peer() as peer:
        yield peer


@pytest.fixture
def state_of(client, article, run_tasks):
    """Return a function that announces a page and works off the queue; returns what became of it."""

    def announce(source):
        NetworkUse.objects.all().delete()
        assert mention(client, {"source": source, "target": target_of(article)}).status_code == 201
        run_tasks()
        return Linkback.objects.get(source_url=source).state

    return announce


@pytest.mark.parametrize("name", PAGES)
def test_a_vicious_source_is_refused_and_the_queue_moves_on(peer, article, state_of, name):
    peer.pages["/vicious"] = PAGES[name](target_of(article))
    peer.pages["/honest"] = Page(link_to(target_of(article)))
    assert state_of(peer.url("/vicious")) == Linkback.State.REFUSED
    assert state_of(peer.url("/honest")) == Linkback.State.VERIFIED


def test_a_name_that_turns_inside_is_looked_up_once_a_hop(peer, article, state_of, monkeypatch):
    resolve, asked = socket.getaddrinfo, []

    def rebinding(host, *rest, **options):
        if host != "rebinding.example":
            return resolve(host, *rest, **options)
        asked.append(host)
        return resolve("127.0.0.1" if len(asked) == 1 else "10.0.0.1", *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    here = f"http://rebinding.example:{peer.port}"
    peer.pages["/page"] = Page(link_to(target_of(article)))
    assert state_of(f"{here}/page") == Linkback.State.VERIFIED
    assert asked == ["rebinding.example"]
    assert state_of(f"{here}/page?again") == Linkback.State.REFUSED
    assert peer.asked == ["/page"]
