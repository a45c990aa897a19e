"""``probe`` against servers on loopback: right ones, and ones that misbehave."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from probe_servers import (
    HOST,
    Handler,
    answering,
    frames,
    routed,
    serving,
    websocket_server,
)

from httpupgrade import Policy, RequestHead, WebSocket
from httpupgrade.cli import main
from httpupgrade.fields import accept_key

RIGHT: Final = Policy(WebSocket(["chat"], origins="same-host"), mode="required")
OK: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
FORBIDDEN: Final = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"


class Said:
    """What a probe said."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err

    def line(self, title: str) -> str:
        """What it said of a step."""
        (line,) = [each for each in self.out.split("\n") if each[2:].startswith(f"{title:<34} ")]
        return line[37:]

    @property
    def document(self) -> dict[str, Any]:
        """The JSON document."""
        content: dict[str, Any] = json.loads(self.out)
        return content


Probe = Callable[..., Said]


@pytest.fixture
def probe(capsys: pytest.CaptureFixture[str]) -> Probe:
    def run(*arguments: str) -> Said:
        status = main(["probe", *arguments])
        captured = capsys.readouterr()
        return Said(status, captured.out, captured.err)

    return run


@contextmanager
def at(handle: Handler) -> Iterator[str]:
    """The URL of a server."""
    with serving(handle) as port:
        yield f"ws://{HOST}:{port}/chat"


# --- Right servers ------------------------------------------------------------------------------


def test_a_right_server_is_healthy(probe: Probe) -> None:
    with at(websocket_server(RIGHT)) as url:
        said = probe(url, "--subprotocol", "chat")
    assert said.status == 0
    assert said.line("plain GET").startswith("426 Upgrade Required")
    assert said.line("WebSocket as Chromium 156") == "101 Switching Protocols; ping answered"
    assert said.line("  with your subprotocols") == (
        "101 Switching Protocols; a subprotocol was chosen; ping answered"
    )
    assert said.line("  from a foreign Origin") == "403 Forbidden"
    assert said.line("  in HTTP/1.0").startswith("426")
    assert f"{url} opens a WebSocket." in said.out
    assert "the Origin is checked: a foreign one is refused (403 Forbidden)" in said.out
    assert said.err == ""


def test_the_same_as_a_document(probe: Probe) -> None:
    with at(websocket_server(RIGHT)) as url:
        said = probe("--format", "json", url)
    assert said.status == 0
    assert said.document["url"] == url
    assert said.document["exit_status"] == 0
    assert said.document["diagnosis"]["verdict"] == "healthy"
    steps = {each["name"]: each for each in said.document["steps"]}
    assert steps["chromium"]["works"]
    assert steps["foreign-origin"]["status"] == 403


def test_an_origin_that_is_not_checked_is_noted(probe: Probe) -> None:
    with at(websocket_server(Policy(WebSocket()))) as url:
        said = probe(url)
    assert said.status == 0
    assert "pages of any other site can connect as well" in said.out


def test_chrome_may_ask_before_a_page_of_elsewhere_connects_to_a_private_address(
    probe: Probe,
) -> None:
    with at(websocket_server(Policy(WebSocket()))) as url:
        own = probe(url)
        other = probe(url, "--origin", "https://app.example")
    assert "Local Network Access" not in own.out
    assert "Local Network Access" in " ".join(other.out.split())


def test_no_frames_are_sent_if_they_are_not_wanted(probe: Probe) -> None:
    with at(websocket_server(RIGHT)) as url:
        said = probe(url, "--no-frames")
    assert said.status == 0
    assert said.line("WebSocket as Chromium 156") == "101 Switching Protocols"


def test_a_subprotocol_that_is_required(probe: Probe) -> None:
    policy = Policy(WebSocket(["chat"], require_subprotocol=True))
    with at(websocket_server(policy)) as url:
        with_it = probe(url, "--subprotocol", "chat")
        without = probe(url)
    assert with_it.status == 0
    assert "without a subprotocol it is refused: 400 Bad Request" in with_it.out
    assert without.status == 1


# --- Differences between steps ------------------------------------------------------------------


def accepted_if(condition: Callable[[RequestHead], bool], refusal: bytes = FORBIDDEN) -> Handler:
    """A WebSocket for some handshakes, and a refusal for others."""

    def choose(head: RequestHead) -> bytes | Handler:
        if not head.has(b"upgrade"):
            return OK
        if not condition(head):
            return refusal
        return websocket_for(head)

    return routed(choose)


def websocket_for(head: RequestHead) -> Handler:
    """What answers this handshake with a right 101, and its frames then."""
    return lambda own: _open(own, head)


def _open(own: socket.socket, head: RequestHead) -> None:
    accept = accept_key(head.get(b"sec-websocket-key") or b"")
    own.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
    frames(own)


@pytest.mark.parametrize(
    ("condition", "refusal", "code"),
    [
        (lambda head: not head.has(b"origin"), FORBIDDEN, "own-origin-refused"),
        (lambda head: not head.has(b"origin"), OK, "spelling-refused"),
        (lambda head: b"Firefox" in (head.get(b"user-agent") or b""), OK, "spelling-refused"),
    ],
)
def test_what_tells_refused_handshakes_from_accepted_ones(
    condition: Callable[[RequestHead], bool], refusal: bytes, code: str, probe: Probe
) -> None:
    with at(accepted_if(condition, refusal)) as url:
        said = probe("--format", "json", url)
    assert said.status == 1
    assert said.document["diagnosis"]["code"] == code


def test_subprotocols_that_are_refused(probe: Probe) -> None:
    with at(accepted_if(lambda head: not head.has(b"sec-websocket-protocol"))) as url:
        said = probe("--format", "json", url, "--subprotocol", "none")
    assert said.status == 1
    assert said.document["diagnosis"]["code"] == "subprotocols-refused"


def test_a_server_that_ignores_every_handshake(probe: Probe) -> None:
    with at(answering(OK)) as url:
        said = probe(url)
    assert said.status == 1
    assert "answered with the same status (200)" in " ".join(said.out.split())


def test_a_lax_server_is_noted(probe: Probe) -> None:
    with at(accepted_if(lambda head: True)) as url:
        said = probe(url)
    assert said.status == 0
    assert said.line("  in HTTP/1.0") == "101, which HTTP/1.0 does not have"
    assert "the server is lax" in " ".join(said.out.split())


def test_a_client_that_is_refused_is_noted(probe: Probe) -> None:
    def is_no_curl(head: RequestHead) -> bool:
        return b"curl" not in (head.get(b"user-agent") or b"")

    with at(accepted_if(is_no_curl)) as url:
        said = probe(url)
    assert said.status == 0
    assert "this one does not work: 403 Forbidden" in said.out


def test_two_programs_that_answer_are_told_apart(probe: Probe) -> None:
    def choose(head: RequestHead) -> bytes:
        server = b"a" if head.has(b"upgrade") else b"b"
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nServer: " + server + b"\r\n\r\n"

    with at(routed(choose)) as url:
        said = probe(url)
    assert said.status == 1
    assert "two programs answer" in said.out
