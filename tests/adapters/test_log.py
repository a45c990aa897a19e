"""What every adapter tells of a decision, by itself."""

import logging
from functools import partial
from typing import Any, Final

import pytest
from wire import handshake, plain

from httpupgrade import (
    Accept101,
    AcceptConnect,
    Code,
    Decision,
    DecisionInfo,
    Passthrough,
    Policy,
    Reject,
    RequestHead,
    RequestInfo,
    Require426,
    UpgradeToken,
    WebSocket,
    decide,
    decide_extended_connect,
    finding,
)
from httpupgrade.adapters._log import Teller, log_fields

NAME: Final = "httpupgrade.tests"
PEER: Final = ("192.0.2.1", 50000)
TCP: Final = UpgradeToken("tcp")
BAD: Final = finding(Code("bad", 400, "RFC 9110", "it is bad"))
HEAD: Final = RequestHead(b"GET", b"/a?secret", [(b"Host", b"a")])
REQUEST: Final = RequestInfo(HEAD, PEER)
NOTHING: Final = DecisionInfo()
INFO: Final = DecisionInfo(REQUEST, 0.25, "report", True, False, PEER)


def connected() -> AcceptConnect:
    fields = [
        (b":method", b"CONNECT"),
        (b":scheme", b"https"),
        (b":authority", b"a"),
        (b":path", b"/chat?secret"),
        (b":protocol", b"websocket"),
        (b"sec-websocket-version", b"13"),
    ]
    accept = decide_extended_connect(fields, Policy(WebSocket()))
    assert isinstance(accept, AcceptConnect)
    return accept


def told_as(*values: object) -> dict[str, object]:
    names = (
        *("decision", "status", "token", "codes", "peer", "method", "path"),
        *("mode", "would_require", "in_rollout", "seconds"),
    )
    return {f"httpupgrade_{name}": value for name, value in zip(names, values, strict=True)}


@pytest.mark.parametrize(
    ("decision", "info", "fields"),
    [
        (
            Accept101(TCP, findings=[BAD, BAD]),
            DecisionInfo(REQUEST, 0.25, "optional", peer=PEER),
            told_as(
                "accepted",
                101,
                "tcp",
                ["bad"],
                "192.0.2.1:50000",
                "GET",
                "/a",
                "optional",
                False,
                None,
                0.25,
            ),
        ),
        (
            connected(),
            NOTHING,
            told_as("accepted", 200, "websocket", [], *[None] * 4, False, None, 0.0),
        ),
        (
            Require426([TCP], findings=[BAD]),
            NOTHING.replace(in_rollout=True),
            told_as("required", 426, None, ["bad"], *[None] * 4, False, True, 0.0),
        ),
        (
            Reject(408),
            DecisionInfo(peer="a"),
            told_as("rejected", 408, None, [], "a", None, None, None, False, None, 0.0),
        ),
        (
            Passthrough(HEAD),
            INFO,
            told_as(
                "passed",
                None,
                None,
                [],
                "192.0.2.1:50000",
                "GET",
                "/a",
                "report",
                True,
                False,
                0.25,
            ),
        ),
    ],
    ids=lambda each: type(each).__name__,
)
def test_a_record_has_stable_fields(
    decision: Decision, info: DecisionInfo, fields: dict[str, object]
) -> None:
    assert log_fields(decision, info) == fields


@pytest.mark.parametrize(
    ("peer", "place"),
    [
        (("::1", 1, 0, 0), "::1:1"),
        (("192.0.2.1", None), "192.0.2.1"),
        (("192.0.2.1",), "192.0.2.1"),
        (("/run/a.sock", 0), "/run/a.sock"),
        ("/run/a.sock", "/run/a.sock"),
        ("", None),
        (b"", None),
        ((), None),
        (None, None),
    ],
)
def test_the_other_end_in_text(peer: object, place: str | None) -> None:
    assert log_fields(Reject(400), DecisionInfo(peer=peer))["httpupgrade_peer"] == place


def test_a_path_is_bounded_printable_and_without_secrets() -> None:
    head = RequestHead(b"GET", b"http://me:secret@a/'" + b"b" * 300 + b"?secret", [])
    fields = log_fields(Reject(400), DecisionInfo(RequestInfo(head)))
    path = fields["httpupgrade_path"]
    assert isinstance(path, str)
    assert path.startswith("http://a/\\x27bb")
    assert path.endswith("b...")
    assert "secret" not in path
    assert len(path) < 270


def asked_for(make: list[tuple[Any, float]], decision: Decision, seconds: float) -> DecisionInfo:
    make.append((decision, seconds))
    return INFO


@pytest.mark.parametrize(
    ("level", "lines"),
    [
        (logging.DEBUG, ["INFO", "INFO", "DEBUG", "DEBUG"]),
        (logging.INFO, ["INFO", "INFO"]),
        (logging.WARNING, []),
    ],
)
def test_refusals_are_told_at_info_and_the_rest_at_debug(
    caplog: pytest.LogCaptureFixture, level: int, lines: list[str]
) -> None:
    caplog.set_level(level, NAME)
    teller = Teller(NAME, None)
    made: list[tuple[Any, float]] = []
    for decision in (Require426([TCP]), Reject(400), Accept101(TCP), Passthrough(HEAD)):
        teller.tell(decision, partial(asked_for, made), teller.now())
    assert [record.levelname for record in caplog.records] == lines
    assert len(made) == len(lines)  # nothing is made where nobody listens
    assert (teller.now() > 0.0) is (level < logging.WARNING)


def test_a_line_says_who_what_and_why(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, NAME)
    teller = Teller(NAME, None)
    teller.tell(Reject(400, findings=[BAD]), lambda *_: INFO, 0.0)
    teller.tell(Reject(408), lambda *_: NOTHING, 0.0)
    assert caplog.messages == ["192.0.2.1:50000 GET /a?...: 400 (bad)", "- no request: 408"]
    assert log_fields(Reject(408), NOTHING).items() <= vars(caplog.records[1]).items()


def test_a_hook_is_called_for_each_decision_whatever_the_level() -> None:
    told: list[object] = []
    teller = Teller(NAME, lambda *each: told.append(each))
    made: list[tuple[Any, float]] = []
    since = teller.now()
    for decision in (Reject(400), Passthrough(HEAD)):
        teller.tell(decision, partial(asked_for, made), since)
    assert told == [(Reject(400), INFO), (Passthrough(HEAD), INFO)]
    assert all(0.0 < seconds < 60.0 for _, seconds in made)


async def later(decision: object, info: DecisionInfo) -> None:
    raise AssertionError


@pytest.mark.parametrize("hook", [later, 1, partial(later, 1)])
def test_a_hook_that_cannot_be_called_at_once_is_refused(hook: Any) -> None:
    with pytest.raises(TypeError, match=r"^on_decision is a function, or None"):
        Teller(NAME, hook)


def failing(decision: object, info: DecisionInfo) -> None:
    raise LookupError("of the hook")


@pytest.mark.parametrize(
    ("hook", "kind"), [(failing, LookupError), (lambda *_: later(_, NOTHING), TypeError)]
)
def test_what_a_hook_raises_is_reported(
    caplog: pytest.LogCaptureFixture, hook: Any, kind: type[Exception]
) -> None:
    reported: list[tuple[str, type]] = []
    told = Teller(NAME, hook, lambda message, error: reported.append((message, type(error))))
    told.tell(Passthrough(None), lambda *_: NOTHING, 0.0)
    assert reported == [("on_decision has failed", kind)]
    assert caplog.records == []
    Teller(NAME, hook).tell(Passthrough(None), lambda *_: NOTHING, 0.0)
    (record,) = caplog.records
    assert (record.levelname, record.getMessage()) == (
        "ERROR",
        "httpupgrade: on_decision has failed",
    )
    assert record.exc_info is not None
    assert record.exc_info[0] is kind


def test_no_secret_of_a_request_is_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, NAME)
    octets = handshake(
        b"Cookie: secret",
        b"Authorization: Bearer secret",
        b"Sec-WebSocket-Protocol: secret",
        b"Origin: https://secret@a/?secret",
        line=b"GET /chat?token=secret HTTP/1.1",
    )
    policy = Policy(WebSocket(subprotocols=["chat"]))
    bad = plain(b"Cookie secret", line=b"GET /?secret HTTP/1.1")
    for head in (RequestHead.parse(octets), RequestHead.parse(plain(b"Cookie: secret"))):
        info = DecisionInfo(RequestInfo(head, PEER), 0.1, "optional", peer=PEER)
        for decision in (decide(head, policy), Reject(400, findings=[BAD]), Passthrough(head)):
            Teller(NAME, None).tell(decision, lambda *_, info=info: info, 0.0)
    assert bad
    assert len(caplog.records) == 6
    assert all("secret" not in repr(vars(record)) for record in caplog.records)
