"""Arguments of wrong types raise TypeError with a sentence that names the argument.

Each public function and constructor is called with one wrong argument at a time. A ValueError is
right where the type is, and the value is not.
"""

import re
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import FunctionType
from typing import Any, Final, NamedTuple, NoReturn

import pytest
from client_wire import asking, sized
from examples_of_values import NOT_VALUES, SETTINGS
from feeding import feed
from public_names import PUBLIC
from wire import handshake, plain

import httpupgrade
from httpupgrade import (
    H2C,
    TLS,
    Accept101,
    AcceptConnect,
    ClientNegotiator,
    Code,
    ConnectIP,
    ConnectTCP,
    ConnectUDP,
    Counts,
    CustomProtocol,
    DecisionInfo,
    Finding,
    HeadNegotiator,
    Limits,
    LocalProtocolError,
    OrdinaryResponse,
    Passthrough,
    PerMessageDeflate,
    Policy,
    Refusal,
    RefusalReport,
    Reject,
    RequestHead,
    RequestInfo,
    Require426,
    ResponseHead,
    ServerNegotiator,
    UpgradeRequired,
    UpgradeToken,
    WebSocket,
    decide,
    decide_extended_connect,
    describe,
    finding,
    rollout_by,
    verify_switch,
)
from httpupgrade.adapters import asgi, wsgi
from httpupgrade.adapters.asyncio import UpgradeProtocol
from httpupgrade.diagnosis import (
    compare_heads,
    diagnose,
    diagnose_both_ends,
    diagnose_response,
    render,
    to_json,
    to_text,
)
from httpupgrade.fields import (
    Extension,
    FieldSyntaxError,
    accept_key,
    end_to_end_headers,
    escape_octets,
    format_extensions,
    format_upgrade,
    parse_connection,
    parse_extensions,
    parse_token_list,
    parse_upgrade,
)
from httpupgrade.framing import BodyReader, Framing, ResponseTracker
from httpupgrade.offers import Offer, OfferResult

PACKAGE: Final = Path(httpupgrade.__file__).parent
TCP: Final = UpgradeToken("tcp")
POLICY: Final = Policy(WebSocket())
HEAD: Final = RequestHead.parse(handshake())
RESPONSE: Final = ResponseHead(101, [])


async def choose_later(*_: object) -> Any:
    """What an async function returns is never what its caller here waits for."""


def numbers() -> Iterator[int]:
    yield 1


# Made anew for each call: a generator and a coroutine can be used once.
WRONG: Final[dict[str, Callable[[], Any]]] = {
    "None": lambda: None,
    "int": lambda: 2,
    "str": lambda: "text",
    "bytes": lambda: b"0ctets",
    "dict": lambda: {b"a": b"b"},
    "empty dict": dict,
    "generator": numbers,
    "list": lambda: [None],
    "object": object,
    "class": lambda: WebSocket,
    "coroutine": choose_later,
    "async function": lambda: choose_later,
}

# How each of them is told of: by its type, or that of an item, and never by its value.
GIVEN: Final = {
    "None": "None",
    "int": "int",
    "str": "str",
    "bytes": "bytes|int",
    "dict": "dict",
    "empty dict": "dict",
    "generator": "generator|int",
    "list": "list|None",
    "object": "object",
    "class": "the class WebSocket",
    "coroutine": "a coroutine: it cannot be async; .*",
    "async function": "function|it cannot be async; .*",
}


class Call(NamedTuple):
    """A public function or constructor, with arguments that it takes."""

    call: Callable[..., object]
    arguments: dict[str, object]
    takes: dict[str, str] = {}  # noqa: RUF012 (nothing writes to it)
    """Of WRONG, the keys of what is right for an argument, joined by commas."""
    skips: str = ""
    """The key of octets that the peer would have got wrong, not the caller."""


def positional(call: Callable[..., object], *names: str) -> Callable[..., object]:
    """The same call, whose first arguments are given by their place."""
    return lambda **given: call(*[given.pop(name) for name in names], **given)


def machine_with_a_head(*, body: bool) -> HeadNegotiator:
    machine = HeadNegotiator(POLICY)
    fields = [(b"Host", b"a"), (b"Content-Length", b"7" if body else b"0")]
    machine.receive_head(RequestHead(b"POST", b"/", fields))
    return machine


def machine_at_a_decision() -> ServerNegotiator:
    machine = ServerNegotiator(POLICY)
    feed(machine, handshake())
    return machine


def declined() -> OrdinaryResponse:
    event = feed(asking(), sized())
    assert isinstance(event, OrdinaryResponse)
    return event


def required() -> UpgradeRequired:
    event = feed(asking(), sized(b"Upgrade: tcp", status=b"426 Upgrade Required"))
    assert isinstance(event, UpgradeRequired)
    return event


def accepted() -> AcceptConnect:
    fields = [
        (b":method", b"CONNECT"),
        (b":scheme", b"https"),
        (b":authority", b"a"),
        (b":path", b"/"),
        (b":protocol", b"websocket"),
        (b"sec-websocket-version", b"13"),
    ]
    decision = decide_extended_connect(fields, POLICY)
    assert isinstance(decision, AcceptConnect)
    return decision


FIELDS: Final = [(b"a", b"b")]
NONE: Final = "None"
CALLS: Final[dict[str, Call]] = {
    # Values
    "Accept101": Call(
        Accept101,
        {
            "token": TCP,
            "tokens": [TCP],
            "headers": FIELDS,
            "head": HEAD,
            "request_body": b"",
            "awaits_body": False,
            "interim": None,
            "findings": (),
            "reason": b"OK",
            "takes_early_data": True,
        },
        {"tokens": NONE, "head": NONE, "interim": NONE, "request_body": "bytes", "reason": "bytes"},
    ),
    "Accept101.with_headers": Call(Accept101(TCP).with_headers, {"headers": FIELDS}),
    "AcceptConnect.with_headers": Call(accepted().with_headers, {"headers": FIELDS}),
    "Reject": Call(
        Reject,
        {"status_code": 400, "headers": FIELDS, "body": b"", "close": True, "findings": ()},
        {"status_code": "int", "body": "bytes"},
    ),
    "Reject.with_headers": Call(Reject(400).with_headers, {"headers": FIELDS}),
    "Require426": Call(
        Require426,
        {"tokens": [TCP], "headers": FIELDS, "body": b"", "close": True, "findings": ()},
        {"body": "bytes"},
    ),
    "Require426.with_headers": Call(Require426([TCP]).with_headers, {"headers": FIELDS}),
    "Limits": Call(Limits, dict.fromkeys(Limits._fields, 5), dict.fromkeys(Limits._fields, "int")),
    "RequestHead": Call(
        RequestHead,
        {"method": b"GET", "target": b"/", "headers": FIELDS, "http_version": b"1.1"},
        {"method": "bytes", "target": "bytes"},
    ),
    "RequestHead.from_parser": Call(
        RequestHead.from_parser,
        {"method": b"GET", "target": b"/", "headers": FIELDS, "http_version": b"1.1"},
        {"method": "bytes", "target": "bytes"},
    ),
    "RequestHead.parse": Call(
        RequestHead.parse, {"data": plain(), "limits": Limits()}, skips="bytes"
    ),
    "RequestHead.get": Call(HEAD.get, {"name": b"host"}, {"name": "bytes"}),
    "RequestHead.get_all": Call(HEAD.get_all, {"name": b"host"}, {"name": "bytes"}),
    "RequestHead.has": Call(HEAD.has, {"name": b"host"}, {"name": "bytes"}),
    "RequestHead.offset_of": Call(HEAD.offset_of, {"name": b"host"}, {"name": "bytes"}),
    "RequestInfo": Call(RequestInfo, {"head": HEAD, "secure": False}),
    "ResponseHead": Call(
        ResponseHead,
        {"status_code": 200, "headers": FIELDS, "reason": b"", "http_version": b"1.1"},
        {"reason": "bytes"},
    ),
    "ResponseHead.parse": Call(
        ResponseHead.parse,
        {"data": sized().partition(b"hello")[0], "limits": Limits()},
        skips="bytes",
    ),
    "ResponseHead.framing": Call(
        RESPONSE.framing, {"request_method": b"GET"}, {"request_method": "bytes"}
    ),
    "BodyReader": Call(BodyReader, {"framing": Framing(5)}),
    "BodyReader.receive_data": Call(
        lambda data: BodyReader(Framing(5)).receive_data(data), {"data": b"a"}, {"data": "bytes"}
    ),
    "ResponseTracker.expect": Call(
        lambda **given: ResponseTracker().expect(**given),
        {"request_method": b"GET", "headers": FIELDS},
        {"request_method": "bytes"},
    ),
    "ResponseTracker.send_data": Call(
        lambda data: ResponseTracker().send_data(data), {"data": b"a"}, {"data": "bytes"}
    ),
    "describe": Call(describe, {"decision": Reject(400), "head": HEAD}, {"head": "None"}),
    "Counts": Call(Counts(), {"decision": Reject(400), "info": DecisionInfo()}),
    "DecisionInfo": Call(
        DecisionInfo,
        {
            "request": RequestInfo(HEAD),
            "seconds": 0.1,
            "mode": "report",
            "would_require": True,
            "in_rollout": False,
        },
        {"request": "None", "seconds": "int", "mode": "None", "in_rollout": "None"},
    ),
    "Framing": Call(
        Framing,
        {"length": 5, "coded": False, "until_close": False},
        {"length": "int,None"},
    ),
    "UpgradeToken": Call(
        UpgradeToken,
        {"name": "tcp", "version": "1"},
        {"name": "str", "version": f"str,{NONE}"},
    ),
    "UpgradeToken.parse": Call(UpgradeToken.parse, {"text": "tcp"}, {"text": "str,bytes"}),
    # Findings
    "Code": Call(
        Code,
        {
            "name": "own",
            "status_code": 400,
            "clause": "",
            "message": "why",
            "hint": "",
            "operator": "",
        },
        {
            **dict.fromkeys(("name", "clause", "message", "hint", "operator"), "str"),
            "status_code": NONE,
        },
    ),
    "finding": Call(
        finding,
        {
            "code": Code("own", None, "", "why"),
            "field": "X",
            "value": b"x",
            "offset": 1,
            "detail": "",
        },
        {
            "field": f"str,{NONE}",
            "value": f"bytes,{NONE}",
            "offset": f"int,{NONE}",
            "detail": "str",
        },
    ),
    # Field values
    "accept_key": Call(accept_key, {"key": b"x"}, {"key": "bytes"}),
    "end_to_end_headers": Call(
        end_to_end_headers, {"headers": FIELDS, "upgrade": [TCP], "close": False}
    ),
    "format_extensions": Call(format_extensions, {"extensions": [Extension("x")]}),
    "format_upgrade": Call(format_upgrade, {"tokens": [TCP]}),
    "parse_connection": Call(parse_connection, {"values": [b"close"]}),
    "parse_extensions": Call(parse_extensions, {"values": [b"x"]}),
    "parse_token_list": Call(parse_token_list, {"values": [b"x"]}),
    "parse_upgrade": Call(parse_upgrade, {"values": [b"x"]}),
    "escape_octets": Call(escape_octets, {"octets": b"x"}, {"octets": "bytes"}),
    # Policies and offers
    "rollout_by": Call(
        rollout_by, {"cookie": "session", "missing": "out"}, {"cookie": f"str,{NONE}"}
    ),
    "rollout_by.field": Call(
        rollout_by, {"field": b"x", "missing": "out"}, {"field": f"bytes,{NONE}"}
    ),
    "Policy": Call(
        positional(Policy, "offers"),
        {
            "offers": WebSocket(),
            "mode": "required",
            "order": "server",
            "refusal": Refusal(),
            "close": "auto",
            "rollout": 0.5,
            "rollout_key": lambda info: b"",
        },
        {"rollout_key": "class"},  # a class can be called; what it returns is checked then
    ),
    "Refusal": Call(Refusal, {"headers": FIELDS, "body": "empty"}, {"body": "class"}),
    "WebSocket": Call(
        WebSocket,
        {
            "subprotocols": ["chat"],
            "select_subprotocol": "server",
            "require_subprotocol": False,
            "extensions": [PerMessageDeflate()],
            "origins": ["https://a"],
            "allow_missing_origin": True,
            "hosts": ["a"],
            "versions": [13],
        },
        {
            "select_subprotocol": "class",
            "origins": f"{NONE},class",
            "hosts": NONE,
            # It yields a number, which is a version.
            "versions": "generator",
        },
    ),
    "WebSocket.with_version": Call(WebSocket().with_version, {"version": 13}, {"version": "int"}),
    "PerMessageDeflate": Call(
        PerMessageDeflate,
        {
            "server_no_context_takeover": False,
            "client_no_context_takeover": False,
            "server_max_window_bits": 15,
            "client_max_window_bits": 15,
        },
    ),
    "PerMessageDeflate.accept": Call(
        PerMessageDeflate().accept, {"offer": Extension("permessage-deflate")}
    ),
    "PerMessageDeflate.is_answered_by": Call(
        PerMessageDeflate().is_answered_by, {"answer": Extension("permessage-deflate")}
    ),
    "H2C": Call(H2C, {"settings": SETTINGS}, {"settings": NONE}),
    "TLS": Call(positional(TLS, "versions"), {"versions": "1.3"}),
    "CustomProtocol": Call(
        CustomProtocol,
        {
            "token": "tcp",
            "methods": [b"GET"],
            "body": "refuse",
            "headers": FIELDS,
            "reason": b"OK",
        },
        {"token": "str", "methods": NONE, "reason": "bytes"},
    ),
    "ConnectIP": Call(ConnectIP, {"template": "/{target}/{ipproto}/"}),
    "ConnectIP.request_target": Call(
        lambda target, ipproto, other: ConnectIP("/{target}/{ipproto}/{?other}").request_target(
            target, ipproto, other=other
        ),
        {"target": "a", "ipproto": 17, "other": "b"},
        {"target": f"str,{NONE}", "ipproto": f"int,{NONE}", "other": "str"},
    ),
    "ConnectTCP": Call(
        ConnectTCP, {"template": "/{target_host}/{target_port}", "token": "connect-tcp"}
    ),
    "ConnectTCP.request_target": Call(
        lambda host, port: ConnectTCP().request_target(host, port),
        {"host": "a", "port": 1},
        {"host": "str", "port": "int"},
    ),
    "ConnectUDP": Call(ConnectUDP, {"template": "/{target_host}/{target_port}"}),
    # Decisions and machines
    "decide": Call(
        decide, {"head": HEAD, "policy": POLICY, "secure": False, "can_send_upgrade": True}
    ),
    "decide_extended_connect": Call(
        decide_extended_connect, {"headers": FIELDS, "policy": POLICY, "secure": False}
    ),
    "ServerNegotiator": Call(
        ServerNegotiator,
        {"policy": POLICY, "limits": Limits(), "secure": True, "refusal": Refusal()},
    ),
    "ServerNegotiator.receive_data": Call(
        lambda data: feed(ServerNegotiator(POLICY), data), {"data": b"G"}, {"data": "bytes"}
    ),
    "HeadNegotiator": Call(
        HeadNegotiator,
        {"policy": POLICY, "limits": Limits(), "secure": True, "refusal": Refusal()},
    ),
    "HeadNegotiator.receive_head": Call(
        lambda head, stopped: HeadNegotiator(POLICY).receive_head(head, stopped=stopped),
        {"head": HEAD, "stopped": False},
    ),
    "HeadNegotiator.receive_content": Call(
        lambda data, size: machine_with_a_head(body=True).receive_content(data, size=size),
        {"data": b"", "size": 0},
        {"data": "bytes", "size": "None,int"},
    ),
    "HeadNegotiator.receive_data": Call(
        lambda data: machine_with_a_head(body=False).receive_data(data),
        {"data": b"early"},
        {"data": "bytes"},
    ),
    "HeadNegotiator.cannot_read": Call(
        lambda finding, status_code: HeadNegotiator(POLICY).cannot_read(
            finding, status_code=status_code
        ),
        {"finding": Finding("a", "b"), "status_code": 400},
        {"status_code": "None"},
    ),
    "ServerNegotiator.send": Call(
        lambda decision: machine_at_a_decision().send(decision), {"decision": Reject(400)}
    ),
    "ServerNegotiator.send, at the start": Call(
        lambda decision: ServerNegotiator(POLICY).send(decision), {"decision": Reject(400)}
    ),
    "ServerNegotiator.refuse": Call(
        lambda status_code, headers: ServerNegotiator(POLICY).refuse(status_code, headers=headers),
        {"status_code": 400, "headers": FIELDS},
    ),
    "ServerNegotiator.refuse, findings": Call(
        lambda finding: ServerNegotiator(POLICY).refuse(400, finding),
        {"finding": Finding("code", "message")},
    ),
    "ClientNegotiator": Call(
        positional(ClientNegotiator, "offers"),
        {
            "offers": CustomProtocol("tcp", body="buffer"),
            "target": b"/",
            "host": b"a",
            "method": b"POST",
            "headers": FIELDS,
            "body": b"x",
            "key": b"dGhlIHNhbXBsZSBub25jZQ==",
            "secure": False,
            "limits": Limits(),
        },
        {"host": "bytes", "method": "bytes", "body": "bytes", "key": NONE},
    ),
    "ClientNegotiator.forwarding": Call(
        positional(ClientNegotiator.forwarding, "request", "offers"),
        {"request": HEAD, "offers": WebSocket(), "secure": False, "limits": Limits()},
    ),
    "ClientNegotiator.receive_data": Call(
        lambda data: feed(asking(), data), {"data": b"H"}, skips="bytes"
    ),
    "verify_switch": Call(
        positional(verify_switch, "request", "response", "offers"),
        {"request": HEAD, "response": RESPONSE, "offers": WebSocket(), "secure": False},
    ),
    "OrdinaryResponse.next_step": Call(declined().next_step, {"supported": [WebSocket()]}),
    "UpgradeRequired.next_step": Call(
        required().next_step, {"supported": [WebSocket()], "tls": False, "http2": False}
    ),
    # Diagnosis
    "diagnose": Call(
        diagnose, {"info": HEAD, "decision": Reject(400)}, {"info": NONE, "decision": NONE}
    ),
    "diagnose_response": Call(
        diagnose_response,
        {"request": HEAD, "response": RESPONSE, "content": b"", "secure": False},
        {"content": "bytes"},
    ),
    "diagnose_both_ends": Call(
        diagnose_both_ends,
        {"sent": HEAD, "arrived": HEAD, "response": RESPONSE, "content": b"", "secure": False},
        {"arrived": NONE, "content": "bytes"},
    ),
    "compare_heads": Call(compare_heads, {"sent": HEAD, "arrived": HEAD}),
    "render": Call(render, {"report": RefusalReport(400, (), (), HEAD)}),
    "to_text": Call(to_text, {"diagnosis": diagnose(HEAD)}),
    "to_json": Call(to_json, {"diagnosis": diagnose(HEAD)}),
}


CASES: Final = [
    pytest.param(call, name, wrong, id=f"{title} {name} {wrong}")
    for title, call in CALLS.items()
    for name in call.arguments
    for wrong in WRONG
    if wrong not in (*call.takes.get(name, "").split(","), call.skips)
]

# What Python says by itself of a value that it cannot use.
_NOISE: Final = ("object is not", "unsupported operand", "has no attribute", "not subscriptable")


def complaint(call: Call, name: str, value: object) -> Exception:
    """What is said of a wrong argument, by this library and not by Python."""
    with pytest.raises((TypeError, ValueError)) as raised:
        call.call(**{**call.arguments, name: value})
    error = raised.value
    assert not isinstance(error, FieldSyntaxError | UnicodeError), error
    frames = traceback.extract_tb(error.__traceback__)
    assert Path(frames[-1].filename).is_relative_to(PACKAGE), frames[-1]
    assert not any(each in str(error) for each in _NOISE), error
    return error


@pytest.mark.parametrize(("call", "name", "wrong"), CASES)
def test_a_wrong_argument_is_named(call: Call, name: str, wrong: str) -> None:
    error = complaint(call, name, WRONG[wrong]())
    said = str(error)
    assert "0ctets" not in said
    if isinstance(error, ValueError):
        assert re.search(rf"\b{name}\b|\b{name.replace('_', ' ')}\b", said), said
        return
    # First the argument (several are given by their places, one each), then what was given.
    assert re.match(rf"(each of )?{name}s? (is|holds) ", said), said
    shown = re.split(", not |: (?=it cannot be async)", said, maxsplit=1)[1]
    assert re.fullmatch(GIVEN[wrong], shown), said


# One argument holds several: the sentence says what.
HOLDS: Final = [
    ("Accept101", "tokens", "UpgradeTokens"),
    ("Accept101", "findings", "findings"),
    ("CustomProtocol", "methods", "methods in bytes"),
    ("OrdinaryResponse.next_step", "supported", "offers of a client"),
    ("RequestHead", "headers", "pairs of a name and a value in bytes"),
    ("Require426", "tokens", "UpgradeTokens"),
    ("WebSocket", "extensions", "supported extensions"),
    ("WebSocket", "hosts", "strings"),
    ("WebSocket", "origins", "strings"),
    ("WebSocket", "subprotocols", "strings"),
    ("WebSocket", "versions", "numbers"),
    ("end_to_end_headers", "upgrade", "UpgradeTokens"),
    ("format_extensions", "extensions", "extensions"),
    ("format_upgrade", "tokens", "upgrade tokens"),
]


@pytest.mark.parametrize(("title", "name", "held"), HOLDS)
def test_a_sequence_says_what_it_holds(title: str, name: str, held: str) -> None:
    said = str(complaint(CALLS[title], name, 2))
    assert said.startswith(f"{name} is a sequence of {held}, not "), said


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_the_right_arguments_raise_nothing(call: Call) -> None:
    call.call(**call.arguments)
    for name, kinds in call.takes.items():
        for kind in kinds.split(","):
            call.call(**{**call.arguments, name: WRONG[kind]()})


# --- The table ----------------------------------------------------------------------------------

# Values that this library makes, or that an offer or a test makes to be looked at by this library.
# Their constructors take what they are given; what an offer returns is held to its type.
UNCHECKED: Final = frozenset(
    [
        "AcceptConnect",
        "Agreed",
        "HandshakeFields",
        "HandshakeFailed",
        "BodyPiece",
        "Change",
        "ConnectionClosed",
        "Content",
        "Continue100",
        "Diagnosis",
        "Evidence",
        "OrdinaryResponse",
        "Extension",
        "Example",
        "FieldSyntaxError",
        "Finding",
        "Forward",
        "H2CAgreement",
        "IPTunnelAgreement",
        "Ignored",
        "Interim",
        "LocalProtocolError",
        "NothingInCommon",
        "Origin",
        "Passthrough",
        "Paste",
        "RefusalReport",
        "Remedy",
        "Suspect",
        "VerificationFailed",
        "RemoteProtocolError",
        "Retry",
        "Switched",
        "TLSAgreement",
        "TunnelAgreement",
        "UpgradeRefusal",
        "UpgradeRequired",
        "UseHTTP2",
        "UseTLS",
        "UseWebSocketVersion",
        "Verified",
        "WebSocketAgreement",
    ]
)
# They have no arguments, or their values are members of an enum.
WITHOUT_ARGUMENTS: Final = frozenset(
    ("ClientState", "NoAnswer", "ResponseProgress", "ServerState", "Signal", "generate_key")
)


def test_every_public_function_and_constructor_is_called() -> None:
    functions = {name for name, public in PUBLIC.items() if isinstance(public, type | FunctionType)}
    interfaces = NOT_VALUES - {
        "BodyReader",
        "ResponseTracker",
        "ServerNegotiator",
        "HeadNegotiator",
        "ClientNegotiator",
        "Counts",
    }
    called = {title.partition(".")[0] for title in CALLS}
    exempt = UNCHECKED | WITHOUT_ARGUMENTS | interfaces
    assert called | exempt == functions
    assert not called & (exempt - {"AcceptConnect", "OrdinaryResponse", "UpgradeRequired"})


@pytest.mark.parametrize("make", [iter, list, tuple, lambda pairs: (each for each in pairs)])
def test_what_can_be_iterated_once_is_enough(make: Callable[[Iterable[Any]], Any]) -> None:
    pairs = [(b"X", b"1"), (b"Y", b"2")]
    head = RequestHead(b"GET", b"/", make(pairs))
    assert head.headers == ResponseHead(200, make(pairs)).headers == tuple(pairs)
    assert end_to_end_headers(make(pairs), upgrade=make([TCP]))[:2] == tuple(pairs)
    assert Reject(400, make(pairs), findings=make([])).headers[:2] == tuple(pairs)
    assert Require426(make([TCP, TCP]), make(pairs)).tokens == (TCP,)
    accept = Accept101(TCP, tokens=make([TCP]), headers=make(pairs))
    assert accept.headers[2:] == tuple(pairs)
    assert CustomProtocol("tcp", headers=make(pairs), methods=make([b"GET"])) is not None
    assert WebSocket(make(["a"]), versions=make([13, 8])).versions == (13, 8)
    assert parse_upgrade(make([b"tcp", b"irc"])) == (TCP, UpgradeToken("irc"))
    assert parse_connection(make([b"a", b"b"])) == (b"a", b"b")
    assert parse_extensions(make([b"a"])) == (Extension("a"),)
    assert format_upgrade(make([TCP])) == b"tcp"


# --- Arguments that were swapped ----------------------------------------------------------------


def test_swapped_arguments_are_named() -> None:
    with pytest.raises(TypeError, match=r"^head is a RequestHead, not Policy$"):
        decide(POLICY, HEAD)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^policy is a Policy, not WebSocket$"):
        decide(HEAD, WebSocket())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^request is a RequestHead, not ResponseHead$"):
        verify_switch(RESPONSE, RESPONSE, WebSocket())  # type: ignore[arg-type]


@pytest.mark.parametrize("policy", ["websocket", WebSocket, None, 1])
def test_a_policy_says_what_its_offers_are(policy: Any) -> None:
    with pytest.raises(
        TypeError, match=r"^each of offers is an object of a class .* CustomProtocol\('tcp'\)"
    ):
        Policy(policy)


def test_only_a_passthrough_is_a_decision_that_is_not_sent() -> None:
    machine = ServerNegotiator(POLICY)
    passed = feed(machine, plain())
    assert isinstance(passed, Passthrough)
    with pytest.raises(LocalProtocolError, match="nothing is sent for a Passthrough"):
        machine.send(passed)


# --- What functions of the caller's return ------------------------------------------------------


@pytest.mark.parametrize(
    "returned", [WebSocket(), "websocket", 1, False, Policy], ids=lambda each: type(each).__name__
)
def test_a_function_in_the_place_of_a_policy_returns_one(returned: Any) -> None:
    machine = ServerNegotiator(lambda info: returned)
    rule = "a function for policy returns a Policy or None, not "
    with pytest.raises(TypeError, match=f"^{rule}"):
        feed(machine, handshake())
    with pytest.raises(TypeError, match=f"^{rule}"):
        machine.next_event()
    assert machine.send(Reject(500)).startswith(b"HTTP/1.1 500 ")


class Later:
    """Its method is async, and hides behind another."""

    async def choose(self, info: RequestInfo) -> Policy:
        return POLICY

    def __call__(self, info: RequestInfo) -> Any:
        return self.choose(info)


def test_a_policy_is_not_chosen_by_an_async_function() -> None:
    with pytest.raises(TypeError, match=r"^policy is a Policy or a function .*cannot be async"):
        ServerNegotiator(choose_later)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^policy is a Policy or a function .*cannot be async"):
        ServerNegotiator(Later().choose)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="returns a Policy or None, not a coroutine"):
        feed(ServerNegotiator(Later()), handshake())


@pytest.mark.parametrize("policy", [Policy, WebSocket])
@pytest.mark.parametrize("machine", [ServerNegotiator, HeadNegotiator])
def test_the_class_of_a_policy_or_an_offer_is_not_one(machine: Any, policy: Any) -> None:
    with pytest.raises(TypeError, match=f"^policy is a .*, not the class {policy.__name__}$"):
        machine(policy)


@pytest.mark.parametrize("wrong", [RequestHead.parse(plain()), None, RequestInfo])
def test_what_a_policy_enforces_depends_on_a_request_info(wrong: Any) -> None:
    for policy in (POLICY, Policy(WebSocket(), mode="required")):
        with pytest.raises(TypeError, match=r"^info is a RequestInfo, not "):
            policy.enforces(wrong)


@pytest.mark.parametrize("middleware", [asgi.UpgradeMiddleware, wsgi.UpgradeMiddleware])
@pytest.mark.parametrize("policy", [None, "required", WebSocket(), choose_later])
def test_gateways_take_a_policy_or_a_function(middleware: Any, policy: Any) -> None:
    with pytest.raises(TypeError, match=r"^policy is a Policy or a function that returns one"):
        middleware(choose_later, policy)


def boom(*_: object) -> NoReturn:
    raise AssertionError("it is not called")


@pytest.mark.parametrize("policy", [POLICY, lambda info: None])
@pytest.mark.parametrize("refusal", [None, "empty", Refusal])
def test_adapters_take_a_refusal(policy: Any, refusal: Any) -> None:
    for middleware in (asgi.UpgradeMiddleware, wsgi.UpgradeMiddleware):
        with pytest.raises(TypeError, match=r"^refusal is a Refusal, not "):
            middleware(boom, policy, refusal=refusal)
    with pytest.raises(TypeError, match=r"^refusal is a Refusal, not "):
        UpgradeProtocol(policy, boom, boom, refusal=refusal)


def test_gateways_hold_a_function_to_the_same() -> None:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/",
        "HTTP_HOST": "a",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
    }
    middleware = wsgi.UpgradeMiddleware(lambda environ, start: [], Later())
    with pytest.raises(TypeError, match="returns a Policy or None, not a coroutine"):
        middleware(environ, lambda status, headers, *_: lambda data: None)


def test_a_rollout_key_is_bytes() -> None:
    policy = Policy(WebSocket(), mode="required", rollout=0.5, rollout_key=lambda info: "a")  # type: ignore[arg-type, return-value]
    with pytest.raises(TypeError, match=r"^rollout_key returns bytes or None, not str$"):
        decide(RequestHead.parse(plain()), policy)


@pytest.mark.parametrize("returned", [None, b"x", (b"text/plain", "x"), (b"a",), [b"a", b"b"]])
def test_a_body_is_made_with_its_media_type(returned: Any) -> None:
    policy = Policy(WebSocket(), mode="required", refusal=Refusal(body=lambda report: returned))
    with pytest.raises(TypeError, match=r"^body returns two bytes objects"):
        decide(RequestHead.parse(plain()), policy)


@pytest.mark.parametrize("chosen", [1, b"chat", choose_later])
def test_a_selector_returns_a_string(chosen: Any) -> None:
    def select(offered: tuple[str, ...], head: RequestHead) -> Any:
        return chosen() if callable(chosen) else chosen

    head = RequestHead.parse(handshake(b"Sec-WebSocket-Protocol: chat"))
    with pytest.raises(TypeError, match=r"^select_subprotocol returns a str or None, not "):
        decide(head, Policy(WebSocket(select_subprotocol=select)))


class Careless(Offer):
    """An offer whose tokens or answers are of wrong types."""

    def __init__(self, tokens: Any, answer: Any = None) -> None:
        self._tokens = tokens
        self._answer = answer

    def tokens(self, *, secure: bool) -> Any:
        return self._tokens

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> OfferResult:
        answer: OfferResult = self._answer() if callable(self._answer) else self._answer
        return answer


@pytest.mark.parametrize("tokens", [None, "websocket", ["websocket"], [b"websocket"], TCP])
def test_an_offer_names_upgrade_tokens(tokens: Any) -> None:
    with pytest.raises(TypeError, match=r"^tokens (holds|is a sequence of) UpgradeTokens, not "):
        Policy(Careless(tokens))


@pytest.mark.parametrize("answer", [None, True, HEAD, choose_later])
def test_an_offer_answers_in_one_of_three_ways(answer: Any) -> None:
    policy = Policy(Careless([UpgradeToken("websocket")], answer))
    with pytest.raises(
        TypeError, match=r"^negotiate\(\) returns an Agreed, HandshakeFailed or Ignored"
    ):
        decide(HEAD, policy)


@pytest.mark.parametrize(
    ("extension", "error"),
    [("x", TypeError), (PerMessageDeflate, TypeError), (Extension("a b"), TypeError)],
)
def test_an_extension_can_accept_offers(extension: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"^extensions holds objects with a name and accept\(\)"):
        WebSocket(extensions=[extension])


def test_the_name_of_an_extension_is_a_token() -> None:
    class Odd:
        name = "a b"

        def accept(self, offer: Extension) -> None: ...

    with pytest.raises(ValueError, match="extensions holds one whose name is not a token: 'a b'"):
        WebSocket(extensions=[Odd()])
