"""What may be sent, and what must not go out: a refused ``send()`` changes nothing."""

from collections.abc import Callable

import pytest
from transcript import TCP_POST, WEBSOCKET_REQUIRED, Transcript
from wire import ACCEPT, KEY, handshake, plain, request

from httpupgrade import (
    Accept101,
    ConnectionClosed,
    CustomProtocol,
    LocalProtocolError,
    Policy,
    Reject,
    RequestHead,
    Require426,
    ServerState,
    UpgradeToken,
    WebSocket,
)
from httpupgrade.offers import Agreed, Offer, OfferResult

WEBSOCKET = UpgradeToken("websocket")
TCP = UpgradeToken("tcp")
KEYED = (b"Sec-WebSocket-Accept", ACCEPT)
OFFERS = handshake(
    b"Sec-WebSocket-Protocol: chat, superchat",
    b"Sec-WebSocket-Extensions: permessage-deflate, x-other",
)
Headers = tuple[tuple[bytes, bytes], ...]


def accepted(policy: Policy = WEBSOCKET_REQUIRED, octets: bytes = OFFERS) -> Transcript:
    talk = Transcript(policy)
    talk.hears(octets + b"tail", Accept101)
    return talk


# Something else than was proposed.


@pytest.mark.parametrize("status_code", [300, 400, 401, 403, 404, 429, 503, 599])
def test_a_rejection_may_take_the_place_of_an_acceptance(status_code: int) -> None:
    talk = accepted()
    written = talk.answers(Reject(status_code, body=b"no"))
    assert written.startswith(b"HTTP/1.1 %d " % status_code)
    # A proxy in between may believe in a tunnel.
    assert b"\r\nConnection: close\r\n" in written
    assert written.endswith(b"\r\n\r\nno")
    talk.goes_on(ConnectionClosed)


def test_a_426_may_take_the_place_of_an_acceptance_and_name_any_protocols() -> None:
    written = accepted().answers(Require426((TCP, WEBSOCKET, TCP)))
    assert b"\r\nUpgrade: tcp, websocket\r\nConnection: upgrade, close\r\n" in written


@pytest.mark.parametrize("close", [False, True])
def test_a_rejection_may_take_the_place_of_a_426(close: bool) -> None:
    talk = Transcript()
    talk.hears(plain() + handshake(), Require426)
    written = talk.answers(Reject(401, [(b"WWW-Authenticate", b"Basic")], close=close))
    assert b"\r\nWWW-Authenticate: Basic\r\n" in written
    assert (b"\r\nConnection: close\r\n" in written) is close
    talk.goes_on(ConnectionClosed if close else Accept101)


def test_the_proposed_refusal_may_be_given_more_fields() -> None:
    talk = Transcript()
    refusal = talk.hears(plain(), Require426)
    written = talk.answers(refusal.with_headers([(b"Retry-After", b"1")]))
    assert b"\r\nRetry-After: 1\r\n" in written
    talk.hears(handshake(), Accept101)


@pytest.mark.parametrize(
    "octets",
    [
        request(line=b"GET / HTTP/1.1"),
        plain(line=b"GET / HTTP/2.0"),
        plain(b"Content-Length: 1", b"Content-Length: 2"),
        b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        b"\x16\x03\x01",
    ],
    ids=["no Host", "HTTP/2.0", "two lengths", "space", "TLS"],
)
def test_what_takes_the_place_of_a_refusal_that_closes_closes(octets: bytes) -> None:
    talk = Transcript(Policy(WebSocket(), mode="required", close="never"))
    talk.hears(octets, Reject)
    assert b"\r\nConnection: close\r\n" in talk.answers(Reject(401))
    talk.hears(handshake(), ConnectionClosed)


def test_what_takes_the_place_of_a_refused_body_closes() -> None:
    octets = request(*TCP_POST, b"Transfer-Encoding: chunked", line=b"POST / HTTP/1.1") + b"x\r\n"
    talk = Transcript(Policy(CustomProtocol("tcp", body="buffer"), close="never"))
    talk.hears(octets, Reject)
    assert b"\r\nConnection: close\r\n" in talk.answers(Reject(401))
    talk.hears(b"0\r\n\r\n" + request(*TCP_POST), ConnectionClosed)


@pytest.mark.parametrize(
    "chosen",
    [
        ((b"Sec-WebSocket-Protocol", b"superchat"),),
        ((b"Sec-WebSocket-Extensions", b"x-other"),),
        ((b"Set-Cookie", b"a=b"), (b"Set-Cookie", b"c=d")),
        (),
    ],
    ids=["subprotocol", "extension", "fields", "nothing"],
)
def test_another_acceptance_may_choose_among_what_was_offered(chosen: Headers) -> None:
    talk = accepted()
    written = talk.answers(Accept101(WEBSOCKET, headers=(KEYED, *chosen)))
    for field in chosen:
        assert b"\r\n%b: %b\r\n" % field in written
    assert talk.state is ServerState.SWITCHED


def test_another_acceptance_may_choose_another_protocol_that_was_offered() -> None:
    policy = Policy(WebSocket(), CustomProtocol("tcp"))
    talk = accepted(policy, handshake(b"Upgrade: websocket, tcp"))
    assert b"\r\nUpgrade: tcp\r\n" in talk.answers(Accept101(TCP))


@pytest.mark.parametrize(
    "other", [Accept101(TCP), Accept101(WEBSOCKET, tokens=(WEBSOCKET, TCP), headers=(KEYED,))]
)
def test_another_acceptance_chooses_no_protocol_that_is_not_offered(other: Accept101) -> None:
    talk = accepted(octets=handshake(b"Upgrade: websocket, tcp"))
    with pytest.raises(LocalProtocolError, match=r"^no offer of the policy names tcp on this"):
        talk.machine.send(other)
    assert talk.answers().startswith(b"HTTP/1.1 101 ")


def test_the_proposed_acceptance_may_be_given_more_fields() -> None:
    talk = accepted()
    accept = talk.machine
    proposed = Transcript().hears(OFFERS, Accept101)
    written = accept.send(proposed.with_headers([(b"Sec-WebSocket-Protocol", b"chat")]))
    assert b"\r\nSec-WebSocket-Protocol: chat\r\n" in written


def test_the_lower_layers_of_a_101_may_be_http() -> None:
    # RFC 2817 3.3: Upgrade: TLS/1.0, HTTP/1.1
    octets = request(b"Host: a", b"Connection: Upgrade", b"Upgrade: tcp")
    layered = Accept101(TCP, tokens=(TCP, UpgradeToken("HTTP", "1.1")))
    talk = accepted(Policy(CustomProtocol(TCP)), octets)
    assert b"\r\nUpgrade: tcp, HTTP/1.1\r\n" in talk.answers(layered)


# What must not go out.

FIELDS_THAT_MUST_NOT_GO_OUT: dict[str, Headers] = {
    "Content-Length": ((b"Content-Length", b"0"),),
    "content-length": ((b"content-length", b"0"),),
    "Transfer-Encoding": ((b"Transfer-Encoding", b"chunked"),),
    "second Connection": ((b"Connection", b"keep-alive"),),
    "second Upgrade": ((b"upgrade", b"tcp"),),
    "CR LF in a value": ((b"X", b"a\r\nSet-Cookie: b"),),
    "LF in a value": ((b"X", b"a\nb"),),
    "CR in a value": ((b"X", b"a\rb"),),
    "NUL in a value": ((b"X", b"a\x00b"),),
    "CR LF in a name": ((b"X\r\nY", b"a"),),
    "LF in a name": ((b"X\nY", b"a"),),
    "NUL in a name": ((b"X\x00", b"a"),),
    "colon in a name": ((b"X: y\xffZ", b"a"),),
    "hidden Content-Length": ((b"Content-Length: 5, X", b"a"),),
    "space in a name": ((b"X ", b"a"),),
    "empty name": ((b"", b"a"),),
    "empty line": ((b"X", b"\r\n\r\nHTTP/1.1 200 OK"),),
}
MUST_NOT_GO_OUT: dict[str, Accept101] = {
    name: Accept101(WEBSOCKET, headers=(KEYED, *headers))
    for name, headers in FIELDS_THAT_MUST_NOT_GO_OUT.items()
} | {
    "token not offered": Accept101(TCP),
    "layer not offered": Accept101(WEBSOCKET, tokens=(WEBSOCKET, TCP), headers=(KEYED,)),
    "version not offered": Accept101(UpgradeToken("websocket", "13"), headers=(KEYED,)),
    # RFC 9110 7.8: HTTP/2.0 was not indicated either; only a lower layer may be what is spoken.
    "HTTP not offered": Accept101(UpgradeToken("HTTP", "2.0")),
    "token not among layers": Accept101(TCP, tokens=(WEBSOCKET,), headers=(KEYED,)),
    "no Accept": Accept101(WEBSOCKET),
    "wrong Accept": Accept101(WEBSOCKET, headers=[(b"Sec-WebSocket-Accept", KEY)]),
    "two Accepts": Accept101(WEBSOCKET, headers=(KEYED, KEYED)),
    "subprotocol not offered": Accept101(
        WEBSOCKET, headers=(KEYED, (b"Sec-WebSocket-Protocol", b"mqtt"))
    ),
    "two subprotocols": Accept101(
        WEBSOCKET, headers=(KEYED, (b"Sec-WebSocket-Protocol", b"chat, superchat"))
    ),
    "empty subprotocol": Accept101(WEBSOCKET, headers=(KEYED, (b"Sec-WebSocket-Protocol", b""))),
    "obs-text subprotocol": Accept101(
        WEBSOCKET, headers=(KEYED, (b"Sec-WebSocket-Protocol", b"\xe4"))
    ),
    "extension not offered": Accept101(
        WEBSOCKET, headers=(KEYED, (b"Sec-WebSocket-Extensions", b"x-mux"))
    ),
    "broken extension": Accept101(
        WEBSOCKET, headers=(KEYED, (b"Sec-WebSocket-Extensions", b'x-other; a="'))
    ),
    "CR LF in the reason": Accept101(WEBSOCKET, headers=(KEYED,), reason=b"a\r\nX: y"),
    "LF in the reason": Accept101(WEBSOCKET, headers=(KEYED,), reason=b"a\nb"),
    "NUL in the reason": Accept101(WEBSOCKET, headers=(KEYED,), reason=b"\x00"),
}
each_bad = pytest.mark.parametrize("decision", MUST_NOT_GO_OUT.values(), ids=MUST_NOT_GO_OUT)


@each_bad
def test_a_101_that_must_not_go_out_does_not(decision: Accept101) -> None:
    talk = accepted()
    talk.refuses(decision)
    talk.pauses()
    assert talk.answers().startswith(b"HTTP/1.1 101 ")
    assert talk.trailing == b"tail"


def test_a_101_without_connection_upgrade_does_not_go_out() -> None:
    # RFC 9110 7.8: whoever sends Upgrade MUST send the upgrade connection option.
    bare = Accept101(WEBSOCKET, headers=(KEYED,))
    for headers in (bare.headers[:1] + bare.headers[2:], bare.headers[1:], ()):
        accepted().refuses(bare.replace(headers=headers))


def test_a_101_without_a_protocol_does_not_go_out() -> None:
    accepted().refuses(Accept101(WEBSOCKET, headers=(KEYED,)).replace(tokens=()))


Maker = Callable[[], Reject | Require426]


def _makers_with(headers: Headers) -> dict[str, Maker]:
    return {
        "Reject": lambda: Reject(401, headers),
        "Require426": lambda: Require426((TCP,), headers),
    }


# Connection: what the answer says and what the machine does would differ (RFC 9112 9.6).
# Upgrade: it goes with its connection option (RFC 9110 7.8).
REFUSALS_THAT_MUST_NOT_GO_OUT: dict[str, Maker] = {
    "Reject 200": lambda: Reject(200),
    "Reject 101": lambda: Reject(101),
    "Reject 204": lambda: Reject(204),
    "Reject 304": lambda: Reject(304),
    "Reject 426": lambda: Reject(426),
    "Reject 600": lambda: Reject(600),
    "Reject 0": lambda: Reject(0),
    "Reject -1": lambda: Reject(-1),
    "426 without protocols": lambda: Require426((TCP,)).replace(headers=(), tokens=()),
    "wrong length": lambda: Reject(401, body=b"abc").replace(body=b"abcd"),
    "wrong length of a 426": lambda: Require426((TCP,), body=b"abc").replace(body=b"abcd"),
}
REFUSALS_THAT_MUST_NOT_GO_OUT |= {
    f"{kind} with {name}": make
    for name, headers in FIELDS_THAT_MUST_NOT_GO_OUT.items()
    for kind, make in _makers_with(headers).items()
}


@pytest.mark.parametrize(
    "make", REFUSALS_THAT_MUST_NOT_GO_OUT.values(), ids=REFUSALS_THAT_MUST_NOT_GO_OUT
)
def test_a_refusal_that_must_not_go_out_does_not(make: Callable[[], Reject | Require426]) -> None:
    try:
        refusal = make()
    except (LocalProtocolError, ValueError):
        return  # it does not even exist
    talk = Transcript()
    proposed = talk.hears(plain() + handshake(), Require426)
    talk.refuses(refusal)
    talk.pauses()
    assert talk.answers(proposed).startswith(b"HTTP/1.1 426 ")
    talk.goes_on(Accept101)


def test_an_acceptance_of_a_broken_handshake_that_another_protocol_agreed_to() -> None:
    # The client asks for both; tcp comes first, so nothing has looked at the WebSocket fields.
    octets = handshake(
        b"Upgrade: tcp, websocket",
        b"Sec-WebSocket-Protocol: @",
        b"Sec-WebSocket-Extensions: =",
    )
    talk = accepted(Policy(CustomProtocol("tcp"), WebSocket()), octets)
    talk.refuses(Accept101(WEBSOCKET, headers=(KEYED,)))
    assert talk.answers().startswith(b"HTTP/1.1 101 ")


class Boundless(Offer):
    """An offer that agrees to what the client did not ask for."""

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (TCP,)

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> OfferResult:
        return Agreed(UpgradeToken("irc"))


def test_what_an_offer_agrees_to_is_held_to_what_was_asked() -> None:
    talk = Transcript(Policy(Boundless()))
    accept = talk.hears(request(*TCP_POST), Accept101)
    talk.refuses(accept)
    assert talk.answers(Reject(500)).startswith(b"HTTP/1.1 500 ")
