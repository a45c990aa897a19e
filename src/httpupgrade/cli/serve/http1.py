"""An HTTP/1.1 server for what passes: it answers GET and its like, and drops bodies.

Rules for this module: octets in, octets out; where a request ends is the library's to find.
"""

from http import HTTPStatus
from typing import Final, final

from ... import Forward, Passthrough, RequestHead, ResponseHead, ServerNegotiator, Signal
from .roles import Application, Request, Response

_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_NO_PROXY: Final = Response(501, ((b"Content-Type", b"text/plain"),), b"This is not a proxy.\n")


@final
class OrdinaryServer:
    """A connection of an HTTP/1.1 server."""

    def __init__(self, application: Application) -> None:
        self._application: Final = application
        self._negotiator: Final = ServerNegotiator(lambda _: None)  # which lets everything pass
        self._head: RequestHead | None = None
        self.closed: bool = False
        """Whether the connection closes after what was returned."""

    def begin(self) -> bytes:
        """Nothing: the client asks first."""
        return b""

    def receive(self, octets: bytes) -> bytes:
        """The responses to what is complete by now."""
        self._negotiator.receive_data(octets)
        written = b""
        while not self.closed:
            event = self._negotiator.next_event()
            match event:
                case Passthrough(head=RequestHead() as head):
                    self._head = head
                    written += self._begin_answer(head)
                case Forward(end=True) if self._head is not None:
                    written += self._answer(self._head)
                case Forward():
                    pass  # bodies are of no use here
                case Signal():
                    break
                case _:  # what cannot be read was refused before it got here
                    self.closed = True
        return written

    def _begin_answer(self, head: RequestHead) -> bytes:
        if head.method == b"CONNECT":  # a success would make a tunnel of the connection
            self.closed = True
            return _to_bytes(_NO_PROXY, head, close=True)
        # RFC 9110 10.1.1: a client may wait for it before it sends its body.
        waits = head.announces_content and head.has(b"expect") and head.http_version == b"1.1"
        return _CONTINUE if waits else b""

    def _answer(self, head: RequestHead) -> bytes:
        fields = tuple((name.lower(), value) for name, value in head.headers)
        response = self._application(Request(head.method, head.target, fields, b""))
        self.closed = not head.persists
        return _to_bytes(response, head, close=self.closed)


def _to_bytes(response: Response, head: RequestHead, *, close: bool) -> bytes:
    fields = [*response.headers, (b"Content-Length", b"%d" % len(response.body))]
    if close:
        fields.append((b"Connection", b"close"))
    phrase = HTTPStatus(response.status_code).phrase.encode("ascii")
    written = ResponseHead(response.status_code, fields, phrase).to_bytes()
    return written if head.method == b"HEAD" else written + response.body
