"""HTTP/2 as the h2 adapter begins it behind a 101, at both ends."""

import base64
from typing import Final

import h2.events
import pytest
from client_wire import asking
from feeding import feed
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes, Settings
from hypothesis import given
from hypothesis import strategies as st
from wire import asks_for, request

from httpupgrade import (
    H2C,
    Accept101,
    ClientNegotiator,
    Continue100,
    CustomProtocol,
    H2CAgreement,
    Policy,
    RequestHead,
    ServerNegotiator,
    Switched,
    UpgradeToken,
)
from httpupgrade.adapters.h2 import (
    UPGRADED_STREAM,
    ExtendedConnectClient,
    H2CClient,
    HeaderList,
    StreamAnswer,
    StreamData,
    StreamFailure,
    Upgraded,
    header_list,
    http2,
)

POLICY: Final = Policy(H2C())
SETTINGS: Final = b"AAMAAABkAAQAAP__"
PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
EMPTY_SETTINGS: Final = b"\0\0\0\x04\0\0\0\0\0"
CHUNKED: Final = b"Transfer-Encoding: chunked"
ASKING: Final = (
    b"Connection: Upgrade, HTTP2-Settings, X-Hop",
    b"Upgrade: h2c",
    b"HTTP2-Settings: " + SETTINGS,
    b"X-Hop: 1",
)


def ask(*lines: bytes, line: bytes = b"GET /x?y HTTP/1.1", body: bytes = b"") -> bytes:
    fields = lines if any(each.startswith(b"Host") for each in lines) else (b"Host: A:80", *lines)
    return request(*fields, *ASKING, line=line, body=body)


def accept_of(octets: bytes) -> tuple[Accept101, bytes]:
    negotiator = ServerNegotiator(POLICY)
    event = feed(negotiator, octets)
    while isinstance(event, Continue100):
        negotiator.send(event)
        event = negotiator.next_event()
    assert isinstance(event, Accept101), event
    negotiator.send(event)
    return event, negotiator.trailing_data


def upgraded(octets: bytes) -> Upgraded:
    begun = http2(*accept_of(octets))
    assert begun.error is None
    return begun


# --- The request of stream 1 --------------------------------------------------------------------

COMMON: Final = ((b":scheme", b"http"), (b":authority", b"A:80"))


def expected(method: bytes, path: bytes, *fields: tuple[bytes, bytes]) -> HeaderList:
    return [(b":method", method), *COMMON, (b":path", path), *fields]


@pytest.mark.parametrize(
    ("octets", "headers", "body"),
    [
        (ask(), expected(b"GET", b"/x?y"), b""),
        (ask(line=b"OPTIONS * HTTP/1.1"), expected(b"OPTIONS", b"*"), b""),
        (ask(line=b"GET http://A:80/z?q HTTP/1.1"), expected(b"GET", b"/z?q"), b""),
        (ask(b"Host: other", line=b"GET HTTP://A:80 HTTP/1.1"), expected(b"GET", b"/"), b""),
        (ask(line=b"OPTIONS http://A:80 HTTP/1.1"), expected(b"OPTIONS", b"*"), b""),
        (ask(line=b"OPTIONS http://A:80?q HTTP/1.1"), expected(b"OPTIONS", b"/?q"), b""),
        (ask(line=b"GET http://A:80?u=a://b HTTP/1.1"), expected(b"GET", b"/?u=a://b"), b""),
        (
            ask(b"X-TWICE: 1", b"x-Twice: 2", b"TE: trailers", b"Keep-Alive: timeout=1",
                b"Proxy-Connection: close", b"X-Stays: \xe4 \t b"),
            expected(b"GET", b"/x?y", (b"x-twice", b"1"), (b"x-twice", b"2"),
                (b"x-stays", b"\xe4 \t b")),
            b"",
        ),
        (
            ask(b"Content-Length: 5", b"Expect: 100-continue", line=b"PUT /p HTTP/1.1",
                body=b"hello"),
            expected(b"PUT", b"/p", (b"content-length", b"5")),
            b"hello",
        ),
        (
            ask(CHUNKED, line=b"POST /p HTTP/1.1", body=b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"),
            expected(b"POST", b"/p"),
            b"hello",
        ),
    ],
)  # fmt: skip
def test_the_request_that_asked_as_http_2_says_it(
    octets: bytes, headers: HeaderList, body: bytes
) -> None:
    begun = upgraded(octets)
    assert begun.headers == headers
    assert begun.body == body
    assert begun.events == []
    # Another connection takes them as they are, sent and received.
    client, server = H2Connection(), H2Connection(H2Configuration(client_side=False))
    client.initiate_connection()
    server.initiate_connection()
    client.send_headers(1, begun.headers)
    events = server.receive_data(client.data_to_send())
    (received,) = [event for event in events if isinstance(event, h2.events.RequestReceived)]
    assert [(bytes(name), bytes(value)) for name, value in received.headers or ()] == headers


def test_a_host_that_is_empty_is_no_authority() -> None:
    assert not [field for field in upgraded(ask(b"Host:")).headers if field[0] == b":authority"]


def test_a_request_that_begins_no_http_2_is_refused() -> None:
    with pytest.raises(ValueError, match="CONNECT"):
        header_list(RequestHead(b"CONNECT", b"a:1", [(b"Host", b"a:1")]))


# --- Both ends ----------------------------------------------------------------------------------


def meet(
    client: H2CClient, method: bytes = b"GET", early: bool = False
) -> tuple[Upgraded, Switched]:
    negotiator = ClientNegotiator(client.offer, host=b"a", method=method, target=b"/x")
    octets = negotiator.send_request()
    preface = client.connection.data_to_send() if early else b""
    accept, trailing = accept_of(octets + preface)
    assert trailing == preface
    switched = feed(negotiator, accept.to_bytes())
    assert isinstance(switched, Switched)
    return http2(accept, trailing), switched


def test_repr_shows_neither_fields_nor_octets() -> None:
    upgraded, _ = meet(H2CClient())
    assert repr(upgraded) == (
        "Upgraded(connection=<H2Connection>, headers=<list>, body=<0 octets>, events=<list>,"
        " error=None)"
    )
    assert upgraded.replace(body=b"secret").body == b"secret"
    assert "secret" not in repr(upgraded.replace(body=b"secret"))


def converse(client: H2Connection, server: H2Connection) -> list[h2.events.Event]:
    """Until neither has more to say: what the client saw."""
    seen: list[h2.events.Event] = []
    while octets := client.data_to_send():
        server.receive_data(octets)
        seen += client.receive_data(server.data_to_send())
    return seen


@pytest.mark.parametrize("early", [False, True])
@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
def test_stream_1_is_answered_and_others_follow(method: bytes, early: bool) -> None:
    client = H2CClient()
    begun, switched = meet(client, method, early)
    server = begun.connection
    assert bool(begun.events) == early
    assert begun.headers[0] == (b":method", method)
    fields = [(b":status", b"200"), (b"content-length", b"5")]
    server.send_headers(UPGRADED_STREAM, fields, end_stream=method == b"HEAD")
    if method == b"GET":
        server.send_data(UPGRADED_STREAM, b"hello", end_stream=True)
    answered = client.begin(switched, server.data_to_send(), method=method)
    assert answered.error is None
    assert h2.events.StreamEnded in map(type, answered.events)
    number = client.connection.get_next_available_stream_id()
    client.connection.send_headers(
        number, header_list(RequestHead(b"GET", b"/y", [(b"Host", b"a")])), True
    )
    server.receive_data(client.connection.data_to_send())
    server.send_headers(number, [(b":status", b"204")], end_stream=True)
    client.connection.receive_data(server.data_to_send())
    assert converse(client.connection, server) == []
    assert number == 3


def test_what_the_client_says_in_its_settings_is_kept_to() -> None:
    client = H2CClient(H2Configuration(client_side=True, header_encoding="utf-8"))
    client.connection.local_settings = Settings(
        client=True, initial_values={SettingCodes.INITIAL_WINDOW_SIZE: 7}
    )
    begun, _ = meet(client)
    server = begun.connection
    server.send_headers(UPGRADED_STREAM, [(b":status", b"200")])
    assert server.local_flow_control_window(UPGRADED_STREAM) == 7


def test_a_client_goes_on_only_behind_what_it_asked_itself() -> None:
    client = H2CClient()
    with pytest.raises(ValueError, match="other settings"):
        client.begin(meet(H2CClient())[1])
    client.connection.local_settings = Settings(
        client=True, initial_values={SettingCodes.INITIAL_WINDOW_SIZE: 7}
    )
    assert client.offer.__repr__() == client.offer.__repr__()
    with pytest.raises(ValueError, match="other settings"):
        client.begin(meet(H2CClient())[1])
    event = feed(
        asking(CustomProtocol("tcp")),
        b"HTTP/1.1 101 x\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n",
    )
    assert isinstance(event, Switched)
    with pytest.raises(ValueError, match="tcp was agreed on, and no h2c"):
        client.begin(event)


# --- What came early, and what is broken --------------------------------------------------------


def goes_away(connection: H2Connection) -> ErrorCodes | int | None:
    """What a peer reads of why this one closes."""
    peer = H2Connection()
    peer.initiate_upgrade_connection()
    events = peer.receive_data(connection.data_to_send())
    ended = [each for each in events if isinstance(each, h2.events.ConnectionTerminated)]
    return ended[0].error_code if ended else None


@pytest.mark.parametrize("place", range(len(PREFACE + EMPTY_SETTINGS) + 1))
def test_frames_that_came_with_the_request_are_events(place: int) -> None:
    octets = PREFACE + EMPTY_SETTINGS
    begun = upgraded(ask() + octets[:place])
    events = [*begun.events, *begun.connection.receive_data(octets[place:])]
    assert [type(each) for each in events] == [h2.events.RemoteSettingsChanged]
    assert goes_away(begun.connection) is None


@pytest.mark.parametrize(
    "octets",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        PREFACE + b"\0\0\x05\x04\0\0\0\0\0" + b"short",
        PREFACE + EMPTY_SETTINGS + b"\0\0\x04\x08\0\0\0\0\0\0\0\0\0",  # WINDOW_UPDATE of 0
        PREFACE + EMPTY_SETTINGS + b"\0\0\x01\x01\x05\0\0\0\x03" + b"\xff",  # no HPACK
    ],
)
def test_early_data_that_is_no_http_2_is_answered_with_a_goaway(octets: bytes) -> None:
    begun = http2(*accept_of(ask() + octets))
    assert isinstance(begun.error, ProtocolError)
    assert begun.events == []
    assert goes_away(begun.connection) not in (None, ErrorCodes.NO_ERROR)


def test_a_server_that_speaks_no_http_2_is_told_so() -> None:
    client = H2CClient()
    _, switched = meet(client)
    begun = client.begin(switched, EMPTY_SETTINGS + b"\0\0\x05\x04\0\0\0\0\0short")
    assert isinstance(begun.error, ProtocolError)
    assert client.connection.data_to_send().startswith(PREFACE)


@given(st.binary(max_size=64), st.booleans())
def test_whatever_comes_early_comes_out_as_a_value(octets: bytes, framed: bool) -> None:
    begun = http2(*accept_of(ask() + PREFACE * framed + EMPTY_SETTINGS * framed + octets))
    begun.connection.data_to_send()


_SETTING = st.tuples(
    st.integers(0, 10) | st.integers(0, 0xFFFF),
    st.sampled_from((0, 1, 2**14, 2**24 - 1, 2**31 - 1, 2**31, 2**32 - 1)),
)


@given(st.lists(_SETTING, max_size=6))
def test_settings_that_h2c_agrees_to_break_nothing(settings: list[tuple[int, int]]) -> None:
    payload = b"".join(
        name.to_bytes(2, "big") + value.to_bytes(4, "big") for name, value in settings
    )
    field = b"HTTP2-Settings: " + base64.urlsafe_b64encode(payload)
    lines = (b"Host: a", b"Upgrade: h2c", b"Connection: Upgrade, HTTP2-Settings", field)
    event = feed(ServerNegotiator(POLICY), request(*lines))
    if isinstance(event, Accept101):
        begun = http2(event)
        begun.connection.send_headers(UPGRADED_STREAM, [(b":status", b"204")], end_stream=True)
        begun.connection.data_to_send()


# --- Misuse -------------------------------------------------------------------------------------


def test_other_acceptances_are_refused() -> None:
    tunnel = feed(ServerNegotiator(Policy(CustomProtocol("tcp"))), asks_for(b"tcp"))
    assert isinstance(tunnel, Accept101)
    with pytest.raises(ValueError, match="tcp was agreed on, and no h2c"):
        http2(tunnel)
    accept, _ = accept_of(ask())
    with pytest.raises(ValueError, match="no h2c"):
        http2(accept.replace(head=None))
    with pytest.raises(ValueError, match="has not been read"):
        http2(accept.replace(awaits_body=True))
    wrong = Accept101(UpgradeToken("h2c"), head=accept.head, agreement=H2CAgreement(b"AAI", ()))
    with pytest.raises(ValueError, match="not a SETTINGS payload"):
        http2(wrong)


def test_a_configuration_is_for_its_end() -> None:
    accept, _ = accept_of(ask())
    with pytest.raises(ValueError, match="the other end"):
        http2(accept, config=H2Configuration(client_side=True))
    with pytest.raises(ValueError, match="the other end"):
        H2CClient(H2Configuration(client_side=False))
    server = http2(accept, config=H2Configuration(client_side=False, header_encoding="utf-8"))
    assert server.connection.config.header_encoding == "utf-8"


# --- A client in HTTP/2 from its first octet on ---------------------------------------------------

CONNECTING: Final = RequestHead(
    b"GET",
    b"/chat?x",
    (
        (b"Host", b"a.example"),
        (b"Upgrade", b"websocket"),
        (b"Connection", b"Upgrade"),
        (b"A", b"b"),
    ),
)


def http2_ends(*, allows: bool) -> tuple[ExtendedConnectClient, H2Connection]:
    """A client that has the SETTINGS of its server, and that server."""
    client = ExtendedConnectClient()
    assert client.allows_connect is None
    server = H2Connection(
        H2Configuration(
            client_side=False, validate_outbound_headers=False, normalize_outbound_headers=False
        )
    )
    if allows:
        values = {SettingCodes.ENABLE_CONNECT_PROTOCOL: 1}
        server.local_settings = Settings(client=False, initial_values=values)
    server.initiate_connection()
    server.receive_data(client.connection.data_to_send())
    assert client.receive(server.data_to_send()) == []
    server.receive_data(client.connection.data_to_send())
    return client, server


def request_at(server: H2Connection, client: ExtendedConnectClient) -> h2.events.RequestReceived:
    events = server.receive_data(client.connection.data_to_send())
    (found,) = [each for each in events if isinstance(each, h2.events.RequestReceived)]
    return found


@pytest.mark.parametrize("allows", [True, False])
def test_a_client_knows_whether_extended_connect_is_allowed(allows: bool) -> None:
    client, _ = http2_ends(allows=allows)
    assert client.allows_connect is allows


def test_a_client_opens_a_tunnel() -> None:
    client, server = http2_ends(allows=True)
    stream_id = client.ask(CONNECTING, protocol=b"websocket")
    assert request_at(server, client).headers == [
        (b":method", b"CONNECT"),
        (b":protocol", b"websocket"),
        (b":scheme", b"https"),
        (b":authority", b"a.example"),
        (b":path", b"/chat?x"),
        (b"a", b"b"),
    ]
    server.send_headers(stream_id, [(b":status", b"103")])
    server.send_headers(stream_id, [(b":status", b"200"), (b"c", b"d")])
    server.send_data(stream_id, b"down")
    assert client.receive(server.data_to_send()) == [
        StreamAnswer(stream_id, 200, ((b"c", b"d"),)),
        StreamData(stream_id, b"down", False),
    ]
    client.send(stream_id, b"up")
    events = server.receive_data(client.connection.data_to_send())
    assert [each.data for each in events if isinstance(each, h2.events.DataReceived)] == [b"up"]
    server.end_stream(stream_id)
    assert client.receive(server.data_to_send()) == [StreamData(stream_id, b"", True)]


def test_a_client_sends_an_ordinary_request_and_sees_what_http2_forbids() -> None:
    client, server = http2_ends(allows=False)
    stream_id = client.ask(CONNECTING, scheme=b"http")
    received = request_at(server, client)
    assert received.stream_ended is not None
    assert received.headers[:2] == [(b":method", b"GET"), (b":scheme", b"http")]
    fields = [(b":status", b"426"), (b"upgrade", b"websocket")]
    server.send_headers(stream_id, fields, end_stream=True)
    answer, end = client.receive(server.data_to_send())
    assert answer == StreamAnswer(stream_id, 426, ((b"upgrade", b"websocket"),))
    assert end == StreamData(stream_id, b"", True)
    client.send(stream_id, b"after its end")
    assert client.connection.data_to_send() == b""


@pytest.mark.parametrize("status", [b"20", b"2xx", b"0200"])
def test_a_status_that_is_none_is_a_failure_of_the_stream(status: bytes) -> None:
    client, server = http2_ends(allows=False)
    stream_id = client.ask(CONNECTING)
    request_at(server, client)
    server.send_headers(stream_id, [(b":status", status)])
    assert client.receive(server.data_to_send()) == [StreamFailure(stream_id, "no status")]


@pytest.mark.parametrize(("code", "name"), [(1, "PROTOCOL_ERROR"), (0x99, "153")])
def test_the_end_of_a_stream_and_of_a_connection_is_named(code: int, name: str) -> None:
    client, server = http2_ends(allows=False)
    stream_id = client.ask(CONNECTING)
    request_at(server, client)
    server.reset_stream(stream_id, error_code=code)
    assert client.receive(server.data_to_send()) == [StreamFailure(stream_id, name)]
    server.close_connection(error_code=code)
    assert client.receive(server.data_to_send()) == [StreamFailure(None, name)]


def test_what_is_no_http2_is_a_failure_of_the_connection() -> None:
    client = ExtendedConnectClient()
    settings_on_a_stream = EMPTY_SETTINGS[:-1] + b"\x01"
    assert client.receive(settings_on_a_stream) == [StreamFailure(None, "PROTOCOL_ERROR")]
