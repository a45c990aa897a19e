"""The demo's connection without I/O: however octets are cut, and whatever follows a switch."""

import asyncio
from contextlib import suppress
from functools import partial
from typing import Final

import pytest
from demo.connection import HttpConnection, Site
from demo.corpus import DEFAULT, load
from demo.expectations import differences, expect
from demo.frames import Framing, http2_frame, split_frames, tls_record, websocket_frame
from demo.http2 import Http2Client
from demo.policies import policy_for
from demo.replay import Outcome, faults
from demo.roles import echo
from demo.server import Wire, listen
from demo.tls import Certificates, SecureClient, SecureLayer
from demo.transcript import Transcript

from httpupgrade import Accept101, Finding, Passthrough, Reject, Require426, UpgradeToken
from httpupgrade.adapters.h2 import UPGRADED_STREAM
from httpupgrade.cli.serve.roles import Response

HOST: Final = "127.0.0.1"
CERTIFICATES: Final = Certificates(HOST)
OPTIONS: Final = (
    b"OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: TLS/1.2\r\n\r\n"
)
GET: Final = b"GET /account HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def site() -> Site:
    server = CERTIFICATES.for_server()
    return Site(policy_for, echo, lambda inside: SecureLayer(server, inside))


def in_pieces(connection: HttpConnection, octets: bytes, step: int) -> bytes:
    pieces = (octets[start : start + step] for start in range(0, len(octets), step))
    return b"".join(connection.receive(piece) for piece in pieces if not connection.closed)


def ask_for(client: Http2Client, body: bytes = b"") -> bytes:
    return (
        b"POST /files HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade, HTTP2-Settings\r\n"
        b"Upgrade: h2c\r\nHTTP2-Settings: %b\r\nContent-Length: %d\r\n\r\n%b"
    ) % (client.settings, len(body), body)


def converse(connection: HttpConnection, client: Http2Client, got: bytes) -> dict[int, Response]:
    """Until neither side has more to say."""
    responses, octets = client.receive(got)
    while octets:
        more, octets = client.receive(connection.receive(octets))
        responses |= more
    return responses


# --- HTTP/2 -------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_stream_1_is_answered_however_the_request_is_cut(step: int) -> None:
    transcript = Transcript()
    connection = HttpConnection(site(), transcript)
    client = Http2Client(HOST)
    got = in_pieces(connection, ask_for(client, b"content"), step)
    head, _, frames = got.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101")
    response = converse(connection, client, frames)[UPGRADED_STREAM]
    assert (response.status_code, response.body) == (200, b"content")
    assert [type(each) for each in transcript.decisions] == [Accept101]


def test_content_beyond_the_windows_of_the_client_waits_for_them() -> None:
    content = bytes(range(256)) * 1200  # a window is 65535 octets
    connection = HttpConnection(site(), Transcript())
    client = Http2Client(HOST)
    _, _, frames = connection.receive(ask_for(client, content)).partition(b"\r\n\r\n")
    assert converse(connection, client, frames)[UPGRADED_STREAM].body == content


def test_frames_that_come_with_the_request_are_answered() -> None:
    transcript = Transcript()
    connection = HttpConnection(site(), transcript)
    client = Http2Client(HOST)
    request = ask_for(client)
    _, preface = client.receive(b"")
    number, more = client.ask(b"GET", b"/files")
    _, _, frames = connection.receive(request + preface + more).partition(b"\r\n\r\n")
    assert set(converse(connection, client, frames)) == {UPGRADED_STREAM, number}
    assert [frame.kind for frame in transcript.frames(">")][:2] == [
        "connection preface",
        "frame: SETTINGS",
    ]


@pytest.mark.parametrize("octets", [b"", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 2])
def test_what_is_no_http_2_ends_the_connection(octets: bytes) -> None:
    connection = HttpConnection(site(), Transcript())
    connection.receive(ask_for(Http2Client(HOST)))
    assert not connection.closed
    connection.receive(octets)
    assert connection.closed


# --- TLS ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [1, 11, 10_000])
def test_the_request_that_asked_for_tls_is_answered_first_inside(step: int) -> None:
    transcript = Transcript()
    connection = HttpConnection(site(), transcript)
    assert connection.receive(GET).startswith(b"HTTP/1.1 426 ")
    assert connection.receive(OPTIONS).startswith(b"HTTP/1.1 101 ")
    client = SecureClient(CERTIFICATES.for_client(), HOST)
    carried = client.receive(b"")
    while not client.complete:
        carried += client.receive(in_pieces(connection, client.records_to_send(), step))
    client.send(GET)
    carried += client.receive(in_pieces(connection, client.records_to_send(), step))
    assert carried.count(b"HTTP/1.1 200 ") == 2
    assert carried.index(b"X-Method: OPTIONS") < carried.index(b"X-Method: GET")
    assert not connection.closed
    client.end()
    connection.receive(client.records_to_send())
    assert connection.closed
    assert [type(each) for each in transcript.decisions] == [Require426, Accept101, Passthrough]
    assert [step.depth for step in transcript.steps if step.side == "="] == [0, 0, 1]


@pytest.mark.parametrize("octets", [b"", GET, b"\x16\x03\x01\x00\x05hello"])
def test_a_handshake_that_fails_closes(octets: bytes) -> None:
    connection = HttpConnection(site(), Transcript())
    connection.receive(OPTIONS)
    connection.receive(octets)
    assert connection.closed


def test_what_comes_before_the_101_draws_400() -> None:
    transcript = Transcript()
    connection = HttpConnection(site(), transcript)
    client = SecureClient(CERTIFICATES.for_client(), HOST)
    client.receive(b"")
    assert connection.receive(OPTIONS + client.records_to_send()).startswith(b"HTTP/1.1 400 ")
    assert connection.closed
    assert [type(each) for each in transcript.decisions] == [Reject]


# --- HTTP/1.1 -----------------------------------------------------------------------------------


def test_leave_is_given_to_a_client_that_waits_for_it() -> None:
    connection = HttpConnection(site(), Transcript())
    head = b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    assert connection.receive(head) == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert connection.receive(b"hi").endswith(b"\r\n\r\nhi")


def test_an_answer_to_head_has_no_content() -> None:
    connection = HttpConnection(site(), Transcript())
    answer = connection.receive(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert b"Content-Length: 6\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")
    assert not connection.closed


# --- Frames -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("framing", "octets", "shown"),
    [
        (websocket_frame, "c1 02 6869", "frame: text, compressed, 4 octets: c1 02 68 69"),
        (websocket_frame, "8180 01020304", "frame: text, 6 octets: 81 80 01 02 03 04"),
        (http2_frame, "000000 04 01 00000000", "frame: SETTINGS, ACK, 9 octets: "),
        (http2_frame, "000000 00 01 00000003", "frame: DATA, stream 3, END_STREAM, 9 octets: "),
        (http2_frame, "000000 20 00 00000000", "frame: type 32, 9 octets: "),
        (tls_record, "1503030002 0100", "TLS record: alert, 7 octets: 15 03 03 00 02 01 00"),
        (tls_record, "1803030000", "TLS record: type 24, 5 octets: 18 03 03 00 00"),
    ],
)
def test_a_frame_is_told_of_once_its_end_is_there(
    framing: Framing, octets: str, shown: str
) -> None:
    whole = bytes.fromhex(octets)
    (first, second), rest = split_frames(framing, whole * 2 + whole[:-1])
    assert str(first).startswith(shown)
    assert (first.octets, second.octets, rest) == (whole, whole, whole[:-1])


# --- HTTP/1.1 -----------------------------------------------------------------------------------


def test_octets_that_are_no_request_behind_one_for_a_head_draw_400() -> None:
    connection = HttpConnection(site(), Transcript())
    assert connection.receive(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").startswith(b"HTTP/1.1 200 ")
    assert connection.receive(b"\x00 broken\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert connection.closed


def test_a_proxy_request_makes_no_tunnel() -> None:
    connection = HttpConnection(site(), Transcript())
    got = connection.receive(b"CONNECT a.example:80 HTTP/1.1\r\nHost: a.example:80\r\n\r\n")
    assert got.startswith(b"HTTP/1.1 501 ")


# --- The transport ------------------------------------------------------------------------------


def test_a_connection_that_says_nothing_ends_with_its_time() -> None:
    async def stay() -> bytes:
        make = partial(Wire, HttpConnection(site(), Transcript()), lambda: None, 0.05)
        async with listen(make) as port, asyncio.timeout(5):
            reader, writer = await asyncio.open_connection(HOST, port)
            got = b""
            with suppress(ConnectionError):
                got = await reader.read()
            writer.close()
            return got

    assert asyncio.run(stay()) == b""


def test_a_client_that_leaves_in_a_request_is_let_go() -> None:
    ended = []

    async def leave() -> None:
        make = partial(Wire, HttpConnection(site(), Transcript()), lambda: ended.append(""))
        async with listen(make) as port, asyncio.timeout(5):
            reader, writer = await asyncio.open_connection(HOST, port)
            writer.write(b"GET / HT")
            writer.write_eof()
            assert await reader.read() == b""
            writer.close()
            await writer.wait_closed()

    asyncio.run(leave())
    assert ended == [""]


# --- The replay ---------------------------------------------------------------------------------

CAPTURE: Final = next(each for each in load(DEFAULT) if each.name == "direct__curl__h2c__post")


@pytest.mark.parametrize(
    ("outcome", "fault"),
    [
        (Outcome(Passthrough(None), CAPTURE.data[:-1], b""), "lost or changed on the way"),
        (Outcome(Passthrough(None), CAPTURE.data + b"x", b""), "lost or changed on the way"),
        (Outcome(Accept101(UpgradeToken("h2c")), b"", b"x"), "octets behind the head were lost"),
        (Outcome(Reject(400), b"", CAPTURE.rest[:-1]), "octets behind the head were lost"),
    ],
)
def test_octets_that_were_lost_are_a_fault(outcome: Outcome, fault: str) -> None:
    found = faults(CAPTURE, expect(CAPTURE, "optional"), outcome)
    assert any(fault in each for each in found), found


def test_a_finding_that_was_not_expected_is_a_fault() -> None:
    finding = Finding("origin-not-allowed", "not from there")
    decision = Passthrough(None, findings=(finding,))
    assert "unexpected finding origin-not-allowed" in differences(
        expect(CAPTURE, "optional"), decision
    )
