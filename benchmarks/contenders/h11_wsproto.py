"""wsproto, which reads with an h11 connection of its own, as servers that use it do.

A request that it refuses gets the answer that it proposes. It hands nothing on: servers put a
parser in front of it for that, and those are other contenders.
"""

from typing import Final

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, RejectConnection, Request
from wsproto.extensions import Extension, PerMessageDeflate
from wsproto.handshake import server_extensions_handshake
from wsproto.utilities import RemoteProtocolError, split_comma_header

from ..contender import Contender, Fields, Job, Work
from ..verdict import read_request

_Parsed = tuple[list[tuple[bytes, bytes]], bytes]


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
