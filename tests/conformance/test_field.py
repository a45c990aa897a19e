"""What people reported of other libraries, tried here: the outcome, and whether the text helps.

``field/cases.json`` holds the octets, and in words what is right. What those words mean for the
text is here. Each outcome is the same however the octets are cut.
"""

import json
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from client_wire import KEY
from feeding import feed
from wire import cut

from httpupgrade import (
    TLS,
    ClientNegotiator,
    CustomProtocol,
    NothingInCommon,
    Policy,
    Reject,
    RemoteProtocolError,
    Require426,
    ServerNegotiator,
    UpgradeRequired,
    WebSocket,
)

CASES: Final[dict[str, dict[str, Any]]] = {
    case["id"]: case
    for case in json.loads((Path(__file__).parents[1] / "field" / "cases.json").read_text("utf-8"))
}


class Said(NamedTuple):
    """What a refusal says."""

    status_code: int
    codes: tuple[str, ...]
    texts: tuple[str, ...]
    """Parts of the body, in this order."""


class Exec(CustomProtocol):
    """What kubectl asks for, with the field that shows it when Upgrade is gone."""

    tell_tales = ("X-Stream-Protocol-Version",)


POLICIES: Final = {
    "S09": Policy(Exec("SPDY/3.1"), mode="required"),
    "S11": Policy(WebSocket(), mode="required"),
    "S15": Policy(WebSocket(["ocpp2.0.1", "ocpp1.6"]), mode="required"),
    "S18": Policy(WebSocket(), mode="required"),
    "S22": Policy(WebSocket(), mode="required"),
    "S34": Policy(TLS("1.3"), mode="required"),
    "S36": Policy(WebSocket(origins="same-host"), mode="required"),
    "S38": Policy(WebSocket(["v5.channel.k8s.io"], require_subprotocol=True), mode="required"),
    "S40": Policy(WebSocket(), mode="required"),
    "S42": Policy(WebSocket(), mode="required"),
    "S44": Policy(WebSocket(), mode="required"),
    "S45": Policy(WebSocket(), mode="required"),
    "S48": Policy(WebSocket(), mode="required"),
}

SERVERS: Final[dict[str, Said]] = {
    "S09": Said(
        426,
        ("hop-by-hop-fields-lost", "upgrade-missing"),
        (
            "  received: X-Stream-Protocol-Version: ...\n",
            "Its X-Stream-Protocol-Version field shows what it was meant as.",
            "Either a proxy on the way removed what is missing,",
            "\n      httpupgrade explain hop-by-hop-fields-lost\n",
            "  Because of this:\n  - there is no Upgrade field (RFC 9110 7.8)",
        ),
    ),
    "S11": Said(
        426,
        ("upgrade-missing",),
        (
            "* there is no Upgrade field (RFC 9110 7.8)\n  received: Connection: upgrade\n",
            "Some proxies add that to every request, so this may be a plain one.",
            "If the client did, a proxy on the way removed the field.",
        ),
    ),
    "S15": Said(
        426,
        ("hop-by-hop-fields-lost", "upgrade-option-missing"),
        (
            "Either a proxy on the way removed what is missing, or the client did not send it.",
            "  Because of this:\n  - Connection does not list upgrade",
        ),
    ),
    "S18": Said(
        400,
        ("websocket-key-missing",),
        ("a proxy that translates from HTTP/2 must add one (RFC 8441 5)",),
    ),
    "S22": Said(
        426,
        ("upgrade-in-http-1.0", "upgrade-missing"),
        (
            (
                "* the request arrived in HTTP/1.0, which cannot upgrade (RFC 9110 7.8)\n"
                "  received: GET /x HTTP/1.0\n"
                "                   ^^^^^^^^\n"
                "  Send HTTP/1.1. If the client did, a proxy on the way sends HTTP/1.0"
            ),
            "In HTTP/1.1, send Connection: Upgrade",
            "Ask for it in HTTP/1.1 by GET with",
        ),
    ),
    "S34": Said(400, ("not-http",), ("  received: \\x02\n", "02 LPD")),
    "S36": Said(
        403,
        ("origin-not-allowed",),
        (
            "  received: Origin: file://\n",
            "compared with the host of the request, app.example.test",
        ),
    ),
    "S38": Said(400, ("no-common-subprotocol",), ("This server speaks v5.channel.k8s.io.",)),
    "S40": Said(
        400,
        ("subprotocols-malformed",),
        ("leave the field out: an empty one is not allowed",),
    ),
    "S42": Said(
        426,
        ("connection-malformed",),
        (
            (
                "  received: Connection: keep-alive Upgrade\n"
                "                                   ^^^^^^^\n"
            ),
        ),
    ),
    "S44": Said(
        400,
        ("target-not-encoded",),
        ("the request target holds octets that must be percent-encoded", "GET /chat?... HTTP/1.1"),
    ),
    "S45": Said(
        400,
        ("bare-lf",),
        (
            (
                "* a line ends in LF without CR (RFC 9112 2.2), 17 times\n"
                "  received: GET / HTTP/1.1\\x0a\n"
                "                          ^^^^\n"
            ),
        ),
    ),
    "S48": Said(400, ("websocket-key-missing",), ("Send Sec-WebSocket-Key with 16 random octets",)),
}

CLIENTS: Final = {
    "C02": "the 101's Connection does not list upgrade, so its Upgrade does not count"
    ' (RFC 9110 7.8): received "Connection: keep-alive"',
    "C04": "the 101 names the same protocol more than once (RFC 9110 7.8)"
    ': received "Upgrade: websocket", line 2 of 2',
    "C11": "a line ends in LF without CR (RFC 9112 2.2), 5 times"
    ': received "HTTP/1.1 101 ...\\x0a", wrong at "\\x0a"',
}


def octets_of(case: str) -> bytes:
    return str(CASES[case]["octets"]).encode("latin-1")


def test_every_case_is_tried() -> None:
    assert set(CASES) == {*SERVERS, *CLIENTS, "C16"}
    assert set(POLICIES) == set(SERVERS)


@pytest.mark.parametrize("size", [1, 7, 65536])
@pytest.mark.parametrize(("case", "right"), SERVERS.items(), ids=SERVERS)
def test_a_server_answers_right(case: str, right: Said, size: int) -> None:
    machine = ServerNegotiator(POLICIES[case])
    decision = None
    for piece in cut(octets_of(case), size):
        event = feed(machine, piece)
        if isinstance(event, Reject | Require426):
            decision = event
    assert decision is not None
    assert decision.status_code == right.status_code
    assert tuple(finding.code for finding in decision.findings) == right.codes
    place, body = 0, decision.body.decode("ascii")
    for text in right.texts:
        place = body.find(text, place)
        assert place >= 0, text


def client() -> ClientNegotiator:
    machine = ClientNegotiator(WebSocket(), target=b"/", host=b"a", key=KEY)
    machine.send_request()
    return machine


@pytest.mark.parametrize("size", [1, 7, 65536])
@pytest.mark.parametrize(("case", "said"), CLIENTS.items(), ids=CLIENTS)
def test_a_client_says_what_it_received(case: str, said: str, size: int) -> None:
    machine = client()
    with pytest.raises(RemoteProtocolError) as raised:
        [feed(machine, piece) for piece in cut(octets_of(case), size)]
    assert str(raised.value) == said


def test_a_426_without_a_list_is_told_as_what_it_is() -> None:
    """C16: something on the way removed what was asked for."""
    event = feed(client(), octets_of("C16"))
    assert isinstance(event, UpgradeRequired)
    step = event.next_step([WebSocket()])
    assert isinstance(step, NothingInCommon)
    assert step.finding.code == "asked-in-vain"
    assert step.finding.value == b"websocket"
    assert "a proxy on the way that removed Upgrade or Connection" in step.finding.hint
