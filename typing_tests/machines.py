"""Events of both machines: each ``match`` narrows, and one that forgets a case is an error.

Rules for this folder: type checkers read it, and nothing runs it. Each ``type: ignore`` stands
where both mypy and pyright must report an error: one that ignores nothing is an error itself.
"""

from typing import Literal, assert_never, assert_type

from httpupgrade import (
    NEED_DATA,
    PAUSED,
    Accept101,
    Advice,
    ClientEvent,
    ClientNegotiator,
    ClientState,
    ConnectionClosed,
    Content,
    Continue100,
    Decision,
    Event,
    Finding,
    Forward,
    HeadNegotiator,
    Interim,
    NothingInCommon,
    OrdinaryResponse,
    Passthrough,
    Policy,
    Reject,
    RequestHead,
    Require426,
    ResponseHead,
    Retry,
    ServerNegotiator,
    ServerState,
    Signal,
    Switched,
    UpgradeRequired,
    UpgradeToken,
    UseHTTP2,
    UseTLS,
    UseWebSocketVersion,
    WebSocket,
    WebSocketAgreement,
    decide,
    describe,
)
from httpupgrade.fields import Headers
from httpupgrade.framing import ResponseProgress, ResponseTracker

POLICY = Policy(WebSocket())
HEAD = RequestHead(b"GET", b"/", [(b"Host", b"a")])


def server(negotiator: ServerNegotiator) -> bytes:
    negotiator.receive_data(b"octets")
    event = negotiator.next_event()
    assert_type(event, Event)
    match event:
        case Signal.NEED_DATA:
            pass
        case Signal.PAUSED:
            pass
        case Accept101():
            assert_type(event.token, UpgradeToken)
            assert_type(event.head, RequestHead | None)
            assert_type(negotiator.send(event), bytes)
            return negotiator.trailing_data
        case Continue100() | Require426() | Reject():
            assert_type(event.findings, tuple[Finding, ...])
            return negotiator.send(event)
        case Passthrough():
            assert_type(event.head, RequestHead | None)
            assert_type(event.without_upgrade(), Passthrough)
            return event.data
        case Forward(data, end):
            assert_type(data, bytes)
            assert_type(end, bool)
            return data
        case ConnectionClosed():
            assert_type(event.findings, tuple[Finding, ...])
        case unreachable:
            assert_never(unreachable)
    return b""


def server_of_heads(negotiator: HeadNegotiator, head: RequestHead) -> Event:
    negotiator.receive_head(head, stopped=True)
    negotiator.receive_content(b"octets", size=8)
    negotiator.end_content()
    negotiator.cannot_read()
    negotiator.receive_data(b"octets")
    assert_type(negotiator.takes_octets, bool)
    assert_type(negotiator.take_trailing_data(), bytes)
    assert_type(negotiator.refuse(408), Reject)
    assert_type(negotiator.state, ServerState)
    assert_type(negotiator.next_event(), Event)
    return negotiator.next_event()


def loop(negotiator: ServerNegotiator) -> None:
    """One signal left out by its identity leaves the other."""
    while (event := negotiator.next_event()) is not NEED_DATA:
        if isinstance(event, Signal):
            assert_type(event, Literal[Signal.PAUSED])
        if event is PAUSED:
            return
        assert_type(event, Decision | Continue100 | Forward | ConnectionClosed)


def forgotten(event: Event, client: ClientEvent, decision: Decision, advice: Advice) -> None:
    match event:
        case Accept101() | Continue100() | Require426() | Reject() | Passthrough() | Forward():
            pass
        case ConnectionClosed() | Signal.NEED_DATA:
            pass
        case paused:
            assert_never(paused)  # type: ignore[arg-type]
    match client:
        case Switched() | UpgradeRequired() | OrdinaryResponse() | Content() | Interim():
            pass
        case Signal():
            pass
        case closed:
            assert_never(closed)  # type: ignore[arg-type]
    match decision:
        case Accept101() | Require426() | Reject():
            pass
        case passed:
            assert_never(passed)  # type: ignore[arg-type]
    match advice:
        case Retry() | UseTLS() | UseHTTP2() | UseWebSocketVersion():
            pass
        case nothing:
            assert_never(nothing)  # type: ignore[arg-type]


def decided(head: RequestHead) -> bytes:
    decision = decide(head, POLICY, secure=True)
    assert_type(decision, Decision)
    assert_type(describe(decision, head), str)
    match decision:
        case Accept101():
            assert_type(decision.agreement, object)
            assert_type(decision.tokens, tuple[UpgradeToken, ...])
            assert_type(decision.headers, Headers)
            assert_type(decision.interim, Continue100 | None)
            if isinstance(decision.agreement, WebSocketAgreement):
                assert_type(decision.agreement.subprotocol, str | None)
            return decision.with_headers([(b"Server", b"a")]).to_bytes()
        case Require426() | Reject():
            assert_type(decision.status_code, int)
            assert_type(decision.closing(), Require426 | Reject)
            return decision.to_bytes()
        case Passthrough():
            assert_type(decision.advertisement, Headers)
            return decision.data
        case unreachable:
            assert_never(unreachable)


def client(negotiator: ClientNegotiator) -> Advice | None:
    assert_type(negotiator.send_request(), bytes)
    negotiator.receive_data(b"octets")
    event = negotiator.next_event()
    assert_type(event, ClientEvent)
    match event:
        case Switched():
            assert_type(event.agreement, object)
            assert_type(event.head, ResponseHead)
        case UpgradeRequired():
            assert_type(event.next_step([WebSocket()], tls=True), Advice)
            return event.next_step([])
        case OrdinaryResponse(head):
            assert_type(head, ResponseHead)
            assert_type(event.next_step([WebSocket()]), Advice | None)
            return event.next_step([])
        case Content(data, end):
            assert_type(data, bytes)
            assert_type(end, bool)
        case Interim(head):
            assert_type(head, ResponseHead)
        case ConnectionClosed():
            pass
        case Signal.NEED_DATA:
            pass
        case Signal.PAUSED:
            pass
        case unreachable:
            assert_never(unreachable)
    return None


def advised(step: Advice) -> str:
    match step:
        case Retry():
            negotiator = ClientNegotiator(step.offer, host=b"a")
            assert_type(negotiator.state, ClientState)
            return "again"
        case UseTLS():
            assert_type(step.how, Literal["upgrade", "scheme"])
            return step.how
        case UseHTTP2():
            assert_type(step.how, Literal["upgrade", "prior-knowledge", "alpn"])
            return step.how
        case UseWebSocketVersion():
            return "another"
        case NothingInCommon():
            assert_type(step.finding, Finding)
            return step.finding.message
        case unreachable:
            assert_never(unreachable)


def server_state(state: ServerState) -> bool:
    match state:
        case ServerState.READING_HEAD | ServerState.READING_BODY | ServerState.DECIDED:
            return True
        case ServerState.DRAINING | ServerState.FORWARDING | ServerState.OPAQUE:
            return True
        case ServerState.SWITCHED | ServerState.CLOSED:
            return False
        case unreachable:
            assert_never(unreachable)


def client_state(state: ClientState) -> bool:
    match state:
        case ClientState.READY | ClientState.READING_HEAD | ClientState.READING_BODY:
            return True
        case ClientState.HANDING_ON:
            return True
        case ClientState.SWITCHED | ClientState.DONE | ClientState.CLOSED:
            return False
        case unreachable:
            assert_never(unreachable)


def tracked(tracker: ResponseTracker, passed: Passthrough) -> bool:
    tracker.expect(b"GET", passed.advertisement)
    assert_type(tracker.send_data(b"octets"), bytes)
    match tracker.progress:
        case ResponseProgress.COMPLETE:
            return True
        case ResponseProgress.HEAD | ResponseProgress.BODY:
            return False
        case ResponseProgress.SWITCHED | ResponseProgress.UNKNOWN:
            return False
        case unreachable:
            assert_never(unreachable)


def must_fail(negotiator: ServerNegotiator, answer: ClientNegotiator, event: Event) -> None:
    negotiator.receive_data("x")  # type: ignore[arg-type]
    answer.receive_data("x")  # type: ignore[arg-type]
    negotiator.send(event)  # type: ignore[arg-type]
    negotiator.state = ServerState.CLOSED  # type: ignore[misc]
    HeadNegotiator(POLICY).receive_head(HEAD.to_bytes())  # type: ignore[arg-type]
    ServerNegotiator(HEAD)  # type: ignore[arg-type]
    ServerNegotiator(WebSocket())  # type: ignore[arg-type]
    ServerNegotiator(POLICY, limits=65536)  # type: ignore[arg-type]
    ClientNegotiator(WebSocket())  # type: ignore[call-arg]
    ClientNegotiator(host="a")  # type: ignore[arg-type]
    decide(HEAD.to_bytes(), POLICY)  # type: ignore[arg-type]
    # An event is None in no case: there is nothing to test for.
    assert_type(negotiator.next_event(), Event | None)  # type: ignore[assert-type]
