"""Any other upgrade token: methods, bodies, and what Docker's client wants to see."""

import pytest
from strategies_decide import Field, codes, request, values

from httpupgrade import (
    Accept101,
    CustomProtocol,
    HandshakeFailed,
    Passthrough,
    Policy,
    Reject,
    RequestHead,
    Require426,
    UpgradeToken,
    decide,
)
from httpupgrade.offers import Agreed


def asking(
    token: bytes = b"tcp", *fields: Field, method: bytes = b"GET", target: bytes = b"/"
) -> RequestHead:
    offer = ((b"Upgrade", token), (b"Connection", b"Upgrade"))
    return request(*offer, *fields, method=method, target=target)


def test_a_docker_client_gets_what_it_waits_for() -> None:
    """POST with a JSON body of 29 octets; the client prints the reason phrase."""
    docker = CustomProtocol(
        "tcp",
        methods=[b"POST"],
        body="buffer",
        headers=[(b"Content-Type", b"application/vnd.docker.raw-stream")],
        reason=b"UPGRADED",
    )
    length = (b"Content-Length", b"29")
    head = asking(b"tcp", length, method=b"POST", target=b"/v1.43/exec/1/start")
    decision = decide(head, Policy(docker))
    assert isinstance(decision, Accept101)
    assert decision.awaits_body is True
    assert decision.agreement is None
    assert decision.to_bytes() == (
        b"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n"
        b"Content-Type: application/vnd.docker.raw-stream\r\n\r\n"
    )


@pytest.mark.parametrize("secure", [False, True])
def test_a_token_is_offered_with_and_without_tls(secure: bool) -> None:
    token = CustomProtocol("irc/6.9")
    assert token.tokens(secure=secure) == (UpgradeToken("irc", "6.9"),)
    assert token.headers_for_426 == ()


def test_a_token_may_be_given_as_one() -> None:
    assert CustomProtocol(UpgradeToken("irc", "6.9")).tokens(secure=False) == CustomProtocol(
        "irc/6.9"
    ).tokens(secure=True)


@pytest.mark.parametrize(
    ("token", "offer"),
    [
        ("websocket", "WebSocket"),
        ("WebSocket", "WebSocket"),
        ("h2c", "H2C"),
        ("TLS/1.2", "TLS"),
        ("connect-udp", "ConnectUDP"),
        ("Connect-IP", "ConnectIP"),
        ("connect-tcp", "ConnectTCP"),
        ("connect-tcp-07", "ConnectTCP"),
    ],
)
def test_a_protocol_that_needs_more_than_its_name_has_an_offer_of_its_own(
    token: str, offer: str
) -> None:
    with pytest.raises(ValueError, match=rf"offer {offer}\(\)"):
        CustomProtocol(token)


@pytest.mark.parametrize(
    "token",
    [
        "connect-ethernet",
        "Connect-Ethernet",
        "connect-ethernet-07",
        "connect-udp-listen",
        "connect-udp-07",
        "CONNECT-IP-03",
        "connect-ip-03/1",
        UpgradeToken("connect-ethernet", "1"),
    ],
)
def test_a_capsule_protocol_needs_an_offer_that_knows_its_rules(token: UpgradeToken | str) -> None:
    with pytest.raises(ValueError, match=r"RFC 9297 3\.2.*no offer of it here: write one"):
        CustomProtocol(token)


@pytest.mark.parametrize(
    "token", ["connect-ethernetx", "connect-four", "connect-udpx", "tlsx", "h2", "websocket-2"]
)
def test_others_may_begin_like_one(token: str) -> None:
    (offered,) = CustomProtocol(token).tokens(secure=False)
    assert str(offered) == token


# The token offered, what the client names, and whether they are the same.
MATCHES = [
    ("tcp", b"tcp", True),
    ("tcp", b"TCP", True),
    ("SPDY/3.1", b"spdy/3.1", True),
    ("irc/6.9", b"IRC/6.9", True),
    ("tcp", b"tcp/1", False),
    ("irc/6.9", b"irc", False),
    ("irc/6.9", b"irc/6.90", False),
    ("irc/6.9a", b"irc/6.9A", False),
    ("tcp", b"tcp2", False),
    ("tcp", b"x-tcp", False),
    ("tcp", b"h2c, tcp", True),
    ("tcp", b"tcp, tcp", True),
]


@pytest.mark.parametrize(("offered", "asked", "same"), MATCHES)
def test_names_match_without_case_and_versions_exactly(
    offered: str, asked: bytes, same: bool
) -> None:
    """RFC 9110 7.8, 16.7."""
    decision = decide(asking(asked), Policy(CustomProtocol(offered)))
    assert isinstance(decision, Accept101 if same else Passthrough)


@pytest.mark.parametrize("method", [b"GET", b"POST", b"OPTIONS", b"DELETE", b"X-OWN"])
def test_any_method_is_right_unless_some_are_named(method: bytes) -> None:
    assert isinstance(decide(asking(method=method), Policy(CustomProtocol("tcp"))), Accept101)


@pytest.mark.parametrize(
    ("method", "allowed"),
    [
        (b"POST", True),
        (b"PUT", True),
        (b"GET", False),
        (b"post", False),
        (b"POS", False),
        (b"POSTS", False),
        (b"HEAD", False),
    ],
)
def test_other_methods_than_those_named_draw_405_with_allow(method: bytes, allowed: bool) -> None:
    """RFC 9110 15.5.6: Allow MUST be there. RFC 9112 3.1: methods have case."""
    decision = decide(
        asking(method=method), Policy(CustomProtocol("tcp", methods=[b"POST", b"PUT"]))
    )
    if allowed:
        assert isinstance(decision, Accept101)
        return
    assert isinstance(decision, Reject)
    assert decision.status_code == 405
    assert decision.headers[0] == (b"Allow", b"POST, PUT")
    (finding,) = decision.findings
    assert (finding.code, finding.value, finding.offset) == ("method-not-allowed", method, 0)


def test_options_may_ask_for_the_whole_server() -> None:
    """RFC 9110 7.8: an OPTIONS request can always be honoured."""
    decision = decide(asking(method=b"OPTIONS", target=b"*"), Policy(CustomProtocol("tcp")))
    assert isinstance(decision, Accept101)


BODIES = [
    ("a length", (b"Content-Length", b"1"), True),
    ("a long length", (b"Content-Length", b"0000000000000000001"), True),
    ("chunked", (b"Transfer-Encoding", b"chunked"), True),
    ("no length", (b"Content-Length", b"0"), False),
    ("no length, written long", (b"Content-Length", b"000"), False),
]


@pytest.mark.parametrize(
    ("field", "content"),
    [pytest.param(field, content, id=name) for name, field, content in BODIES],
)
def test_a_body_is_refused_unless_it_is_buffered(field: Field, content: bool) -> None:
    """RFC 9110 7.8: it belongs to HTTP, so it never reaches the new protocol as if it did not."""
    head = asking(b"tcp", field, method=b"POST")
    refusing = decide(head, Policy(CustomProtocol("tcp")))
    buffering = decide(head, Policy(CustomProtocol("tcp", body="buffer")))
    assert isinstance(buffering, Accept101)
    assert buffering.awaits_body is content
    if not content:
        assert isinstance(refusing, Accept101)
        return
    assert isinstance(refusing, Reject)
    assert refusing.status_code == 400
    (finding,) = refusing.findings
    assert finding.code == "body-not-allowed"
    assert finding.field == field[0].decode("ascii")
    assert finding.value == field[1]


def test_method_and_body_are_both_reported_and_the_method_comes_first() -> None:
    policy = Policy(CustomProtocol("tcp", methods=[b"GET"]))
    decision = decide(asking(b"tcp", (b"Content-Length", b"1"), method=b"POST"), policy)
    assert isinstance(decision, Reject)
    assert decision.status_code == 405
    assert codes(decision) == ("method-not-allowed", "body-not-allowed")


def test_a_compressed_body_cannot_be_handed_over() -> None:
    """RFC 9112 6.1: 501 for a transfer coding that the server does not decode."""
    head = asking(b"tcp", (b"Transfer-Encoding", b"gzip, chunked"), method=b"POST")
    decision = decide(head, Policy(CustomProtocol("tcp", body="buffer")))
    assert isinstance(decision, Reject)
    assert decision.status_code == 501


def test_its_fields_do_not_stand_in_refusals() -> None:
    policy = Policy(
        CustomProtocol("tcp", methods=[b"GET"], headers=[(b"X-Id", b"1")]), mode="required"
    )
    for decision in (decide(asking(method=b"PUT"), policy), decide(request(), policy)):
        assert isinstance(decision, Reject | Require426)
        assert values(decision.headers, b"x-id") == []


def test_an_answer_depends_on_the_request_alone() -> None:
    token = CustomProtocol("tcp")
    for _ in range(2):
        for secure in (False, True):
            answer = token.negotiate(asking(), UpgradeToken("tcp"), secure=secure)
            assert answer == Agreed(UpgradeToken("tcp"))
    body = asking(b"tcp", (b"Content-Length", b"1"))
    assert isinstance(token.negotiate(body, UpgradeToken("tcp"), secure=False), HandshakeFailed)


@pytest.mark.parametrize(
    "token", ["", "tcp/", "/1", "a b", "a,b", "tcp/1/2", "tcp\r\n", "websoc\u212aet", "tcp;q=1"]
)
def test_what_is_no_upgrade_token_cannot_be_offered(token: str) -> None:
    with pytest.raises(ValueError, match=r"not an upgrade token|not ASCII"):
        CustomProtocol(token)


@pytest.mark.parametrize("body", ["drop", b"refuse", None, True])
def test_bodies_are_refused_or_buffered(body: object) -> None:
    error = ValueError if isinstance(body, str) else TypeError
    with pytest.raises(error, match=r"^body is one of 'refuse', 'buffer'"):
        CustomProtocol("tcp", body=body)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "methods",
    [
        [],
        b"GET",
        ["GET"],
        [b"PO ST"],
        [b"POST\r\nX: 1"],
        [b""],
        [b"GET, POST"],
        [b"P\xd6ST"],
        [b"GET", b","],
    ],
)
def test_what_is_no_method_cannot_be_allowed(methods: object) -> None:
    """RFC 9110 9.1: a method is a token; any other entry can match nothing."""
    with pytest.raises((TypeError, ValueError), match=r"^methods "):
        CustomProtocol("tcp", methods=methods)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "field",
    [
        (b"X", b"a\r\nY: b"),
        (b"X Y", b"a"),
        (b"", b"a"),
        (b"Content-Length", b"0"),
        (b"Transfer-Encoding", b"chunked"),
        (b"Upgrade", b"tcp"),
        (b"Connection", b"keep-alive"),
    ],
)
def test_fields_that_cannot_stand_in_a_101_make_no_offer(field: Field) -> None:
    """RFC 9110 8.6; CVE-2026-1527."""
    with pytest.raises(ValueError, match=r".+"):
        CustomProtocol("tcp", headers=[field])


@pytest.mark.parametrize("reason", [b"a\r\nX: 1", b"a\nb", b"\0", b"a\r"])
def test_what_is_no_reason_phrase_makes_no_offer(reason: bytes) -> None:
    """CVE-2025-67724."""
    with pytest.raises(ValueError, match=r"^reason must not hold"):
        CustomProtocol("tcp", reason=reason)
