"""The scenes: what clients do, and what should come of it."""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from typing import Final, Protocol

from examples.follow_426 import Client
from websockets.asyncio.client import connect as connect_websockets
from websockets.typing import Subprotocol

from httpupgrade import TLS, Accept101, Passthrough, Require426, Switched, WebSocket

from . import corpus
from .clients import SecureStream, ask, ask_for_http2, ask_raw, await_answer, connect, talk
from .expectations import differences, expect
from .report import Report
from .server import TIME_OUT, Server, serve
from .tls import SecureClient
from .transcript import Transcript


class Scene(Protocol):
    """What clients do; its docstring is its title."""

    __name__: str

    async def __call__(self, server: Server, report: Report) -> None: ...


NGINX: Final = "nginx__default__websocket"

# Every octet there is, over several reads.
_BODY: Final = [bytes(range(256)) * 40] * 10
_H2C: Final = [
    ("Connection", "Upgrade, HTTP2-Settings"),
    ("Upgrade", "h2c"),
    ("HTTP2-Settings", "AAMAAABkAAQCAAAAAAIAAAAA"),
]


async def play_all(report: Report, scenes: Sequence[Scene]) -> None:
    """Play scenes, each on a server of its own."""
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: report.judge("the server", [repr(context)])
    )
    for scene in scenes:
        report.title((scene.__doc__ or "").rstrip("."))
        try:
            async with serve() as server, asyncio.timeout(TIME_OUT):
                await scene(server, report)
        except Exception as error:  # whatever it is, it was not expected; the others still play
            report.judge(scene.__name__, [repr(error)])


async def _show(server: Server, report: Report) -> Transcript:
    """The transcript of the connection that just ended, printed."""
    transcript = await server.transcripts.get()
    transcript.show(report)
    return transcript


async def retry(server: Server, report: Report) -> None:
    """/chat requires a WebSocket: 426 for a GET, 101 for the retry after it."""
    async with connect(server) as stream:
        refused = await ask(stream, "GET", "/chat")
        talked = await talk(stream, "/chat", ["sent with the handshake", "sent behind the 101"])
    transcript = await _show(server, report)
    report.expect("h11 gets 426", refused.status_code, 426)
    report.expect("its Upgrade names the protocol", refused.headers.get(b"upgrade"), b"websocket")
    report.expect("its Connection lists upgrade", refused.headers.get(b"connection"), b"upgrade")
    report.expect(
        "then, on one connection, 426 and 101 were decided",
        [type(decision) for decision in transcript.decisions],
        [Require426, Accept101],
    )
    report.expect("wsproto agrees on the subprotocol", talked.subprotocol, "chat.v1")
    report.expect(
        "both texts come back, the early one too",
        talked.echoes,
        ["sent with the handshake", "sent behind the 101"],
    )


async def compressed(server: Server, report: Report) -> None:
    """/chat, by the websockets client: subprotocols and compression."""
    text = "the same words again and again, " * 20
    async with connect_websockets(
        f"ws://{server.authority}/chat",
        subprotocols=[Subprotocol("chat.v1"), Subprotocol("chat.v2")],
        proxy=None,
        open_timeout=TIME_OUT,
        close_timeout=TIME_OUT,
    ) as websocket:
        await websocket.send(text)
        echoed = await websocket.recv()
        agreed = websocket.subprotocol
    transcript = await _show(server, report)
    report.expect("the server's order decides on the subprotocol", agreed, "chat.v2")
    report.expect("the text comes back", echoed, text)
    for who, frame in (
        ("client", transcript.frames(">")[0]),
        ("server", transcript.frames("<")[0]),
    ):
        smaller = len(frame.octets) < len(text) // 2
        what = f"the {who} compressed its {len(text)} octets to {len(frame.octets)}"
        report.expect(what, (frame.notes, smaller), (("compressed",), True))


async def passed_through(server: Server, report: Report) -> None:
    """/upload may upgrade: h2c on a POST is declined, h11 gets the request whole."""
    whole = b"".join(_BODY)
    async with connect(server) as stream:
        framings = (("Content-Length", str(len(whole))), ("Transfer-Encoding", "chunked"))
        answers = [
            await ask(stream, "POST", "/upload", [*_H2C, framing], _BODY) for framing in framings
        ]
        following = await ask(stream, "GET", "/upload")
    transcript = await _show(server, report)
    for framing, answer in zip(framings, answers, strict=True):
        report.expect(f"{framing[0]}: h11 answers 200", answer.status_code, 200)
        report.expect(f"{framing[0]}: the body is intact", answer.body == whole, True)
        seen = answer.headers.get(b"x-upgrade-seen")
        report.expect(f"{framing[0]}: h11 saw no offer", seen, b"no")
    report.expect("the next request on the connection works", following.status_code, 200)
    report.expect(
        "three requests passed through",
        [type(decision) for decision in transcript.decisions],
        [Passthrough] * 3,
    )


async def reported(server: Server, report: Report) -> None:
    """/metrics reports: count whom "required" would refuse, before you enforce it."""
    async with connect(server) as stream:
        answer = await ask(stream, "GET", "/metrics")
    await _show(server, report)
    async with connect(server) as stream:
        await talk(stream, "/metrics", ["hello"])
    await _show(server, report)
    report.expect("the GET is answered", answer.status_code, 200)
    report.expect("one request would have been refused", server.would_require, 1)


async def behind_nginx(server: Server, report: Report) -> None:
    """/chat, Chromium's handshake as nginx 1.22 forwards it with proxy_pass alone."""
    capture = next(each for each in corpus.load(corpus.DEFAULT) if each.name == NGINX)
    async with connect(server) as stream:
        answer = await ask_raw(stream, capture.data)
    transcript = await _show(server, report)
    faults = differences(expect(capture, "required"), transcript.decisions[0])
    report.expect("it draws 426, and the findings say why", faults, [])
    told = b"httpupgrade explain hop-by-hop-fields-lost" in answer
    report.expect("the body names the page with what nginx needs", told, True)


async def multiplexed(server: Server, report: Report) -> None:
    """/files may be asked for over HTTP/2: the request that asks is stream 1."""
    uploaded = [b"uploaded over HTTP/1.1, ", b"sent back over HTTP/2"]
    for method, body in (("GET", ()), ("POST", uploaded)):
        async with connect(server) as stream:
            switched = await ask_for_http2(stream, method, "/files", body)
        transcript = await _show(server, report)
        report.expect(f"{method}: h11 gets 101", switched.answer.status_code, 101)
        report.expect(
            f"{method}: h2 reads its answer on stream 1, and another one on stream 3",
            [(number, each.status_code) for number, each in switched.streams.items()],
            [(1, 200), (3, 200)],
        )
        report.expect(
            f"{method}: they answer this request and the GET behind it",
            [dict(each.headers)[b"x-method"] for each in switched.streams.values()],
            [method.encode(), b"GET"],
        )
        report.expect(
            f"{method}: stream 1 brings what was asked for",
            switched.streams[1].body,
            b"".join(body) or b"hello\n",
        )
        report.expect(
            f"{method}: the server saw no offer on stream 1",
            dict(switched.streams[1].headers)[b"x-upgrade-seen"],
            b"no",
        )
        report.expect(f"{method}: one decision was made", len(transcript.decisions), 1)


async def secured(server: Server, report: Report) -> None:
    """/account requires TLS: 426 for a GET, OPTIONS * begins TLS, the GET works inside."""
    async with connect(server) as stream:
        refused = await ask(stream, "GET", "/account")
        offer = [("Connection", "Upgrade"), ("Upgrade", "TLS/1.2")]
        switched = await ask(stream, "OPTIONS", "*", offer)
        client = SecureClient(server.certificates.for_client(), server.host)
        inside = SecureStream(stream, client)
        await inside.begin()
        first = await await_answer(inside, "OPTIONS", "*")
        again = await ask(inside, "GET", "/account")
        await inside.end()
    transcript = await _show(server, report)
    report.expect("h11 gets 426", refused.status_code, 426)
    report.expect(
        "its Upgrade lists what there is, the best first",
        refused.headers.get(b"upgrade"),
        b"TLS/1.3, TLS/1.2, HTTP/1.1",
    )
    report.expect("OPTIONS * gets 101", switched.status_code, 101)
    report.expect(
        "its Upgrade names both layers", switched.headers.get(b"upgrade"), b"TLS/1.2, HTTP/1.1"
    )
    report.expect(
        "the client verified the server, and speaks what it asked for", client.version, "TLSv1.2"
    )
    report.expect("inside, OPTIONS * is answered first", first.status_code, 200)
    report.expect("its answer saw no offer", first.headers.get(b"x-upgrade-seen"), b"no")
    report.expect("inside, the GET is answered", again.status_code, 200)
    report.expect(
        "426, 101, and inside a request that passed",
        [type(decision) for decision in transcript.decisions],
        [Require426, Accept101, Passthrough],
    )


async def advised(server: Server, report: Report) -> None:
    """/vault wants TLS or a WebSocket, TLS first: a client that does what each 426 says."""
    said: list[str] = []
    url, context = f"http://{server.authority}/vault", server.certificates.for_client(newest=True)
    client = Client(url, context, (WebSocket(["chat.v1"]), TLS("1.3", "1.2")), said.append)
    with closing(client):
        served = await asyncio.to_thread(client.follow)
    transcript = await _show(server, report)
    for line in said:
        report.say(f"the client: {line}")
    report.expect(
        "426, 101 for TLS, and inside 426, 101 for a WebSocket",
        [type(decision) for decision in transcript.decisions],
        [Require426, Accept101, Require426, Accept101],
    )
    report.expect(
        "the client was told to begin TLS, and then to ask for a WebSocket",
        [line.partition("(")[0] for line in said if line.startswith("=")],
        ["= UseTLS", "= Retry"],
    )
    report.expect("it verified the switch", type(served.event), Switched)


SCENES: Final[tuple[Scene, ...]] = (
    retry,
    compressed,
    passed_through,
    reported,
    behind_nginx,
    multiplexed,
    secured,
    advised,
)
