"""What each capture calls for, and whether it got that.

The law of this file: an expectation follows from the index (what the client wanted, what arrived,
what was lost) and from RFC 9110 7.8; no code of the library is asked for it.
"""

from fnmatch import fnmatchcase
from typing import Final, Literal, NamedTuple, assert_never, final

from httpupgrade import (
    Accept101,
    Continue100,
    CustomProtocol,
    Decision,
    Passthrough,
    Policy,
    Reject,
    Require426,
    WebSocket,
)

from .corpus import Capture

Mode = Literal["required", "optional"]
MODES: Final[tuple[Mode, ...]] = ("required", "optional")

SUBPROTOCOLS: Final = ("chat.v2", "chat.v1")


def policy_for_replay(mode: Mode) -> Policy:
    """A server of WebSockets that also answers Docker's exec, as the captures ask for both."""
    return Policy(
        WebSocket(subprotocols=SUBPROTOCOLS), CustomProtocol("tcp", body="buffer"), mode=mode
    )


_OFFERED: Final = ("websocket", "tcp")

# What is no HTTP/1 request: the status where one is required, and the finding.
_NOT_HTTP_1: Final = {
    "h2-preface": ("505", "http2-preface"),
    "tls-clienthello": ("400", "tls-client-hello"),
}

# RFC 6455 4.2.1: what the index says of a broken handshake, and the findings for it.
_BROKEN: Final = {
    "bad/missing Sec-WebSocket-Key": "websocket-key-*",
    "Sec-WebSocket-Version not 13": "websocket-version-*",
}

# Noted, never refused; the index does not say which extensions were offered.
_MERELY_NOTED: Final = frozenset(("extension-declined",))


@final
class Expected(NamedTuple):
    """A decision in brief, as :func:`in_brief` has it, and the codes of its findings."""

    decision: str
    codes: frozenset[str]
    """One pattern for each finding: its code, or its beginning and an asterisk."""


def expect(capture: Capture, mode: Mode) -> Expected:
    """What a capture calls for.

    Raises :class:`ValueError` for a kind of octets that is unknown here.
    """
    if capture.kind is not None:
        if capture.kind not in _NOT_HTTP_1:
            raise ValueError(f"{capture.name}: nothing is known of kind {capture.kind!r}")
        status, code = _NOT_HTTP_1[capture.kind]
        return Expected(f"{status} close" if mode == "required" else "pass", frozenset((code,)))
    lost = _why_it_does_not_count(capture, mode)
    if lost or not capture.upgrade:
        return _expect_no_offer(capture, mode, lost)
    offered = next((each for each in _OFFERED if each in capture.upgrade), None)
    if offered is None:
        return _expect_no_offer(capture, mode, frozenset(("no-common-protocol",)))
    if offered == "websocket" and not _handshake_is_good(capture):
        return _expect_broken_handshake(capture)
    return Expected(f"101 {offered}", frozenset())


def _why_it_does_not_count(capture: Capture, mode: Mode) -> frozenset[str]:
    """Why an Upgrade that was meant is none (RFC 9110 7.8): the codes of the findings."""
    missing = not capture.upgrade
    if missing and mode == "optional":  # such a head is not judged; only what was lost is noted
        return frozenset(("hop-by-hop-fields-lost",) if _sent_a_key(capture) else ())
    codes = set()
    if capture.http_version == "1.0":
        codes.add("upgrade-in-http-1.0")
    if missing:
        codes.add("upgrade-missing")
        if not _sent_a_key(capture):
            return frozenset(codes)
    if "upgrade" not in capture.options:
        codes.add("upgrade-option-missing")
    if _sent_a_key(capture) and (missing or "upgrade" not in capture.options):
        codes.add("hop-by-hop-fields-lost")
    return frozenset(codes)


def _expect_no_offer(capture: Capture, mode: Mode, codes: frozenset[str]) -> Expected:
    if mode == "optional":
        return Expected("pass", codes)
    return Expected("426 close" if _closes(capture) else "426", codes)


def _expect_broken_handshake(capture: Capture) -> Expected:
    faults = [_BROKEN[each] for each in capture.why_not if each in _BROKEN]
    if capture.intent != "websocket":  # a proxy invented the Upgrade: nobody sent the rest
        faults = list(_BROKEN.values())
    # RFC 6455 4.2.2: 426 for a version that is not spoken, which is one that was sent; a client
    # that sends a key sends a version.
    status = "426" if faults == [_BROKEN["Sec-WebSocket-Version not 13"]] else "400"
    return Expected(f"{status} close", frozenset(faults))


def _handshake_is_good(capture: Capture) -> bool:
    return capture.intent == "websocket" and capture.upgradable


def _sent_a_key(capture: Capture) -> bool:
    """Whether Sec-WebSocket-Key arrived: clients send one, and hardly a proxy drops it."""
    if capture.intent != "websocket" or "sec-websocket-key" in capture.lost:
        return False
    if capture.variant == "upgrade-header-only":  # typed by hand; its notes say "no key"
        return False
    return not any("Sec-WebSocket-Key" in each for each in capture.why_not)


def _closes(capture: Capture) -> bool:
    """HTTP/1.0 and ``Connection: close`` end it; so does a refused Upgrade field, because a proxy
    may believe in a tunnel and send other people's octets next."""
    return capture.http_version == "1.0" or "close" in capture.options or bool(capture.upgrade)


def in_brief(decision: Decision | Continue100) -> str:
    """A decision in a word or two: ``101 websocket``, ``426 close``, ``pass``."""
    match decision:
        case Accept101():
            return f"101 {decision.token}"
        case Continue100():
            return "100"
        case Require426() | Reject():
            return f"{decision.status_code}{' close' if decision.close else ''}"
        case Passthrough():
            return "pass"
        case unreachable:
            assert_never(unreachable)


def differences(expected: Expected, decision: Decision | Continue100) -> list[str]:
    """What about a decision is not as expected; nothing if all is."""
    found = []
    if in_brief(decision) != expected.decision:
        found.append(f"expected {expected.decision}, got {in_brief(decision)}")
    codes = {finding.code for finding in decision.findings} - _MERELY_NOTED
    missing = [
        each for each in expected.codes if not any(fnmatchcase(code, each) for code in codes)
    ]
    found += [f"no finding {each}" for each in sorted(missing)]
    surplus = [
        code for code in codes if not any(fnmatchcase(code, each) for each in expected.codes)
    ]
    found += [f"unexpected finding {code}" for code in sorted(surplus)]
    return found
