"""The benchmarks measure work that was done, and compare within one round."""

import ast
import importlib.util
import sys
from pathlib import Path
from typing import Final

import pytest

from benchmarks.cases import CASES, Case
from benchmarks.contender import (
    ClientOutcome,
    Contender,
    Job,
    Opened,
    Outcome,
    Passed,
    PlainRequest,
    Refused,
    Required,
)
from benchmarks.contenders import CONTENDERS, OURS
from benchmarks.contenders.handwritten import answer_websocket
from benchmarks.contenders.handwritten_client import read_response, request_fields, write_request
from benchmarks.contenders.ours import Replay
from benchmarks.run import try_once
from benchmarks.verdict import Verdict, judge, read_request

ZLIB: Final = "left out: it makes its zlib objects in the same call, which is more work"
ONE: Final = "left out: it reads one request of a connection"
CLOSES: Final = "closes without an answer"
TRANSPORT: Final = "left out: what writes its request takes a transport"
ANSWERS_ITSELF: Final = "left out: it answers every request itself"
OWN_ANSWER: Final = (
    "left out: it reads the next request behind its own answer only, which is more work"
)
H11: Final = "h11 + hand-written checks"
PICOWS: Final = "picows' handshake functions"
ZTTP: Final = "zttp + hand-written checks"

# What is not done. Everything that competes and is not here is done, wholly but for INCOMPLETE.
UNDONE: Final = {
    ("101-chromium-deflate", "websockets"): ZLIB,
    ("101-chromium-deflate", PICOWS): "left out: it knows no extensions",
    ("426-chromium-get", "h11 + wsproto"): "answers 400",
    ("426-chromium-get", PICOWS): "answers 400 Bad Request",
    ("400-curl-key", "h11 + wsproto"): "answers 101 Switching Protocols",
    ("400-chromium-key", "h11 + wsproto"): "answers 101 Switching Protocols",
    ("let-go-chromium-get", PICOWS): ANSWERS_ITSELF,
    ("let-go-curl-get", PICOWS): ANSWERS_ITSELF,
    ("let-go-curl-h2c-post", PICOWS): ANSWERS_ITSELF,
    ("let-go-curl-h2c-post", "websockets"): CLOSES,
    ("pass-chromium-get", PICOWS): ANSWERS_ITSELF,
    ("pass-curl-get", PICOWS): ANSWERS_ITSELF,
    ("pass-curl-h2c-post", PICOWS): ANSWERS_ITSELF,
    ("pass-curl-h2c-post", "websockets"): CLOSES,
    ("parsed-chromium", PICOWS): "left out: it reads no request but its own",
    ("fields-500", "websockets"): "answers 431 Request Header Fields Too Large",
    (
        "fields-500",
        ZTTP,
    ): "raises RemoteProtocolError: message exceeded configured size limit",
    ("pipelined-pass", H11): OWN_ANSWER,
    ("pipelined-pass", "websockets"): ONE,
    ("pipelined-426", "h11 + wsproto"): ONE,
    ("pipelined-426", "websockets"): ONE,
    ("pipelined-426", PICOWS): ONE,
    ("open-ws", PICOWS): TRANSPORT,
    ("open-aiohttp", PICOWS): TRANSPORT,
    ("open-hypercorn", PICOWS): TRANSPORT,
    ("open-websockets-deflate", "websockets"): ZLIB,
    ("open-websockets-deflate", PICOWS): "left out: it knows no extensions",
    ("open-wrong-accept", PICOWS): TRANSPORT,
    ("open-wrong-subprotocol", PICOWS): TRANSPORT,
    ("open-wrong-version", PICOWS): TRANSPORT,
    ("open-wrong-version", "h11 + wsproto"): "takes the 101 Switching Protocols",
    ("read-426", PICOWS): TRANSPORT,
    (
        "parse-extensions",
        "wsproto",
    ): "left out: it leaves the parameters of each element as they stand",
    ("parse-extensions", "aiohttp"): "left out: it looks for permessage-deflate alone",
    ("write-extensions", "aiohttp"): "left out: it writes permessage-deflate alone",
    ("answer-extensions", "websockets"): ZLIB,
}
INCOMPLETE: Final = {
    ("426-chromium-get", "websockets"): (
        "answers 426 Upgrade Required,"
        " without Connection: upgrade (RFC 9110 7.8) or Sec-WebSocket-Version"
    ),
}

# Of each key, computed with openssl.
ACCEPTS: Final = {
    b"EMgKt7sPbKXH+me32SxUug==": b"3tR/YQeH2pBV3OIPPtQKDouX+HI=",
    b"nxjJz3WhJe5lO2Db9hzImw==": b"T9IyjH9vE9Pvydpx0gW0aeY/9dA=",
    b"oMgr8p6+gktH5j+TzJiXxg==": b"dDNhiFPPBLu9P6V4pvtL3Kqou8Y=",
    b"dGhlIHNhbXBsZSBub25jZQ==": b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
}

# The handshake of RFC 6455 1.3 and its answer.
ASKED: Final = (
    b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Version: 13\r\n\r\n"
)
SWITCHED: Final = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)
POSTED: Final = b"POST /chat HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
REQUIRED: Final = (
    b"HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nContent-Length: 0\r\n\r\n"
)
REFUSED: Final = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"

# A client's part of the same, with subprotocols.
ASKS: Final = (
    b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chat.v2, chat.v1\r\n\r\n"
)
ASKS_DEFLATE: Final = (
    ASKS.removesuffix(b"\r\n") + b"Sec-WebSocket-Extensions: permessage-deflate; a\r\n\r\n"
)
CHOSEN: Final = SWITCHED.removesuffix(b"\r\n") + b"Sec-WebSocket-Protocol: chat.v1\r\n\r\n"
DEFLATED: Final = (
    SWITCHED.removesuffix(b"\r\n") + b"Sec-WebSocket-Extensions: permessage-deflate; a=1\r\n\r\n"
)
DEFLATE: Final = (b"permessage-deflate",)
LISTED: Final = REQUIRED.replace(b"websocket", b"h2c, websocket")
LISTS: Final = Required(ASKS, (b"h2c", b"websocket"), (b"13",), b"")
GOT: Final = b"GET /chat HTTP/1.1\r\nHost: a\r\n\r\n"


class _Handed:
    """A request that was handed on, as it is given here."""

    def __init__(self, request: PlainRequest) -> None:
        self._request = request

    def plain(self) -> PlainRequest:
        return self._request


def _handed(octets: bytes, **changes: object) -> Passed:
    return _Handed(read_request(octets)._replace(**changes))  # type: ignore[arg-type]


def _name(value: object) -> str | None:
    return value.name if isinstance(value, Case | Contender) else None


def _competing(*jobs: Job) -> list[tuple[Case, Contender]]:
    """Every contender at every case that it has a function for."""
    return [
        (case, contender)
        for case in CASES
        for contender in CONTENDERS
        if case.job in contender.jobs and (not jobs or case.job in jobs)
    ]


def _expected(case: Case, contender: Contender) -> Verdict:
    key = (case.name, contender.name)
    if key in UNDONE:
        return Verdict(False, UNDONE[key])
    return Verdict(True, INCOMPLETE.get(key, ""))


def _outcome(case: Case, contender: Contender) -> Outcome:
    work = contender.jobs[case.job]
    return work.show(work.run(work.prepare(case.octets())))


def _answer(contender: Contender, octets: bytes) -> bytes:
    answer = contender.jobs[Job.SWITCH].run(octets)
    assert isinstance(answer, bytes)
    return answer


# The contenders do the work.


@pytest.mark.parametrize(("case", "contender"), _competing(), ids=_name)
def test_every_contender_does_every_job_or_is_known_not_to(
    case: Case, contender: Contender
) -> None:
    assert try_once(case, contender) == _expected(case, contender)


def test_what_is_left_out_is_known_and_nothing_else_is() -> None:
    excused = {
        (case.name, contender.name): f"left out: {contender.left_out[case.job]}"
        for case in CASES
        for contender in CONTENDERS
        if case.job in contender.left_out
    }
    assert excused == {key: words for key, words in UNDONE.items() if words.startswith("left out")}


def test_no_job_is_both_done_and_left_out() -> None:
    for contender in CONTENDERS:
        assert contender.jobs.keys().isdisjoint(contender.left_out)


def test_we_compete_everywhere() -> None:
    assert {case.job for case in CASES} == OURS.jobs.keys()


@pytest.mark.parametrize(
    ("case", "contender"), _competing(Job.SWITCH, Job.SWITCH_DEFLATE, Job.SWITCH_PARSED), ids=_name
)
def test_every_101_answers_the_captured_key(case: Case, contender: Contender) -> None:
    answer = _outcome(case, contender)
    assert isinstance(answer, bytes)
    assert answer.startswith(b"HTTP/1.1 101 ")
    key = dict(read_request(case.octets()).fields)[b"sec-websocket-key"]
    assert b"\r\nsec-websocket-accept: %b\r\n" % ACCEPTS[key].lower() in answer.lower()


@pytest.mark.parametrize(("case", "contender"), _competing(Job.HAND_ON), ids=_name)
def test_a_declined_upgrade_keeps_its_body_wherever_the_request_is_handed_on(
    case: Case, contender: Contender
) -> None:
    outcome = _outcome(case, contender)
    if isinstance(outcome, bytes):
        assert (case.name, contender.name) in UNDONE
    else:
        assert not isinstance(outcome, list | ClientOutcome)
        assert outcome.plain().body == (b'{"a":1}' if "post" in case.name else b"")


@pytest.mark.parametrize("case", [each for each in CASES if each.job is Job.LET_GO], ids=_name)
def test_who_lets_go_of_a_request_with_us_replays_its_very_octets(case: Case) -> None:
    assert OURS.jobs[Job.LET_GO].run(case.octets()) == case.octets()
    assert isinstance(_outcome(case, OURS), Replay)


SWITCHING: Final = [each for each in CONTENDERS if Job.SWITCH in each.jobs]


@pytest.mark.parametrize("contender", SWITCHING, ids=_name)
@pytest.mark.parametrize(
    ("found", "replaced"),
    [
        pytest.param(b"Connection: Upgrade", b"Connection: keep-alive", id="connection"),
        pytest.param(b"Upgrade: websocket", b"Upgrade: h2c", id="upgrade"),
        pytest.param(b"Version: 13", b"Version: 12", id="version"),
        pytest.param(b"Sec-WebSocket-Key", b"Sec-WebSocket-Kay", id="key"),
        pytest.param(b"GET", b"PUT", id="method"),
    ],
)
def test_every_contender_checks_what_a_handshake_needs(
    contender: Contender, found: bytes, replaced: bytes
) -> None:
    (octets,) = {each.octets() for each in CASES if each.name == "101-chromium"}
    assert found in octets
    answer = _answer(contender, octets.replace(found, replaced, 1))
    assert answer.startswith(b"HTTP/1.1 4")


OPENING: Final = [each for each in CONTENDERS if Job.OPEN in each.jobs]


def _opened(contender: Contender, octets: bytes, job: Job = Job.OPEN) -> ClientOutcome:
    work = contender.jobs[job]
    outcome = work.show(work.run(work.prepare(octets)))
    assert isinstance(outcome, ClientOutcome)
    return outcome


@pytest.mark.parametrize(
    ("case", "contender"),
    _competing(Job.OPEN, Job.OPEN_DEFLATE, Job.OPEN_REFUSE, Job.OPEN_REQUIRED),
    ids=_name,
)
def test_every_client_sends_the_key_that_is_answered_or_one_that_it_has_drawn(
    case: Case, contender: Contender
) -> None:
    keys = []
    for _ in range(2):
        request = _opened(contender, case.octets(), case.job).request
        keys.append(dict(read_request(request).fields)[b"sec-websocket-key"])
    if contender.name == "h11 + wsproto":
        assert keys[0] != keys[1]
    else:
        assert keys == [b"dGhlIHNhbXBsZSBub25jZQ=="] * 2


@pytest.mark.parametrize("contender", OPENING, ids=_name)
@pytest.mark.parametrize(
    ("found", "replaced"),
    [
        pytest.param(b"Connection: Upgrade", b"Connection: keep-alive", id="connection"),
        pytest.param(b"Upgrade: websocket", b"Upgrade: h2c", id="upgrade"),
        pytest.param(b"Sec-WebSocket-Accept", b"Sec-WebSocket-Except", id="accept"),
        pytest.param(b"Protocol: chat.v2", b"Extensions: permessage-deflate", id="extension"),
    ],
)
def test_every_client_checks_what_a_101_needs(
    contender: Contender, found: bytes, replaced: bytes
) -> None:
    (octets,) = {each.octets() for each in CASES if each.name == "open-ws"}
    assert found in octets
    assert isinstance(_opened(contender, octets), Opened)
    assert isinstance(_opened(contender, octets.replace(found, replaced, 1)), Refused)


@pytest.mark.parametrize(
    ("status", "version", "more", "deflate", "taken"),
    [
        pytest.param(101, "1.1", (), False, True, id="101"),
        pytest.param(200, "1.1", (), False, False, id="200"),
        pytest.param(101, "1.0", (), False, False, id="http-1.0"),
        pytest.param(101, "1.1", (b"upgrade: h2c",), False, False, id="two-protocols"),
        pytest.param(101, "1.1", (b"sec-websocket-accept: a",), False, False, id="two-accepts"),
        pytest.param(101, "1.1", (b"sec-websocket-protocol: chat.v1",), False, True, id="offered"),
        pytest.param(101, "1.1", (b"sec-websocket-protocol: chat",), False, False, id="part"),
        pytest.param(
            101,
            "1.1",
            (b"sec-websocket-protocol: chat.v1", b"sec-websocket-protocol: chat.v2"),
            False,
            False,
            id="two-subprotocols",
        ),
        *(
            pytest.param(
                101,
                "1.1",
                (b"sec-websocket-extensions: " + value,),
                deflate,
                taken,
                id=f"{value.decode()}-{'offered' if deflate else 'not-offered'}",
            )
            for value, deflate, taken in (
                (b"permessage-deflate", True, True),
                (b"permessage-deflate; client_max_window_bits=12", True, True),
                (b"permessage-deflate; client_max_window_bits", True, False),
                (b"permessage-deflate; unknown", True, False),
                (b"permessage-deflate, permessage-deflate", True, False),
                (b"x-unknown", True, False),
                (b"permessage-deflate", False, False),
            )
        ),
    ],
)
def test_the_hand_written_client_is_a_careful_one(
    status: int, version: str, more: tuple[bytes, ...], deflate: bool, taken: bool
) -> None:
    parts = [line.partition(b": ") for line in (*SWITCHED.split(b"\r\n")[1:-2], *more)]
    fields = [(name.lower(), value) for name, _, value in parts]
    outcome = read_response(
        ASKS, b"dGhlIHNhbXBsZSBub25jZQ==", status, version, fields, b"", deflate=deflate
    )
    assert isinstance(outcome, Opened if taken else Refused)


@pytest.mark.parametrize("deflate", [False, True])
def test_the_hand_written_request_has_the_fields_that_libraries_write(deflate: bool) -> None:
    key = b"dGhlIHNhbXBsZSBub25jZQ=="
    fields = read_request(write_request(key, deflate=deflate)).fields
    written = [(name.lower(), value) for name, value in request_fields(key, deflate=deflate)]
    assert [*fields] == written


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        pytest.param(b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=", b"400", id="key-padding"),
        pytest.param(b"sec-websocket-key", b"dGhlIHNhbXBsZQ==", b"400", id="key-of-10-octets"),
        pytest.param(b"sec-websocket-key", b"", b"400", id="key-empty"),
        pytest.param(b"sec-websocket-version", b"13, 8", b"426", id="version-list"),
        pytest.param(b"connection", b"not-upgrade", b"426", id="option-matched-whole"),
        pytest.param(b"connection", b"keep-alive, Upgrade", b"101", id="option-in-a-list"),
        pytest.param(b"upgrade", b"WebSocket", b"101", id="token-in-any-case"),
    ],
)
def test_the_hand_written_checks_are_those_of_a_careful_server(
    name: bytes, value: bytes, status: bytes
) -> None:
    fields = {**dict(read_request(ASKED).fields), name: value}
    answer = answer_websocket(b"GET", "1.1", fields.items(), deflate=False)
    assert answer.split(b" ")[1] == status


def test_the_hand_written_checks_refuse_http_1_0_and_a_second_key() -> None:
    fields = read_request(ASKED).fields
    again = (*fields, (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=="))
    assert answer_websocket(b"GET", "1.1", fields, deflate=False) == SWITCHED
    assert answer_websocket(b"GET", "1.0", fields, deflate=False).startswith(b"HTTP/1.1 426 ")
    assert answer_websocket(b"GET", "1.1", again, deflate=False).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("offer", "agreed"),
    [
        (b"permessage-deflate; client_max_window_bits", b"permessage-deflate"),
        (
            b"x-unknown, permessage-deflate; server_max_window_bits=10",
            b"permessage-deflate; server_max_window_bits=10",
        ),
        (b"permessage-deflate; client_max_window_bits=99", None),
        (b"permessage-deflate; server_max_window_bits", None),
        (b"permessage-deflate; unknown", None),
    ],
)
def test_the_hand_written_checks_negotiate_permessage_deflate(
    offer: bytes, agreed: bytes | None
) -> None:
    fields = (*read_request(ASKED).fields, (b"sec-websocket-extensions", offer))
    answer = answer_websocket(b"GET", "1.1", fields, deflate=True)
    line = b"" if agreed is None else b"Sec-WebSocket-Extensions: %b\r\n" % agreed
    assert answer == SWITCHED.removesuffix(b"\r\n") + line + b"\r\n"


def test_another_build_of_ours_is_another_contender() -> None:
    file = importlib.util.find_spec("benchmarks.contenders.ours")
    assert file is not None
    assert file.origin is not None
    spec = importlib.util.spec_from_file_location("benchmarks.contenders.other", file.origin)
    assert spec is not None
    assert spec.loader is not None
    other = importlib.util.module_from_spec(spec)
    ours = {name: each for name, each in sys.modules.items() if name.startswith("httpupgrade")}
    for name in ours:
        del sys.modules[name]
    try:
        spec.loader.exec_module(other)
    finally:
        sys.modules.update(ours)
    negotiator = other.OURS.hold(b"")
    assert type(negotiator).__name__ == "ServerNegotiator"
    assert OURS.hold is not None
    assert type(negotiator) is not type(OURS.hold(b""))
    assert other.OURS.jobs[Job.SWITCH].run(ASKED) == OURS.jobs[Job.SWITCH].run(ASKED)


# The verdict can be no.


@pytest.mark.parametrize(
    ("job", "request_octets", "outcome", "done"),
    [
        pytest.param(Job.SWITCH, ASKED, SWITCHED, True, id="101"),
        pytest.param(Job.SWITCH, ASKED, SWITCHED.replace(b"s3p", b"S3p"), False, id="101-accept"),
        pytest.param(Job.SWITCH, ASKED, SWITCHED.replace(b"101", b"200"), False, id="101-status"),
        pytest.param(Job.SWITCH, ASKED, SWITCHED + b"x", False, id="101-content"),
        pytest.param(
            Job.SWITCH, ASKED, SWITCHED.replace(b"websocket", b"h2c"), False, id="101-upgrade"
        ),
        pytest.param(
            Job.SWITCH,
            ASKED,
            SWITCHED.replace(b": Upgrade", b": close"),
            False,
            id="101-connection",
        ),
        pytest.param(Job.SWITCH_DEFLATE, ASKED, SWITCHED, False, id="101-without-extension"),
        pytest.param(Job.SWITCH, ASKED, b"", False, id="101-silence"),
        pytest.param(Job.SWITCH, ASKED, _handed(ASKED), False, id="101-handed-on"),
        pytest.param(Job.REQUIRE, POSTED, REQUIRED, True, id="426"),
        pytest.param(Job.REQUIRE, POSTED, REQUIRED.replace(b"426", b"400"), False, id="426-status"),
        pytest.param(
            Job.REQUIRE, POSTED, REQUIRED.replace(b"websocket", b"h2c"), False, id="426-upgrade"
        ),
        pytest.param(Job.REQUIRE, POSTED, REQUIRED + b"x", False, id="426-length"),
        pytest.param(Job.HAND_ON, POSTED, _handed(POSTED), True, id="pass"),
        pytest.param(
            Job.HAND_ON,
            POSTED,
            _handed(POSTED, body=b""),
            False,
            id="pass-without-body",
        ),
        pytest.param(Job.HAND_ON, POSTED, REQUIRED, False, id="pass-answered"),
        pytest.param(Job.SWITCH_PARSED, ASKED, SWITCHED, True, id="parsed-101"),
        pytest.param(Job.SWITCH_PARSED, ASKED, REQUIRED, False, id="parsed-426"),
        pytest.param(Job.REFUSE, ASKED, REFUSED, True, id="400"),
        pytest.param(Job.REFUSE, ASKED, SWITCHED, False, id="400-switched"),
        pytest.param(Job.REFUSE, ASKED, b"", False, id="400-silence"),
        pytest.param(Job.LET_GO, POSTED, _handed(POSTED), True, id="let-go"),
        pytest.param(Job.LET_GO, POSTED, _handed(POSTED, body=b""), True, id="let-go-unread"),
        pytest.param(Job.LET_GO, POSTED, _handed(POSTED, body=b"x"), False, id="let-go-changed"),
        pytest.param(Job.READ, POSTED, _handed(POSTED, fields=()), False, id="read-no-fields"),
        pytest.param(Job.READ_SLOWLY, POSTED, b"", False, id="read-slowly-silence"),
        pytest.param(Job.HAND_ON_MANY, GOT * 2, [_handed(GOT)] * 2, True, id="pass-many"),
        pytest.param(Job.HAND_ON_MANY, GOT * 2, [_handed(GOT)], False, id="pass-many-but-one"),
        pytest.param(
            Job.HAND_ON_MANY,
            GOT * 2,
            [_handed(GOT), _handed(GOT, target=b"/b")],
            False,
            id="pass-many-another",
        ),
        pytest.param(Job.REQUIRE_MANY, GOT * 2, REQUIRED * 2, True, id="426-many"),
        pytest.param(Job.REQUIRE_MANY, GOT * 2, REQUIRED, False, id="426-many-but-one"),
        pytest.param(Job.REQUIRE_MANY, GOT * 2, REQUIRED * 3, False, id="426-many-and-one"),
        pytest.param(
            Job.REQUIRE_MANY, GOT * 2, REQUIRED + REFUSED, False, id="426-many-another-status"
        ),
        pytest.param(Job.PARSE_UPGRADE, b"a/1,b", b"a/1, b", True, id="upgrade"),
        pytest.param(Job.PARSE_UPGRADE, b"a/1,b", b"b, a/1", False, id="upgrade-order"),
        pytest.param(Job.WRITE_UPGRADE, b"a/1,b", b"a/1", False, id="upgrade-one-less"),
        pytest.param(Job.PARSE_EXTENSIONS, b"a;b=1", b"a; b=1", True, id="extensions"),
        pytest.param(Job.WRITE_EXTENSIONS, b"a;b=1", b"a", False, id="extensions-parameter"),
        pytest.param(
            Job.ANSWER_EXTENSIONS, b"a", b"permessage-deflate; x", True, id="extensions-agreed"
        ),
        pytest.param(Job.ANSWER_EXTENSIONS, b"a", b"", False, id="extensions-declined"),
        pytest.param(Job.SWITCH, ASKED, Opened(ASKS, None, ()), False, id="101-of-a-client"),
        pytest.param(Job.OPEN, SWITCHED, Opened(ASKS, None, ()), True, id="open"),
        pytest.param(Job.OPEN, SWITCHED, Opened(ASKS, b"chat.v1", ()), False, id="open-chosen"),
        pytest.param(Job.OPEN, CHOSEN, Opened(ASKS, b"chat.v1", ()), True, id="open-subprotocol"),
        pytest.param(Job.OPEN, CHOSEN, Opened(ASKS, b"chat.v2", ()), False, id="open-another"),
        pytest.param(Job.OPEN, SWITCHED, Opened(ASKS, None, DEFLATE), False, id="open-deflated"),
        pytest.param(Job.OPEN, SWITCHED, Opened(ASKS_DEFLATE, None, ()), False, id="open-offers"),
        pytest.param(Job.OPEN, SWITCHED, Refused(ASKS, "no"), False, id="open-refused"),
        pytest.param(Job.OPEN, SWITCHED, LISTS, False, id="open-required"),
        pytest.param(Job.OPEN, SWITCHED, SWITCHED, False, id="open-answered"),
        pytest.param(
            Job.OPEN_DEFLATE,
            DEFLATED,
            Opened(ASKS_DEFLATE, None, DEFLATE),
            True,
            id="open-deflate",
        ),
        pytest.param(
            Job.OPEN_DEFLATE,
            DEFLATED,
            Opened(ASKS_DEFLATE, None, ()),
            False,
            id="open-deflate-without",
        ),
        pytest.param(
            Job.OPEN_DEFLATE,
            DEFLATED,
            Opened(ASKS, None, DEFLATE),
            False,
            id="open-deflate-not-offered",
        ),
        pytest.param(Job.OPEN_REFUSE, SWITCHED, Refused(ASKS, "no"), True, id="open-refuse"),
        pytest.param(Job.OPEN_REFUSE, SWITCHED, Refused(b"", "no"), False, id="open-silence"),
        pytest.param(
            Job.OPEN_REFUSE, SWITCHED, Opened(ASKS, None, ()), False, id="open-refuse-taken"
        ),
        pytest.param(Job.OPEN_REQUIRED, LISTED, LISTS, True, id="read-426"),
        pytest.param(
            Job.OPEN_REQUIRED,
            LISTED,
            LISTS._replace(protocols=(b"websocket", b"h2c")),
            False,
            id="read-426-order",
        ),
        pytest.param(
            Job.OPEN_REQUIRED, LISTED, LISTS._replace(versions=()), False, id="read-426-versions"
        ),
        pytest.param(
            Job.OPEN_REQUIRED, LISTED, LISTS._replace(body=b"x"), False, id="read-426-body"
        ),
        pytest.param(Job.OPEN_REQUIRED, LISTED, Refused(ASKS, "no"), False, id="read-426-refused"),
    ],
)
def test_an_outcome_counts_only_if_the_job_was_done(
    job: Job, request_octets: bytes, outcome: Outcome, done: bool
) -> None:
    verdict = judge(job, request_octets, outcome)
    assert verdict.done is done
    assert bool(verdict.words) is not done


@pytest.mark.parametrize(
    ("found", "replaced"),
    [
        (b"GET /chat", b"GET /"),
        (b"Host: server", b"Host: other"),
        (b"Upgrade: websocket", b"Upgrade: h2c"),
        (b"Connection: Upgrade", b"Connection: close"),
        (b"Version: 13", b"Version: 8"),
        (b"Key: dG", b"Key: "),
        (b"Key: dG", b"Kay: dG"),
        (b"chat.v2, chat.v1", b"chat.v1, chat.v2"),
        (b"\r\n\r\n", b"\r\n\r\nx"),
        (b"\r\n\r\n", b"\r\n"),
    ],
)
def test_a_client_that_asks_for_something_else_has_not_done_the_job(
    found: bytes, replaced: bytes
) -> None:
    assert judge(Job.OPEN, SWITCHED, Opened(ASKS, None, ())).done
    assert ASKS.count(found) == 1
    verdict = judge(Job.OPEN, SWITCHED, Opened(ASKS.replace(found, replaced), None, ()))
    assert verdict.words.startswith("asks with ")
    assert not verdict.done


# The shape.


def test_each_foreign_library_is_imported_in_exactly_one_file() -> None:
    root = Path(__file__).parents[2] / "benchmarks"
    importers: dict[str, set[str]] = {}
    in_memory = root / "uvicorn_in_memory.py"  # a program by itself
    for file in [*{*root.glob("*.py")} - {in_memory}, *root.glob("contenders/*.py")]:
        for node in ast.walk(ast.parse(file.read_text())):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names = [node.module]
            for name in names:
                importers.setdefault(name.partition(".")[0], set()).add(file.name)
    foreign = {
        "aiohttp",
        "h11",
        "httptools",
        "httpupgrade",
        "picows",
        "psutil",
        "pyperf",
        "websockets",
        "wsproto",
        "zttp",
    }
    assert {name: len(importers[name]) for name in foreign} == dict.fromkeys(foreign, 1)
