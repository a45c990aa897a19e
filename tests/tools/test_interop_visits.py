"""Our client's visits, to our own servers and to scripts of what servers say."""

import asyncio
from typing import NamedTuple

import pytest
from demo.server import HOST
from demo.tls import Certificates, SecureClient
from interop.judge import decision_of
from interop.servers import Scenario, Seen, serve
from interop.visits import Errand, LostError, Visit, Wish

from httpupgrade import RemoteProtocolError

TALKED = "echoed 'hello' as text, subprotocol chat, permessage-deflate, closed 1000"


class Came(NamedTuple):
    """What came of a visit, and what either end saw of it."""

    outcome: str
    answers: list[str]
    decided: list[str]


def visit(scenario: Scenario, errand: Errand) -> Came:
    """A visit to one of our own servers."""

    async def main() -> Came:
        async with serve(scenario) as server:
            context = server.certificates.for_client(newest=True)
            run = Visit(errand, server.port, lambda: SecureClient(context, HOST))
            outcome = await run.run()
        assert server.raised == []
        return Came(
            outcome,
            [decision_of(seen) for seen in run.seen],
            [decision_of(seen) for seen in server.seen],
        )

    return asyncio.run(main())


# --- Our own servers -----------------------------------------------------------------------------


def test_a_websocket_is_asked_for_at_once() -> None:
    came = visit(Scenario.CHAT, Errand((), asks=(Wish.WEBSOCKET,)))
    assert came == Came(TALKED, ["101 websocket"], ["101 websocket"])


@pytest.mark.parametrize(
    "errand", [Errand((Wish.H2C, Wish.WEBSOCKET)), Errand((Wish.WEBSOCKET,), asks=(Wish.H2C,))]
)
def test_a_websocket_is_asked_for_where_the_server_wants_one(errand: Errand) -> None:
    came = visit(Scenario.CHAT, errand)
    answers = ["426 websocket, version 13", "101 websocket"]
    assert came == Came(TALKED, answers, ["426", "101 websocket"])


def test_what_the_client_does_not_speak_is_not_tried() -> None:
    came = visit(Scenario.CHAT, Errand((Wish.TLS, Wish.H2C)))
    answers = ["426 websocket, version 13"]
    assert came == Came("nothing to try: nothing-in-common", answers, ["426"])


def test_http2_brings_the_response_to_the_request_that_asked_for_it() -> None:
    came = visit(Scenario.H2C, Errand((), asks=(Wish.H2C,)))
    assert came == Came("200 by HTTP/2, body 'hello'", ["101 h2c"], ["101 h2c"])


@pytest.mark.parametrize("asks", [(), (Wish.WEBSOCKET,), (Wish.TLS,)])
def test_a_response_that_switches_nothing_is_read(asks: tuple[Wish, ...]) -> None:
    came = visit(Scenario.H2C, Errand((Wish.H2C,), asks))
    assert came == Came("200, body 'hello'", ["200"], ["pass"])


def test_tls_is_begun_where_the_server_wants_it() -> None:
    # The OPTIONS that asked for it is decided on once, and answered twice: 101, and inside.
    came = visit(Scenario.PRINT, Errand((Wish.TLS,)))
    answers = ["426 TLS/1.3, TLS/1.2, HTTP/1.1", "101 TLS/1.3", "200 in TLS", "200 in TLS"]
    assert came == Came("200, body ''", answers, ["426", "101 TLS/1.3", "pass in TLS"])


def test_a_certificate_of_somebody_else_is_not_believed() -> None:
    context = Certificates(HOST).for_client()

    async def main() -> None:
        async with serve(Scenario.PRINT) as server:
            await Visit(Errand((Wish.TLS,)), server.port, lambda: SecureClient(context, HOST)).run()

    with pytest.raises(OSError, match="certificate verify failed"):
        asyncio.run(main())


# --- What servers say ----------------------------------------------------------------------------


def follow(errand: Errand, *connections: tuple[bytes, ...]) -> tuple[str, list[Seen]]:
    """A visit to a server that answers each request of each connection with what is written here.

    Behind the last one of a connection it closes.
    """
    scripts = iter(connections)

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in next(scripts):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
        writer.close()

    async def main() -> tuple[str, list[Seen]]:
        server = await asyncio.start_server(serve_one, HOST, 0)
        async with server, asyncio.timeout(30):
            run = Visit(errand, server.sockets[0].getsockname()[1], no_tls)
            outcome = await run.run()
            assert list(scripts) == [], "nobody came for these"
            return outcome, run.seen

    return asyncio.run(main())


def no_tls() -> SecureClient:
    raise AssertionError("nobody asked for TLS")


PLAIN = Errand((Wish.WEBSOCKET, Wish.OLD_WEBSOCKET))
OLD = Errand((Wish.OLD_WEBSOCKET,), asks=(Wish.OLD_WEBSOCKET,))
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
REQUIRED = b"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n"
FOR_WEBSOCKET = REQUIRED + b"Upgrade: websocket\r\nConnection: upgrade\r\n\r\n"
FOR_VERSION_13 = REQUIRED + b"Sec-WebSocket-Version: 13\r\n\r\n"


def test_a_connection_that_stays_is_used_again() -> None:
    outcome, seen = follow(PLAIN, (FOR_WEBSOCKET, OK))
    assert outcome == "200, body 'ok'"
    assert seen == [Seen("none", "426 websocket", False), Seen("websocket", "200", False)]


def test_a_connection_that_closes_is_not() -> None:
    closing = FOR_WEBSOCKET.replace(b": upgrade", b": upgrade, close")
    assert follow(PLAIN, (closing,), (OK,))[0] == "200, body 'ok'"


def test_a_connection_that_was_closed_without_a_word_is_replaced() -> None:
    assert follow(PLAIN, (FOR_WEBSOCKET,), (OK,))[0] == "200, body 'ok'"


def test_a_first_connection_that_is_closed_without_a_word_is_the_end() -> None:
    with pytest.raises(LostError, match="closed: response-missing"):
        follow(PLAIN, (b"",))


def test_another_version_of_websocket_is_tried() -> None:
    outcome, seen = follow(OLD, (FOR_VERSION_13, OK))
    assert outcome == "200, body 'ok'"
    assert seen == [
        Seen("websocket, version 8", "426 version 13 (upgrade-list-missing)", False),
        Seen("websocket", "200", False),
    ]


def test_what_precedes_the_final_response_is_passed_over() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    assert follow(PLAIN, (early + OK,))[0] == "200, body 'ok'"


def test_a_body_that_ends_too_early_leads_nowhere() -> None:
    with pytest.raises(LostError, match=r"in the place of content: .*body-incomplete"):
        follow(PLAIN, (OK[:-1],))


def test_a_switch_that_nobody_asked_for_is_not_taken() -> None:
    with pytest.raises(RemoteProtocolError, match="did not ask for another protocol"):
        follow(PLAIN, (b"HTTP/1.1 101 Switching Protocols\r\n\r\n",))
