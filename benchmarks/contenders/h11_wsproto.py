"""wsproto, which reads with an h11 connection of its own, as servers that use it do.

A request that it refuses gets the answer that it proposes. It hands nothing on: servers put a
parser in front of it for that, and those are other contenders.
"""

from typing import Final

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    Event,
    RejectConnection,
    RejectData,
    Request,
)
from wsproto.extensions import Extension, PerMessageDeflate
from wsproto.handshake import server_extensions_handshake
from wsproto.utilities import RemoteProtocolError, split_comma_header

from ..contender import ClientOutcome, Contender, Fields, Job, Opened, Refused, Required, Work
from ..verdict import read_request
from .asked import HOST, KEY_OCTETS, SUBPROTOCOLS, TARGET

_Parsed = tuple[list[tuple[bytes, bytes]], bytes]
_Asked = tuple[bytes, Event | RemoteProtocolError]
_Lists = tuple[bytes, list[str], list[str], bytes]


def _accept(connection: WSConnection, extensions: list[Extension]) -> bytes:
    event = next(connection.events())
    assert isinstance(event, Request)
    return connection.send(AcceptConnection(extensions=extensions))


def _answer(octets: bytes, extensions: list[Extension]) -> bytes:
    connection = WSConnection(ConnectionType.SERVER)
    try:
        connection.receive_data(octets)
    except RemoteProtocolError as error:
        return connection.send(error.event_hint or RejectConnection())
    return _accept(connection, extensions)


def switch(octets: bytes) -> bytes:
    return _answer(octets, [])


def switch_deflate(octets: bytes) -> bytes:
    # It remembers what was agreed on, so each connection has its own.
    return _answer(octets, [PerMessageDeflate()])


def parsed(octets: bytes) -> _Parsed:
    """What ``initiate_upgrade_connection`` takes."""
    request = read_request(octets)
    fields: Fields = request.fields
    return list(fields), request.target


def switch_parsed(given: _Parsed) -> bytes:
    headers, target = given
    connection = WSConnection(ConnectionType.SERVER)
    connection.initiate_upgrade_connection(headers, target)
    return _accept(connection, [])


def parse_list(value: bytes) -> list[str]:
    return split_comma_header(value)


def show_list(elements: list[str]) -> bytes:
    return ", ".join(elements).encode()


def answer_extensions(value: bytes) -> bytes:
    offers = split_comma_header(value)
    return server_extensions_handshake(offers, [PerMessageDeflate()]) or b""


# The client.


def _ask(extensions: list[Extension]) -> tuple[WSConnection, bytes]:
    connection = WSConnection(ConnectionType.CLIENT)
    event = Request(
        host=HOST, target=TARGET, subprotocols=[*SUBPROTOCOLS], extensions=list(extensions)
    )
    request = connection.send(event)
    # The key that it has drawn stands in the request; the captured responses answer this one.
    connection.handshake._nonce = KEY_OCTETS
    return connection, request


def _open(octets: bytes, extensions: list[Extension]) -> _Asked:
    connection, request = _ask(extensions)
    try:
        connection.receive_data(octets)
    except RemoteProtocolError as error:
        return request, error
    return request, next(connection.events())


def open_plain(octets: bytes) -> _Asked:
    return _open(octets, [])


def open_deflate(octets: bytes) -> _Asked:
    return _open(octets, [PerMessageDeflate()])


def show_opened(asked: _Asked) -> ClientOutcome:
    request, event = asked
    if not isinstance(event, AcceptConnection):
        return Refused(request, f"{event}")
    return Opened(
        request,
        None if event.subprotocol is None else event.subprotocol.encode(),
        tuple(each.name.encode() for each in event.extensions),
    )


def open_required(octets: bytes) -> _Lists:
    """With the lists taken from the fields of the event, as a caller would."""
    connection, request = _ask([])
    connection.receive_data(octets)
    lines: dict[bytes, list[str]] = {b"upgrade": [], b"sec-websocket-version": []}
    body = b""
    for event in connection.events():
        if isinstance(event, RejectConnection):
            assert event.status_code == 426
            for name, value in event.headers:
                if name in lines:
                    lines[name] += split_comma_header(value)
        elif isinstance(event, RejectData):
            body += event.data
    return request, lines[b"upgrade"], lines[b"sec-websocket-version"], body


def show_required(required: _Lists) -> Required:
    request, protocols, versions, body = required
    return Required(
        request,
        tuple(each.encode() for each in protocols),
        tuple(each.encode() for each in versions),
        body,
    )


def hold(octets: bytes) -> WSConnection:
    connection = WSConnection(ConnectionType.SERVER)
    if octets:
        connection.receive_data(octets)
    return connection


H11_WSPROTO: Final = Contender(
    "h11 + wsproto",
    ("wsproto",),
    {
        Job.SWITCH: Work(switch),
        Job.SWITCH_DEFLATE: Work(switch_deflate),
        Job.SWITCH_PARSED: Work(switch_parsed, prepare=parsed),
        Job.REQUIRE: Work(switch),
        Job.REFUSE: Work(switch),
        Job.OPEN: Work(open_plain, show=show_opened),
        Job.OPEN_DEFLATE: Work(open_deflate, show=show_opened),
        Job.OPEN_REFUSE: Work(open_plain, show=show_opened),
        Job.OPEN_REQUIRED: Work(open_required, show=show_required),
    },
    {Job.REQUIRE_MANY: "it reads one request of a connection"},
    hold,
    "wsproto",
)

WSPROTO_VALUES: Final = Contender(
    "wsproto",
    ("wsproto",),
    {
        Job.PARSE_UPGRADE: Work(parse_list, show=show_list),
        Job.ANSWER_EXTENSIONS: Work(answer_extensions),
    },
    {Job.PARSE_EXTENSIONS: "it leaves the parameters of each element as they stand"},
)
