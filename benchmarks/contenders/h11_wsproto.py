"""wsproto where a WebSocket is served, h11 where a request is handed on, as servers combine them.

wsproto reads with an h11 connection of its own. A request that it refuses gets the answer that it
proposes.
"""

from typing import Final, NamedTuple

import h11
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, RejectConnection, Request
from wsproto.extensions import Extension, PerMessageDeflate
from wsproto.utilities import RemoteProtocolError

from ..contender import Contender, Job, PlainRequest
from .handwritten import asks_for_websocket


class _Passed(NamedTuple):
    request: h11.Request
    body: bytes

    def plain(self) -> PlainRequest:
        request = self.request
        return PlainRequest(request.method, request.target, tuple(request.headers), self.body)


def _answer(octets: bytes, extensions: list[Extension]) -> bytes:
    connection = WSConnection(ConnectionType.SERVER)
    try:
        connection.receive_data(octets)
    except RemoteProtocolError as error:
        return connection.send(error.event_hint or RejectConnection())
    event = next(connection.events())
    assert isinstance(event, Request)
    return connection.send(AcceptConnection(extensions=extensions))


def switch(octets: bytes) -> bytes:
    return _answer(octets, [])


def switch_deflate(octets: bytes) -> bytes:
    # It remembers what was agreed on, so each connection has its own.
    return _answer(octets, [PerMessageDeflate()])


def hand_on(octets: bytes) -> _Passed:
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(octets)
    request = connection.next_event()
    assert isinstance(request, h11.Request)
    assert not asks_for_websocket(request.headers)
    body = b""
    while True:
        event = connection.next_event()
        if isinstance(event, h11.EndOfMessage):
            return _Passed(request, body)
        assert isinstance(event, h11.Data)
        body += event.data


H11_WSPROTO: Final = Contender(
    "h11 + wsproto",
    ("h11", "wsproto"),
    {
        Job.SWITCH: switch,
        Job.SWITCH_DEFLATE: switch_deflate,
        Job.REQUIRE: switch,
        Job.HAND_ON: hand_on,
    },
)
