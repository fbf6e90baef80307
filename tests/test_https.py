"""A site whose address begins with https, behind a proxy that speaks plain HTTP with it."""

import re
from urllib.parse import urlencode

import pytest
from django.core.wsgi import get_wsgi_application

from comments.models import Comment
from recovery.gateway import Gateway
from recovery.page_cache.front import Front
from tests.builders import make_user
from tests.page_cache.asking import Database
from tests.test_gateway import Exchange, run_apart

pytestmark = pytest.mark.django_db(transaction=True)
HSTS = (b"strict-transport-security", b"max-age=31536000")
HOST = "blog.example"


@pytest.fixture
def site(settings):
    settings.SITE_URL = f"https://{HOST}"
    settings.ALLOWED_HOSTS = [HOST, "127.0.0.1"]
    settings.CSRF_TRUSTED_ORIGINS = [settings.SITE_URL]
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.CSRF_COOKIE_SECURE = settings.SESSION_COOKIE_SECURE = True
    pages = Front(Database(), frozenset(settings.ALLOWED_HOSTS))
    return Gateway(
        get_wsgi_application(),
        threads=1,
        client_of=lambda environ: "",
        pages=pages,
        scheme="https",
    )


def ask(site, path, values=None, host=HOST, **headers):
    """Ask as the proxy would, and return what is answered: a POST of the values, if any."""
    body = urlencode(values or {}).encode()
    named = {"host": host, **headers}
    if values is not None:
        named |= {
            "content-type": "application/x-www-form-urlencoded",
            "content-length": str(len(body)),
        }
    scope = {
        "type": "http",
        "method": "GET" if values is None else "POST",
        "raw_path": path.encode(),
        "query_string": b"",
        "client": ("127.0.0.1", "40000"),
        "server": ("127.0.0.1", "8000"),
        "scheme": "http",
        "http_version": "1.1",
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
    }
    exchange = Exchange(body)
    run_apart(site(scope, exchange.receive, exchange.send))
    return exchange


def lowered(exchange):
    return [(name.lower(), value) for name, value in exchange.headers]


@pytest.mark.parametrize("path", ["/", "/privacy/", "/admin/login/", "/nothing/"])
def test_browsers_are_told_to_stay_with_https(site, path):
    for _ in range(2):
        assert HSTS in lowered(ask(site, path))


def test_a_site_without_https_says_nothing_of_it(site):
    site._scheme = "http"
    assert HSTS not in lowered(ask(site, "/admin/login/"))


def test_health_is_told_to_who_asks_from_this_machine(site):
    answer = ask(site, "/healthz", host="127.0.0.1:8000")
    assert answer.status in (200, 503)
    assert b"location" not in dict(lowered(answer))
    assert answer.body.startswith((b"ok", b"worker"))


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ({"origin": f"https://{HOST}"}, 303),
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"origin": f"http://{HOST}"}, 403),
        ({"origin": "https://evil.example"}, 403),
    ],
)
def test_replies_are_taken_from_its_own_pages(site, article, origin, status):
    page = ask(site, article.get_absolute_url()).body.decode()
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    values = {"comment": "Hello.", "author": "Ann", "email": "a@a.example", "token": token}
    answer = ask(site, f"{article.get_absolute_url()}comments/", values, **origin)
    assert answer.status == status
    assert Comment.objects.count() == (status == 303)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": f"https://{HOST}"}, 302),
        ({"referer": f"https://{HOST}/admin/login/"}, 302),
        ({"origin": "https://evil.example"}, 403),
        ({}, 403),
    ],
)
def test_moderators_sign_in(site, headers, status):
    user = make_user(is_staff=True)
    user.set_password("a long secret")
    user.save()
    login = ask(site, "/admin/login/")
    cookie = next(value for name, value in lowered(login) if name == b"set-cookie").decode()
    assert "Secure" in cookie
    values = {
        "username": user.username,
        "password": "a long secret",
        "csrfmiddlewaretoken": re.search(
            r'csrfmiddlewaretoken" value="([^"]+)"', login.body.decode()
        )[1],
        "next": "/admin/",
    }
    sent = {"cookie": cookie.partition(";")[0], **headers}
    assert ask(site, "/admin/login/", values, **sent).status == status
