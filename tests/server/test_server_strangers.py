"""What is no HTTP/1: told apart by its first octets, handed on whole or refused, and named."""

import pytest
from feeding import feed
from transcript import WEBSOCKET_OPTIONAL, Transcript, codes
from wire import plain, splits

from httpupgrade import (
    NEED_DATA,
    ConnectionClosed,
    CustomProtocol,
    Forward,
    Passthrough,
    Policy,
    Reject,
    Require426,
    ServerState,
    UpgradeToken,
)

PROXY_V1 = b"PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n"
PROXY_V2 = b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c\x7f\x00\x00\x01\x7f\x00\x00\x01\xd4\x31\x01\xbb"
STRANGERS = {
    "TLS 1.3": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "tls-client-hello", 400),
    "TLS 1.0": (b"\x16\x03\x00\x00\x2f\x01", "tls-client-hello", 400),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x12\x04", "http2-preface", 505),
    "PROXY v1": (PROXY_V1 + plain(), "proxy-protocol", 400),
    "PROXY v2": (PROXY_V2 + plain(), "proxy-protocol", 400),
    "SSH": (b"SSH-2.0-OpenSSH_9.2\r\n", "not-http", 400),
    "octets": (b"\x80\x00\x00\x00", "not-http", 400),
    "almost TLS": (b"\x16\x04\x01", "not-http", 400),
}
each_stranger = pytest.mark.parametrize(
    ("octets", "code", "status_code"), STRANGERS.values(), ids=STRANGERS
)


@each_stranger
def test_what_is_no_http_is_handed_on_whole_and_named(
    octets: bytes, code: str, status_code: int
) -> None:
    for pieces in ([octets], *splits(octets)):
        talk = Transcript(WEBSOCKET_OPTIONAL)
        events = [feed(talk.machine, piece) for piece in pieces]
        while (event := talk.machine.next_event()) is not NEED_DATA:
            events.append(event)
        passed = next(event for event in events if event is not NEED_DATA)
        assert isinstance(passed, Passthrough)
        assert (passed.head, codes(passed.findings)) == (None, [code])
        out = passed.data
        for each in events[events.index(passed) + 1 :]:
            assert isinstance(each, Forward)
            assert not each.end
            out += each.data
        assert out == octets


@each_stranger
def test_what_is_no_http_is_refused_where_an_upgrade_is_required(
    octets: bytes, code: str, status_code: int
) -> None:
    for pieces in ([octets], *splits(octets)):
        talk = Transcript()
        for piece in pieces:
            event = feed(talk.machine, piece)
            if isinstance(event, Reject):
                break
        assert isinstance(event, Reject)
        assert (event.status_code, event.close) == (status_code, True)
        assert codes(event.findings) == [code]
        talk.answers(event)
        talk.hears(plain(), ConnectionClosed)


@each_stranger
def test_a_driver_may_refuse_what_is_no_http_itself(
    octets: bytes, code: str, status_code: int
) -> None:
    talk = Transcript(WEBSOCKET_OPTIONAL)
    talk.hears(octets, Passthrough)
    assert b"\r\nConnection: close\r\n" in talk.answers(Reject(400))
    talk.goes_on(ConnectionClosed)


@pytest.mark.parametrize("prefix", [b"\x16", b"PROXY ", b"PRI * HTTP/2.0", PROXY_V2[:11]])
def test_what_may_yet_become_either_is_waited_for(prefix: bytes) -> None:
    Transcript(WEBSOCKET_OPTIONAL).hears_and_waits(prefix)


@pytest.mark.parametrize("method", [b"PRI", b"PROXY", b"PRIVATE"])
def test_a_method_may_begin_like_a_preface(method: bytes) -> None:
    talk = Transcript()
    talk.hears(plain(line=method + b" / HTTP/1.1"), Require426)


def test_behind_a_request_a_preface_is_no_request_either() -> None:
    talk = Transcript(WEBSOCKET_OPTIONAL)
    talk.hears(plain() + b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Passthrough)
    talk.goes_on(Forward)
    assert codes(talk.goes_on(Passthrough).findings) == ["http2-preface"]
    assert talk.state is ServerState.OPAQUE


def test_an_unreadable_head_that_may_upgrade_is_refused_also_where_nothing_is_required() -> None:
    # CVE-2019-16869 and others: a lenient parser behind us might switch.
    talk = Transcript(WEBSOCKET_OPTIONAL)
    refusal = talk.hears(b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade : websocket\r\n\r\n", Reject)
    assert (refusal.status_code, refusal.close) == (400, True)


class Cleartext(CustomProtocol):
    """An offer that must not be used inside TLS."""

    __slots__ = ()

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return () if secure else super().tokens(secure=secure)


@pytest.mark.parametrize(("secure", "kind"), [(False, Reject), (True, Passthrough)])
def test_where_nothing_is_on_offer_strangers_pass_through(
    secure: bool, kind: type[Reject | Passthrough]
) -> None:
    talk = Transcript(Policy(Cleartext("tcp"), mode="required"), secure=secure)
    talk.hears(b"SSH-2.0-OpenSSH_9.2\r\n", kind)


def test_behind_messages_that_were_forwarded_a_stranger_may_still_be_refused() -> None:
    talk = Transcript(WEBSOCKET_OPTIONAL)
    talk.hears(plain() + b"\x16\x03\x01", Passthrough)
    assert talk.goes_on(Forward) == Forward(b"", end=True)
    assert talk.goes_on(Passthrough).head is None
    assert b"\r\nConnection: close\r\n" in talk.answers(Reject(400))
    talk.goes_on(ConnectionClosed)


def test_once_something_of_it_was_handed_on_a_stranger_cannot_be_refused() -> None:
    talk = Transcript(WEBSOCKET_OPTIONAL)
    talk.hears(b"\x16\x03\x01", Passthrough)
    talk.goes_on(Forward)
    talk.refuses(Reject(400, close=True))
    talk.waits()
