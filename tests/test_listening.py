"""Where the site listens."""

import socket

import pytest
from django.core.exceptions import ImproperlyConfigured

from recovery import listening


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_taken():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ImproperlyConfigured, match=f"Port {port} on 127.0.0.1 is taken"):
            listening.address("127.0.0.1", port)


@pytest.mark.parametrize("host", ["192.0.2.1", "nowhere.invalid"])
def test_not_ours(host):
    with pytest.raises(ImproperlyConfigured, match=f"HOST is “{host}”"):
        listening.address(host, free_port())


def test_a_name_becomes_an_address():
    assert listening.address("localhost", free_port()) in ("127.0.0.1", "::1")


@pytest.mark.parametrize(
    ("host", "reached_at"),
    [("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("192.0.2.1", "192.0.2.1"), ("blog", "blog")],
)
def test_everywhere_is_reached_by_loopback(host, reached_at):
    assert listening.from_here(host) == reached_at
