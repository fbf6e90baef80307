"""In which disguises the canary is looked for: encodings, parts, hashes."""

import base64
import codecs
import hashlib
import html
import math
import quopri
import re
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from ipaddress import ip_address
from typing import Final
from urllib.parse import unquote_to_bytes

from recovery.privacy_check import canary

_HASHES: Final = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
# A hash that was cut short is one as well; 48 and 60 bits are met by chance once in an age.
_HEX_DIGITS, _BASE64_DIGITS, _RAW_BYTES = 12, 10, 8
_HEX_RUN = re.compile(rb"[0-9a-f]{12,}")
_BASE64_RUN = re.compile(rb"[A-Za-z0-9+/]{10,}")
_TO_STANDARD: Final = bytes.maketrans(b"-_", b"+/")
_TAGS_AND_BLANKS = re.compile(rb"<[^<>]{0,200}>|\s+")
_JSON_ESCAPE = re.compile(rb"\\u00([0-9a-fA-F]{2})")
# As django.core.signing packs what it compresses.
_PACKED = re.compile(rb"\.([A-Za-z0-9_-]{16,})")

Found = Iterator[str]


def find(data: bytes) -> list[str]:
    """Return what of the canary is in the data, each in a few words; empty when nothing is."""
    found = [*_binary(data), *_hashes(data)]
    for how, view in _views(data):
        found += [f"{name}{how}" for name in _plain(view)]
        if how == _JOINED:
            found += _hashes(view)
    return _without_repetition(found)


# --- The plain text, as it stands and decoded ----------------------------------------------------


def _plain(data: bytes) -> Found:
    small = data.lower()
    return (name for name, sought in _plain_traces() if sought in small)


@cache
def _plain_traces() -> list[tuple[str, bytes]]:
    address = canary.ADDRESS.lower()
    traces = [
        ("the address", address),
        *(("a part of the address", part) for part in canary.ADDRESS_PARTS),
        ("the address in hex", address.encode().hex()),
        ("the address in hex", canary.ADDRESS.encode().hex()),
        ("the address in ROT13", codecs.encode(address, "rot13")),
        ("the address backwards", address[::-1]),
        *(("the network address", form) for form in _network_forms()),
        ("the browser's name", canary.BROWSER.lower()),
    ]
    return [(name, sought.encode()) for name, sought in traces]


def _network_forms() -> Iterator[str]:
    yield canary.CUT[0]
    yield canary.CUT[3].removesuffix("::")
    for address in map(ip_address, (canary.IPV4, canary.IPV6)):
        # The host's part may have been cut off.
        yield address.exploded[:14]
        yield from (str(int(address)), f"{int(address):x}"[:12])
        yield address.reverse_pointer.split(".", 1)[1].partition(".in")[0].partition(".ip6")[0]


_JOINED: Final = ", in pieces"


def _views(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Return the data as they stand and decoded in each way that changes them."""
    yield "", data
    decoders: list[tuple[str, Callable[[bytes], bytes]]] = [
        (", percent-encoded", lambda raw: unquote_to_bytes(unquote_to_bytes(raw))),
        (", as entities", _unescape),
        (", quoted-printable", quopri.decodestring),
        (", as in JSON", lambda raw: _JSON_ESCAPE.sub(lambda m: bytes([int(m[1], 16)]), raw)),
        (", as UTF-16", lambda raw: raw.replace(b"\0", b"")),
        (_JOINED, lambda raw: _TAGS_AND_BLANKS.sub(b"", raw)),
        (", compressed", _unpacked),
    ]
    for how, decode in decoders:
        if (decoded := decode(data)) != data:
            yield how, decoded


def _unescape(data: bytes) -> bytes:
    return html.unescape(data.decode("latin-1")).encode("utf-8") if b"&" in data else data


def _unpacked(data: bytes) -> bytes:
    """Return what was compressed and signed in it, one after the other."""
    return b"\n".join(filter(None, (_unpack(match[1]) for match in _PACKED.finditer(data))))


def _unpack(token: bytes) -> bytes:
    try:
        return zlib.decompress(base64.urlsafe_b64decode(token + b"=" * (-len(token) % 4)))
    except (ValueError, zlib.error):
        return b""


# --- Hashes and Base64 ---------------------------------------------------------------------------


def _hashed() -> list[tuple[str, str]]:
    """Return every text whose hash would give somebody away."""
    address = canary.ADDRESS
    spellings = dict.fromkeys((address, address.lower(), address.upper()))
    around = ("{}", " {}", "{} ", "{}\n", "mailto:{}")
    texts = [("the address", form.format(text)) for text in spellings for form in around]
    networks = (canary.IPV4, canary.IPV6, *canary.CUT)
    return [*texts, *(("the network address", text) for text in networks)]


@cache
def _digests() -> list[tuple[str, bytes]]:
    return [
        (f"{name.upper()} of {what}", hashlib.new(name, text.encode()).digest())
        for what, text in _hashed()
        for name in _HASHES
    ]


@cache
def _hex_traces() -> dict[bytes, str]:
    return {digest.hex().encode()[:_HEX_DIGITS]: name for name, digest in _digests()}


@cache
def _base64_traces() -> dict[bytes, str]:
    traces = {base64.b64encode(digest)[:_BASE64_DIGITS]: name for name, digest in _digests()}
    for what, text in _hashed():
        for before in range(3):
            traces[_base64_core(text.encode(), before)] = f"{what} in Base64"
    return traces


def _base64_core(text: bytes, before: int) -> bytes:
    """Return the first digits that the text makes by itself, with so many bytes before it."""
    skipped = math.ceil(before * 8 / 6)
    return base64.b64encode(bytes(before) + text)[skipped : skipped + _BASE64_DIGITS]


def _hashes(data: bytes) -> Found:
    yield from _windows(_HEX_RUN, data.lower(), _hex_traces(), _HEX_DIGITS)
    standard = data.translate(_TO_STANDARD)
    yield from _windows(_BASE64_RUN, standard, _base64_traces(), _BASE64_DIGITS)


def _windows(run: re.Pattern[bytes], data: bytes, traces: dict[bytes, str], width: int) -> Found:
    """Look at every place in every run of digits: each costs one look into a table."""
    for match in run.finditer(data):
        digits = match[0]
        for start in range(len(digits) - width + 1):
            if name := traces.get(digits[start : start + width]):
                yield name


def _binary(data: bytes) -> Found:
    if data.isascii():
        return
    for name, digest in _digests():
        if digest[:_RAW_BYTES] in data:
            yield f"{name}, binary"
    if ip_address(canary.IPV6).packed in data:
        yield "the network address, binary"


def _without_repetition(found: list[str]) -> list[str]:
    """Leave out what says less than another: a part beside the whole, a disguise beside the thing."""
    names = dict.fromkeys(found)
    plain = [name for name in names if ", " not in name]
    kept = [name for name in names if name in plain or name.split(", ")[0] not in plain]
    if any(name.startswith("the address") for name in kept):
        kept = [name for name in kept if not name.startswith("a part of")]
    return kept
