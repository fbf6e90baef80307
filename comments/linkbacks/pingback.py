"""The wire format of Pingback 1.0, both sides: XML-RPC bytes in, XML-RPC bytes out.

One method with two strings is all there is to read, so it is read by hand from a parser that
refuses every DTD: no multicall, no numbers, no nesting, no more than 16 KB. Whatever a caller
sends, the result is a call or a fault. Answers to our own calls are read in the same way.

Sources: Pingback 1.0, 3 "XML-RPC Interface"; the XML-RPC specification; "Specification for Fault
Code Interoperability" for the codes below -32000.
"""

import re
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from comments.linkbacks.exceptions import (
    AccessDenied,
    AlreadyRegistered,
    LinkbackRefused,
    SourceDoesNotLink,
    SourceNotFound,
    TargetNotFound,
    TargetNotPingable,
    UpstreamError,
)

METHOD: Final = "pingback.ping"
#: The Content-Type of calls (XML-RPC, "Header requirements").
CONTENT_TYPE: Final = "text/xml"
#: Bytes of a request body; two addresses of 2,000 characters fit several times over.
MAX_BYTES: Final = 16 * 1024

NOT_WELL_FORMED: Final = -32700
NOT_A_CALL: Final = -32600
UNKNOWN_METHOD: Final = -32601
WRONG_PARAMETERS: Final = -32602
GENERIC: Final = 0

#: The codes of Pingback 1.0, 3; a refusal that is not named here is the generic 0.
FAULT_CODES: Final[dict[type[LinkbackRefused], int]] = {
    SourceNotFound: 0x0010,
    SourceDoesNotLink: 0x0011,
    TargetNotFound: 0x0020,
    TargetNotPingable: 0x0021,
    AlreadyRegistered: 0x0030,
    AccessDenied: 0x0031,
    UpstreamError: 0x0032,
}

_CODE: Final = re.compile(r"[+-]?[0-9]{1,9}")

# XML 1.0, 2.2: the characters no document may hold, not even escaped.
_ILLEGAL: Final = dict.fromkeys(
    [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF]
)


class WireFault(Exception):
    """A fault of XML-RPC, ours about a call or the other side's about ours: code and sentence."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class PingbackCall:
    """``pingback.ping(source, target)``: the two addresses as sent, blanks around them removed."""

    source: str
    target: str


def parse_call(body: bytes) -> PingbackCall:
    """Read the body of a POST to the endpoint.

    Raises WireFault, and nothing else: -32700 for what is no plain XML of at most 16 KB, -32600 for
    XML that is no call, -32601 for another method, -32602 for other parameters than two strings.
    """
    call = _parse(body)
    if call.tag != "methodCall":
        raise WireFault(NOT_A_CALL, "The body is not an XML-RPC methodCall.")
    method, params = _method_and_params(call)
    if method != METHOD:
        raise WireFault(UNKNOWN_METHOD, f"The only method here is {METHOD}.")
    strings = [_string(param) for param in params]
    if len(strings) != 2:
        raise WireFault(WRONG_PARAMETERS, f"{METHOD} takes two strings: source and target.")
    return PingbackCall(*strings)


def call(source: str, target: str) -> bytes:
    """The body that tells the endpoint of `target` about `source` (Pingback 1.0, 3)."""
    method_call = Element("methodCall")
    SubElement(method_call, "methodName").text = METHOD
    params = SubElement(method_call, "params")
    for address in (source, target):
        _value(SubElement(params, "param"), "string", address)
    return _document(method_call)


def parse_answer(body: bytes) -> str:
    """Read what an endpoint answered: its string, empty if it returned something else.

    Raises WireFault, and nothing else: with the endpoint's own code and sentence, or -32700 and
    -32600 for what is no XML-RPC answer.
    """
    # Blanks before the XML declaration are a common slip of PHP blogs.
    answer = _parse(body.strip())
    fault_value = answer.find("fault/value")
    if fault_value is not None:
        raise _fault_in(fault_value)
    if answer.tag != "methodResponse" or answer.find("params/param/value") is None:
        raise WireFault(NOT_A_CALL, "The answer is neither a result nor a fault.")
    return _text_of(answer.find("params/param/value"))


def success(message: str) -> bytes:
    """The answer to an accepted call: one string (Pingback 1.0, 3)."""
    response = Element("methodResponse")
    _value(SubElement(SubElement(response, "params"), "param"), "string", message)
    return _document(response)


def fault(code: int, message: str) -> bytes:
    """The answer to a refused call: a fault with a code and a sentence (Pingback 1.0, 3)."""
    response = Element("methodResponse")
    struct = SubElement(SubElement(SubElement(response, "fault"), "value"), "struct")
    _member(struct, "faultCode", "int", str(code))
    _member(struct, "faultString", "string", message)
    return _document(response)


def fault_for(error: LinkbackRefused) -> bytes:
    """The fault that says why a linkback is refused, in the error's own words."""
    codes = (FAULT_CODES[kind] for kind in type(error).__mro__ if kind in FAULT_CODES)
    return fault(next(codes, GENERIC), str(error))


def _parse(body: bytes) -> Element:
    if len(body) > MAX_BYTES:
        raise WireFault(NOT_WELL_FORMED, f"The body is longer than {MAX_BYTES} bytes.")
    try:
        return ElementTree.fromstring(body, forbid_dtd=True)
    except DefusedXmlException:
        raise WireFault(NOT_WELL_FORMED, "A document type is not accepted.") from None
    except (ParseError, ValueError, LookupError):  # LookupError: an encoding nobody knows
        raise WireFault(NOT_WELL_FORMED, "The body is not well-formed XML.") from None


def _method_and_params(call: Element) -> tuple[str, list[Element]]:
    """The method's name and its `param` elements; anything else in the call is no XML-RPC."""
    children = {child.tag: child for child in call}
    if len(children) != len(call) or not children.keys() <= {"methodName", "params"}:
        raise WireFault(NOT_A_CALL, "The call is not one methodName with its params.")
    name = children.get("methodName")
    if name is None or len(name):
        raise WireFault(NOT_A_CALL, "The call does not name a method.")
    return (name.text or "").strip(), list(children.get("params", ()))


def _fault_in(value: Element) -> WireFault:
    """The fault of an answer, as far as it can be made out; a missing code is the generic 0."""
    members = {
        (member.findtext("name") or "").strip(): _text_of(member.find("value"))
        for member in value.iterfind("struct/member")
    }
    code = members.get("faultCode", "")
    number = int(code) if _CODE.fullmatch(code) else GENERIC
    return WireFault(number, members.get("faultString") or "No reason was given.")


def _text_of(value: Element | None) -> str:
    """The text of a value, whatever type it names."""
    return "" if value is None else "".join(value.itertext()).strip()


def _string(param: Element) -> str:
    """The string of ``<param><value>``; without a type a value is a string (XML-RPC)."""
    value = _only_child(param, "value") if param.tag == "param" else None
    typed = value if value is None or not len(value) else _only_child(value, "string")
    if typed is None or len(typed):
        raise WireFault(WRONG_PARAMETERS, "Every parameter must be a string.")
    return (typed.text or "").strip()


def _only_child(parent: Element, tag: str) -> Element | None:
    child = parent[0] if len(parent) == 1 else None
    return child if child is not None and child.tag == tag else None


def _member(struct: Element, name: str, kind: str, text: str) -> None:
    member = SubElement(struct, "member")
    SubElement(member, "name").text = name
    _value(member, kind, text)


def _value(parent: Element, kind: str, text: str) -> None:
    SubElement(SubElement(parent, "value"), kind).text = text.translate(_ILLEGAL)


def _document(root: Element) -> bytes:
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document
