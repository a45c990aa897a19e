"""HTTP/2 after a 101, both ends: connections and streams are those of ``h2`` (RFC 7540 3.2).

And a client in HTTP/2 from its first octet on, for extended CONNECT (RFC 8441).

Rules for this module: stream 1 is the request that asked, said as HTTP/2 says it, with nothing that
was for the hop it came over. What the peer breaks is a value; the frames that say so are written.
"""

import re
from contextlib import suppress
from typing import Final, final

from h2.config import H2Configuration
from h2.connection import ConnectionState, H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RemoteSettingsChanged,
    RequestReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
)
from h2.exceptions import ProtocolError

from .. import H2C, Accept101, H2CAgreement, RequestHead, Switched
from .._http1.values import Value, field
from ..fields import Headers, end_to_end_headers

# Those of h2 are for who drives its connections beside this.
__all__ = [
    "UPGRADED_STREAM",
    "Begun",
    "ConnectionTerminated",
    "DataReceived",
    "ErrorCodes",
    "Event",
    "ExtendedConnectClient",
    "H2CClient",
    "HeaderList",
    "ProtocolError",
    "RequestReceived",
    "ResponseReceived",
    "StreamAnswer",
    "StreamData",
    "StreamEnded",
    "StreamFailure",
    "StreamReset",
    "Upgraded",
    "header_list",
    "http2",
]

UPGRADED_STREAM: Final = 1
"""RFC 7540 3.2: the request that asked is stream 1, which its client has ended."""

HeaderList = list[tuple[bytes, bytes]]
"""Fields of HTTP/2 in order, those with a colon in front first."""

_STATUS: Final = re.compile(rb"[2-9][0-9][0-9]")  # interim responses have an event of their own

# Host is the authority there, and an expectation was answered: by its 100, or by what came unasked.
# The stream says where a message ends.
_SAID_OTHERWISE: Final = frozenset((b"expect", b"host", b"transfer-encoding"))


@final
class Begun(Value):
    """What octets that came early brought."""

    __slots__ = __match_args__ = ()

    events: list[Event] = field("h2's events, in order.")
    error: ProtocolError | None = field(
        "What was wrong with them. Write ``connection.data_to_send()``, which says so, and close."
    )


@final
class Upgraded(Value):
    """A server's connection whose stream 1 waits for its answer."""

    __slots__ = __match_args__ = ()

    connection: H2Connection = field("Write its ``data_to_send()`` after the 101.")
    headers: HeaderList = field("The request of stream 1, which has no event.")
    body: bytes = field("Its content. No window was used up for it.")
    events: list[Event] = field("What came after the request.")
    error: ProtocolError | None = field(
        "What was wrong with that. Write ``connection.data_to_send()``, which says so, and close."
    )


def http2(
    accept: Accept101, trailing_data: bytes = b"", *, config: H2Configuration | None = None
) -> Upgraded:
    """The HTTP/2 connection that an acceptance begins, at the server's end.

    :param accept: the one that is sent, its body read.
    :param trailing_data: what came after the request.
    :param config: for a server; h2's own where it is None.

    Raises :class:`ValueError` where no h2c was agreed on, and for a client's configuration.
    """
    agreement, head = accept.agreement, accept.head
    if not isinstance(agreement, H2CAgreement) or head is None:
        raise ValueError(f"{accept.token} was agreed on, and no h2c")
    if accept.awaits_body:
        raise ValueError("stream 1 is a whole request, and its body has not been read")
    H2C(settings=agreement.settings)  # a caller's own may break h2
    connection = H2Connection(_checked(config, client_side=False))
    connection.initiate_upgrade_connection(agreement.settings)
    begun = _receive(connection, trailing_data)
    body = accept.request_body
    return Upgraded(connection, header_list(head), body, begun.events, begun.error)


def header_list(head: RequestHead) -> HeaderList:
    """A request of HTTP/1.1 as HTTP/2 says it (RFC 9113 8.3.1, 8.2.2).

    The scheme is http, unless the target has another one. Raises :class:`ValueError` for a CONNECT,
    and where Connection is malformed.
    """
    if head.method == b"CONNECT":
        raise ValueError("a CONNECT begins no HTTP/2")
    scheme, authority, path = _parts_of_target(head)
    folded = [(name.lower(), value) for name, value in end_to_end_headers(head.headers)]
    return [
        (b":method", head.method),
        (b":scheme", scheme),
        *([(b":authority", authority)] if authority else []),
        (b":path", path),
        *(field for field in folded if field[0] not in _SAID_OTHERWISE),
    ]


def _parts_of_target(head: RequestHead) -> tuple[bytes, bytes, bytes]:
    """Scheme, authority and path with query (RFC 9112 3.2, 3.3)."""
    if head.target == b"*" or head.target.startswith(b"/"):
        return b"http", head.get(b"host") or b"", head.target
    # RFC 9112 3.2.2: with a target in absolute-form, Host is ignored.
    scheme, _, rest = head.target.partition(b"://")
    authority = rest.partition(b"/")[0].partition(b"?")[0]
    path = rest[len(authority) :]
    if not path:
        path = b"*" if head.method == b"OPTIONS" else b"/"
    return scheme.lower(), authority, path if path[:1] in b"*/" else b"/" + path


@final
class H2CClient:
    """A client's end: it asks with :attr:`offer`, and goes on after the ``Switched``.

    :param config: for a client; h2's own where it is None.

    Set up ``connection.local_settings`` before the first look at :attr:`offer`, which tells the
    server. Raises :class:`ValueError` for a server's configuration.
    """

    def __init__(self, config: H2Configuration | None = None) -> None:
        self.connection: Final = H2Connection(_checked(config, client_side=True))
        self._settings: bytes | None = None

    @property
    def offer(self) -> H2C:
        """What a ``ClientNegotiator`` takes."""
        if self._settings is None:
            self._settings = self.connection.initiate_upgrade_connection() or b""
        return H2C(settings=self._settings)

    def begin(
        self, event: Switched, trailing_data: bytes = b"", *, method: bytes = b"GET"
    ) -> Begun:
        """Go on in HTTP/2, where stream 1 awaits the answer to the request that asked.

        :param event: what the server has switched in.
        :param trailing_data: what came after the 101.
        :param method: of that request. The answer to HEAD has no content.

        Write the connection's ``data_to_send()`` then. Raises :class:`ValueError` where no h2c was
        agreed on, or where it was not this that asked.
        """
        if not isinstance(event.agreement, H2CAgreement):
            raise ValueError(f"{event.token} was agreed on, and no h2c")
        if event.agreement.settings != self._settings:
            raise ValueError("the server was told other settings than this connection's")
        # h2 knows the method of streams that it has opened itself.
        self.connection.streams[UPGRADED_STREAM].request_method = method
        return _receive(self.connection, trailing_data)


@final
class StreamAnswer(Value):
    """The head of a final response."""

    __slots__ = __match_args__ = ()

    stream_id: int = field("The stream of the request.")
    status_code: int = field("Its status; to an extended CONNECT, 2xx opens the tunnel.")
    headers: Headers = field("Its fields as they came, also those that HTTP/2 forbids.")


@final
class StreamData(Value):
    """Content of a response, or what comes through a tunnel."""

    __slots__ = __match_args__ = ()

    stream_id: int = field("The stream.")
    data: bytes = field("The octets. Their window is given back.")
    end: bool = field("Whether no more follow.")


@final
class StreamFailure(Value):
    """The end of a stream, or of the connection, before that of its response."""

    __slots__ = __match_args__ = ()

    stream_id: int | None = field("The stream; None for the connection.")
    error: str = field('The error as RFC 9113 7 names it: ``"PROTOCOL_ERROR"``; or a number.')


@final
class ExtendedConnectClient:
    """A client in HTTP/2 from its first octet on, whose requests may be extended CONNECT.

    Write the connection's ``data_to_send()`` after each call. Responses are not held to RFC 9113
    8.2: a field that it forbids is there to be seen.
    """

    def __init__(self) -> None:
        config = H2Configuration(client_side=True, validate_inbound_headers=False)
        self.connection: Final = H2Connection(config)
        self.connection.initiate_connection()
        self._settings_came = False

    @property
    def allows_connect(self) -> bool | None:
        """Whether the server takes extended CONNECT (RFC 8441 3); None until it has said."""
        if not self._settings_came:
            return None
        return bool(self.connection.remote_settings.enable_connect_protocol)

    def ask(self, head: RequestHead, *, scheme: bytes = b"https", protocol: bytes = b"") -> int:
        """Send a request without a body, on the stream that is returned.

        :param head: as HTTP/1.1 would have it, without what HTTP/2 has no use for, as it has none
            for Sec-WebSocket-Key.
        :param protocol: makes it an extended CONNECT for this one, which leaves the stream open.

        Raises :class:`ValueError` as :func:`header_list` does.
        """
        first, _, *others = header_list(head)
        begun = [first, (b":scheme", scheme)]
        if protocol:
            begun[:1] = [(b":method", b"CONNECT"), (b":protocol", protocol)]
        stream_id = self.connection.get_next_available_stream_id()
        self.connection.send_headers(stream_id, begun + others, end_stream=not protocol)
        return stream_id

    def send(self, stream_id: int, octets: bytes) -> None:
        """Send octets through a tunnel; nothing if its stream is closed, or its window full."""
        with suppress(ProtocolError):
            self.connection.send_data(stream_id, octets)

    def receive(self, octets: bytes) -> list[StreamAnswer | StreamData | StreamFailure]:
        """Take octets from the server; nothing but failures comes after one of the connection."""
        begun = _receive(self.connection, octets)
        found = [each for event in begun.events for each in self._told(event)]
        if begun.error is not None:
            found.append(StreamFailure(None, _name_of(begun.error.error_code)))
        return found

    def _told(self, event: Event) -> list[StreamAnswer | StreamData | StreamFailure]:
        match event:
            case ResponseReceived():
                return [_answer(event)]
            case DataReceived():
                size, stream_id = event.flow_controlled_length, event.stream_id
                self.connection.acknowledge_received_data(size, stream_id)
                return [StreamData(stream_id, event.data, False)] if event.data else []
            case StreamEnded():
                return [StreamData(event.stream_id, b"", True)]
            case StreamReset():
                return [StreamFailure(event.stream_id, _name_of(event.error_code))]
            case ConnectionTerminated():
                return [StreamFailure(None, _name_of(event.error_code))]
            case RemoteSettingsChanged():
                self._settings_came = True
                return []
            case _:
                return []


def _answer(event: ResponseReceived) -> StreamAnswer | StreamFailure:
    fields = tuple((bytes(name), bytes(value)) for name, value in event.headers)
    status = next((value for name, value in fields if name == b":status"), b"")
    if _STATUS.fullmatch(status) is None:
        return StreamFailure(event.stream_id, "no status")
    regular = tuple(each for each in fields if not each[0].startswith(b":"))
    return StreamAnswer(event.stream_id, int(status), regular)


def _name_of(error_code: object) -> str:
    return str(getattr(error_code, "name", error_code))


def _receive(connection: H2Connection, octets: bytes) -> Begun:
    try:
        return Begun(connection.receive_data(octets), None)
    except ProtocolError as error:
        # h2 says why it closes, unless it was the preface that is none.
        if connection.state_machine.state is not ConnectionState.CLOSED:
            connection.close_connection(error.error_code)
        return Begun([], error)


def _checked(config: H2Configuration | None, *, client_side: bool) -> H2Configuration:
    if config is None:
        return H2Configuration(client_side=client_side)
    if config.client_side is not client_side:
        raise ValueError("the configuration is one for the other end")
    return config
