"""httpupgrade as its documentation drives it.

The law of this file: it keeps nothing between calls and reads ``httpupgrade`` from its first
import alone. Executed once more, under another module name and beside another build of the
library, it makes the contenders for that build.
"""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple, Protocol

from httpupgrade import (
    NEED_DATA,
    Accept101,
    ClientNegotiator,
    Forward,
    HeadNegotiator,
    Limits,
    Passthrough,
    PerMessageDeflate,
    Policy,
    Reject,
    RemoteProtocolError,
    RequestHead,
    Require426,
    ServerNegotiator,
    Switched,
    UpgradeRequired,
    UpgradeToken,
    WebSocket,
    WebSocketAgreement,
    decide,
)
from httpupgrade.fields import (
    Extension,
    format_extensions,
    format_upgrade,
    generate_key,
    parse_extensions,
    parse_upgrade,
)

from ..contender import (
    ClientOutcome,
    Contender,
    Job,
    Jobs,
    Opened,
    Passed,
    PlainRequest,
    Refused,
    Required,
    Work,
    one_by_one,
)
from ..verdict import read_request
from . import h11_checks
from .asked import HOST_OCTETS, KEY_OCTETS, SUBPROTOCOLS, TARGET_OCTETS
from .httptools_checks import Message, read_message
from .zttp_checks import read_head as read_zttp

_ENDPOINT: Final = Policy(WebSocket(extensions=()), mode="required")
_ENDPOINT_DEFLATE: Final = Policy(WebSocket(), mode="required")
_OPTIONAL: Final = Policy(WebSocket())
_DEFLATE: Final = PerMessageDeflate()
_OFFER: Final = WebSocket(SUBPROTOCOLS, extensions=())
_OFFER_DEFLATE: Final = WebSocket(SUBPROTOCOLS)
_WIDE: Final = Limits(max_head_bytes=1 << 20, max_header_line=1 << 16, max_header_count=1024)


class _Forwarded(NamedTuple):
    passthrough: Passthrough
    body: bytes

    def plain(self) -> PlainRequest:
        head = self.passthrough.head
        assert head is not None
        fields = tuple((name.lower(), value) for name, value in head.headers)
        return PlainRequest(head.method, head.target, fields, self.body)


class Replay(NamedTuple):
    """What goes to the HTTP server behind us."""

    octets: bytes

    def plain(self) -> PlainRequest:
        return read_request(self.octets)


# From octets.


def _answer(octets: bytes, policy: Policy) -> bytes:
    negotiator = ServerNegotiator(policy)
    negotiator.receive_data(octets)
    event = negotiator.next_event()
    if isinstance(event, Accept101 | Require426 | Reject):
        return negotiator.send(event)
    raise AssertionError(event)


def switch(octets: bytes) -> bytes:
    return _answer(octets, _ENDPOINT)


def switch_deflate(octets: bytes) -> bytes:
    return _answer(octets, _ENDPOINT_DEFLATE)


def let_go(octets: bytes) -> bytes:
    negotiator = ServerNegotiator(_OPTIONAL)
    negotiator.receive_data(octets)
    event = negotiator.next_event()
    assert isinstance(event, Passthrough)
    return event.data + negotiator.trailing_data


def read(octets: bytes) -> bytes:
    negotiator = ServerNegotiator(_OPTIONAL, limits=_WIDE)
    negotiator.receive_data(octets)
    event = negotiator.next_event()
    assert isinstance(event, Passthrough)
    return event.data + negotiator.trailing_data


def read_slowly(octets: list[bytes]) -> bytes:
    negotiator = ServerNegotiator(_OPTIONAL, limits=_WIDE)
    for octet in octets:
        negotiator.receive_data(octet)
        event = negotiator.next_event()
        if event is not NEED_DATA:
            assert isinstance(event, Passthrough)
            return event.data + negotiator.trailing_data
    raise AssertionError("the head never ends")


def _body(negotiator: ServerNegotiator) -> bytes:
    body = b""
    while True:
        event = negotiator.next_event()
        assert isinstance(event, Forward)
        body += event.data
        if event.end:
            return body


def hand_on(octets: bytes) -> _Forwarded:
    negotiator = ServerNegotiator(_OPTIONAL)
    negotiator.receive_data(octets)
    passthrough = negotiator.next_event()
    assert isinstance(passthrough, Passthrough)
    return _Forwarded(passthrough, _body(negotiator))


def hand_on_many(octets: bytes) -> list[Passed]:
    negotiator = ServerNegotiator(_OPTIONAL)
    negotiator.receive_data(octets)
    event = negotiator.next_event()
    passed: list[Passed] = []
    while isinstance(event, Passthrough):
        passed.append(_Forwarded(event, _body(negotiator)))
        event = negotiator.next_event()
    assert event is NEED_DATA
    return passed


def require_many(octets: bytes) -> bytes:
    negotiator = ServerNegotiator(_ENDPOINT)
    negotiator.receive_data(octets)
    event = negotiator.next_event()
    written = []
    while isinstance(event, Require426):
        written.append(negotiator.send(event))
        event = negotiator.next_event()
    assert event is NEED_DATA
    return b"".join(written)


# From heads that others have parsed.


class _H11Headers(Protocol):
    def raw_items(self) -> Iterable[tuple[bytes, bytes]]: ...


class _H11Request(Protocol):
    """h11's request, as far as it is looked at here."""

    @property
    def method(self) -> bytes: ...
    @property
    def target(self) -> bytes: ...
    @property
    def headers(self) -> "_H11Headers": ...
    @property
    def http_version(self) -> bytes: ...


class _ZttpHeaders(Protocol):
    def to_list(self) -> list[tuple[bytes, bytes]]: ...


class _ZttpRequest(Protocol):
    """zttp's request, as far as it is looked at here."""

    method: bytes
    target: bytes
    http_version: bytes
    headers: Any


def _head_of_h11(request: _H11Request) -> RequestHead:
    fields = request.headers.raw_items()
    return RequestHead.from_parser(request.method, request.target, fields, request.http_version)


def _checked_head_of_h11(request: _H11Request) -> RequestHead:
    fields = request.headers.raw_items()
    return RequestHead(request.method, request.target, fields, request.http_version)


def _read_head(octets: bytes) -> RequestHead:
    return _head_of_h11(h11_checks.read_head(octets))


def _head_of_httptools(message: Message) -> RequestHead:
    version = message.parser.get_http_version().encode("ascii")
    return RequestHead.from_parser(message.method, message.target, message.fields, version)


def _head_of_zttp(request: _ZttpRequest) -> RequestHead:
    headers: _ZttpHeaders = request.headers
    return RequestHead.from_parser(
        request.method, request.target, headers.to_list(), request.http_version
    )


def _decided(head: RequestHead) -> bytes:
    decision = decide(head, _ENDPOINT)
    assert isinstance(decision, Accept101)
    return decision.to_bytes()


def _negotiated(head: RequestHead) -> bytes:
    negotiator = HeadNegotiator(_ENDPOINT)
    negotiator.receive_head(head)
    decision = negotiator.next_event()
    assert isinstance(decision, Accept101)
    return negotiator.send(decision)


def decide_h11(request: _H11Request) -> bytes:
    return _decided(_head_of_h11(request))


def negotiate_h11(request: _H11Request) -> bytes:
    return _negotiated(_head_of_h11(request))


def decide_httptools(message: Message) -> bytes:
    return _decided(_head_of_httptools(message))


def negotiate_httptools(message: Message) -> bytes:
    return _negotiated(_head_of_httptools(message))


def decide_zttp(request: _ZttpRequest) -> bytes:
    return _decided(_head_of_zttp(request))


def negotiate_zttp(request: _ZttpRequest) -> bytes:
    return _negotiated(_head_of_zttp(request))


def decide_checked(request: _H11Request) -> bytes:
    return _decided(_checked_head_of_h11(request))


# The client.

_Asked = tuple[bytes, object]


def _open(octets: bytes, offer: WebSocket) -> _Asked:
    generate_key()  # as it would draw one, were it not given the one that the captures answer
    negotiator = ClientNegotiator(offer, target=TARGET_OCTETS, host=HOST_OCTETS, key=KEY_OCTETS)
    request = negotiator.send_request()
    negotiator.receive_data(octets)
    try:
        return request, negotiator.next_event()
    except RemoteProtocolError as error:
        return request, error


def open_plain(octets: bytes) -> _Asked:
    return _open(octets, _OFFER)


def open_deflate(octets: bytes) -> _Asked:
    return _open(octets, _OFFER_DEFLATE)


def show_opened(asked: _Asked) -> ClientOutcome:
    request, event = asked
    if isinstance(event, Switched):
        agreement = event.agreement
        assert isinstance(agreement, WebSocketAgreement)
        subprotocol, extensions = agreement.subprotocol, agreement.extensions
        return Opened(
            request,
            None if subprotocol is None else subprotocol.encode(),
            tuple(each.name.encode() for each in extensions),
        )
    if isinstance(event, UpgradeRequired):
        return Required(
            request,
            tuple(str(each).encode() for each in event.tokens),
            tuple(b"%d" % each for each in event.versions),
            event.body,
        )
    return Refused(request, f"{event}")


# Values.


def read_upgrade(value: bytes) -> tuple[UpgradeToken, ...]:
    return parse_upgrade((value,))


def show_upgrade(tokens: tuple[UpgradeToken, ...]) -> bytes:
    return b", ".join(str(token).encode() for token in tokens)


def read_extensions(value: bytes) -> tuple[Extension, ...]:
    return parse_extensions((value,))


def show_extensions(extensions: tuple[Extension, ...]) -> bytes:
    return b", ".join(str(extension).encode() for extension in extensions)


def answer_extensions(value: bytes) -> bytes:
    for offer in parse_extensions((value,)):
        if offer.name == _DEFLATE.name and (agreed := _DEFLATE.accept(offer)) is not None:
            return format_extensions((agreed,))
    return b""


def hold(octets: bytes) -> ServerNegotiator:
    negotiator = ServerNegotiator(_ENDPOINT)
    if octets:
        negotiator.receive_data(octets)
        negotiator.next_event()
    return negotiator


_JOBS: Final[Jobs] = {
    Job.SWITCH: Work(switch),
    Job.SWITCH_DEFLATE: Work(switch_deflate),
    Job.SWITCH_PARSED: Work(decide_h11, prepare=h11_checks.read_head),
    Job.REQUIRE: Work(switch),
    Job.REFUSE: Work(switch),
    Job.HAND_ON: Work(hand_on),
    Job.LET_GO: Work(let_go, show=Replay),
    Job.READ: Work(read, show=Replay),
    Job.READ_SLOWLY: Work(read_slowly, prepare=one_by_one, show=Replay),
    Job.HAND_ON_MANY: Work(hand_on_many),
    Job.REQUIRE_MANY: Work(require_many),
    Job.OPEN: Work(open_plain, show=show_opened),
    Job.OPEN_DEFLATE: Work(open_deflate, show=show_opened),
    Job.OPEN_REFUSE: Work(open_plain, show=show_opened),
    Job.OPEN_REQUIRED: Work(open_plain, show=show_opened),
    Job.PARSE_UPGRADE: Work(read_upgrade, show=show_upgrade),
    Job.WRITE_UPGRADE: Work(format_upgrade, prepare=read_upgrade),
    Job.PARSE_EXTENSIONS: Work(read_extensions, show=show_extensions),
    Job.WRITE_EXTENSIONS: Work(format_extensions, prepare=read_extensions),
    Job.ANSWER_EXTENSIONS: Work(answer_extensions),
}

OURS: Final = Contender("httpupgrade", ("httpupgrade",), _JOBS, {}, hold, "httpupgrade")

FROM_OCTETS: Final = "httpupgrade, from octets"
GIVEN_A_HEAD: Final = "httpupgrade, given a RequestHead"
MACHINE_GIVEN_A_HEAD: Final = f"{GIVEN_A_HEAD}, receive_head()"
BEHIND_HTTPTOOLS: Final = "httpupgrade behind httptools"
BEHIND_ZTTP: Final = "httpupgrade behind zttp"
CHECKED: Final = "httpupgrade, the whole head checked again"


def _other_way(name: str, work: Work[Any, bytes]) -> Contender:
    return Contender(name, ("httpupgrade",), {Job.SWITCH_PARSED: work})


# The first one above is behind h11, by decide().
OTHER_WAYS: Final = (
    _other_way(GIVEN_A_HEAD, Work(_decided, _read_head)),
    _other_way(MACHINE_GIVEN_A_HEAD, Work(_negotiated, _read_head)),
    _other_way("httpupgrade, receive_head()", Work(negotiate_h11, h11_checks.read_head)),
    _other_way(BEHIND_HTTPTOOLS, Work(decide_httptools, read_message)),
    _other_way(
        f"{BEHIND_HTTPTOOLS}, receive_head()",
        Work(negotiate_httptools, read_message),
    ),
    _other_way(BEHIND_ZTTP, Work(decide_zttp, read_zttp)),
    _other_way(f"{BEHIND_ZTTP}, receive_head()", Work(negotiate_zttp, read_zttp)),
    _other_way(CHECKED, Work(decide_checked, h11_checks.read_head)),
    _other_way(FROM_OCTETS, Work(switch)),
)
