"""Tokens that are in use without a standard: each as its real client asks, answered as it needs."""

from pathlib import Path
from typing import Final

import pytest
from feeding import feed
from transcript import Transcript, chunked
from wire import drive, plain, splits

from httpupgrade import (
    NEED_DATA,
    Accept101,
    Continue100,
    CustomProtocol,
    Limits,
    Policy,
    Reject,
    ServerNegotiator,
    ServerState,
)

REQUESTS: Final = Path(__file__).parents[1] / "corpus" / "requests"
DOCKER: Final = (REQUESTS / "direct__docker-py-exec__other.bin").read_bytes()
EXEC: Final = b'{"Tty": true, "Detach": false}'
RAW_STREAM: Final = b"application/vnd.docker.raw-stream"

ENGINE: Final = Policy(
    CustomProtocol(
        "tcp",
        methods=[b"POST"],
        body="buffer",
        reason=b"UPGRADED",
        headers=[(b"Content-Type", RAW_STREAM)],
    )
)


# --- Docker -------------------------------------------------------------------------------------


def test_docker_starts_a_process_by_a_post_with_a_json_body() -> None:
    dialogue = Transcript(ENGINE)
    accept = dialogue.hears(DOCKER + b"stdin", Accept101)
    assert accept.request_body == EXEC
    assert accept.head is not None
    assert accept.head.target == b"/v1.43/exec/0123456789abcdef/start"
    assert dialogue.answers() == (
        b"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n"
        b"Content-Type: " + RAW_STREAM + b"\r\n\r\n"
    )
    assert dialogue.trailing == b"stdin"


def test_however_it_was_cut() -> None:
    for pieces in splits(DOCKER + b"stdin"):
        run = drive(pieces, ENGINE)
        assert (run.said, run.accepted.request_body, run.trailing) == ("101", EXEC, b"stdin")


def test_a_chunked_body_is_the_same_body() -> None:
    octets = plain(
        b"Upgrade: tcp",
        b"Connection: Upgrade",
        b"Transfer-Encoding: chunked",
        line=b"POST /exec/1/start HTTP/1.1",
        body=chunked(EXEC[:7], EXEC[7:]) + b"stdin",
    )
    run = drive(octets, ENGINE)
    assert (run.accepted.request_body, run.trailing) == (EXEC, b"stdin")


def test_a_client_that_waits_for_leave_gets_it_before_the_101() -> None:
    head, _, body = DOCKER.partition(b"\r\n\r\n")
    dialogue = Transcript(ENGINE)
    dialogue.hears(head + b"\r\nExpect: 100-continue\r\n\r\n", Continue100)
    assert dialogue.answers() == b"HTTP/1.1 100 Continue\r\n\r\n"
    accept = dialogue.hears(body, Accept101)
    assert accept.request_body == EXEC
    assert dialogue.answers().startswith(b"HTTP/1.1 101 UPGRADED\r\n")


def test_a_container_that_is_not_there_is_refused_in_place_of_the_101() -> None:
    dialogue = Transcript(ENGINE)
    dialogue.hears(DOCKER, Accept101)
    body = b'{"message":"No such exec instance"}'
    missing = Reject(404, [(b"Content-Type", b"application/json")], body)
    assert dialogue.answers(missing).endswith(body)
    assert dialogue.state is ServerState.CLOSED


def test_a_body_beyond_the_limit_is_refused_before_it_is_read() -> None:
    machine = ServerNegotiator(ENGINE, limits=Limits(max_request_body=len(EXEC) - 1))
    refused = feed(machine, DOCKER)
    assert isinstance(refused, Reject)
    assert refused.status_code == 413


def test_a_get_is_told_to_post() -> None:
    run = drive(DOCKER.replace(b"POST", b"GET"), ENGINE)
    assert run.said == "405 close"
    assert run.last.fields(b"allow") == (b"POST",)


def test_requests_to_the_engine_that_switch_nothing_pass() -> None:
    run = drive([plain(line=b"GET /_ping HTTP/1.1"), DOCKER], ENGINE)
    assert run.said == "pass, 101"


# --- Kubernetes ---------------------------------------------------------------------------------

KUBECTL: Final = plain(
    b"User-Agent: kubectl/v1.28.2 (linux/amd64) kubernetes/89a4ea3",
    b"Content-Length: 0",
    b"Connection: Upgrade",
    b"Upgrade: SPDY/3.1",
    *(b"X-Stream-Protocol-Version: v%d.channel.k8s.io" % version for version in (4, 3, 2)),
    b"X-Stream-Protocol-Version: channel.k8s.io",
    line=b"POST /api/v1/namespaces/default/pods/p/exec?command=sh&stdin=true HTTP/1.1",
)


def test_kubectl_is_told_which_of_its_channels_is_spoken() -> None:
    dialogue = Transcript(Policy(CustomProtocol("SPDY/3.1", methods=[b"POST", b"GET"])))
    accept = dialogue.hears(KUBECTL, Accept101)
    assert accept.head is not None
    wanted = accept.head.get_all(b"X-Stream-Protocol-Version")
    chosen = next(each for each in wanted if each in (b"v3.channel.k8s.io", b"v4.channel.k8s.io"))
    answer = dialogue.answers(accept.with_headers([(b"X-Stream-Protocol-Version", chosen)]))
    assert answer == (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: SPDY/3.1\r\nConnection: Upgrade\r\n"
        b"X-Stream-Protocol-Version: v4.channel.k8s.io\r\n\r\n"
    )


@pytest.mark.parametrize("spelt", [b"spdy/3.1", b"SPDY/3.1", b"Spdy/3.1, websocket"])
def test_the_version_has_to_be_the_one_that_is_spoken(spelt: bytes) -> None:
    policy = Policy(CustomProtocol("SPDY/3.1"), mode="required")
    asked = KUBECTL.replace(b"SPDY/3.1", spelt)
    assert drive(asked, policy).said == "101"
    assert drive(asked.replace(b"/3.1", b"/3"), policy).said == "426 close"


# --- Others -------------------------------------------------------------------------------------


def test_a_relay_of_derp_sends_its_key_with_the_101() -> None:
    octets = plain(b"Upgrade: DERP", b"Connection: Upgrade", line=b"GET /derp HTTP/1.1")
    dialogue = Transcript(Policy(CustomProtocol("DERP", methods=[b"GET"]), mode="required"))
    accept = dialogue.hears(octets, Accept101)
    fields = ((b"Derp-Version", b"2"), (b"Derp-Public-Key", b"0" * 64))
    assert dialogue.answers(accept.with_headers(fields)) == (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: DERP\r\nConnection: Upgrade\r\n"
        b"Derp-Version: 2\r\nDerp-Public-Key: " + b"0" * 64 + b"\r\n\r\n"
    )


def test_irc_and_a_newer_http_in_the_standards_own_list() -> None:
    """RFC 9110 7.8: Upgrade: HTTP/2.0, SHTTP/1.3, IRC/6.9, RTA/x11"""
    octets = plain(
        b"Upgrade: HTTP/2.0, SHTTP/1.3, IRC/6.9, RTA/x11",
        b"Connection: upgrade",
        line=b"GET /hello HTTP/1.1",
        body=b"NICK early\r\n",
    )
    for token, order in (("irc/6.9", "server"), ("RTA/x11", "client")):
        run = drive(octets, Policy(CustomProtocol(token), order=order))  # type: ignore[arg-type]
        assert run.last.fields(b"upgrade") == (token.encode(),)
        assert run.trailing == b"NICK early\r\n"
    assert drive(octets, Policy(CustomProtocol("irc/7"), mode="required")).said == "426 close"


def test_the_first_octets_of_the_new_protocol_are_not_waited_for() -> None:
    machine = ServerNegotiator(Policy(CustomProtocol("irc/6.9")))
    accept = feed(machine, plain(b"Upgrade: irc/6.9", b"Connection: upgrade"))
    assert isinstance(accept, Accept101)
    machine.send(accept)
    assert machine.trailing_data == b""
    assert machine.state is ServerState.SWITCHED
    assert ServerNegotiator(Policy(CustomProtocol("irc/6.9"))).next_event() is NEED_DATA
