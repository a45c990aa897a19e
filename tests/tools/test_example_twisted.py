"""The adapter for Twisted among the examples: a site that takes its time, and what fails."""

import socket
from collections.abc import Iterator

import pytest
from example_servers import Server, await_port, running_program

from tools.test_examples_servers import GET, HANDSHAKE, HELLO, HELLO_BACK, read, read_all

# /slow is answered in two parts, later; /fail raises in the site, /raise in the policy.
PROGRAM = """
import sys
from twisted.internet import reactor
from twisted.internet.protocol import Factory
from twisted.web.server import NOT_DONE_YET
from examples import twisted_server

def render(self, request):
    if request.path == b"/fail":
        raise RuntimeError("the site")
    if request.path != b"/slow":
        return request.content.read() or b"hello\\n"
    def end():
        request.write(b"slow")
        request.finish()
    reactor.callLater(0.1, request.write, b"very ")
    reactor.callLater(0.2, end)
    return NOT_DONE_YET

def policy_for(info, before=twisted_server.policy_for):
    if info.head.path == b"/raise":
        raise RuntimeError("the policy")
    return before(info)

twisted_server.Page.render = render
twisted_server.policy_for = policy_for
factory = Factory.forProtocol(twisted_server.Connection)
reactor.listenTCP(int(sys.argv[1]), factory, interface="127.0.0.1")
reactor.run()
"""
SLOW = GET.replace(b"GET /", b"GET /slow")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_program(PROGRAM) as started:
        await_port(started)
        yield started
        assert started.is_up


@pytest.fixture
def client(server: Server) -> Iterator[socket.socket]:
    with server.connect() as connection:
        yield connection


def test_a_switch_waits_for_a_site_that_takes_its_time(client: socket.socket) -> None:
    client.sendall(SLOW + GET + HANDSHAKE + HELLO)
    received = read(client, HELLO_BACK)
    answers, _, switched = received.partition(b"HTTP/1.1 101 ")
    assert answers.count(b"HTTP/1.1 200 ") == 2
    assert answers.index(b"very ") < answers.index(b"slow\r\n") < answers.index(b"hello\n")
    assert switched.endswith(HELLO_BACK)


def test_a_client_that_sends_no_more_gets_all_its_answers(client: socket.socket) -> None:
    client.sendall(SLOW + SLOW + GET)
    client.shutdown(socket.SHUT_WR)
    received = read_all(client)
    assert received.count(b"slow\r\n") == 2
    assert received.endswith(b"hello\n")


def test_a_last_answer_is_read_to_its_end(client: socket.socket) -> None:
    client.sendall(SLOW.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + GET)
    received = read_all(client)
    assert received.endswith(b"slow\r\n0\r\n\r\n")


def test_a_policy_that_fails_is_answered_with_500(client: socket.socket) -> None:
    client.sendall(GET + GET.replace(b"GET /", b"GET /raise") + GET)
    first, *others = read_all(client).split(b"HTTP/1.1 500 ")
    assert first.endswith(b"hello\n")
    assert len(others) == 1
    assert b"\r\nDate: " in others[0]


def test_a_site_that_fails_answers_by_itself(client: socket.socket) -> None:
    client.sendall(GET.replace(b"GET /", b"GET /fail") + GET)
    received = read(client, b"hello\n")
    assert received.startswith(b"HTTP/1.1 500 ")
    assert received.count(b"HTTP/1.1 200 ") == 1
