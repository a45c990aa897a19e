"""Decisions as values, and their octets: what goes out is what was meant, or nothing goes out."""

from collections.abc import Callable
from http import HTTPStatus

import pytest
from strategies_decide import Field, request, values

from httpupgrade import (
    Accept101,
    Continue100,
    Finding,
    LocalProtocolError,
    Passthrough,
    Reject,
    Require426,
    UpgradeToken,
)
from httpupgrade._http1.serialize import reason_phrase

Headers = tuple[Field, ...]
Maker = Callable[[Field], Accept101 | Reject | Require426]

TCP = UpgradeToken("tcp")
TLS = UpgradeToken("TLS", "1.3")
HTTP = UpgradeToken("HTTP", "1.1")
NOTED = Finding("seen-before", "this was seen before")


def test_continue_is_an_interim_response_without_fields() -> None:
    assert Continue100().to_bytes() == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert Continue100().findings == ()


def test_an_accept_names_its_token_and_the_connection_option() -> None:
    accept = Accept101(TCP, headers=[(b"X-Id", b"7")])
    assert accept.to_bytes() == (
        b"HTTP/1.1 101 Switching Protocols\r\n"
        b"Upgrade: tcp\r\nConnection: Upgrade\r\nX-Id: 7\r\n\r\n"
    )
    assert (accept.token, accept.tokens) == (TCP, (TCP,))
    assert (accept.agreement, accept.head, accept.request_body) == (None, None, b"")
    assert (accept.awaits_body, accept.interim, accept.findings) == (False, None, ())


def test_an_accept_lists_its_layers_in_ascending_order() -> None:
    """RFC 9110 7.8; RFC 2817 3.3."""
    accept = Accept101(TLS, tokens=[TLS, HTTP])
    assert values(accept.headers, b"upgrade") == [b"TLS/1.3, HTTP/1.1"]
    assert accept.tokens == (TLS, HTTP)


def test_an_accept_names_at_least_one_layer() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Accept101(TLS, tokens=[])


def test_an_accept_has_the_reason_phrase_it_is_given() -> None:
    """Docker's client prints it."""
    assert Accept101(TCP, reason=b"UPGRADED").to_bytes().startswith(b"HTTP/1.1 101 UPGRADED\r\n")


def test_an_accept_keeps_the_space_in_front_of_an_empty_reason() -> None:
    """RFC 9112 4."""
    assert Accept101(TCP, reason=b"").to_bytes().startswith(b"HTTP/1.1 101 \r\n")


def test_the_interim_response_goes_out_in_front_of_the_101() -> None:
    """RFC 9110 7.8."""
    accept = Accept101(TCP, interim=Continue100())
    assert accept.to_bytes() == Continue100().to_bytes() + Accept101(TCP).to_bytes()


def test_the_interim_response_does_not_go_out_with_a_101_that_waits_for_the_body() -> None:
    """The body stands between the two."""
    accept = Accept101(TCP, interim=Continue100(), awaits_body=True)
    assert accept.to_bytes() == Accept101(TCP).to_bytes()


@pytest.mark.parametrize(
    "name", [b"Content-Length", b"content-length", b"Transfer-Encoding", b"TRANSFER-ENCODING"]
)
def test_a_101_has_no_framing_fields(name: bytes) -> None:
    """RFC 9110 8.6, RFC 9112 6.1."""
    with pytest.raises(LocalProtocolError, match=r"(?i)content-length|transfer-encoding"):
        Accept101(TCP, headers=[(name, b"0")]).to_bytes()


# What would put on the wire other fields than the caller named (CVE-2026-1527, CVE-2025-67725).
INJECTIONS: list[tuple[str, Field]] = [
    ("CRLF in a value", (b"X", b"a\r\nSet-Cookie: b=c")),
    ("CRLF and a body in a value", (b"X", b"a\r\n\r\n<script>")),
    ("LF in a value", (b"X", b"a\nSet-Cookie: b=c")),
    ("CR in a value", (b"X", b"a\rSet-Cookie: b=c")),
    ("NUL in a value", (b"X", b"a\0b")),
    ("escape in a value", (b"X", b"\x1b[2J")),
    ("DEL in a value", (b"X", b"\x7f")),
    ("a fold in a value", (b"X", b"a\r\n b")),
    ("CRLF in a name", (b"X: a\r\nY", b"b")),
    ("an empty name", (b"", b"a")),
    ("a space in a name", (b"X Y", b"a")),
    ("a space behind a name", (b"X ", b"a")),
    ("a colon in a name", (b"Set-Cookie: a=b; X", b"c")),
    ("obs-text in a name", (b"X\xe9", b"a")),
]


@pytest.mark.parametrize("field", [pytest.param(field, id=name) for name, field in INJECTIONS])
@pytest.mark.parametrize(
    "make",
    [
        lambda field: Accept101(TCP, headers=[field]),
        lambda field: Accept101(TCP).with_headers([field]),
        lambda field: Reject(400, [field]),
        lambda field: Reject(400).with_headers([field]),
        lambda field: Require426([TCP], [field]),
        lambda field: Require426([TCP]).with_headers([field]),
    ],
    ids=["101", "101-with", "4xx", "4xx-with", "426", "426-with"],
)
def test_what_is_no_field_never_goes_out(make: Maker, field: Field) -> None:
    """RFC 9110 5.5, RFC 9112 11.1."""
    decision = make(field)
    with pytest.raises(LocalProtocolError):
        decision.to_bytes()


@pytest.mark.parametrize("reason", [b"a\r\nSet-Cookie: b=c", b"a\r\n\r\n", b"a\0", b"a\n"])
def test_what_is_no_reason_phrase_never_goes_out(reason: bytes) -> None:
    """CVE-2025-67724."""
    with pytest.raises(LocalProtocolError):
        Accept101(TCP, reason=reason).to_bytes()


@pytest.mark.parametrize(
    "name",
    [
        b"Upgrade",
        b"connection",
        b"Content-Length",
        b"Content-Type",
        b"Transfer-Encoding",
    ],
)
def test_a_field_that_can_stand_once_does(name: bytes) -> None:
    """RFC 9110 5.3."""
    twice = [(name, b"1"), (name.upper(), b"1")]
    for decision in (Accept101(TCP, headers=twice), Reject(400, twice), Require426([TCP], twice)):
        with pytest.raises(LocalProtocolError):
            decision.to_bytes()


@pytest.mark.parametrize("name", [b"Transfer-Encoding", b"transfer-encoding"])
def test_a_refusal_is_framed_by_its_length_alone(name: bytes) -> None:
    for decision in (Reject(400, [(name, b"chunked")]), Require426([TCP], [(name, b"chunked")])):
        with pytest.raises(LocalProtocolError, match="transfer-encoding"):
            decision.to_bytes()


@pytest.mark.parametrize(
    "name", [b"Upgrade", b"upgrade", b"Connection", b"CONTENT-LENGTH", b"Transfer-Encoding"]
)
def test_added_fields_do_not_take_the_place_of_what_the_decision_says(name: bytes) -> None:
    for decision in (Accept101(TCP), Reject(400), Require426([TCP])):
        with pytest.raises(LocalProtocolError, match=r"decision itself.*" + name.decode().lower()):
            decision.with_headers([(b"X", b"1"), (name, b"1")])


def test_all_fields_that_the_decision_says_are_named_in_order() -> None:
    fields = [(b"Upgrade", b"1"), (b"X", b"1"), (b"CONNECTION", b"1")]
    with pytest.raises(LocalProtocolError, match=r"stands in connection, upgrade$"):
        Reject(400).with_headers(fields)


def test_added_fields_replace_those_of_the_same_name() -> None:
    before = [(b"X-Id", b"1"), (b"Y", b"2")]
    after = [(b"x-id", b"3"), (b"X-ID", b"4")]
    for decision in (
        Accept101(TCP, headers=before),
        Reject(400, before),
        Require426([TCP], before),
    ):
        changed = decision.with_headers(after)
        assert values(changed.headers, b"X-Id") == [b"3", b"4"]
        assert values(changed.headers, b"Y") == [b"2"]
        assert changed.replace(headers=()) == decision.replace(headers=())
        assert b"X-ID: 4\r\n" in changed.to_bytes()


def test_added_fields_may_come_from_a_generator() -> None:
    changed = Reject(400).with_headers((name, b"1") for name in (b"A", b"B"))
    assert changed.headers[-2:] == ((b"A", b"1"), (b"B", b"1"))


def test_a_rejection_is_a_whole_response() -> None:
    rejection = Reject(403, [(b"X", b"1")], b"no", findings=[NOTED])
    assert rejection.to_bytes() == b"HTTP/1.1 403 Forbidden\r\nX: 1\r\nContent-Length: 2\r\n\r\nno"
    assert rejection.findings == (NOTED,)
    assert rejection.close is False


def test_a_closing_rejection_says_so() -> None:
    """RFC 9112 9.6."""
    at_once = Reject(400, close=True)
    later = Reject(400).closing()
    for rejection in (at_once, later):
        assert rejection.close is True
        assert values(rejection.headers, b"connection") == [b"close"]
        assert b"\r\nConnection: close\r\n" in rejection.to_bytes()


def test_a_closing_answer_may_be_told_to_close_again() -> None:
    for decision in (Reject(400, close=True).closing(), Require426([TCP], close=True).closing()):
        assert decision.close is True
        assert decision.to_bytes().count(b"close") == 1


@pytest.mark.parametrize("status_code", [300, 302, 308, 400, 401, 451, 499, 503, 599])
def test_a_rejection_has_any_final_status_that_refuses(status_code: int) -> None:
    """RFC 6455 4.2.2: 401 and 3xx may come before the handshake."""
    assert Reject(status_code).to_bytes().startswith(b"HTTP/1.1 %d " % status_code)


@pytest.mark.parametrize("status_code", [-1, 0, 100, 101, 199, 200, 204, 299, 304, 426, 600, 1000])
def test_a_rejection_has_no_status_that_means_something_else(status_code: int) -> None:
    """No 1xx, no success, no 304 (it has no content), no 426 (it has an Upgrade field)."""
    with pytest.raises(LocalProtocolError, match="no status of a refusal"):
        Reject(status_code).to_bytes()


# RFC 9110 15: the two that Python before 3.13 has by their older names.
RENAMED = {413: b"Content Too Large", 414: b"URI Too Long"}


@pytest.mark.parametrize("status", HTTPStatus)
def test_reason_phrases_are_those_of_rfc_9110(status: HTTPStatus) -> None:
    expected = RENAMED.get(status, status.phrase.encode("ascii"))
    assert reason_phrase(status) in (expected, b"")


@pytest.mark.parametrize("status_code", [400, 403, 405, 413, 414, 417, 426, 431, 501, 505])
def test_every_status_that_is_chosen_here_has_a_reason_phrase(status_code: int) -> None:
    assert reason_phrase(status_code)


def test_a_status_without_a_usual_reason_has_none() -> None:
    assert reason_phrase(599) == b""


def test_a_426_lists_its_protocols_in_order_with_the_connection_option() -> None:
    """RFC 9110 15.5.22, 7.8."""
    required = Require426([TLS, TCP], [(b"X", b"1")], b"body")
    assert required.to_bytes() == (
        b"HTTP/1.1 426 Upgrade Required\r\nUpgrade: TLS/1.3, tcp\r\nConnection: upgrade\r\n"
        b"X: 1\r\nContent-Length: 4\r\n\r\nbody"
    )
    assert (required.status_code, required.tokens) == (426, (TLS, TCP))


def test_a_426_names_no_protocol_twice() -> None:
    """RFC 9110 7.8: names are compared without case."""
    required = Require426([TCP, TLS, UpgradeToken("TCP"), TLS])
    assert values(required.headers, b"upgrade") == [b"tcp, TLS/1.3"]


def test_a_426_names_at_least_one_protocol() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Require426([])


def test_a_closing_426_keeps_the_upgrade_option() -> None:
    """RFC 9110 7.8: whoever sends Upgrade MUST send the option, whatever else it sends."""
    for required in (Require426([TCP], close=True), Require426([TCP]).closing()):
        assert required.close is True
        assert values(required.headers, b"connection") == [b"upgrade, close"]


def without(name: bytes, headers: Headers) -> Headers:
    return tuple(field for field in headers if field[0] != name)


ACCEPT = Accept101(TCP)
REJECT = Reject(400, body=b"four")
REQUIRE = Require426([TCP], body=b"four")
CONTRADICTIONS: list[tuple[str, Accept101 | Reject | Require426]] = [
    ("101 without Upgrade", ACCEPT.replace(headers=without(b"Upgrade", ACCEPT.headers))),
    ("101 without Connection", ACCEPT.replace(headers=without(b"Connection", ACCEPT.headers))),
    ("101 with another token", ACCEPT.replace(tokens=(TLS,))),
    ("101 without tokens", ACCEPT.replace(tokens=())),
    ("426 without Upgrade", REQUIRE.replace(headers=without(b"Upgrade", REQUIRE.headers))),
    ("426 without Connection", REQUIRE.replace(headers=without(b"Connection", REQUIRE.headers))),
    ("426 with another token", REQUIRE.replace(tokens=(TLS,))),
    ("426 without tokens", REQUIRE.replace(tokens=())),
    ("426 that closes unsaid", REQUIRE.replace(close=True)),
    ("426 with more content", REQUIRE.replace(body=b"three")),
    ("426 without a length",
     REQUIRE.replace(headers=without(b"Content-Length", REQUIRE.headers))),
    ("400 with an Upgrade", Reject(400, [(b"Upgrade", b"tcp")])),
    ("400 that keeps and says close", Reject(400, [(b"Connection", b"close")])),
    ("400 that closes unsaid", REJECT.replace(close=True)),
    ("400 with more content", REJECT.replace(body=b"three")),
    ("400 with less content", REJECT.replace(body=b"two")),
    ("400 without a length", REJECT.replace(headers=())),
]  # fmt: skip


@pytest.mark.parametrize(
    "decision", [pytest.param(decision, id=name) for name, decision in CONTRADICTIONS]
)
def test_what_contradicts_itself_never_goes_out(
    decision: Accept101 | Reject | Require426,
) -> None:
    """RFC 9110 7.8, 15.5.22; RFC 9112 6.3, 9.6."""
    with pytest.raises(LocalProtocolError):
        decision.to_bytes()


def test_the_answer_to_head_has_the_length_but_not_the_content() -> None:
    """RFC 9110 9.3.2."""
    for decision in (Reject(400, body=b"four"), Require426([TCP], body=b"four")):
        emptied = decision.without_content()
        assert emptied.to_bytes() == decision.to_bytes().removesuffix(b"four")
        assert values(emptied.headers, b"content-length") == [b"4"]


def test_a_passthrough_says_nothing_that_was_not_decided() -> None:
    passed = Passthrough(request())
    assert (passed.data, passed.findings, passed.advertisement) == (b"", (), ())
    assert passed.would_require is False
