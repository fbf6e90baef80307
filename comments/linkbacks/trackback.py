"""The wire format of TrackBack 1.2, both sides: form-encoded pings in and out, XML answers out and in.

What a ping says of itself (title, excerpt, name of the blog) is only a claim: nothing here verifies
it. Whatever a stranger sends, the result is a `Ping` or a `TrackbackFault`.

Sources: TrackBack Technical Specification 1.2; for `charset`, WordPress's ``wp-trackback.php``; for
which charsets are read, the WHATWG Encoding Standard.
"""

import codecs
import re
from dataclasses import dataclass
from html import escape
from typing import Final
from urllib.parse import parse_qsl, urlencode
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from comments.linkbacks.excerpts import shorten, tidy

FORM: Final = "application/x-www-form-urlencoded"
#: The Content-Type of what `form` returns (TrackBack 1.2: a client should name its charset).
CONTENT_TYPE: Final = f"{FORM}; charset=utf-8"
#: The Content-Type of what `answer` returns.
ANSWER_CONTENT_TYPE: Final = "text/xml; charset=utf-8"

#: Bytes of a ping and of an answer.
MAX_BYTES: Final = 16 * 1024
MAX_FIELDS: Final = 20
URL_LIMIT: Final = 2000
TITLE_LIMIT: Final = 250
BLOG_NAME_LIMIT: Final = 250
#: 252 characters and the sign that something was cut off, as Movable Type does.
EXCERPT_LIMIT: Final = 253
MESSAGE_LIMIT: Final = 250

_CHARSET_PARAMETER: Final = re.compile(r"charset\s*=\s*[\"']?([^\s\"';]*)", re.IGNORECASE)
_LABEL: Final = re.compile(r"[a-z0-9_.:-]{1,40}")
# Python's names of the encodings browsers send forms in. UTF-7 and its like read "+ADw-" as "<"
# after every filter has looked; codecs such as base64 or punycode are no charsets at all.
_WEB_CODEC: Final = re.compile(
    r"ascii|utf-8|iso8859-\d+|koi8-[ru]|mac-roman|cp(125\d|866|932|949)|gb2312|gbk|gb18030"
    r"|big5(hkscs)?|shift_jis|euc_(jp|kr)|iso2022_jp"
)

_RDF: Final = """\
<!--
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
         xmlns:dc="http://purl.org/dc/elements/1.1/"
         xmlns:trackback="http://madskills.com/public/xml/rss/module/trackback/">
<rdf:Description rdf:about="{identifier}"
                 dc:identifier="{identifier}"
                 dc:title="{title}"
                 trackback:ping="{ping_url}" />
</rdf:RDF>
-->"""


class TrackbackFault(Exception):
    """A ping that cannot be read, or that the other side refused: one sentence for its sender."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Ping:
    """What a ping says: plain text, tidied and bounded; absent fields are empty."""

    url: str
    #: At most 250 characters; the url if the ping has no title (TrackBack 1.2).
    title: str
    #: At most 252 characters and "…".
    excerpt: str
    #: At most 250 characters.
    blog_name: str


def parse_ping(body: bytes, content_type: str) -> Ping:
    """Read the body of a POST to a ping URL (TrackBack 1.2, "Sending a TrackBack Ping").

    `content_type` is the header as sent. Text is in the charset it names, else in the one the field
    ``charset`` names (as WordPress), else UTF-8 if it is that, else Latin-1. Of a field sent twice
    the first counts. Raises TrackbackFault, and nothing else.
    """
    media_type, _, parameters = content_type.partition(";")
    if media_type.strip().lower() != FORM:
        raise TrackbackFault(f"Send the ping as {FORM}.")
    fields = _fields(body)
    declared = _CHARSET_PARAMETER.search(parameters)
    label = (declared[1] if declared else "") or fields.get("charset", b"").decode("latin-1")
    codec = _codec(label)
    texts = {name: _decode(value, codec) for name, value in fields.items()}
    return _ping(texts)


def answer(error: str | None) -> bytes:
    """The answer to a ping: ``<error>0</error>``, or 1 and a sentence why it was refused."""
    response = Element("response")
    SubElement(response, "error").text = "0" if error is None else "1"
    if error is not None:
        SubElement(response, "message").text = tidy(error)  # holds nothing XML forbids
    document: bytes = tostring(response, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>' + document


def form(url: str, title: str = "", excerpt: str = "", blog_name: str = "") -> bytes:
    """The body of a ping to send with `CONTENT_TYPE`; empty fields are left out."""
    fields = {
        "url": url,
        "title": shorten(title, TITLE_LIMIT),
        "excerpt": shorten(excerpt, EXCERPT_LIMIT),
        "blog_name": shorten(blog_name, BLOG_NAME_LIMIT),
    }
    return urlencode({k: v for k, v in fields.items() if v}, errors="replace").encode("ascii")


def parse_answer(body: bytes) -> None:
    """Read what a ping URL answered; return if it accepted the ping.

    Raises TrackbackFault, and nothing else: with the server's message for any error but 0, with our
    own sentence for what is no plain XML of at most 16 KB or holds no ``error``.
    """
    response = _parse(body)
    error = response.find("error")
    if error is None:
        raise TrackbackFault("The answer does not say whether the ping was accepted.")
    if (error.text or "").strip() != "0":
        message = shorten(response.findtext("message") or "", MESSAGE_LIMIT)
        raise TrackbackFault(message or "The ping was refused without a reason.")


def rdf(identifier: str, title: str, ping_url: str) -> str:
    """The RDF inside an HTML comment by which a page says where to ping (TrackBack 1.2, Discovery).

    `identifier` is the article's address. The result is finished HTML: nothing given can end the
    comment or the attribute it stands in.
    """
    return _RDF.format(
        identifier=_in_comment(identifier), title=_in_comment(title), ping_url=_in_comment(ping_url)
    )


def _fields(body: bytes) -> dict[str, bytes]:
    """The bytes of each field. Latin-1 stands for bytes here: every byte is one character of it."""
    if len(body) > MAX_BYTES:
        raise TrackbackFault(f"The ping is longer than {MAX_BYTES} bytes.")
    try:
        pairs = parse_qsl(
            body.decode("latin-1"),
            keep_blank_values=True,
            encoding="latin-1",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise TrackbackFault(f"The ping has more than {MAX_FIELDS} fields.") from None
    return {name: value.encode("latin-1") for name, value in reversed(pairs)}


def _codec(label: str) -> str | None:
    """Python's name of a charset that may be read, or None if the ping names none."""
    label = label.strip().lower()
    if not label:
        return None
    try:
        name = codecs.lookup(label).name if _LABEL.fullmatch(label) else ""
    except LookupError:
        name = ""
    if not _WEB_CODEC.fullmatch(name):
        raise TrackbackFault("The charset named in the ping is not read here: send UTF-8.")
    return "cp1252" if name in ("ascii", "iso8859-1") else name  # as the WHATWG reads these two


def _decode(value: bytes, codec: str | None) -> str:
    if codec is not None:
        return value.decode(codec, errors="replace")
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _ping(texts: dict[str, str]) -> Ping:
    url = texts.get("url", "").strip()
    if not url:
        raise TrackbackFault("The ping has no url: send the address of the page that links here.")
    if len(url) > URL_LIMIT:
        raise TrackbackFault(f"The url is longer than {URL_LIMIT} characters.")
    title = shorten(texts.get("title", ""), TITLE_LIMIT) or shorten(url, TITLE_LIMIT)
    excerpt = shorten(texts.get("excerpt", ""), EXCERPT_LIMIT)
    return Ping(url, title, excerpt, shorten(texts.get("blog_name", ""), BLOG_NAME_LIMIT))


def _parse(body: bytes) -> Element:
    if len(body) > MAX_BYTES:
        raise TrackbackFault(f"The answer is longer than {MAX_BYTES} bytes.")
    try:
        # Blank lines before the XML declaration are a common slip of PHP blogs.
        return ElementTree.fromstring(body.strip(), forbid_dtd=True)
    except (DefusedXmlException, ParseError, ValueError, LookupError):
        raise TrackbackFault("The answer is not well-formed XML without a DTD.") from None


def _in_comment(text: str) -> str:
    """Text in an attribute in a comment: ``--`` would end the comment, its references do not."""
    return escape(tidy(text)).replace("--", "&#45;&#45;")
