"""HTTP/2 after a 101: a client. The server is that of ``httpupgrade serve``.

Rules for this module: ``h2`` is imported here alone; octets in, octets out.
"""

from typing import Final, final

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, ResponseReceived, StreamEnded

from httpupgrade.cli.serve.http2 import Message
from httpupgrade.cli.serve.roles import Response


@final
class Http2Client:
    """A client that asks for HTTP/2 with its first request, over HTTP/1.1."""

    def __init__(self, authority: str) -> None:
        self._authority = authority.encode("ascii")
        self._connection = H2Connection(H2Configuration(client_side=True))
        self._unfinished: dict[int, Message] = {}
        self.settings: Final = self._connection.initiate_upgrade_connection() or b""
        """For HTTP2-Settings."""

    def ask(self, method: bytes, path: bytes) -> tuple[int, bytes]:
        """A further request: the number of its stream, and the octets to write."""
        number = self._connection.get_next_available_stream_id()
        fields = [
            (b":method", method),
            (b":scheme", b"http"),
            (b":authority", self._authority),
            (b":path", path),
        ]
        self._connection.send_headers(number, fields, end_stream=True)
        return number, self._connection.data_to_send()

    def receive(self, octets: bytes) -> tuple[dict[int, Response], bytes]:
        """The responses that end in these octets, by stream, and the octets to write."""
        responses: dict[int, Response] = {}
        for event in self._connection.receive_data(octets):
            match event:
                case ResponseReceived(stream_id=int() as number):
                    self._unfinished[number] = Message.of(event.headers or ())
                case DataReceived(stream_id=int() as number, data=bytes() as data):
                    self._unfinished[number].body.extend(data)
                    self._connection.acknowledge_received_data(event.flow_controlled_length, number)
                case StreamEnded(stream_id=int() as number):
                    responses[number] = _as_response(self._unfinished.pop(number))
                case _:
                    pass  # settings and windows, which h2 answers or keeps
        return responses, self._connection.data_to_send()

    def close(self) -> bytes:
        """The octets that end the connection."""
        self._connection.close_connection(ErrorCodes.NO_ERROR)
        return self._connection.data_to_send()


def _as_response(message: Message) -> Response:
    headers = tuple(each for each in message.fields.items() if not each[0].startswith(b":"))
    return Response(int(message.fields[b":status"]), headers, bytes(message.body))
