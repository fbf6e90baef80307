"""Asking discovery about a page at one address: what the tests of discovery share."""

from comments.linkbacks.discovery import Endpoint, discover
from comments.linkbacks.fetching import Headers

PAGE = "https://target.example/blog/post"
WM = "https://target.example/wm"
LINK = f'<link rel="webmention" href="{WM}">'
WRONG = "https://wrong.example/"


def found(html: str | None = "", *headers: tuple[str, str], url: str = PAGE) -> Endpoint | None:
    return discover(url=url, headers=Headers(headers), html=html)


def found_by_header(*values: str) -> str | None:
    return webmention(found(None, *(("Link", value) for value in values)))


def found_in(html: str) -> str | None:
    return webmention(found(html))


def webmention(endpoint: Endpoint | None) -> str | None:
    if endpoint is None:
        return None
    assert endpoint.protocol == "webmention"
    return endpoint.url


def rdf(identifier: str, ping: str) -> str:
    return f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        xmlns:dc="http://purl.org/dc/elements/1.1/"
        xmlns:trackback="http://madskills.com/public/xml/rss/module/trackback/">
    <rdf:Description rdf:about="{identifier}" dc:identifier="{identifier}"
        dc:title="A post" trackback:ping="{ping}" /></rdf:RDF>"""
