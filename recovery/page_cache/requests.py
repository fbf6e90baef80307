"""Which requests one kept page answers, and what that page depends on. Pure: no Django, no sockets."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote, unquote_to_bytes

# Everything readers see; titles, addresses and dates of articles; whatever lists of articles show.
SITE, SHELF, LISTS = "site", "shelf", "lists"
# What feeds of articles tell beside the articles: tags, questions, and how much is said. All that is said.
BESIDE, SAID = "beside", "said"
# In the environment (PEP 3333) of a request whose answer may be kept: the moment, in seconds since the
# epoch, at which that has to end. Whoever keeps pages puts it there, empty, to have it filled in.
UNTIL: Final = "recovery.fresh_until"
# A session or its CSRF token: those who have one get pages of their own.
PRIVATE_COOKIES = (b"sessionid=", b"csrftoken=", b"messages=")
LONGEST = 2_000  # bytes of path and query
LONGEST_HEADER = 300  # bytes: what is longer is not worth remembering
# What campaigns append, and no page of ours reads.
_TRACKING = re.compile(r"utm_\w{1,30}|fbclid|gclid|msclkid|mc_cid|mc_eid|ref|source")
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
# What links to further pages of an article's threads ask for, in the order in which they do.
_THREAD_QUERIES = (["page"], ["thread"], ["thread", "page"])
# ... and those to further pages of the list of articles.
_LIST_QUERIES = (["page"], ["before"], ["after"])
_ARTICLE = re.compile(r"/articles/([^/\0]+)/")
_MARKDOWN = re.compile(r"/articles/([^/\0]+)\.md")
_CARD = re.compile(r"/articles/([^/\0]+)/card-[0-9a-f]{12}\.png")
# Whatever lists articles, or leads to the lists.
_LIST_PATHS = re.compile(
    r"/(?:(?:tags|archive|subscribe)/)?|/llms\.txt|/sitemap(?:-pages|-articles-[1-9][0-9]{0,8})?\.xml"
)
OEMBED = "/oembed"
# What others ask it for: an article's page, in one spelling of two.
_DESCRIBED = re.compile(r"(https?://[^/?#\s]{1,300})/articles/([^/?#]+)/")
# Of all articles, of those with a tag, of the responses to one, and of all responses.
_FEED = re.compile(
    r"/(?:tags/(?P<tag>[^/\0]+)/|articles/(?P<article>[^/\0]+)/|(?P<said>comments/))?"
    r"feed/(?:(?:atom|json)/)?"
)
# Lists of a part of the articles: their pages are named as those of the list of all.
_PART_PATHS = re.compile(r"/(?:tags|series)/[^/\0]+/|/archive/[0-9]{4}/(?:[0-9]{2}/)?")
# A file under a name that changes with its content: a static one (the digest of Django's
# ManifestStaticFiles), or the style sheet in the owner's colour.
_FILE = re.compile(
    r"/(?:static|style)/[A-Za-z0-9_./-]{1,200}\.[0-9a-f]{12}(?:\.[a-z0-9]{1,8}){1,2}"
)
# As Django reads a Host header (RFC 9110, 7.2), the name apart from the port.
_HOST = re.compile(r"([a-z0-9.-]+|\[[a-f0-9]*:[a-f0-9.:]+\])(?::[0-9]+)?")


@dataclass(frozen=True)
class Target:
    """A page by its address in one spelling, and the names of what it shows.

    Files depend on nothing: another content has another name.
    """

    path: str
    query: str
    depends_on: tuple[str, ...]


def article_key(slug: str) -> str:
    """Return the name under which changes of this article's page are noted."""
    return f"article:{slug}"


@lru_cache(maxsize=1024)
def frame_keys(slug: str) -> tuple[str, ...]:
    """Return the names of what the frame of this article's page shows (``articles.frames``).

    Those of its page, but of the article's own changes alone, without those of its conversation.
    """
    page = _depends_on(f"/articles/{slug}/")
    return tuple(f"frame:{slug}" if key == article_key(slug) else key for key in page)


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """What matters of a request that may be answered with a kept page. Equal is only the same one."""

    target: Target
    is_head: bool
    encoding: str
    if_none_match: bytes


def read(scope: dict[str, Any], hosts: frozenset[str]) -> Wanted | None:
    """Return what the request (a scope of ASGI 3.0) wants, or None when it is not for us."""
    method = scope["method"]
    if method not in ("GET", "HEAD"):
        return None
    accepted = tag = b""
    host: bytes | None = None
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            accepted = value
        elif name == b"if-none-match":
            tag = value
        elif name == b"host":
            # Of two none counts: joined, as the application sees them, they are no name.
            host = value if host is None else host + b"," + value
        elif name in _DECISIVE and _is_decided(name, value):
            return None
    target = target_of(scope["raw_path"], scope["query_string"])
    if target is None or host is None or not is_known(host, hosts):
        return None
    encoding = preferred(accepted) if len(accepted) <= LONGEST_HEADER else "identity"
    wanted = Wanted(target, method == "HEAD", encoding, tag)
    return None if _asks_by_moment(scope, wanted) else wanted


def _asks_by_moment(scope: dict[str, Any], wanted: Wanted) -> bool:
    """Say whether a feed is wanted if it changed since a moment: that is told where changes are dated."""
    is_of_a_feed = not wanted.if_none_match and "/feed/" in wanted.target.path
    return is_of_a_feed and any(name == b"if-modified-since" for name, _ in scope["headers"])


_DECISIVE = frozenset(
    (b"cookie", b"authorization", b"range", b"content-length", b"transfer-encoding")
)


def _is_decided(name: bytes, value: bytes) -> bool:
    """Say whether this header alone makes the request one for the application."""
    return name != b"cookie" or any(cookie in value for cookie in PRIVATE_COOKIES)


def is_known(host: bytes, hosts: frozenset[str]) -> bool:
    """Say whether the Host header names the site, by the rules of ``ALLOWED_HOSTS``.

    Any other is Django's to refuse.
    """
    return len(host) <= LONGEST_HEADER and _is_name_of(host, hosts)


@lru_cache(maxsize=64)
def _is_name_of(host: bytes, hosts: frozenset[str]) -> bool:
    found = _HOST.fullmatch(host.decode("latin-1").lower())
    if found is None:
        return False
    name = found[1].removesuffix(".")
    return any(_fits(name, pattern) for pattern in hosts)


def _fits(name: str, pattern: str) -> bool:
    if pattern.startswith("."):
        return name == pattern[1:] or name.endswith(pattern)
    return pattern in ("*", name)


@lru_cache(maxsize=1024)
def target_of(raw_path: bytes, query: bytes) -> Target | None:
    """Return the page at this address if it is one of those that may be kept."""
    if len(raw_path) + len(query) > LONGEST:
        return None
    try:
        path = unquote_to_bytes(raw_path).decode()
    except UnicodeDecodeError:
        return None
    if _FILE.fullmatch(path):
        return None if query else Target(path, "", ())
    if path == OEMBED:
        return _description(query.decode("latin-1"))
    depends_on = _depends_on(path)
    wanted = _normal_query(path, query.decode("latin-1")) if depends_on else None
    return None if wanted is None else Target(path, wanted, depends_on)


def _description(query: str) -> Target | None:
    """Return what describes an article, asked for plainly: each size would be a page of its own."""
    try:
        fields = parse_qsl(query, keep_blank_values=True, strict_parsing=True, max_num_fields=2)
    except ValueError:
        return None
    urls = [value for name, value in fields if name == "url"]
    others = [field for field in fields if field[0] != "url"]
    found = _DESCRIBED.fullmatch(urls[0]) if len(urls) == 1 else None
    if found is None or others not in ([], [("format", "json")]):
        return None
    slug = unquote(found[2])
    if "/" in slug or "\0" in slug:
        return None
    page = f"{found[1].lower()}/articles/{quote(slug)}/"
    return Target(OEMBED, f"url={quote(page, safe=':/')}", (SITE, article_key(slug)))


def _depends_on(path: str) -> tuple[str, ...]:
    if _LIST_PATHS.fullmatch(path) or _PART_PATHS.fullmatch(path):
        return (SITE, LISTS)
    # Of the search the empty page: what is found is made each time.
    if path in ("/privacy/", "/search/", "/robots.txt"):
        return (SITE,)
    if found := _ARTICLE.fullmatch(path):
        return (SITE, SHELF, article_key(found[1]))
    # The names of its tags change with SHELF.
    if found := _MARKDOWN.fullmatch(path):
        return (SITE, SHELF, article_key(found[1]))
    if found := _CARD.fullmatch(path):
        return (SITE, article_key(found[1]))
    if found := _FEED.fullmatch(path):
        return _of_feed(found)
    return ()


def _of_feed(found: re.Match[str]) -> tuple[str, ...]:
    if found["said"]:
        return (SITE, SHELF, SAID)
    if found["article"]:
        return (SITE, article_key(found["article"]))
    return (SITE, LISTS, BESIDE)


def _normal_query(path: str, query: str) -> str | None:
    """Return the query without what no page reads, in one spelling; None when it asks for more."""
    if not query:
        return ""
    try:
        fields = parse_qsl(query, keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return None
    asked = [(name, value) for name, value in fields if not _TRACKING.fullmatch(name)]
    if not asked:
        return ""
    names = [name for name, _ in asked]
    if names not in _known(path):
        return None
    if not all(_NUMBER.fullmatch(value) for _, value in asked):
        return None
    return "&".join(f"{name}={value}" for name, value in asked)


def _known(path: str) -> tuple[list[str], ...]:
    """Return what the pages at this path may be asked for."""
    if path == "/" or _PART_PATHS.fullmatch(path):
        return _LIST_QUERIES
    return _THREAD_QUERIES if _ARTICLE.fullmatch(path) or _MARKDOWN.fullmatch(path) else ()


@lru_cache(maxsize=256)
def preferred(accepted: bytes) -> str:
    """Return the best of ``br``, ``gzip`` and ``identity`` that the client accepts (RFC 9110, 12.5.3)."""
    weights: dict[str, float] = {}
    for item in accepted.decode("latin-1").lower().split(","):
        name, _, parameters = item.strip().partition(";")
        weights[name.strip()] = _weight(parameters)
    rest = weights.get("*", 0.0)
    ranked = [(weights.get(name, rest), name) for name in ("br", "gzip")]
    best = max(ranked, key=lambda one: one[0])
    return best[1] if best[0] > 0 else "identity"


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
