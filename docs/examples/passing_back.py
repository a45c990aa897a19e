"""What the reverse proxy makes of the messages that it passes on, without I/O."""

from httpupgrade import (
    Accept101,
    Content,
    RequestHead,
    ResponseHead,
    Switched,
    UpgradeToken,
    WebSocket,
)
from httpupgrade.fields import Headers, end_to_end_headers, parse_upgrade

OFFER = WebSocket()
"""What is tunnelled, because its 101 can be verified."""
_FRAMING = (b"content-length", b"transfer-encoding")
_BODILESS = (204, 304)


def request_for(head: RequestHead, *upgrade: UpgradeToken) -> RequestHead:
    """A request as it goes to the server behind: one for each connection, unless it switches."""
    fields = end_to_end_headers(head.headers, upgrade=upgrade, close=not upgrade)
    return RequestHead(head.method, head.target, fields)


def acceptance_of(event: Switched) -> Accept101:
    """The client's 101: that of the server, which was verified. It has no content to announce."""
    return Accept101(
        event.token,
        headers=_unframed(end_to_end_headers(event.head.headers)),
        reason=event.head.reason,
    )


class Reply:
    """The answer to a request. Write what its methods return.

    :param close: whether the client's connection closes after it.
    """

    def __init__(self, request: RequestHead, *, close: bool) -> None:
        self._request = request
        self._chunked = False
        self.closes = close or request.http_version == b"1.0"
        self.begun = False

    def interim(self, head: ResponseHead) -> bytes:
        """A response before the final one; a client of HTTP/1.0 knows none (RFC 9110 15.2)."""
        if self._request.http_version == b"1.0":
            return b""
        fields = _unframed(end_to_end_headers(head.headers))
        return ResponseHead(head.status_code, fields, head.reason).to_bytes()

    def begin(self, head: ResponseHead) -> bytes:
        """The final response: a 426 with what it requires, all others without an Upgrade field."""
        required = parse_upgrade(head.get_all(b"upgrade")) if head.status_code == 426 else ()
        bodiless = self._request.method == b"HEAD" or head.status_code in _BODILESS
        unsized = not bodiless and not head.has(b"content-length")
        fields: Headers = head.headers
        if unsized and self._request.http_version == b"1.0":  # its body ends with the connection
            fields = _unframed(fields)
        elif unsized:
            self._chunked = True
            if not head.has(b"transfer-encoding"):
                fields = (*fields, (b"Transfer-Encoding", b"chunked"))
        fields = end_to_end_headers(fields, upgrade=required, close=self.closes)
        self.begun = True
        return ResponseHead(head.status_code, fields, head.reason).to_bytes()

    def go_on(self, content: Content) -> bytes:
        """More of its body, in the client's framing."""
        if not self._chunked:
            return content.data
        size = len(content.data)
        chunk = b"%x\r\n%b\r\n" % (size, content.data) if size else b""
        return chunk + b"0\r\n\r\n" if content.end else chunk


def _unframed(headers: Headers) -> Headers:
    return tuple((name, value) for name, value in headers if name.lower() not in _FRAMING)
