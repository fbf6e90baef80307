"""The charset of a page, as browsers tell it: bytes into text, whatever strangers declare."""

import codecs
import re

# Python knows codecs the web does not, some dangerous (UTF-7) or slow (punycode). These are the
# WHATWG Encoding Standard's, and what browsers read in place of some of them.
_WEB_CODEC = re.compile(
    r"utf-8|utf-16(-[lb]e)?|iso8859-\d+|koi8-[ru]|mac-roman|cp(125\d|866|932|949)|gb18030"
    r"|big5hkscs|euc_jp|iso2022_jp"
)
_READ_AS = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030"}
_READ_AS |= {"gbk": "gb18030", "big5": "big5hkscs", "shift_jis": "cp932", "euc_kr": "cp949"}
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.ASCII | re.IGNORECASE)
_DECLARED = re.compile(
    rb"<(?:meta\s[^>]*?charset|\?xml\s[^>]*?encoding)\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE
)


def content_type(value: str) -> tuple[str, str | None]:
    """Return the type and the charset that a ``Content-Type`` header names, in lower case."""
    name, _, parameters = value.partition(";")
    found = _CHARSET.search(parameters)
    return name.strip().lower(), found[1].lower() if found else None


def decode(body: bytes, charset: str | None) -> str:
    """Return the text by the header's charset, byte order mark, ``<meta charset>`` or as UTF-8.

    What cannot be decoded is replaced; the mark itself is left out.
    """
    labels = (charset, _marked(body), _declared(body), "utf-8")
    encoding = next(name for name in map(_encoding, labels) if name)
    return body.decode(encoding, errors="replace").removeprefix("\ufeff")


def _marked(body: bytes) -> str | None:
    is_utf16 = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return "utf-16" if is_utf16 else "utf-8" if body.startswith(codecs.BOM_UTF8) else None


def _declared(body: bytes) -> str | None:
    """The charset an HTML or XML document names in its first 1024 bytes (HTML 4.2.5.4)."""
    found = _DECLARED.search(body, 0, 1024)
    if not found:
        return None
    label = found[1].decode("ascii").lower()
    return "utf-8" if label.startswith("utf-16") else label  # it was read byte by byte


def _encoding(label: str | None) -> str | None:
    """Python's name of a charset pages may use, else ``None``."""
    try:
        name = codecs.lookup(label or "").name
    except LookupError:
        return None
    name = _READ_AS.get(name, name)
    return name if _WEB_CODEC.fullmatch(name) else None
