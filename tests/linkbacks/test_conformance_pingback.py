"""Pingback 1.0, section 3 (XML-RPC interface) and its fault codes, at the level of the wire format.

Each name quotes the clause it tests. What needs a request or a database is tested elsewhere.
"""

import xmlrpc.client  # noqa: TID251 - the standard library's reader judges what we write

import pytest

from comments.linkbacks import exceptions, pingback

SOURCE = "https://source.example/post?a=1&b=2"
TARGET = "https://blog.example/articles/recovery/"


def call(*params: str | int, method: str = "pingback.ping") -> bytes:
    return xmlrpc.client.dumps(params, method).encode()


def read_fault(body: bytes) -> xmlrpc.client.Fault:
    with pytest.raises(xmlrpc.client.Fault) as caught:
        xmlrpc.client.loads(body)
    return caught.value


def test_method_takes_two_strings_source_uri_then_target_uri():
    assert pingback.parse_call(call(SOURCE, TARGET)) == pingback.PingbackCall(SOURCE, TARGET)


def test_if_the_request_is_successful_the_return_value_must_be_a_single_string():
    (answer,), method = xmlrpc.client.loads(pingback.success("Pingback registered."))

    assert answer == "Pingback registered."
    assert method is None


def test_if_the_result_is_unsuccessful_the_server_must_respond_with_an_rpc_fault():
    body = pingback.fault(17, "No link.")

    assert read_fault(body).faultString == "No link."


def test_fault_code_must_be_an_integer_not_a_string():
    assert type(read_fault(pingback.fault(48, "Again.")).faultCode) is int


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        pytest.param(exceptions.LinkbackRefused, 0, id="0: a generic fault code"),
        pytest.param(exceptions.SourceRefused, 0, id="0: servers may use it instead of any other"),
        pytest.param(exceptions.SourceNotFound, 0x10, id="0x0010: the source does not exist"),
        pytest.param(exceptions.SourceDoesNotLink, 0x11, id="0x0011: no link to the target"),
        pytest.param(exceptions.TargetNotFound, 0x20, id="0x0020: the target does not exist"),
        pytest.param(exceptions.TargetNotPingable, 0x21, id="0x0021: cannot be used as a target"),
        pytest.param(exceptions.AlreadyRegistered, 0x30, id="0x0030: already been registered"),
        pytest.param(exceptions.AccessDenied, 0x31, id="0x0031: access denied"),
        pytest.param(exceptions.UpstreamError, 0x32, id="0x0032: upstream server"),
    ],
)
def test_following_fault_codes_are_defined(refusal: type[exceptions.LinkbackRefused], code: int):
    answer = read_fault(pingback.fault_for(refusal("Because.")))

    assert (answer.faultCode, answer.faultString) == (code, "Because.")


def test_a_more_special_refusal_keeps_the_code_of_its_kind():
    class TooOften(exceptions.AccessDenied):
        """Not in the table of codes."""

    assert read_fault(pingback.fault_for(TooOften("Slower."))).faultCode == 0x31


def test_no_source_side_code_is_in_the_target_family_nor_the_other_way_round():
    families = {kind.__name__[:6]: code >> 4 for kind, code in pingback.FAULT_CODES.items()}

    assert families["Source"] == 1
    assert families["Target"] == 2


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b"<methodCall>", -32700, id="-32700: not well formed"),
        pytest.param(b'<?xml version="1.0" encoding="x-none"?><a/>', -32700, id="-32700: encoding"),
        pytest.param(b"<methodResponse/>", -32600, id="-32600: not conforming to the spec"),
        pytest.param(call(SOURCE, TARGET, method="demo.hi"), -32601, id="-32601: no such method"),
        pytest.param(call(SOURCE), -32602, id="-32602: too few parameters"),
        pytest.param(call(SOURCE, TARGET, "x"), -32602, id="-32602: too many parameters"),
        pytest.param(call(SOURCE, 5), -32602, id="-32602: a parameter of another type"),
    ],
)
def test_servers_may_use_the_fault_codes_of_xml_rpc_for_protocol_errors(body: bytes, code: int):
    with pytest.raises(pingback.WireFault) as caught:
        pingback.parse_call(body)

    assert caught.value.code == code


@pytest.mark.parametrize("method", ["system.multicall", "system.listMethods", "pingback.Ping"])
def test_pingback_ping_is_the_one_method_and_its_name_is_case_sensitive(method: str):
    with pytest.raises(pingback.WireFault) as caught:
        pingback.parse_call(call(SOURCE, TARGET, method=method))

    assert caught.value.code == -32601
