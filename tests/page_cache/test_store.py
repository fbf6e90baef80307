"""Pages in memory: complete in every coding, and never more than there is room for."""

import gzip
import os
from pathlib import Path

import brotli
import pytest

from recovery.page_cache.front import CODINGS
from recovery.page_cache.store import Page, Store, drafted, matches

HEADERS = [
    (b"content-type", b"text/html"),
    (b"content-length", b"999"),
    (b"vary", b"Cookie"),
    (b"cache-control", b"public, max-age=0"),
]


def page(body=b"<p>A page.</p>" * 50):
    return Page(drafted(body, HEADERS), ("site",), (1,), 9e9)


def forms_of(body, headers, **options):
    draft = drafted(body, headers, **options)
    return {coding: draft.form(coding) for coding in CODINGS}


def test_every_coding_holds_the_same_page():
    body = b"<p>A page.</p>" * 50
    forms = forms_of(body, HEADERS)
    assert forms["identity"].body == body
    assert gzip.decompress(forms["gzip"].body) == body
    assert brotli.decompress(forms["br"].body) == body


@pytest.mark.parametrize("coding", ["identity", "gzip", "br"])
def test_headers_fit_the_coding(coding):
    form = forms_of(b"words " * 100, HEADERS)[coding]
    headers = dict(form.headers)
    assert len(headers) == len(form.headers)
    assert headers[b"content-length"] == str(len(form.body)).encode()
    assert headers.get(b"content-encoding", b"identity") == coding.encode()
    assert headers[b"vary"] == b"accept-encoding"
    assert headers[b"etag"] == form.tag
    assert dict(form.not_modified)[b"cache-control"] == b"public, max-age=0"
    assert b"content-length" not in dict(form.not_modified)


def test_tags_differ_by_coding_and_content():
    one, other = forms_of(b"one" * 99, HEADERS), forms_of(b"other" * 99, HEADERS)
    assert len({form.tag for form in [*one.values(), *other.values()]}) == 6
    assert forms_of(b"one" * 99, HEADERS)["br"].tag == one["br"].tag


def test_what_gets_no_smaller_stays_as_it_is():
    forms = forms_of(os.urandom(5_000), HEADERS, thoroughly=True)
    assert forms["br"] == forms["gzip"] == forms["identity"]
    assert b"content-encoding" not in dict(forms["br"].headers)
    assert page(b"?").size < page(b"?" * 5_000).size


def test_files_are_made_as_small_as_can_be():
    body = Path("static/css/site.css").read_bytes()
    small = forms_of(body, HEADERS, thoroughly=True)
    assert len(small["br"].body) < len(forms_of(body, HEADERS)["br"].body)
    assert brotli.decompress(small["br"].body) == body


def test_if_none_match():
    assert matches(b'"a-br"', b'"a-br"')
    assert matches(b'W/"a-br"', b'"a-br"')
    assert matches(b'"x", "a-br"', b'"a-br"')
    assert matches(b"*", b'"a-br"')
    assert not matches(b'"a-gzip"', b'"a-br"')


def test_what_was_wanted_last_stays():
    store = Store(most=60_000)
    for number in range(12):
        store.put((f"/{number}", ""), page())
        store.get(("/0", ""))
    assert store.size <= 60_000
    assert store.get(("/0", "")) is not None
    assert store.get(("/1", "")) is None
    assert 1 < len(store) < 12


def test_a_flood_of_addresses_takes_no_more_room():
    store = Store(most=100_000)
    for number in range(2_000):
        store.put((f"/{number}", ""), page())
    assert store.size <= 100_000
    kept = [store.get((f"/{number}", "")) for number in range(2_000)]
    assert store.size == sum(page.size for page in kept if page)


def test_what_is_too_large_is_not_kept():
    store = Store(most=8 * 7_300)
    store.put(("/", ""), page())
    assert len(store) == 0
    assert store.size == 0


def test_putting_again_counts_once():
    store = Store()
    store.put(("/", ""), page())
    before = store.size
    store.put(("/", ""), page())
    assert store.size == before
    store.drop(("/", ""))
    assert store.size == 0


def test_a_coding_is_made_when_it_is_first_asked_for():
    one = page()
    assert one.forms == {}
    assert one.form("br") is one.form("br")
    assert set(one.forms) == {"br"}


def test_the_room_that_is_counted_is_never_exceeded():
    one = page(os.urandom(2_000) * 3)
    taken = {id(form.body): len(form.body) for form in map(one.form, CODINGS)}
    assert sum(taken.values()) <= one.size


def test_heads_say_over_the_wire_what_the_headers_say():
    form = page().form("gzip")
    for head, status, headers in (
        (form.head, b"HTTP/1.1 200 OK", form.headers),
        (form.not_modified_head, b"HTTP/1.1 304 Not Modified", form.not_modified),
    ):
        first, *lines, end = head.split(b"\r\n")
        assert (first, end) == (status, b"")
        assert [tuple(line.split(b": ", 1)) for line in lines] == headers


def test_more_time_makes_it_smaller_and_another_representation():
    draft = drafted(Path("README.md").read_bytes(), HEADERS)
    quick, best = draft.form("br"), draft.smallest("br")
    assert len(best.body) < len(quick.body)
    assert brotli.decompress(best.body) == draft.body
    assert best.tag != quick.tag
    assert draft.can_be_smaller
    assert not drafted(b"x" * 400_000, HEADERS).can_be_smaller
    assert not drafted(b"x" * 400, HEADERS, thoroughly=True).can_be_smaller
