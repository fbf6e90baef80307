"""Whatever arrives at the endpoint is a call or a fault, and whatever leaves it is well-formed."""

import xmlrpc.client  # noqa: TID251 - stands for the other end of the wire
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comments.linkbacks.pingback import (
    MAX_BYTES,
    PingbackCall,
    WireFault,
    fault,
    parse_call,
    success,
)

SOURCE, TARGET = "https://source.example/", "https://blog.example/a/"
PROTOCOL_ERRORS = {-32700, -32600, -32601, -32602}
STRING = "<param><value><string>{}</string></value></param>"


def body(*params: str, method: str = "<methodName>pingback.ping</methodName>") -> bytes:
    return f"<methodCall>{method}<params>{''.join(params)}</params></methodCall>".encode()


def value(markup: str) -> str:
    return f"<param><value>{markup}</value></param>"


GOOD = body(STRING.format(SOURCE), STRING.format(TARGET))
LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]>'
    + GOOD.replace(SOURCE.encode(), b"&c;")
)
EXTERNAL = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + GOOD.replace(
    SOURCE.encode(), b"&f;"
)


def outcome(data: bytes) -> int | PingbackCall:
    try:
        return parse_call(data)
    except WireFault as error:
        return error.code


def code_of(data: bytes) -> int:
    with pytest.raises(WireFault) as caught:
        parse_call(data)
    assert str(caught.value) == caught.value.message
    assert caught.value.message.endswith(".")
    return caught.value.code


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(GOOD, id="typed strings"),
        pytest.param(body(value(SOURCE), value(TARGET)), id="a value without a type is a string"),
        pytest.param(body(value(SOURCE), STRING.format(TARGET)), id="one of each"),
        pytest.param(body(value(f" {SOURCE}\n"), value(f"\t{TARGET} ")), id="blanks around"),
        pytest.param(
            body(value(f"\n <string>{SOURCE}</string>\n"), value(TARGET)), id="indented string"
        ),
        pytest.param(body(value(f"<![CDATA[{SOURCE}]]>"), value(TARGET)), id="CDATA"),
        pytest.param(b'<?xml version="1.0"?>\n<!-- hello -->\n' + GOOD, id="declaration, comment"),
        pytest.param(b"\xef\xbb\xbf" + GOOD, id="byte order mark"),
        pytest.param(GOOD.decode().encode("utf-16"), id="UTF-16"),
        pytest.param(GOOD + b" " * (MAX_BYTES - len(GOOD)), id="the longest body"),
    ],
)
def test_calls_that_are_read(data: bytes):
    assert parse_call(data) == PingbackCall(SOURCE, TARGET)


def test_references_and_other_charsets_are_decoded():
    latin = '<?xml version="1.0" encoding="iso-8859-1"?>' + GOOD.decode().replace(
        SOURCE, "https://s.example/caf\xe9?a=1&amp;b=2"
    )

    assert parse_call(latin.encode("latin-1")).source == "https://s.example/café?a=1&b=2"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b" \n", id="blank"),
        pytest.param(b"source=a&target=b", id="not XML"),
        pytest.param(b'{"methodName": "pingback.ping"}', id="JSON"),
        pytest.param(GOOD[:-1], id="cut off"),
        pytest.param(GOOD + GOOD, id="two documents"),
        pytest.param(GOOD.replace(b"source", b"sou\0rce"), id="NUL"),
        pytest.param(b"\0" * 100, id="only NUL"),
        pytest.param(GOOD.replace(b"source", b"&#0;"), id="NUL by reference"),
        pytest.param(GOOD.replace(b"source", b"&#xD800;"), id="lone surrogate by reference"),
        pytest.param(GOOD.replace(b"source", b"\xed\xa0\x80"), id="lone surrogate in UTF-8"),
        pytest.param(GOOD.replace(b"source", b"\x08"), id="control character"),
        pytest.param(GOOD.replace(b"source", b"\xff"), id="not UTF-8"),
        pytest.param(GOOD.replace(b"source", b"&nbsp;"), id="entity of HTML"),
        pytest.param(LAUGHS, id="billion laughs"),
        pytest.param(EXTERNAL, id="external entity"),
        pytest.param(b"<!DOCTYPE methodCall>" + GOOD, id="bare doctype"),
        pytest.param(b'<!DOCTYPE x SYSTEM "https://x.example/">' + GOOD, id="external DTD"),
        pytest.param((LAUGHS.decode()).encode("utf-16"), id="UTF-16 doctype"),
        pytest.param((LAUGHS.decode()).encode("utf-16-be"), id="UTF-16 doctype without a mark"),
        pytest.param((GOOD.decode()).encode("utf-32"), id="UTF-32"),
        pytest.param(
            b'<?xml version="1.0" encoding="UTF-7"?>' + LAUGHS.decode().encode("utf-7"),
            id="UTF-7",
        ),
        pytest.param(b'<?xml version="1.0" encoding="base64"?>' + GOOD, id="codec, not a charset"),
        pytest.param(b'<?xml version="1.0" encoding="shift_jis"?>' + GOOD, id="multi-byte charset"),
        pytest.param(GOOD + b" " * (MAX_BYTES + 1 - len(GOOD)), id="one byte too long"),
        pytest.param(GOOD.replace(b"source", b"x" * 10_000_000), id="10 MB"),
    ],
)
def test_what_is_no_plain_xml_is_not_well_formed(data: bytes):
    assert code_of(data) == -32700


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"<a/>", id="another root"),
        pytest.param(success("Hello."), id="a response"),
        pytest.param(fault(0, "No."), id="a fault"),
        pytest.param(b"<methodcall/>", id="case"),
        pytest.param(b'<methodCall xmlns="urn:x"/>', id="a namespace"),
        pytest.param(b"<methodCall/>", id="no method"),
        pytest.param(body(method=""), id="no method name"),
        pytest.param(body(method="<methodName><b/></methodName>"), id="markup for a name"),
        pytest.param(body(method="<methodName>pingback.ping</methodName>" * 2), id="two names"),
        pytest.param(GOOD.replace(b"</params>", b"</params><params/>"), id="two lists"),
        pytest.param(GOOD.replace(b"<params>", b"<extra/><params>"), id="something else"),
        pytest.param(b"<a>" * 2000 + b"</a>" * 2000, id="nested 2,000 deep"),
    ],
)
def test_xml_that_is_no_call_is_an_invalid_request(data: bytes):
    assert code_of(data) == -32600


def test_multicall_is_an_unknown_method():
    inner = [{"methodName": "pingback.ping", "params": [SOURCE, TARGET]}] * 10

    assert code_of(xmlrpc.client.dumps((inner,), "system.multicall").encode()) == -32601


def test_the_name_of_an_unknown_method_is_not_echoed():
    with pytest.raises(WireFault) as caught:
        parse_call(body(method="<methodName>&lt;script&gt;</methodName>"))

    assert "script" not in caught.value.message


@pytest.mark.parametrize(
    "params",
    [
        pytest.param([], id="none"),
        pytest.param([value(SOURCE)], id="one"),
        pytest.param([value(SOURCE)] * 3, id="three"),
        pytest.param([value(SOURCE)] * 200, id="hundreds"),
        pytest.param([value("<int>1</int>")] * 2, id="integers"),
        pytest.param([value(f"<int>{'9' * 7000}</int>")] * 2, id="integers of 7,000 digits"),
        pytest.param([value("<boolean>1</boolean>")] * 2, id="booleans"),
        pytest.param([value("<nil/>")] * 2, id="nil"),
        pytest.param([value("<base64>YQ==</base64>")] * 2, id="base64"),
        pytest.param([value("<array><data/></array>")] * 2, id="arrays"),
        pytest.param(
            [value("<array><data><value>" * 150 + "</value></data></array>" * 150)] * 2,
            id="nested arrays",
        ),
        pytest.param([value("<struct/>")] * 2, id="structs"),
        pytest.param([value("<string>a<b/></string>")] * 2, id="markup in a string"),
        pytest.param([value("<string>a</string><string>b</string>")] * 2, id="two strings each"),
        pytest.param(["<param/>"] * 2, id="no value"),
        pytest.param(["<value>a</value>"] * 2, id="no param"),
        pytest.param([f"<param><value>{SOURCE}</value><value/></param>"] * 2, id="two values"),
    ],
)
def test_anything_but_two_strings_is_invalid_parameters(params: list[str]):
    assert code_of(body(*params)) == -32602


def test_a_call_without_a_list_of_parameters_is_invalid_parameters():
    assert code_of(GOOD[: GOOD.index(b"<params>")] + b"</methodCall>") == -32602


def test_a_hundred_thousand_digits_are_refused_by_length():
    assert code_of(body(value(f"<int>{'9' * 100_000}</int>"))) == -32700


@given(st.binary(max_size=400))
@settings(deadline=None)
def test_any_bytes_are_a_call_or_a_fault(data: bytes):
    result = outcome(data)

    assert isinstance(result, PingbackCall) or result in PROTOCOL_ERRORS


PIECES = [
    *("<methodCall>", "</methodCall>", "<methodName>pingback.ping</methodName>", "<params>"),
    *("</params>", "<param>", "</param>", "<value>", "</value>", "<string>", "</string>", "a", " "),
    *("<!DOCTYPE x>", "<![CDATA[", "]]>", "&amp;", "&#0;", "<!--", "-->", "<?xml version='1.0'?>"),
]


@given(st.lists(st.sampled_from(PIECES)), st.sampled_from(["utf-8", "utf-16", "utf-7", "utf-32"]))
@settings(deadline=None)
def test_any_pieces_of_a_call_are_a_call_or_a_fault(pieces: list[str], charset: str):
    result = outcome("".join(pieces).encode(charset))

    assert isinstance(result, PingbackCall) or result in PROTOCOL_ERRORS


LEGAL = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="￾￿"))


@given(LEGAL, LEGAL)
@settings(deadline=None)
def test_calls_of_the_standard_library_are_read_back(source: str, target: str):
    call = parse_call(xmlrpc.client.dumps((source, target), "pingback.ping").encode())

    assert call == PingbackCall(source.strip(), target.strip())


@given(LEGAL)
@settings(deadline=None)
def test_answers_are_read_back_by_the_standard_library(message: str):
    (answer,), _ = xmlrpc.client.loads(success(message))

    assert answer == message


@given(st.integers(-(2**31), 2**31 - 1), st.text(st.characters()))
@settings(deadline=None)
def test_any_message_makes_a_fault_that_parses(code: int, message: str):
    with pytest.raises(xmlrpc.client.Fault) as caught:
        xmlrpc.client.loads(fault(code, message))

    assert caught.value.faultCode == code


@pytest.mark.parametrize("build", [success, lambda message: fault(0, message)])
def test_answers_declare_utf_8_and_drop_what_xml_cannot_hold(build):
    answer = build("a\0b\x0b\ud800\ufffe<c>&d é\U0001f600")

    assert answer.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    assert escape("ab<c>&d é\U0001f600").encode() in answer
