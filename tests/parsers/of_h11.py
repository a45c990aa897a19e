"""h11: a pull parser in Python."""

import h11

from .request import PROBE, No, Reading, Request, lines_of


def read(octets: bytes) -> Reading:
    """What h11 makes of it."""
    connection = h11.Connection(h11.SERVER, 1 << 20)
    for size, line in lines_of(octets):
        connection.receive_data(line)
        try:
            event = connection.next_event()
        except h11.RemoteProtocolError:
            return No.REFUSED
        if isinstance(event, h11.Request):
            return _request(connection, event, size)
        assert event is h11.NEED_DATA, event
    return No.WAITING


def _request(connection: h11.Connection, head: h11.Request, size: int) -> Request:
    body = _body(connection)
    upgrade: bool | None = connection.their_state.__name__ == "MIGHT_SWITCH_PROTOCOL"
    if head.method == b"CONNECT" or isinstance(body, str):
        upgrade = None  # it says so at the end of the body
    fields = tuple(head.headers)
    return Request(size, head.method, head.target, head.http_version, fields, upgrade, body)


def _body(connection: h11.Connection) -> bytes | str:
    connection.receive_data(PROBE)
    content = b""
    while True:
        try:
            event = connection.next_event()
        except h11.RemoteProtocolError:
            return "broken"
        match event:
            case h11.Data(data=data):
                content += data
            case h11.EndOfMessage():
                return content
            case _:
                return "open"
