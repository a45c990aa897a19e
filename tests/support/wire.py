"""Octets of requests, a machine driven over them, and its answers as h11 reads them.

The law of this file: a request is built line by line, so that a table shows what is odd about it;
every octet that the machine writes is parsed by another library and held to RFC 9110 and 9112.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple, Protocol, TypeVar, assert_never

import h11
from feeding import feed

from httpupgrade import (
    Accept101,
    ConnectionClosed,
    Continue100,
    CustomProtocol,
    Decision,
    Forward,
    Limits,
    Passthrough,
    Policy,
    Reject,
    RequestInfo,
    Require426,
    ServerNegotiator,
    ServerState,
    Signal,
    WebSocket,
)
from httpupgrade.fields import parse_connection, parse_upgrade

PolicySource = Policy | Callable[[RequestInfo], Policy | None]

# RFC 6455 1.3: the example's key, and the Sec-WebSocket-Accept that answers it.
KEY: Final = b"dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT: Final = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
# RFC 6455 5.7: a masked text frame that holds "Hello".
FRAME: Final = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"

REQUIRED: Final = Policy(WebSocket(subprotocols=("chat",)), mode="required")
OPTIONAL: Final = Policy(WebSocket(subprotocols=("chat",)))
TUNNEL: Final = Policy(CustomProtocol("tcp", body="buffer"))
"""Offers a protocol that takes a request with a body."""

_REQUEST_LINE: Final = b"GET /chat HTTP/1.1"
_HANDSHAKE: Final = (
    b"Host: server.example.com",
    b"Upgrade: websocket",
    b"Connection: Upgrade",
    b"Sec-WebSocket-Key: " + KEY,
    b"Sec-WebSocket-Version: 13",
)
_LISTS: Final = frozenset(
    (
        b"allow",
        b"connection",
        b"sec-websocket-extensions",
        b"sec-websocket-protocol",
        b"sec-websocket-version",
        b"upgrade",
    )
)


def request(*lines: bytes, line: bytes = _REQUEST_LINE, body: bytes = b"") -> bytes:
    """A request with these field lines, and the octets that follow its head."""
    return b"\r\n".join((line, *lines, b"", b"")) + body


def plain(*lines: bytes, line: bytes = b"GET /index HTTP/1.1", body: bytes = b"") -> bytes:
    """A request with a Host and no offer."""
    return request(b"Host: server.example.com", *lines, line=line, body=body)


def asks_for(token: bytes, *lines: bytes, line: bytes = b"", body: bytes = b"") -> bytes:
    """A request that asks for a protocol; POST if there is a body."""
    method = b"POST" if body else b"GET"
    fields = (b"Upgrade: " + token, b"Connection: Upgrade", *lines)
    return plain(*fields, line=line or method + b" /index HTTP/1.1", body=body)


def handshake(
    *lines: bytes, line: bytes = _REQUEST_LINE, without: bytes = b"", body: bytes = b""
) -> bytes:
    """A good WebSocket handshake, but for ``lines``.

    They take the place of the fields of their names; the fields named in ``without`` are left out.
    """
    given = {_name_of(each) for each in lines}
    absent = {name.lower() for name in without.split()}
    kept = (each for each in _HANDSHAKE if _name_of(each) not in given | absent)
    return request(*kept, *lines, line=line, body=body)


def _name_of(line: bytes) -> bytes:
    return line.partition(b":")[0].strip().lower()


class Response(NamedTuple):
    """What h11 makes of a response."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    """Names in lower case."""
    body: bytes

    def fields(self, name: bytes) -> tuple[bytes, ...]:
        """The values of all lines of a field."""
        return tuple(value for each, value in self.headers if each == name.lower())

    @property
    def closes(self) -> bool:
        return b"close" in parse_connection(self.fields(b"connection"))


class Run(NamedTuple):
    """What a machine did with a connection."""

    events: tuple[str, ...]
    """Status codes, with "close" where the connection closes; "pass"; "closed" by the peer."""
    decisions: tuple[Decision | Continue100, ...]
    responses: tuple[Response, ...]
    passed: tuple[bytes, ...]
    """The messages that were passed through, each with all that came as Forward behind it."""
    trailing: bytes
    """What belongs to the new protocol behind a 101; what was never looked at behind a close."""
    state: ServerState

    @property
    def said(self) -> str:
        """The events in one line: ``"100, 101"``, ``"426 close"``, ``"pass, 101"``."""
        return ", ".join(self.events)

    @property
    def last(self) -> Response:
        """The last response."""
        return self.responses[-1]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all findings of all decisions."""
        return tuple(finding.code for each in self.decisions for finding in each.findings)

    @property
    def accepted(self) -> Accept101:
        """The last decision, which is an Accept101."""
        decision = self.decisions[-1]
        assert isinstance(decision, Accept101)
        return decision


def drive(
    octets: bytes | Sequence[bytes],
    policy: PolicySource = REQUIRED,
    *,
    limits: Limits | None = None,
    secure: bool = False,
    substitute: Decision | Continue100 | None = None,
) -> Run:
    """Feed a machine these pieces, send every decision at once, and read what it wrote.

    ``substitute`` is sent in place of the first decision. Feeding stops at a switch: what is left
    joins the trailing data.
    """
    pieces = [octets] if isinstance(octets, bytes) else list(octets)
    is_head = b"".join(pieces).startswith(b"HEAD ")
    machine = ServerNegotiator(policy, limits=limits or Limits(), secure=secure)
    events: list[str] = []
    decisions: list[Decision | Continue100] = []
    responses: list[Response] = []
    passed: list[bytes] = []
    position = 0
    while position < len(pieces) and machine.state is not ServerState.SWITCHED:
        event = feed(machine, pieces[position])
        position += 1
        while not isinstance(event, Signal):
            match event:
                case ConnectionClosed():
                    if not events or not events[-1].endswith(("close", "closed")):
                        events.append("closed")
                    break
                case Forward():
                    passed[-1] += event.data
                case Passthrough():
                    decisions.append(event)
                    passed.append(event.data)
                    events.append("pass")
                case Accept101() | Continue100() | Require426() | Reject():
                    decisions.append(event)
                    chosen, substitute = substitute or event, None
                    read = read_responses(machine.send(chosen), is_head=is_head)
                    _check_against_decision(chosen, read[-1], machine.state)
                    responses += read
                    events += [f"{each.status}{' close' * each.closes}" for each in read]
                case unreachable:
                    assert_never(unreachable)
            event = machine.next_event()
    return Run(
        tuple(events),
        tuple(decisions),
        tuple(responses),
        tuple(passed),
        machine.trailing_data + b"".join(pieces[position:]),
        machine.state,
    )


def _check_against_decision(
    decision: Decision | Continue100, response: Response, state: ServerState
) -> None:
    """The type of a decision, the status it wrote and the state behind it say the same."""
    match decision:
        case Accept101():
            assert (response.status, state) == (101, ServerState.SWITCHED)
        case Continue100():
            assert response.status == 100
        case Require426():
            assert response.status == 426
            assert response.closes == (state is ServerState.CLOSED)
        case Reject():
            assert response.status == decision.status_code != 426
            assert response.closes == (state is ServerState.CLOSED)
        case Passthrough():
            raise AssertionError("a Passthrough writes nothing")
        case unreachable:
            assert_never(unreachable)


def read_responses(octets: bytes, *, is_head: bool = False) -> list[Response]:
    """The responses in these octets as h11's client reads them, held to what binds each of them.

    ``is_head``: they answer HEAD requests.
    """
    responses: list[Response] = []
    while octets:
        client = h11.Connection(h11.CLIENT)
        fields = [("Host", "a"), ("Upgrade", "any"), ("Connection", "upgrade")]
        method = "HEAD" if is_head else "GET"
        client.send(h11.Request(method=method, target="/", headers=fields))
        client.send(h11.EndOfMessage())
        client.receive_data(octets)
        started = client.next_event()
        assert isinstance(started, h11.InformationalResponse | h11.Response)
        assert started.http_version == b"1.1", "RFC 9110 2.5: our own version, not the peer's"
        body = b""
        if isinstance(started, h11.InformationalResponse):
            octets = octets[octets.index(b"\r\n\r\n") + 4 :]
        else:
            while isinstance(event := client.next_event(), h11.Data):
                body += event.data
            assert isinstance(event, h11.EndOfMessage), "RFC 9112 6.3: it ends by itself"
            octets = client.trailing_data[0]
        headers = tuple((bytes(name), bytes(value)) for name, value in started.headers)
        response = Response(started.status_code, headers, body)
        _check_obligations(response)
        responses.append(response)
    return responses


def _check_obligations(response: Response) -> None:
    """What RFC 9110 and 9112 ask of every response, whatever it answers."""
    options = parse_connection(response.fields(b"connection"))
    if response.status in (101, 426):
        assert parse_upgrade(response.fields(b"upgrade")), "RFC 9110 15.2.2, 15.5.22"
    if response.fields(b"upgrade"):
        assert b"upgrade" in options, "RFC 9110 7.8: Upgrade with its connection option"
    assert {b"upgrade", b"close"}.issuperset(options), "RFC 9110 7.6.1: nothing end-to-end"
    if response.status < 200:
        assert not response.fields(b"content-length"), "RFC 9110 8.6"
        assert not response.fields(b"transfer-encoding"), "RFC 9112 6.1"
    else:
        assert len(response.fields(b"content-length")) == 1
    if response.status == 405:
        assert response.fields(b"allow"), "RFC 9110 15.5.6"
    for name, value in response.headers:
        if name in _LISTS:
            elements = [each.strip(b" \t") for each in value.split(b",")]
            assert b"" not in elements, "RFC 9110 5.6.1.1: no empty list element"


class Case(NamedTuple):
    """Octets on a connection, and what has to come of them."""

    row: str
    rule: str
    octets: bytes
    said: str
    """``Run.said``."""
    code: str = ""
    """Of a finding that has to be there: the refusal is for the right reason."""
    carries: tuple[bytes, ...] = ()
    """Fields of the last response, names in lower case, values exactly."""
    trailing: bytes | None = None
    policy: PolicySource = REQUIRED

    def check(self) -> None:
        """Run it in one piece, and octet by octet: the same has to come of both."""
        run = drive(self.octets, self.policy)
        assert run.said == self.said, f"{run.said!r}, not {self.said!r}"
        if self.code:
            assert self.code in run.codes, run.codes
        for field in self.carries:
            name, _, value = field.partition(b": ")
            assert run.last.fields(name) == (value,), run.last.headers
        if self.trailing is not None:
            assert run.trailing == self.trailing, run.trailing
        if len(self.octets) < 4096:
            by_octet = drive(cut(self.octets, 1), self.policy)
            assert by_octet._replace(trailing=b"") == run._replace(trailing=b"")
            if run.state is ServerState.SWITCHED:
                assert by_octet.trailing == run.trailing


class Checked(Protocol):
    """A row of a table: a :class:`Case`, or a client's."""

    @property
    def row(self) -> str: ...
    @property
    def rule(self) -> str: ...
    def check(self) -> None: ...


_Check = TypeVar("_Check", bound=Callable[[], None])


class Rows:
    """Checks of a document's rows, each under the ids of its rows.

    It is a decorator: ``@rows("7.8-3", "15.2.2-1")``. The test module runs what it collected.
    """

    def __init__(self, document: str) -> None:
        self.document = document
        self._checks: list[tuple[str, str, Callable[[], None]]] = []

    def __call__(self, *ids: str) -> Callable[[_Check], _Check]:
        def register(check: _Check) -> _Check:
            name = check.__name__.replace("_", " ")
            self._checks.extend((each, name, check) for each in ids)
            return check

        return register

    def add(self, cases: Iterable[Checked]) -> None:
        """Collect the rows of a table, too."""
        self._checks.extend((case.row, case.rule, case.check) for case in cases)

    @property
    def checks(self) -> list[Callable[[], None]]:
        return [check for _, _, check in self._checks]

    @property
    def ids(self) -> list[str]:
        """An id for each check: document, row, and what it shows."""
        return [f"{self.document} {row}: {shows}" for row, shows, _ in self._checks]

    @property
    def covered(self) -> frozenset[str]:
        return frozenset(row for row, _, _ in self._checks)


def lines_of(text: str) -> list[str]:
    """The lines of a literal table of ids."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def cut(octets: bytes, size: int) -> list[bytes]:
    """The octets in pieces of this size."""
    return [octets[start : start + size] for start in range(0, len(octets), size)]


def splits(octets: bytes) -> Iterable[list[bytes]]:
    """All ways to cut the octets in two."""
    return ([octets[:place], octets[place:]] for place in range(1, len(octets)))
