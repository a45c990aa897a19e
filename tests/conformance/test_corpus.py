"""Every captured request gets the decision that its index entry calls for.

The captures of ``tests/corpus``, and those of the directory that HTTPUPGRADE_CORPUS names. What is
expected follows from the index; the few rows of ``BY_HAND`` hold that derivation to its word.
"""

import base64
import hashlib
import json
import os
import re
from pathlib import Path

import h11
import pytest
from demo import corpus
from demo.corpus import Capture, CorpusError
from demo.expectations import MODES, Expected, Mode, expect, policy_for_replay
from demo.replay import faults, replay
from feeding import feed
from wsproto.events import TextMessage

from httpupgrade import (
    Accept101,
    Passthrough,
    Reject,
    Require426,
    ServerNegotiator,
    WebSocketAgreement,
)
from httpupgrade.adapters.wsproto import websocket

HERE = corpus.load(corpus.DEFAULT)
NAMED = os.environ.get("HTTPUPGRADE_CORPUS")
CAPTURES = HERE + (corpus.load(Path(NAMED)) if NAMED else [])
BY_NAME = {capture.name: capture for capture in CAPTURES}

SWITCHING = [each for each in CAPTURES if expect(each, "required").decision.startswith("101")]
SOCKETS = [each for each in SWITCHING if each.intent == "websocket"]
REFUSED = [each for each in CAPTURES if each.kind is None and each not in SWITCHING]

ways = pytest.mark.parametrize("step", [65536, 1], ids=["whole", "octet by octet"])
modes = pytest.mark.parametrize("mode", MODES)


def each_of(captures: list[Capture]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("capture", captures, ids=[each.name for each in captures])


@each_of(CAPTURES)
@modes
@ways
def test_a_capture_gets_the_decision_its_index_calls_for(
    capture: Capture, mode: Mode, step: int
) -> None:
    outcome = replay(capture.data, policy_for_replay(mode), step)
    assert faults(capture, expect(capture, mode), outcome) == []


LOST = {"upgrade-missing", "upgrade-option-missing", "hop-by-hop-fields-lost"}
BY_HAND: list[tuple[str, Mode, str, set[str]]] = [
    ("direct__curl__plain-get", "required", "426", {"upgrade-missing"}),
    ("direct__curl__plain-get", "optional", "pass", set()),
    ("direct__curl__plain-get__head", "required", "426", {"upgrade-missing"}),
    ("direct__chromium__websocket", "required", "101 websocket", set()),
    ("direct__chromium__websocket", "optional", "101 websocket", set()),
    ("direct__docker-py-exec__other", "optional", "101 tcp", set()),
    ("direct__cups-lpstat-e__tls", "required", "426 close", {"no-common-protocol"}),
    ("direct__curl__h2c__post", "optional", "pass", {"no-common-protocol"}),
    ("direct__curl__tls-to-plain-port", "required", "400 close", {"tls-client-hello"}),
    ("direct__curl__h2c-prior-knowledge", "required", "505 close", {"http2-preface"}),
    ("direct__curl__h2c-prior-knowledge", "optional", "pass", {"http2-preface"}),
    ("direct__curl__websocket__http1.0", "required", "426 close", {"upgrade-in-http-1.0"}),
    ("direct__curl__websocket__http1.0", "optional", "pass", {"upgrade-in-http-1.0"}),
    (
        "direct__curl__websocket__upgrade-header-only",
        "required",
        "426 close",
        {"upgrade-option-missing"},
    ),
    ("direct__curl__websocket__manual-headers", "optional", "400 close", {"websocket-key-*"}),
    (
        "nginx__upgrade-literal__plain-get",
        "optional",
        "400 close",
        {"websocket-key-*", "websocket-version-*"},
    ),
    ("nginx__default__websocket", "required", "426 close", LOST | {"upgrade-in-http-1.0"}),
    ("nginx__default__websocket", "optional", "pass", {"hop-by-hop-fields-lost"}),
    ("varnish__default__websocket", "required", "426", LOST),
    ("nginx__correct__websocket", "required", "101 websocket", set()),
    ("nginx__correct__h2c", "required", "426 close", {"no-common-protocol"}),
]


@pytest.mark.parametrize(
    ("name", "mode", "decision", "codes"), BY_HAND, ids=[f"{row[0]}-{row[1]}" for row in BY_HAND]
)
def test_what_is_derived_from_the_index_is_what_a_person_would_expect(
    name: str, mode: Mode, decision: str, codes: set[str]
) -> None:
    assert expect(BY_NAME[name], mode) == Expected(decision, frozenset(codes))


@each_of(SOCKETS)
def test_a_101_answers_the_key_that_was_captured(capture: Capture) -> None:
    # RFC 6455 4.2.2, worked out here once more, on the octets themselves.
    key = re.search(rb"(?i)\r\nsec-websocket-key: *(\S+)\r\n", capture.head)
    assert key is not None
    digest = hashlib.sha1(key[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    outcome = replay(capture.data, policy_for_replay("required"), 65536)
    assert isinstance(outcome.decision, Accept101)
    written = outcome.decision.to_bytes()
    assert b"\r\nSec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n" in written


@each_of([each for each in SOCKETS if each.variant == "subprotocols"])
def test_the_subprotocol_is_the_first_of_ours_that_was_offered(capture: Capture) -> None:
    outcome = replay(capture.data, policy_for_replay("required"), 65536)
    assert isinstance(outcome.decision, Accept101)
    assert isinstance(outcome.decision.agreement, WebSocketAgreement)
    assert b"chat.v1" in capture.head
    expected = "chat.v2" if b"chat.v2" in capture.head else "chat.v1"
    assert outcome.decision.agreement.subprotocol == expected


@each_of([each for each in SWITCHING if each.intent == "other"])
@ways
def test_a_body_is_handed_over_as_another_parser_reads_it(capture: Capture, step: int) -> None:
    peer = h11.Connection(h11.SERVER)
    peer.receive_data(capture.data)
    body = bytearray()
    while isinstance(event := peer.next_event(), h11.Request | h11.Data):
        if isinstance(event, h11.Data):
            body += event.data
    outcome = replay(capture.data, policy_for_replay("required"), step)
    assert outcome.request_body == body
    assert body


@each_of([each for each in SOCKETS if each.after_101])
@ways
def test_what_a_client_sent_after_the_101_reaches_the_new_protocol(
    capture: Capture, step: int
) -> None:
    # It arrives early here, in the worst way: before the 101 is sent.
    data = capture.data + capture.after_101
    negotiator = ServerNegotiator(policy_for_replay("required"))
    events = [feed(negotiator, data[start : start + step]) for start in range(0, len(data), step)]
    accepted = next(event for event in events if isinstance(event, Accept101))
    negotiator.send(accepted)
    assert negotiator.trailing_data == capture.rest + capture.after_101
    first = next(websocket(accepted, negotiator.trailing_data).events())
    assert isinstance(first, TextMessage)
    assert first.message_finished


@each_of(REFUSED)
def test_a_refusal_reads_well_for_another_parser(capture: Capture) -> None:
    outcome = replay(capture.data, policy_for_replay("required"), 65536)
    assert isinstance(outcome.decision, Require426 | Reject)
    peer = h11.Connection(h11.CLIENT)
    peer.send(h11.Request(method=capture.method or "GET", target="/", headers=[("Host", "a")]))
    peer.send(h11.EndOfMessage())
    peer.receive_data(outcome.decision.to_bytes())
    response = peer.next_event()
    assert isinstance(response, h11.Response)
    fields = dict(response.headers)
    assert fields[b"cache-control"] == b"no-store"
    connection = {option.strip().lower() for option in fields[b"connection"].split(b",")}
    if response.status_code == 426:  # RFC 9110 15.5.22, 7.8; RFC 6455 4.4
        assert fields[b"upgrade"] == b"websocket, tcp"
        assert fields[b"sec-websocket-version"] == b"13"
        assert b"upgrade" in connection
    assert (b"close" in connection) == outcome.decision.close
    content = peer.next_event()
    assert isinstance(content, h11.EndOfMessage) == (capture.method == "HEAD")


@each_of([each for each in CAPTURES if "h2c" in each.upgrade and each.rest])
def test_an_h2c_offer_taken_off_leaves_every_other_octet(capture: Capture) -> None:
    outcome = replay(capture.data, policy_for_replay("optional"), 65536)
    assert isinstance(outcome.decision, Passthrough)
    kept = [
        line
        for line in capture.head.split(b"\r\n")
        if not line.lower().startswith((b"upgrade:", b"http2-settings:", b"connection:"))
    ]
    assert outcome.decision.without_upgrade().data == b"\r\n".join(kept)
    assert outcome.handed_on == capture.data


# Where the captures come from.

INTENTS = (
    "forward-proxy-get h2c h2c-prior-knowledge other plain-get plain-post tls tls-to-plain-port "
    "websocket"
)
REASONS = [
    ("no Upgrade",),
    ("no Upgrade", "Connection lacks upgrade"),
    ("Connection lacks upgrade",),
    ("HTTP/1.0",),
    ("HTTP/1.0", "no Upgrade", "Connection lacks upgrade"),
    ("bad/missing Sec-WebSocket-Key",),
    ("bad/missing Sec-WebSocket-Key", "Sec-WebSocket-Version not 13"),
    ("HTTP2-Settings count != 1",),
    ("Connection lacks http2-settings",),
]
LOSSES = """upgrade-header connection-upgrade-option connection-keep-alive-option connection-header
http/1.1->1.0 http/1.1->h2-prior-knowledge http2-settings connection-http2-settings-option
cache-control origin user-agent sec-websocket-key sec-websocket-version sec-websocket-protocol
sec-websocket-extensions"""


def test_the_small_corpus_has_every_intent() -> None:
    assert {each.intent for each in HERE} == set(INTENTS.split())


def test_the_small_corpus_has_every_reason_why_a_handshake_does_not_count() -> None:
    assert {each.why_not for each in HERE} >= set(REASONS)


def test_the_small_corpus_has_every_kind_of_loss() -> None:
    assert {lost for each in HERE for lost in each.lost} >= set(LOSSES.split())


def test_the_small_corpus_has_each_way_to_arrive() -> None:
    arrived = {each.via.partition(" ")[0] for each in HERE}
    assert arrived >= {"direct", "nginx", "apache2", "haproxy", "caddy", "varnish", "lighttpd"}
    assert {each.kind for each in HERE} == {None, "h2-preface", "tls-clienthello"}
    assert {"1.0", "1.1"} <= {each.http_version for each in HERE}
    assert {"GET", "HEAD", "POST", "OPTIONS"} <= {each.method for each in HERE}


def test_every_file_of_the_small_corpus_is_in_its_index() -> None:
    entries = json.loads((corpus.DEFAULT / "index.json").read_text())
    listed = {entry[key] for entry in entries for key in ("file", "after_101_file") if key in entry}
    present = {f"requests/{path.name}" for path in (corpus.DEFAULT / "requests").iterdir()}
    assert listed == present


# A directory that is none.

ENTRY = {
    "file": "a.bin",
    "client": "curl",
    "proxy": None,
    "config": "direct",
    "intent": "plain-get",
    "arrived_upgradable": False,
}


def write_corpus(directory: Path, index: object) -> Path:
    (directory / "index.json").write_text(json.dumps(index))
    (directory / "a.bin").write_bytes(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    return directory


def test_an_index_needs_little(tmp_path: Path) -> None:
    never_arrived = {**ENTRY, "file": None}
    (capture,) = corpus.load(write_corpus(tmp_path, [ENTRY, never_arrived]))
    assert (capture.client, capture.via, capture.rest) == ("curl", "direct", b"")


@pytest.mark.parametrize(
    ("index", "fault"),
    [
        pytest.param({}, "no list of captures", id="no list"),
        pytest.param([], "no list of captures", id="empty"),
        pytest.param([{"client": "curl"}], "entry 0, is no capture: KeyError", id="no file key"),
        pytest.param([{**ENTRY, "file": "b.bin"}], "b.bin", id="no such file"),
        pytest.param([{**ENTRY, "head_len": 3}], "not the length", id="another length"),
        pytest.param([{**ENTRY, "upgrade": "h2c"}], "no list of texts", id="text for a list"),
        pytest.param([ENTRY, 3], "entry 1, is no capture", id="a number"),
    ],
)
def test_a_bad_index_is_named_with_its_fault(tmp_path: Path, index: object, fault: str) -> None:
    with pytest.raises(CorpusError, match=re.escape(fault)):
        corpus.load(write_corpus(tmp_path, index))


def test_a_directory_without_index_is_no_corpus(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"holds no index\.json"):
        corpus.load(tmp_path)
    with pytest.raises(CorpusError, match="is no directory"):
        corpus.load(tmp_path / "nothing")
    (tmp_path / "index.json").write_text("[")
    with pytest.raises(CorpusError, match="is no JSON"):
        corpus.load(tmp_path)


def test_octets_of_an_unknown_kind_are_not_guessed_at() -> None:
    strange = HERE[0]._replace(kind="gopher")
    with pytest.raises(ValueError, match="nothing is known of kind 'gopher'"):
        expect(strange, "required")
