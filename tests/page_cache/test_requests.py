"""Which requests one kept page may answer."""

from urllib.parse import quote

import pytest
from django.contrib.messages.storage.cookie import CookieStorage
from hypothesis import given
from hypothesis import strategies as st

from recovery.page_cache.requests import PRIVATE_COOKIES, Target, preferred, read, target_of
from recovery.wsgi_environ import strangers_scope

HOSTS = frozenset({"blog.example", "[::1]"})


def scope(path="/", query="", method="GET", **headers):
    named = {"host": "blog.example", **headers}
    return {
        "method": method,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [
            (name.replace("_", "-").encode(), value.encode()) for name, value in named.items()
        ],
    }


@pytest.mark.parametrize(
    "path",
    ["/llms.txt", "/sitemap.xml", "/sitemap-pages.xml", "/sitemap-articles-1.xml"],
)
def test_what_lists_articles_depends_on_all_of_them(path):
    assert read(scope(path), HOSTS).target == Target(path, "", ("site", "lists"))


def test_other_forms_of_an_article_depend_on_it():
    card = "/articles/café/card-0123456789ab.png"
    assert target_of(quote(card).encode(), b"") == Target(card, "", ("site", "article:café"))
    text = "/articles/café.md"
    expected = Target(text, "", ("site", "shelf", "article:café"))
    assert target_of(quote(text).encode(), b"") == expected


def test_more_of_the_conversation_as_markdown():
    assert target_of(b"/articles/one.md", b"page=2").query == "page=2"
    assert target_of(b"/articles/one/card-0123456789ab.png", b"page=2") is None


@pytest.mark.parametrize(
    "query",
    [
        "url=https://blog.example/articles/caf%C3%A9/",
        "url=https%3A%2F%2Fblog.example%2Farticles%2Fcaf%25C3%25A9%2F",
        "format=json&url=https://BLOG.example/articles/%2563af%C3%A9/",
    ],
)
def test_a_description_is_kept_once_for_every_spelling(query):
    expected = "url=https://blog.example/articles/caf%25C3%25A9/"
    found = target_of(b"/oembed", query.encode())
    assert found == Target("/oembed", expected, ("site", "article:café"))


@pytest.mark.parametrize(
    "query",
    [
        "",
        "format=json",
        "url=https://blog.example/",
        "url=https://blog.example/articles/one/&format=xml",
        "url=https://blog.example/articles/one/&maxwidth=300",
        "url=https://blog.example/articles/one/&url=https://blog.example/articles/two/",
        "url=https://blog.example/articles/one/?page=2",
        "url=https://blog.example/articles/one%252Ftwo/",
        "url=https://blog.example/articles/one%2500/",
        "url=ftp://blog.example/articles/one/",
        "url=https://blog.example/articles/one/&utm_source=x",
    ],
)
def test_other_descriptions_go_to_the_application(query):
    assert target_of(b"/oembed", query.encode()) is None


def test_the_index_and_articles_are_pages():
    assert read(scope("/"), HOSTS).target.depends_on == ("site", "lists")
    found = read(scope("/articles/caf%C3%A9/"), HOSTS).target
    assert found.path == "/articles/café/"
    assert found.depends_on == ("site", "shelf", "article:café")


@pytest.mark.parametrize(
    "wanted",
    [
        scope(method="POST"),
        scope(method="OPTIONS"),
        scope("/admin/"),
        scope("/healthz"),
        scope("/static/css/site.css"),
        scope("/static/css/site.0123456789ab.css", query="v=1"),
        scope("/static/../x.0123456789ab.css?"),
        scope("/comments/AAAAAAAAAAAAAAAAAAAAAA/"),
        scope("/privacy/", query="page=2"),
        scope(host="blog.example, evil.example"),
        scope(host="x" * 500),
        scope("/articles/one/two/"),
        scope("/articles//"),
        scope("/articles/%ff/"),
        scope("/articles/a%00/"),
        scope("/articles/one"),
        scope("/tags/one/two/"),
        scope("/series/"),
        scope("/archive/26/"),
        scope("/archive/2026/3/"),
        scope(cookie="sessionid=abc"),
        scope(cookie="theme=dark; csrftoken=abc"),
        scope(cookie="messages=abc"),
        scope(authorization="Basic x"),
        scope(range="bytes=0-5"),
        scope(content_length="0"),
        scope(host="evil.example"),
        scope(host=""),
        scope(query="page=0"),
        scope(query="page=01"),
        scope(query="page=2&page=3"),
        scope(query="page=١"),
        scope(query="anything=1"),
        scope("/articles/one/", query="reply=12"),
        scope("/articles/one/", query="comment=12"),
        scope("/articles/one/", query="page=2&thread=3"),
        scope("/articles/one/", query="page=2&page=3"),
        scope("/articles/one/", query="thread=x"),
        scope(query="thread=2"),
        scope("/" + "a" * 3000),
        scope(query="&".join(f"utm_{n}=1" for n in range(50))),
    ],
)
def test_everything_else_goes_to_the_application(wanted):
    assert read(wanted, HOSTS) is None


@pytest.mark.parametrize("query", ["page=2", "thread=12", "thread=12&page=2"])
def test_further_pages_of_the_conversation(query):
    target = read(scope("/articles/one/", query=f"{query}&utm_source=x"), HOSTS).target
    assert target.query == query


@pytest.mark.parametrize(
    "path",
    [
        "/tags/",
        "/tags/caf%C3%A9/",
        "/series/a/",
        "/archive/",
        "/archive/2026/",
        "/archive/2026/03/",
    ],
)
def test_lists_of_a_part_of_the_articles(path):
    assert read(scope(path, query="utm_source=x"), HOSTS).target.depends_on == ("site", "lists")
    is_paged = path not in ("/tags/", "/archive/")
    for query in ("page=2", "before=12", "after=12"):
        assert (read(scope(path, query=query), HOSTS) is not None) is is_paged


def test_of_the_search_only_the_blank_page_is_kept():
    assert read(scope("/search/", query="utm_source=x"), HOSTS).target.depends_on == ("site",)
    for query in ("q=", "q=bread", "page=2", "q=bread&page=2"):
        assert read(scope("/search/", query=query), HOSTS) is None


def test_the_privacy_page_and_files_that_never_change():
    assert read(scope("/privacy/"), HOSTS).target.depends_on == ("site",)
    for path in ("/static/css/site.0123456789ab.css", "/static/a-b.0123456789ab.svg"):
        assert read(scope(path), HOSTS).target == Target(path, "", ())


@pytest.mark.parametrize(
    ("host", "allowed", "fits"),
    [
        ("a.example.net", ".example.net", True),
        ("example.net", ".example.net", True),
        ("badexample.net", ".example.net", False),
        ("anything.example:80", "*", True),
        ("any thing", "*", False),
        ("blog.example.", "blog.example", True),
    ],
)
def test_names_as_allowed_hosts_has_them(host, allowed, fits):
    assert (read(scope(host=host), frozenset({allowed})) is not None) is fits


def test_what_campaigns_append_changes_nothing():
    plain = read(scope("/articles/one/"), HOSTS).target
    tracked = scope("/articles/one/", query="utm_source=news&fbclid=xyz")
    assert read(tracked, HOSTS).target == plain
    assert read(scope(query="utm_source=a&page=2"), HOSTS).target.query == "page=2"


@pytest.mark.parametrize("host", ["blog.example:8000", "BLOG.example", "[::1]:80", "[::1]"])
def test_the_sites_own_names_with_any_port(host):
    assert read(scope(host=host), HOSTS) is not None


@pytest.mark.parametrize("other", ["", "evil.example", "blog.example"])
@pytest.mark.parametrize("is_first", [True, False])
def test_two_hosts_are_for_the_application_to_refuse(other, is_first):
    wanted = scope("/")
    wanted["headers"].insert(0 if is_first else 1, (b"host", other.encode()))
    assert read(wanted, HOSTS) is None


def test_a_page_is_made_for_one_host_alone():
    wanted = scope("/")
    wanted["headers"].append((b"host", b"evil.example"))
    made = strangers_scope(wanted, Target("/", "", ()))
    assert made["headers"] == [(b"host", b"blog.example")]


def test_private_cookies_are_those_that_the_site_sets(settings):
    names = (
        settings.SESSION_COOKIE_NAME,
        settings.CSRF_COOKIE_NAME,
        CookieStorage.cookie_name,
    )
    assert set(PRIVATE_COOKIES) == {f"{name}=".encode() for name in names}


def test_other_cookies_are_no_matter():
    assert read(scope(cookie="_ga=GA1.2.3; theme=dark"), HOSTS) is not None


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("", "identity"),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.1, gzip;q=0.9", "gzip"),
        ("*", "br"),
        ("*;q=0", "identity"),
        ("identity", "identity"),
        ("GZIP", "gzip"),
        ("br;q=nonsense", "identity"),
        ("gzip; q=0.5", "gzip"),
    ],
)
def test_the_best_coding_that_is_accepted(accepted, chosen):
    assert preferred(accepted.encode()) == chosen


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_no_address_breaks_it(path, query):
    target = target_of(path, query)
    assert target is None or target.path.startswith("/")
