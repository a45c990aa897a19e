"""zttp: a pull parser in Zig."""

import zttp

from .request import PROBE, No, Reading, Request, lines_of


def read(octets: bytes) -> Reading:
    """What zttp makes of it."""
    connection = zttp.Connection(zttp.SERVER)
    for size, line in lines_of(octets):
        try:
            event = connection.receive_event(line)
        except zttp.RemoteProtocolError:
            return No.REFUSED
        if isinstance(event, zttp.Request):
            fields = tuple((name.lower(), value) for name, value in event.headers)
            body = b"" if event.end_stream else _body(connection)
            # It does not say whether a connection may switch.
            return Request(size, event.method, event.target, event.http_version, fields, None, body)
        assert event is zttp.NEED_DATA, event
    return No.WAITING


def _body(connection: zttp.H1Connection) -> bytes | str:
    content = b""
    try:
        connection.receive_data(PROBE)
        while isinstance(event := connection.next_event(), zttp.Data):
            content += event.data
    except zttp.RemoteProtocolError:
        return "broken"
    return content if isinstance(event, zttp.EndOfMessage) else "open"
