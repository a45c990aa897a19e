"""Runs a step over a connection, and reads what comes back.

Rules for this module: whatever a server does, a step ends at its deadline and holds a bounded
number of octets. Nothing is judged here.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeAlias, final

from ... import (
    NEED_DATA,
    ClientEvent,
    ClientNegotiator,
    Content,
    Interim,
    OrdinaryResponse,
    RemoteProtocolError,
    RequestHead,
    Switched,
    WebSocket,
)
from ..._http1.findings import make_finding
from ...diagnosis import NoAnswer
from . import finding_codes as codes
from .connections import Dialer, Line, UnreachedError
from .frames import close, prove
from .outcomes import Exchange, Outcome
from .place import Place
from .steps import Over

MOST_CONTENT: Final = 65536
FOR_CONTENT: Final = 2.0
"""Seconds to wait for a body, which is evidence at most: a stream of events has no end."""
_MOST_INTERIM: Final = 16


OverHTTP2: TypeAlias = Callable[[Line, RequestHead, Over, float | None], Outcome]


@final
class Engine:
    """Sends the requests of a probe.

    :param prove_seconds: how long to wait for frames after a switch; None tries none.
    :param over_http2: what speaks HTTP/2; None if nothing does.
    """

    def __init__(
        self, dialer: Dialer, prove_seconds: float | None, over_http2: OverHTTP2 | None = None
    ) -> None:
        self._dialer: Final = dialer
        self._over_http2: Final = over_http2
        self._prove_seconds: Final = prove_seconds
        self.address: str = ""
        """The other end of the last connection."""

    def run(
        self, place: Place, request: RequestHead, over: Over, *, proves: bool = False
    ) -> Outcome:
        """Send a request on a connection of its own, and read what comes back.

        :param proves: whether to try what follows a switch; if not, it is closed at once.
        """
        try:
            with self._dialer.connect(place, http2=over is not Over.HTTP1) as line:
                self.address = line.address
                if over is Over.HTTP1:
                    return self._exchange(line, request, place.secure, proves=proves)
                assert self._over_http2 is not None, "such steps are planned only with HTTP/2"
                return self._over_http2(line, request, over, self._prove_seconds)
        except UnreachedError as error:
            return error.unreached

    def _exchange(
        self, line: Line, request: RequestHead, secure: bool, *, proves: bool
    ) -> Exchange:
        negotiator = ClientNegotiator.forwarding(request, WebSocket(), secure=secure)
        exchange = _read(line, negotiator)
        if exchange.switched is None or self._prove_seconds is None:
            return exchange
        if not proves:
            close(line)
            return exchange
        tunnel = prove(line, negotiator.trailing_data, self._prove_seconds)
        return exchange.replace(tunnel=tunnel)


def _read(line: Line, negotiator: ClientNegotiator) -> Exchange:
    """Write the request, and read until the response is there, or its time is over."""
    exchange = Exchange(negotiator.head, NoAnswer.SILENT)
    try:
        line.write(negotiator.send_request())
        event = _final_event(line, negotiator)
    except RemoteProtocolError as error:
        return exchange.replace(response=error)
    except TimeoutError:
        return exchange.replace(received=len(negotiator.trailing_data))
    match event:
        case Switched():
            return exchange.replace(response=event.head, switched=event)
        case OrdinaryResponse():
            line.deadline = line.deadline.at_most(FOR_CONTENT)
            content, whole = _content(line, negotiator)
            return exchange.replace(response=event.head, content=content, whole=whole)
        case _:  # the end of the connection
            received = len(negotiator.trailing_data)
            return exchange.replace(response=NoAnswer.CLOSED, received=received)


def _final_event(line: Line, negotiator: ClientNegotiator) -> ClientEvent:
    for _ in range(_MOST_INTERIM):
        event = _next_event(line, negotiator)
        if not isinstance(event, Interim):
            return event
    raise RemoteProtocolError((make_finding(codes.RESPONSE_ENDLESS),))


def _content(line: Line, negotiator: ClientNegotiator) -> tuple[bytes, bool]:
    """The body, or its beginning, and whether it is all of it."""
    content = bytearray()
    whole = False
    # What is wrong with the rest of it does not matter.
    with suppress(RemoteProtocolError, TimeoutError):
        while not whole and len(content) < MOST_CONTENT:
            event = _next_event(line, negotiator)
            if not isinstance(event, Content):
                break
            content += event.data
            whole = event.end
    return bytes(content[:MOST_CONTENT]), whole


def _next_event(line: Line, negotiator: ClientNegotiator) -> ClientEvent:
    event = negotiator.next_event()
    while event is NEED_DATA:
        negotiator.receive_data(line.read())
        event = negotiator.next_event()
    return event
