"""A client that does what the body of a 426 says gets a 101."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from feeding import feed
from following import as_told, in_json, in_text, method_told
from strategies_decide import request

from httpupgrade import (
    H2C,
    TLS,
    Accept101,
    ConnectIP,
    ConnectTCP,
    ConnectUDP,
    CustomProtocol,
    Policy,
    RequestHead,
    Require426,
    ServerNegotiator,
    UpgradeToken,
    WebSocket,
    decide,
)
from httpupgrade.offers import Example, Ignored, Offer, OfferResult


class Own(Offer):
    """An offer of somebody else's, which says nothing of what a request for it looks like."""

    headers_for_426 = ((b"X-Own", b"1"),)

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (UpgradeToken("own"),)

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> OfferResult:
        return Ignored()


OFFERS = [
    ("WebSocket", (WebSocket(),)),
    ("WebSocket in two versions", (WebSocket(versions=(13, 8)),)),
    ("a subprotocol", (WebSocket(["a", "b"], require_subprotocol=True),)),
    ("a name", (CustomProtocol("irc/6.9"),)),
    ("a name and its method", (CustomProtocol("tcp", methods=[b"POST", b"GET"]),)),
    ("HTTP/2", (H2C(),)),
    ("TLS", (TLS("1.3", "1.2"),)),
    ("UDP", (ConnectUDP(),)),
    ("TCP at another place", (ConnectTCP("/tcp{?target_host,target_port}"),)),
    (
        "WebSocket before others",
        (WebSocket(), H2C(), CustomProtocol("irc"), TLS("1.3"), ConnectUDP()),
    ),
    ("HTTP/2 before others", (H2C(), WebSocket(), TLS("1.3"))),
    ("TLS before others", (TLS("1.3"), WebSocket(), H2C())),
    ("UDP before others", (ConnectUDP(), TLS("1.3"), WebSocket())),
    ("a name before others", (CustomProtocol("irc"), WebSocket(), ConnectUDP())),
    ("with an offer of somebody else's", (Own(), WebSocket())),
]


PLAIN = [
    ("a plain GET", request()),
    ("a plain GET in HTTP/1.0", RequestHead(b"GET", b"/chat", [(b"Host", b"a")], b"1.0")),
    ("with a Connection field", request((b"Connection", b"close, te"))),
    ("of another protocol", request((b"Connection", b"upgrade"), (b"Upgrade", b"x/1"))),
    ("with a broken Upgrade", request((b"Connection", b"upgrade"), (b"Upgrade", b"a b"))),
]


@pytest.mark.parametrize("read", [in_text, in_json], ids=["text", "json"])
@pytest.mark.parametrize(("plain"), [pytest.param(head, id=name) for name, head in PLAIN])
@pytest.mark.parametrize("offers", [pytest.param(offers, id=name) for name, offers in OFFERS])
def test_a_client_that_does_as_told_gets_a_101(
    offers: tuple[WebSocket, ...], plain: RequestHead, read: Callable[[bytes], list[str]]
) -> None:
    policy = Policy(*offers, mode="required")
    told = _refused(plain, policy)
    lines = read(told if read is in_text else _refused(plain, policy, b"application/json"))
    octets = as_told(lines, plain, method_told(told))
    accept = feed(ServerNegotiator(policy), octets)
    assert isinstance(accept, Accept101), octets


def _refused(plain: RequestHead, policy: Policy, accept: bytes = b"text/plain") -> bytes:
    fields = [field for field in plain.headers if field[0] != b"Accept"]
    head = RequestHead(
        plain.method, plain.target, [*fields, (b"Accept", accept)], plain.http_version
    )
    decision = feed(ServerNegotiator(policy), head.to_bytes())
    assert isinstance(decision, Require426)
    return decision.body


def test_what_has_to_be_filled_in_is_said() -> None:
    policy = Policy(
        ConnectUDP("/udp{?target_host,target_port}"), WebSocket(), H2C(), mode="required"
    )
    note = (
        b"The target is the URI template /udp{?target_host,target_port} (RFC 6570): expand it."
        b" Sec-WebSocket-Key is 16 random octets in base64: make a new one for each request."
        b" HTTP2-Settings holds the SETTINGS of the client, in base64url without padding."
    )
    assert _refused(request(), policy).endswith(b"\n\n%b\n" % note)
    read = json.loads(_refused(request(), policy, b"application/json"))
    assert read["example_note"] == note.decode()
    assert "example_note" not in json.loads(
        _refused(request(), Policy(CustomProtocol("irc"), mode="required"), b"application/json")
    )


def test_a_target_of_the_protocols_own_comes_with_the_host() -> None:
    tunnel = ConnectIP("/ip/{target}/{ipproto}/{?other}")
    policy = Policy(tunnel, WebSocket(), mode="required")
    head = request((b"X", b"y"), target=b"/a?b=c")
    decision = decide(head, policy, secure=True)
    assert isinstance(decision, Require426)
    assert in_text(decision.body)[:5] == [
        "GET /ip/*/*/ HTTP/1.1",
        "Host: server.example",
        "Connection: Upgrade",
        "Upgrade: connect-ip, websocket",
        "Capsule-Protocol: ?1",
    ]
    fixed = decide(head, Policy(ConnectIP("/ip"), mode="required"), secure=True)
    assert isinstance(fixed, Require426)
    assert b"template" not in fixed.body


@pytest.mark.parametrize(
    "head",
    [
        RequestHead(b"CONNECT", b"b.example:443", [(b"Host", b"b.example:443")]),
        RequestHead(b"OPTIONS", b"*", [(b"Host", b"b.example:443")]),
    ],
    ids=["CONNECT", "OPTIONS *"],
)
def test_a_target_that_no_get_has_is_not_taken_over(head: RequestHead) -> None:
    body = _refused(head, Policy(WebSocket(), mode="required"))
    assert in_text(body)[:2] == ["GET / HTTP/1.1", "Host: b.example:443"]


def test_a_request_without_a_host_gets_an_example_with_an_empty_one() -> None:
    body = _refused(RequestHead(b"GET", b"/", [], b"1.0"), Policy(TLS("1.3"), mode="required"))
    assert in_text(body)[:2] == ["OPTIONS * HTTP/1.1", "Host: "]


class Ticketed(Own):
    """The same, which says what a request for it looks like, or that nobody can be told."""

    def __init__(self, example: object) -> None:
        self._example = example

    def example_request(self, head: RequestHead, *, secure: bool) -> Any:
        return self._example(head) if callable(self._example) else self._example


def test_an_example_of_somebody_elses_is_merged_with_others() -> None:
    theirs = RequestHead(
        b"GET",
        b"/chat",
        [
            (b"Host", b"other.example"),
            (b"connection", b"upgrade,Own-Ticket ,"),
            (b"upgrade", b"own"),
            (b"Own-Ticket", b"1"),
            (b"Sec-WebSocket-Version", b"7"),
        ],
    )
    body = _refused(request(), Policy(WebSocket(), Ticketed(Example(theirs)), mode="required"))
    assert in_text(body) == [
        "Connection: Upgrade, Own-Ticket",
        "Upgrade: websocket, own",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Own-Ticket: 1",
    ]


def test_no_example_makes_a_body_anything_but_text() -> None:
    evil = RequestHead(b"GET", b"/<script>'\\x26&amp;", [(b"Host", b"<b>"), (b"Upgrade", b"own")])
    body = _refused(request(), Policy(Ticketed(Example(evil)), mode="required"))
    assert in_text(body) == [
        "GET /\\x3cscript\\x3e\\x27\\x5cx26&amp; HTTP/1.1",
        "Host: \\x3cb\\x3e",
        "Upgrade: own",
    ]


def test_an_offer_may_print_nothing() -> None:
    body = _refused(request(), Policy(Ticketed(None), mode="required"))
    assert b"Ask for it" not in body
    assert in_text(
        _refused(request(), Policy(Ticketed(None), CustomProtocol("irc"), mode="required"))
    ) == [
        "Connection: Upgrade",
        "Upgrade: irc",
    ]


def test_what_is_no_example_is_said_when_the_policy_is_made() -> None:
    with pytest.raises(TypeError, match=r"^example_request\(\) returns an Example or None, not "):
        Policy(Ticketed(request()), mode="required")


class TwoNames(WebSocket):
    """An offer that has two tokens."""

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (*super().tokens(secure=secure), UpgradeToken("x-websocket"))


def test_an_offer_with_several_tokens_is_explained_once() -> None:
    body = _refused(request(), Policy(TwoNames(), mode="required"))
    assert body.count(b"\n    Sec-WebSocket-Key: ") == 1
    assert body.count(b"Sec-WebSocket-Key is 16 random octets") == 1


def test_a_target_that_is_not_shown_is_not_explained() -> None:
    body = _refused(request(), Policy(CustomProtocol("irc"), ConnectUDP(), mode="required"))
    assert b"template" not in body


@pytest.mark.parametrize(
    ("offer", "note", "added"),
    [
        (
            WebSocket(origins=["https://a.example"], allow_missing_origin=False),
            b"Add an Origin that this server allows; browsers send theirs.",
            (b"Origin", b"https://a.example"),
        ),
        (
            WebSocket(select_subprotocol=lambda offered, _: offered[0], require_subprotocol=True),
            b"Add Sec-WebSocket-Protocol with a subprotocol of this server.",
            (b"Sec-WebSocket-Protocol", b"chat"),
        ),
    ],
    ids=["Origin", "subprotocol"],
)
def test_a_field_that_cannot_be_named_with_its_value_is_said(
    offer: WebSocket, note: bytes, added: tuple[bytes, bytes]
) -> None:
    policy = Policy(offer, mode="required")
    body = _refused(request(), policy)
    assert b" " + note + b"\n" in body
    plain = request(added)
    assert isinstance(
        feed(ServerNegotiator(policy), as_told(in_text(body), plain, "GET")), Accept101
    )


def test_a_method_is_said_once() -> None:
    body = _refused(request(), Policy(TLS("1.3"), mode="required"))
    assert b"Ask for it with\n\n    OPTIONS * HTTP/1.1\n    Host: server.example\n" in body


def test_an_offer_without_an_example_is_asked_for_by_its_name() -> None:
    body = _refused(request(), Policy(Own(), mode="required"))
    assert in_text(body) == ["Connection: Upgrade", "Upgrade: own"]


PREPARED = [
    ("the Host is not shown", (WebSocket(),)),
    ("OPTIONS *", (TLS("1.3"),)),
    ("a tunnel", (ConnectUDP("/{target_host}/{target_port}"), WebSocket())),
    ("no example", (Ticketed(None),)),
    ("a name that the preparation uses", (CustomProtocol("any-host"), TLS("1.3"))),
    ("the same, and the Host", (TLS("1.3"), CustomProtocol("any-host"))),
]


@pytest.mark.parametrize("close", [False, True])
@pytest.mark.parametrize(
    ("method", "target", "host"),
    [
        (b"GET", b"/a", b"a"),
        (b"POST", b"/a?b", b"a&b.example:80"),
        (b"OPTIONS", b"*", b"a"),
        (b"OPTIONS", b"/a", b"[::1]"),
        (b"GET", b"/192.0.2.1/443", b"a"),
        (b"GET", b"http://a/b", b"a"),
    ],
)
@pytest.mark.parametrize("offers", [pytest.param(offers, id=name) for name, offers in PREPARED])
def test_a_prepared_refusal_is_the_one_that_is_made_for_the_request(
    offers: tuple[Offer, ...], method: bytes, target: bytes, host: bytes, close: bool
) -> None:
    policy = Policy(*offers, mode="required")
    # Nothing is prepared where the text is another one, as with this Accept, which prefers text.
    fields = [(b"Host", host), *([(b"Connection", b"close")] if close else [])]
    plain, careful = (
        RequestHead(method, target, [*fields, *more])
        for more in ([], [(b"Accept", b"text/plain, */*;q=0.1")])
    )
    for head in (plain, RequestHead.parse(plain.to_bytes())):
        prepared, made = decide(head, policy), decide(careful, policy)
        assert prepared == made
        machine = ServerNegotiator(policy)
        event = feed(machine, head.to_bytes())
        assert event == made
        assert machine.send(event) == made.to_bytes()  # type: ignore[arg-type, union-attr]


@pytest.mark.parametrize("accept", [b"*/*", b"application/json"])
@pytest.mark.parametrize("target", [b"/a?b", b"/any/target", b"*", b"http://a/b"])
@pytest.mark.parametrize("offers", [pytest.param(offers, id=name) for name, offers in PREPARED])
def test_a_prepared_example_reads_as_the_one_that_is_made_for_the_request(
    offers: tuple[Offer, ...], target: bytes, accept: bytes
) -> None:
    fields = [(b"Connection", b"upgrade"), (b"Upgrade", b"other"), (b"Accept", accept)]
    head = RequestHead(b"OPTIONS", target, [(b"Host", b"a.example"), *fields])
    # Nothing is prepared where each refusal closes, as that of such a request does in any case.
    prepared = decide(head, Policy(*offers, mode="required"))
    made = decide(head, Policy(*offers, mode="required", close="always"))
    assert isinstance(prepared, Require426)
    assert prepared == made
