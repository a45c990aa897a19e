"""No repr(), no text of an exception and no log line holds what may be a secret.

SECRET is planted wherever a request or a response can hold one. Values are shown of Host, Upgrade,
Connection, Origin, Sec-WebSocket-Version and Sec-WebSocket-Extensions alone, and in the line at
fault of a few more fields that hold no secret.
"""

import traceback
from collections.abc import Callable, Iterable
from typing import Any, Final

import pytest
from client_wire import CHAT, KEY, response
from examples_of_values import EXAMPLES, SECRET, SETTINGS
from feeding import feed
from hypothesis import event as note
from hypothesis import given
from hypothesis import strategies as st
from wire import handshake, plain, request

from httpupgrade import (
    H2C,
    NEED_DATA,
    PAUSED,
    Accept101,
    ClientNegotiator,
    ConnectionClosed,
    ConnectUDP,
    CustomProtocol,
    Decision,
    Finding,
    Limits,
    LocalProtocolError,
    OrdinaryResponse,
    Passthrough,
    Policy,
    Reject,
    RemoteProtocolError,
    RequestHead,
    ResponseHead,
    ServerNegotiator,
    UpgradeRequired,
    UpgradeToken,
    WebSocket,
    decide,
    decide_extended_connect,
    describe,
    verify_switch,
)
from httpupgrade._http1 import redaction
from httpupgrade._http1.redaction import (
    bare_target,
    show_headers,
    show_length,
    show_octets,
    show_target,
    user_information,
)
from httpupgrade._http1.values import Value, field
from httpupgrade.framing import BodyPiece
from httpupgrade.testing.strategies import chunkings, limits

_OCTETS: Final = SECRET.encode()


def shown(value: object) -> str:
    """All that a value shows of itself."""
    texts = [repr(value), str(value), f"{value!r:.9999}"]
    if isinstance(value, BaseException):
        texts += traceback.format_exception(value)
    return "\n".join(texts)


def show_no_secret(values: Iterable[object]) -> None:
    for value in values:
        said = shown(value)
        assert SECRET not in said, said
        assert SETTINGS.decode() not in said, said


# --- Values -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", EXAMPLES, ids=lambda kind: kind.__name__)
def test_a_value_shows_no_secret(kind: type) -> None:
    show_no_secret(EXAMPLES[kind])
    show_no_secret([EXAMPLES[kind]])


SHOWN: Final[list[tuple[object, str]]] = [
    (Finding("a", "b", field="Cookie", value=b"x=1", offset=3), "value=<3 octets>, offset=3, "),
    (Finding("a", "b", field="Upgrade", value=b"tcp"), "value=b'tcp', offset=None, "),
    (Finding("a", "b", value=b"GET /?x"), "value=<7 octets>, offset=None, "),
    (Finding("a", "b", field="Host", value=b"me:pw@a"), "value=<7 octets>, offset=None, "),
    (Finding("a", "b", field="Origin", value=b"https://a/?x"), "value=<12 octets>, offset=None, "),
    (Finding("a", "b", field="\N{SNOWMAN}", value=b"x"), "value=<1 octet>, offset=None, "),
    (
        Accept101(UpgradeToken("tcp"), headers=[(b"Set-Cookie", b"x")], agreement="y"),
        "headers=[Upgrade: b'tcp', Connection: b'Upgrade', Set-Cookie: <1 octet>], agreement=<str>",
    ),
    (
        Reject(400).replace(headers=(("Cookie", "x"),)),
        "headers=((<6 characters>, <1 character>),)",
    ),
    (Reject(400).replace(body="secret"), "body=<6 characters>"),
    (Passthrough(None).replace(advertisement="secret"), "advertisement=<6 characters>"),
    (BodyPiece(b"x", b"").replace(content="secret"), "content=<6 characters>"),
    (RequestHead(b"GET", b"/", [(b"Host", b"a" * 200)]), "aaa'... of 200 octets]>"),
]


@pytest.mark.parametrize(("value", "part"), SHOWN)
def test_what_is_no_secret_is_shown(value: object, part: str) -> None:
    assert part in repr(value)


LENGTHS: Final[list[tuple[str | bytes, str]]] = [
    (b"", "<0 octets>"),
    (b"a", "<1 octet>"),
    (b"ab", "<2 octets>"),
    ("", "<0 characters>"),
    ("a", "<1 character>"),
    ("ab", "<2 characters>"),
]


@pytest.mark.parametrize(("value", "text"), LENGTHS)
def test_a_length_is_told_in_its_unit(value: str | bytes, text: str) -> None:
    assert show_length(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"X" * 127, repr(b"X" * 127)),
        (b"X" * 128, repr(b"X" * 128)),
        (b"a" + b"X" * 128, f"{b'a' + b'X' * 127!r}... of 129 octets"),
        (b"a?", "<2 octets>"),
        (b"a@", "<2 octets>"),
        (memoryview(b"a"), "b'a'"),
    ],
)
def test_a_value_is_shown_that_can_hold_no_secret(value: bytes, text: str) -> None:
    assert show_octets(value, b"hOST") == text
    assert show_octets(value, b"Cookie") == show_length(value)


def test_fields_are_shown_by_their_names_which_are_escaped() -> None:
    fields = [(b"Host", b"X"), (b"a\r'", b"secret"), (b"Origin", b"")]
    assert show_headers(fields) == r"[Host: b'X', a\r': <6 octets>, Origin: b'']"
    assert show_headers([]) == "[]"


class Foreign:
    """Of no module of the library's."""

    def __repr__(self) -> str:
        return SECRET


class Anything(Value):
    __slots__ = __match_args__ = ()

    first: Any = field("Any.")
    second: Any = field("Any.", default=None)
    agreement: Any = field("The caller's own.", default=None)
    _third: Any = field("Not shown.", default=None)
    _hidden = ("second",)


MEMBERS: Final[list[tuple[dict[str, Any], str]]] = [
    ({"first": None}, "first=None, second=None, agreement=None"),
    ({"first": True, "second": 1}, "first=True, second=1, agreement=None"),
    ({"first": 0.5, "second": "ab"}, "first=0.5, second=<2 characters>, agreement=None"),
    ({"first": "ab", "second": ("a", 1)}, "first='ab', second=(<1 character>, 1), agreement=None"),
    ({"first": b"ab", "second": (b"",)}, "first=<2 octets>, second=(<0 octets>,), agreement=None"),
    ({"first": (), "second": ("a",)}, "first=(), second=(<1 character>,), agreement=None"),
    ({"first": (1, None, "a")}, "first=(1, None, 'a'), second=None, agreement=None"),
    (
        {"first": ((b"Host", b"a"), (b"X", b"a"))},
        "first=[Host: b'a', X: <1 octet>], second=None, agreement=None",
    ),
    (
        {"first": ((b"Host", b"a"), (b"X", "a"))},
        "first=((<4 octets>, <1 octet>), (<1 octet>, 'a')), second=None, agreement=None",
    ),
    (
        {"first": frozenset((b"b", b"a\n"))},
        r"first={a\n, b}, second=None, agreement=None",
    ),
    ({"first": Foreign()}, "first=<Foreign>, second=None, agreement=None"),
    ({"first": [1]}, "first=<list>, second=None, agreement=None"),
    ({"first": 1, "agreement": "ab"}, "first=1, second=None, agreement=<str>"),
    ({"first": 1, "agreement": Foreign()}, "first=1, second=None, agreement=<Foreign>"),
    (
        {"first": UpgradeToken("a"), "agreement": UpgradeToken("b")},
        "first=UpgradeToken('a'), second=None, agreement=UpgradeToken('b')",
    ),
]


@pytest.mark.parametrize(("given", "text"), MEMBERS)
def test_a_member_is_shown_in_full_unless_it_may_hold_a_secret(
    given: dict[str, Any], text: str
) -> None:
    assert repr(Anything(**given)) == f"Anything({text})"


def test_the_names_of_fields_with_octets_are_those_that_values_have() -> None:
    fields = {name for each in EXAMPLES if issubclass(each, Value) for name in each._fields}
    assert fields >= redaction.OCTETS


@pytest.mark.parametrize(
    ("target", "bare"),
    [
        (b"/a/b?c=d?e", b"/a/b"),
        (b"/a?", b"/a"),
        (b"/a@b/c", b"/a@b/c"),
        (b"*", b"*"),
        (b"a:443", b"a:443"),
        (b"me:pw@a:443", b"a:443"),
        (b"http://me:pw@a/b@c?d", b"http://a/b@c"),
        (b"http://a/b@c?d", b"http://a/b@c"),
        (b"http://me:p@w@a?d", b"http://a"),
        (b"me:pw@a/b", b"a/b"),
        (b"http://me:pw@a/b://c", b"http://a/b://c"),
        (b"http:/me:pw@a/b", b"a/b"),
        (b"http:,//me:pw@a/b://c", b"a/b://c"),
        (b"/b/http://me:pw@a/", b"/b/http://a/"),
        (b"/a#b?c", b"/a"),
        (b"?c", b""),
    ],
)
def test_a_target_is_shown_without_user_and_query(target: bytes, bare: bytes) -> None:
    assert bare_target(target) == bare
    query = target.partition(b"?")[2]
    told = f"?{show_length(query)}" if b"?" in target else ""
    assert show_target(target) == bare.decode() + told


@pytest.mark.parametrize(
    ("uri", "begin", "stop", "span"),
    [
        (b"a@b", 0, 3, (0, 1)),
        (b"a@b@c", 0, 5, (0, 3)),
        (b"a@b@c", 0, 3, (0, 1)),
        (b"@a@b", 1, 4, (1, 2)),
        (b"@a", 1, 2, (1, -1)),
        (b"/a@b", 0, 4, (0, -1)),
        (b"a /b@c", 2, 6, (2, -1)),
        (b"x://a@b", 0, 7, (4, 5)),
        (b"x://a@b/c@d", 0, 11, (4, 5)),
        (b"x://a@b@c", 0, 7, (4, 5)),
        (b"x://a/@", 0, 7, (4, -1)),
        (b"x://a/@/", 0, 8, (4, -1)),
        (b"x:///@", 0, 6, (4, -1)),
        (b"a@x://b@c", 0, 9, (0, 7)),
        (b"/@x://b@c", 0, 9, (6, 7)),
        (b"@ x://a@b", 2, 9, (6, 7)),
        (b"x://a@b", 0, 3, (0, -1)),
        (b"x://a@b", 1, 7, (4, 5)),
        (b"://a@b", 0, 6, (3, 4)),
        (b"@://a", 0, 5, (0, 0)),
    ],
)
def test_user_information_is_before_the_last_at_sign_of_an_authority(
    uri: bytes, begin: int, stop: int, span: tuple[int, int]
) -> None:
    # RFC 3986 3.2.1. Nothing before the beginning or after the stop counts.
    assert user_information(uri, begin, stop) == span


# --- What a server says -------------------------------------------------------------------------

PLANTED: Final = (
    b"Cookie: " + _OCTETS,
    b"Cookie : " + _OCTETS,
    b"Cookie: \x00" + _OCTETS,
    b"Authorization: Bearer " + _OCTETS,
    b"Proxy-Authorization:" + _OCTETS,
    b"authorization " + _OCTETS,
    b" " + _OCTETS,
    b"X: " + _OCTETS,
    b"X: a\r" + _OCTETS,
    b"Sec-WebSocket-Protocol: " + _OCTETS,
    b"Sec-WebSocket-Protocol: a b " + _OCTETS,
    b"Accept: " + _OCTETS,
    b"Origin: https://" + _OCTETS + b"@a",
    b"Host: me:" + _OCTETS + b"@server.example.com",
)
# Where one of these is at fault, its line is shown with the fault; repr() shows none of them.
SHOWN_AT_FAULT: Final = (
    b"Sec-WebSocket-Key: " + _OCTETS,
    b"HTTP2-Settings: " + SETTINGS,
    b"HTTP2-Settings: " + _OCTETS,
    b"Content-Length: " + _OCTETS,
    b"Transfer-Encoding: " + _OCTETS,
    b"Expect: " + _OCTETS,
    b"Content-Type: " + _OCTETS,
)
USUAL: Final = (
    b"Upgrade: websocket",
    b"Connection: Upgrade",
    b"Sec-WebSocket-Key: " + KEY,
    b"Sec-WebSocket-Version: 13",
    b"Upgrade: h2c",
    b"Connection: HTTP2-Settings",
    b"Upgrade: connect-udp",
    b"Upgrade: tcp",
    b"Upgrade: @",
    b"Content-Length: 9",
    b"Expect: 100-continue",
)
REQUEST_LINES: Final = (
    b"GET /chat?" + _OCTETS + b" HTTP/1.1",
    b"POST /?" + _OCTETS + b" HTTP/1.1",
    b"GET /" + b"?" + _OCTETS + b" x HTTP/1.1",
    b"GET http://me:" + _OCTETS + b"@a/?" + _OCTETS + b" HTTP/1.1",
    b"CONNECT me:" + _OCTETS + b"@a:443 HTTP/1.1",
    b"GET /.well-known/masque/udp/a/1/?" + _OCTETS + b" HTTP/1.1",
    b"GET /#" + _OCTETS + b" HTTP/1.1",
    b"PRI /?" + _OCTETS + b" HTTP/2.0",
    b"GET /?" + _OCTETS + b" HTTP/1.0",
    b"PROXY TCP4 " + _OCTETS,
    _OCTETS,
)


@st.composite
def requests_with_secrets(draw: st.DrawFn) -> bytes:
    """One or two requests with SECRET in some places, good and broken ones."""
    octets = b""
    for _ in range(draw(st.integers(1, 2))):
        lines = draw(st.lists(st.sampled_from(USUAL), max_size=5, unique=True))
        lines += draw(st.lists(st.sampled_from(PLANTED), max_size=3))
        line = draw(st.sampled_from(REQUEST_LINES))
        hosts = draw(st.sampled_from(([b"Host: server.example.com"], [])))
        octets += request(*hosts, *lines, line=line, body=_OCTETS[:9])
    return octets


MODES: Final = ("optional", "advertise", "report", "required")


def server_policy(mode: Any) -> Policy:
    return Policy(
        WebSocket([SECRET], origins="same-host"),
        H2C(),
        ConnectUDP("/.well-known/masque/udp/{target_host}/{target_port}/{?token}"),
        CustomProtocol("tcp", body="buffer"),
        mode=mode,
        close="never",
    )


@given(st.data(), requests_with_secrets(), st.sampled_from(MODES), limits())
def test_no_event_of_a_server_shows_a_secret(
    data: st.DataObject, octets: bytes, mode: str, limits: Limits
) -> None:
    machine = ServerNegotiator(server_policy(mode), limits=limits)
    seen: list[object] = [machine]
    for piece in [*data.draw(chunkings(octets)), b""]:
        if machine.state.name == "SWITCHED":
            break
        event = feed(machine, piece)
        while event not in (NEED_DATA, PAUSED) and not isinstance(event, ConnectionClosed):
            seen.append(event)
            note(type(event).__name__)
            if isinstance(event, Decision):
                seen += [describe(event, machine.head), *event.findings]
                if not isinstance(event, Passthrough):
                    machine.send(event)
            event = machine.next_event()
        seen.append(event)
    show_no_secret([*seen, machine.head])


@pytest.mark.parametrize("line", SHOWN_AT_FAULT)
@pytest.mark.parametrize("asked", [(b"Upgrade: websocket", b"Sec-WebSocket-Version: 13"), ()])
def test_no_repr_shows_the_values_that_only_a_fault_shows(
    line: bytes, asked: tuple[bytes, ...]
) -> None:
    octets = request(b"Host: a", b"Connection: Upgrade", *asked, line, line=b"GET / HTTP/1.1")
    event = feed(ServerNegotiator(server_policy("required")), octets)
    assert isinstance(event, Decision)
    assert SECRET not in repr(event)
    assert SETTINGS.decode() not in repr(event)


def test_a_tunnel_and_an_agreement_show_no_secret() -> None:
    head = RequestHead(
        b"GET",
        b"/.well-known/masque/udp/a/1/?token=" + _OCTETS,
        [(b"Host", b"a"), (b"Upgrade", b"connect-udp"), (b"Connection", b"Upgrade")],
    )
    tunnel = decide(head, server_policy("required"))
    spoken = RequestHead.parse(handshake(b"Sec-WebSocket-Protocol: " + _OCTETS))
    chat = decide(spoken, server_policy("required"))
    for accept in (tunnel, chat):
        assert isinstance(accept, Accept101)
        show_no_secret([accept, accept.agreement, accept.replace(head=None)])
    fields = [
        (b":method", b"CONNECT"),
        (b":scheme", b"https"),
        (b":authority", b"a"),
        (b":path", b"/?" + _OCTETS),
        (b":protocol", b"websocket"),
        (b"sec-websocket-version", b"13"),
        (b"sec-websocket-protocol", _OCTETS),
        (b"cookie", _OCTETS),
    ]
    show_no_secret([decide_extended_connect(fields, server_policy("required"))])
    show_no_secret([decide_extended_connect(fields[:5], server_policy("required"))])


# --- What a client says -------------------------------------------------------------------------

RESPONSES_PLANTED: Final = (
    b"Set-Cookie: " + _OCTETS,
    b"Set-Cookie : " + _OCTETS,
    b"Set-Cookie: \x00" + _OCTETS,
    b"Location: /?" + _OCTETS,
    b"WWW-Authenticate: " + _OCTETS,
    b"X: a\r\n " + _OCTETS,
    b"Sec-WebSocket-Protocol: " + _OCTETS,
    b"Sec-WebSocket-Protocol: a b" + _OCTETS,
    b"no colon " + _OCTETS,
)
STATUS_LINES: Final = (
    b"101 " + _OCTETS,
    b"200 " + _OCTETS,
    b"426 " + _OCTETS,
    b"103 " + _OCTETS,
    b"400 " + _OCTETS,
    _OCTETS,
)


@st.composite
def responses_with_secrets(draw: st.DrawFn) -> bytes:
    """A response with SECRET in some places, good and broken ones."""
    usual = (
        b"Upgrade: websocket",
        b"Connection: Upgrade",
        b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
        b"Sec-WebSocket-Version: 8",
    )
    lines = draw(st.lists(st.sampled_from(usual), max_size=4, unique=True))
    lines += draw(st.lists(st.sampled_from(RESPONSES_PLANTED), max_size=3))
    octets = response(*lines, status=draw(st.sampled_from(STATUS_LINES)), body=_OCTETS)
    return draw(st.sampled_from((octets, octets, octets[:-20], _OCTETS + octets)))


def client() -> ClientNegotiator:
    machine = ClientNegotiator(
        WebSocket([SECRET]),
        target=b"/chat?" + _OCTETS,
        host=b"a",
        headers=[(b"Cookie", _OCTETS), (b"Authorization", _OCTETS)],
        key=KEY,
    )
    machine.send_request()
    return machine


@given(st.data(), responses_with_secrets())
def test_no_event_or_error_of_a_client_shows_a_secret(data: st.DataObject, octets: bytes) -> None:
    machine = client()
    seen: list[object] = [machine, machine.head]
    try:
        for piece in [*data.draw(chunkings(octets)), b""]:
            event = feed(machine, piece)
            while event not in (NEED_DATA, PAUSED) and event not in seen[-1:]:
                seen.append(event)
                note(type(event).__name__)
                if isinstance(event, UpgradeRequired | OrdinaryResponse):
                    seen.append(event.next_step([WebSocket([SECRET], versions=(13, 8))]))
                event = machine.next_event()
    except (RemoteProtocolError, LocalProtocolError) as error:
        note(type(error).__name__)
        seen.append(error)
    show_no_secret(seen)


@given(responses_with_secrets())
def test_no_verdict_of_a_proxy_shows_a_secret(octets: bytes) -> None:
    sent = RequestHead.parse(
        handshake(
            b"Cookie: " + _OCTETS,
            b"Sec-WebSocket-Protocol: " + _OCTETS,
            line=b"GET /?" + _OCTETS + b" HTTP/1.1",
        )
    )
    try:
        answer = ResponseHead.parse(octets.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
        show_no_secret([answer, verify_switch(sent, answer, CHAT)])
    except (RemoteProtocolError, ValueError) as error:
        show_no_secret([error])


# --- What exceptions say of a caller's own values -----------------------------------------------


def select_secret(offered: tuple[str, ...], head: RequestHead) -> str:
    return SECRET


def send_changed(name: bytes) -> None:
    machine = ServerNegotiator(Policy(WebSocket(["chat"])))
    accept = feed(machine, handshake(b"Sec-WebSocket-Protocol: chat"))
    assert isinstance(accept, Accept101)
    machine.send(accept.with_headers([(name, _OCTETS)]))


HOST: Final = [(b"Host", b"a")]
MISUSES: Final[dict[str, Callable[[], object]]] = {
    "method": lambda: RequestHead(b"GET /?" + _OCTETS, b"/", HOST),
    "target": lambda: RequestHead(b"GET", b"/?" + _OCTETS + b" x", HOST),
    "version": lambda: RequestHead(b"GET", b"/", HOST, _OCTETS),
    "field name": lambda: RequestHead(b"GET", b"/", [(b"Cookie: " + _OCTETS, b"x")]),
    "field value": lambda: RequestHead(b"GET", b"/", [(b"Cookie", _OCTETS + b"\n")]),
    "field in text": lambda: RequestHead(b"GET", b"/", [(b"Cookie", SECRET)]),  # type: ignore[list-item]
    "fields in one": lambda: RequestHead(b"GET", b"/", [_OCTETS]),  # type: ignore[list-item]
    "reason": lambda: ResponseHead(200, [], _OCTETS + b"\n"),
    "octets after a head": lambda: RequestHead.parse(plain() + _OCTETS),
    "octets of no head": lambda: RequestHead.parse(_OCTETS + b"\r\n\r\n"),
    "subprotocol": lambda: WebSocket([SECRET + " x"]),
    "subprotocols in one": lambda: WebSocket(SECRET),
    "settings": lambda: H2C(settings=_OCTETS),
    "headers of an answer": lambda: Reject(400, [(b"Set-Cookie", SECRET)]),  # type: ignore[list-item]
    "answer": lambda: Reject(400, [(b"Set-Cookie", _OCTETS + b"\n")]).to_bytes(),
    "body": lambda: Reject(400, [], SECRET),  # type: ignore[arg-type]
    "what is sent": lambda: ServerNegotiator(server_policy("required")).send(_OCTETS),  # type: ignore[arg-type]
    "data": lambda: ServerNegotiator(server_policy("required")).receive_data(SECRET),  # type: ignore[arg-type]
    "data of a client": lambda: client().receive_data(SECRET),  # type: ignore[arg-type]
    "key": lambda: ClientNegotiator(host=b"a", key=_OCTETS),
    "host": lambda: ClientNegotiator(host=b"me:" + _OCTETS + b"@a"),
    "host and target": lambda: ClientNegotiator(
        host=b"a", target=b"http://me:" + _OCTETS + b"@b/?" + _OCTETS
    ),
    "two hosts": lambda: ClientNegotiator(host=b"a", target=b"http://b/?" + _OCTETS),
    "target of a client": lambda: ClientNegotiator(host=b"a", target=b"?" + _OCTETS),
    "target of a WebSocket": lambda: ClientNegotiator(
        CHAT, host=b"a", target=b"ftp://a/?" + _OCTETS
    ),
    "offers of a client": lambda: ClientNegotiator(SECRET, host=b"a"),  # type: ignore[arg-type]
    "subprotocol twice": lambda: ClientNegotiator(WebSocket([SECRET, SECRET]), host=b"a"),
    "field twice": lambda: ClientNegotiator(
        host=b"a", headers=[(b"Cookie", _OCTETS), (b"cookie", _OCTETS)]
    ),
    "policy": lambda: Policy(SECRET),  # type: ignore[arg-type]
    "chosen subprotocol": lambda: decide(
        RequestHead.parse(handshake(b"Sec-WebSocket-Protocol: chat")),
        Policy(WebSocket(select_subprotocol=select_secret)),
    ),
    "changed subprotocol": lambda: send_changed(b"Sec-WebSocket-Protocol"),
    "changed accept": lambda: send_changed(b"Sec-WebSocket-Accept"),
    "tunnel": lambda: ConnectUDP().request_target(SECRET.encode(), 1),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("misuse", MISUSES.values(), ids=MISUSES)
def test_no_exception_tells_a_value_of_the_callers(misuse: Callable[[], object]) -> None:
    with pytest.raises((TypeError, ValueError, LocalProtocolError, RemoteProtocolError)) as raised:
        misuse()
    lines = "".join(traceback.format_exception_only(raised.value))
    assert SECRET not in lines + shown(raised.value).replace("misuse()", "")
