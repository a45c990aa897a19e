"""What is known of a request's head, whichever path read it."""

import copy
import pickle

import pytest
from hypothesis import given

from httpupgrade import RemoteProtocolError, RequestHead, UpgradeToken
from httpupgrade._http1.capture_fields import capture
from httpupgrade._http1.framing import NO_CONTENT, Framing
from httpupgrade._http1.request_facts import (
    RequestFacts,
    accepts_anything,
    facts_of,
    has_upgrade,
    is_whole,
    upgrade_asked_for,
    wants_upgrade,
)
from httpupgrade.testing.strategies import Field, damaged, request_head_octets

HOST: Field = (b"Host", b"a")


def facts_with(*fields: Field, method: bytes = b"GET", version: bytes = b"1.1") -> RequestFacts:
    return facts_of(RequestHead(method, b"/", (HOST, *fields), version))


def test_the_facts_of_a_plain_request() -> None:
    facts = facts_with()
    assert (facts.upgrade, facts.wanted, facts.wanted_fault) == (None, (), None)
    assert (facts.options, facts.options_fault, facts.persists) == ((), None, True)
    assert (facts.faults, facts.framing_faults, facts.expectations) == ((), (), frozenset())
    assert (facts.framing, facts.has_content) == (NO_CONTENT, False)


def test_the_fast_path_is_on_or_off(pytestconfig: pytest.Config) -> None:
    assert bool(facts_with().captured) is not pytestconfig.getoption("slow_path")


def test_facts_are_worked_out_once() -> None:
    head = RequestHead.parse(b"GET / HTTP/1.1\r\nHost: a\r\nExpect: b\r\n\r\n")
    assert facts_of(head) is facts_of(head)


@pytest.mark.parametrize("fields", [[], [(b"Expect", b"100-continue"), (b"Upgrade", b"a b")]])
def test_copies_of_a_head_have_the_same_facts(fields: list[Field]) -> None:
    head = RequestHead(b"POST", b"/", [HOST, *fields])
    facts = facts_of(head)
    for other in (copy.deepcopy(head), pickle.loads(pickle.dumps(head))):
        assert other == head
        copied = facts_of(other)
        assert copied.expectations == facts.expectations
        assert (copied.has_content, copied.wanted_fault) == (False, facts.wanted_fault)


@pytest.mark.parametrize(
    ("lines", "wanted", "fault"),
    [
        ([b"websocket"], ["websocket"], None),
        ([b"h2c, websocket"], ["h2c", "websocket"], None),
        ([b"h2c", b"TLS/1.3"], ["h2c", "TLS/1.3"], None),
        ([b""], [], None),
        ([b"a b"], [], (0, 2)),
        ([b"h2c", b"a, @"], [], (1, 3)),
    ],
)
def test_the_protocols_that_are_wanted(
    lines: list[bytes], wanted: list[str], fault: tuple[int, int] | None
) -> None:
    facts = facts_with(*((b"Upgrade", line) for line in lines))
    assert facts.upgrade == b", ".join(lines)
    assert facts.wanted == tuple(map(UpgradeToken.parse, wanted))
    assert facts.wanted_fault == fault


@pytest.mark.parametrize(
    ("lines", "options", "fault"),
    [
        ([b"Upgrade"], (b"upgrade",), None),
        ([b"keep-alive, Upgrade"], (b"keep-alive", b"upgrade"), None),
        ([b"TE, Close"], (b"te", b"close"), None),
        ([b"Upgrade", b"TE"], (b"upgrade", b"te"), None),
        ([b"a b"], (), (0, 2)),
        ([b"a", b"b, @"], (), (1, 3)),
    ],
)
def test_the_options_of_the_connection(
    lines: list[bytes], options: tuple[bytes, ...], fault: tuple[int, int] | None
) -> None:
    facts = facts_with(*((b"Connection", line) for line in lines))
    assert (facts.options, facts.options_fault) == (options, fault)


@pytest.mark.parametrize(
    ("lines", "expectations"),
    [
        ([b"100-Continue"], {b"100-continue"}),
        ([b"a", b"100-continue"], {b"a", b"100-continue"}),
        ([b""], set()),
        ([b"a b"], {b"unreadable"}),
    ],
)
def test_what_the_client_expects(lines: list[bytes], expectations: set[bytes]) -> None:
    assert facts_with(*((b"Expect", line) for line in lines)).expectations == expectations


@pytest.mark.parametrize(
    ("version", "lines", "expected"),
    [
        (b"1.1", [], True),
        (b"1.1", [b"keep-alive, Upgrade"], True),
        (b"1.1", [b"Upgrade", b"CLOSE"], False),
        (b"1.1", [b"close, keep-alive"], False),
        (b"1.1", [b"closed, x-close"], True),
        (b"1.0", [], False),
        (b"1.0", [b"Upgrade"], False),
        (b"1.0", [b"Keep-Alive"], True),
        (b"1.0", [b"keep-alive, close"], False),
        (b"1.1", [b"keep alive"], None),
        (b"1.1", [b"close", b"@"], None),
        (b"1.0", [b"\xa0"], None),
    ],
)
def test_a_connection_persists_as_rfc_9112_9_3_has_it(
    version: bytes, lines: list[bytes], expected: bool | None
) -> None:
    facts = facts_with(*((b"Connection", line) for line in lines), version=version)
    assert facts.persists is expected


@pytest.mark.parametrize(
    ("fields", "method", "version"),
    [
        ([], b"CONNECT", b"1.1"),
        ([], b"GET", b"2.0"),
        ([(b"Content-Length", b"a")], b"GET", b"1.1"),
        ([(b"Connection", b"close"), (b"Transfer-Encoding", b"gzip")], b"GET", b"1.1"),
    ],
)
def test_nobody_can_tell_what_follows(fields: list[Field], method: bytes, version: bytes) -> None:
    assert facts_with(*fields, method=method, version=version).persists is None


@given(damaged(request_head_octets()))
def test_a_head_is_whole_only_if_the_facts_say_so(octets: bytes) -> None:
    try:
        head = RequestHead.parse(octets)
    except (RemoteProtocolError, ValueError):
        return
    surely = is_whole(head)
    facts = facts_of(head)
    follows = facts.persists is True and not facts.has_content
    assert follows or not surely
    assert is_whole(head) is follows


@pytest.mark.parametrize(
    ("lines", "whole"),
    [
        (b"", True),
        (b"Connection: keep-alive\r\n", True),
        (b"connection:\tKeep-Alive \r\n", True),
        (b"Connection: keep-alive\r\nCONNECTION: close\r\n", False),
        (b"Connection: keep-alive, close\r\n", False),
        (b"X: Content-Length: 1\r\n", True),
        (b"content-LENGTH: 1\r\n", False),
        (b"Transfer-encoding: chunked\r\n", False),
    ],
)
def test_a_head_is_whole_without_facts(lines: bytes, whole: bool) -> None:
    head = RequestHead.parse(b"GET / HTTP/1.1\r\nHost: a\r\n%b\r\n" % lines)
    assert is_whole(head) is whole
    assert head._facts is None
    old = RequestHead.parse(b"GET / HTTP/1.0\r\nHost: a\r\n%b\r\n" % lines)
    assert not is_whole(old)
    tunnel = RequestHead.parse(b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n%b\r\n" % lines)
    assert not is_whole(tunnel)
    assert not is_whole(RequestHead.from_parser(b"GET", b"/", [HOST], b"1.1"))


KEY: Field = (b"Sec-WebSocket-Key", b"dGhlIHNhbXBsZSBub25jZQ==")


@pytest.mark.parametrize(
    ("fields", "wants", "upgrade"),
    [
        ([], False, None),
        ([(b"X-Upgrade", b"a"), (b"A", b"Upgrade: b")], False, None),
        ([(b"Expect", b"a")], False, None),
        ([(b"Upgrade", b"a")], True, b"a"),
        ([(b"uPGRADE", b"")], True, b""),
        ([(b"Upgrade", b"a"), (b"upgrade", b"b")], True, b"a, b"),
        ([(b"Expect", b"a"), (b"Upgrade", b"b")], True, b"b"),
        ([(b"Sec-WebSocket-Origin", b"a"), (b"Upgrade", b"b")], True, b"b"),
        # What is left of a handshake when a proxy has taken Upgrade out.
        ([KEY], True, None),
        ([KEY, (b"Expect", b"a")], True, None),
        ([(b"sec-websocket-key", b"a"), (b"Sec-WebSocket-Key", b"b")], True, None),
    ],
)
@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
def test_whether_a_head_asks_for_an_upgrade(
    fields: list[Field], wants: bool, upgrade: bytes | None, version: bytes
) -> None:
    def heads() -> list[RequestHead]:
        parts = (b"GET", b"/", [HOST, *fields], version)
        octets = RequestHead(*parts).to_bytes()
        return [RequestHead(*parts), RequestHead.from_parser(*parts), RequestHead.parse(octets)]

    assert [wants_upgrade(head) for head in heads()] == [wants] * 3
    assert [has_upgrade(head) for head in heads()] == [upgrade is not None] * 3
    assert [facts_of(head).upgrade for head in heads()] == [upgrade] * 3
    for head in heads():
        # What was noted on the way is of no other version.
        assert wants_upgrade(head) is wants
        assert facts_of(head).persists is (version == b"1.1")
        assert (wants_upgrade(head), has_upgrade(head)) == (wants, upgrade is not None)
    if not wants:  # then no other facts are worked out
        for head in heads():
            has_upgrade(head)
            assert head._facts is None


@pytest.mark.parametrize(
    ("fields", "upgrade"),
    [
        ([], b"websocket"),
        ([(b"Content-Length", b"0")], b"websocket"),
        ([(b"Content-Length", b"00")], None),
        ([(b"Content-Length", b"5")], None),
        ([(b"Connection", b"keep-alive, UPGRADE")], b"websocket"),
        ([(b"Connection", b"close")], None),
        ([(b"Connection", b"upgrade @")], None),
        ([(b"Host", b"a@b")], None),
        ([(b"Upgrade", b"a b")], b"a b"),
    ],
)
def test_what_is_asked_for_at_a_glance(fields: list[Field], upgrade: bytes | None) -> None:
    usual = {b"Host": b"a", b"Connection": b"Upgrade", b"Upgrade": b"websocket"}
    captured, joined = capture(b"GET", b"/", list((usual | dict(fields)).items()))
    assert not joined
    assert upgrade_asked_for(captured) == upgrade
    for name in usual:
        rest = [(each, value) for each, value in usual.items() if each != name]
        assert upgrade_asked_for(capture(b"GET", b"/", rest)[0]) is None


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ([(b"Connection", b"a, @")], (0, 3)),
        ([(b"Connection", b"a"), (b"Connection", b"b, @")], (1, 3)),
        ([(b"Upgrade", b"a, @")], (0, 3)),
        ([(b"Upgrade", b"a"), (b"Upgrade", b"b, @")], (1, 3)),
        ([(b"Connection", b"a"), (b"Connection", b"b")], None),
    ],
)
def test_where_a_list_is_broken_is_told_however_the_head_was_read(
    fields: list[Field], fault: tuple[int, int] | None
) -> None:
    parts = (b"GET", b"/", [HOST, *fields], b"1.1")
    octets = RequestHead(*parts).to_bytes()
    for head in RequestHead(*parts), RequestHead.from_parser(*parts), RequestHead.parse(octets):
        facts = facts_of(head)
        assert (facts.options_fault or facts.wanted_fault) == fault
        assert head.headers == (HOST, *fields)
        assert head.get_all(fields[0][0]) == tuple(value for _, value in fields)


@pytest.mark.parametrize("digits", [b"5", b"0" * 17 + b"5", b"0" * 18 + b"5", b"+5", b"5_0"])
def test_a_length_is_read_in_one_line_or_in_many_digits(digits: bytes) -> None:
    facts = facts_with((b"Content-Length", digits), (b"Upgrade", b"a"))
    is_number = digits.strip(b"0") == b"5"
    assert [each.code for each in facts.faults] == [] if is_number else ["content-length-malformed"]
    if is_number:
        assert (facts.framing, facts.has_content, facts.persists) == (Framing(5), True, True)


@pytest.mark.parametrize("length", [100, 4000])
def test_long_values_are_read_like_short_ones(length: int) -> None:
    long = b"a" * length
    fields = [(b"Expect", b"b"), (b"Upgrade", long), (b"Connection", b"close, " + long)]
    facts = facts_with(*fields)
    assert (facts.wanted, facts.wanted_fault) == ((UpgradeToken.parse(long.decode()),), None)
    assert (facts.options, facts.options_fault) == ((b"close", long), None)
    assert (facts.persists, facts.expectations) == (False, frozenset((b"b",)))
    broken = facts_with(*fields, (b"Upgrade", b"a b"), (b"Connection", b"a b"))
    assert (broken.wanted, broken.wanted_fault) == ((), (1, 2))
    assert (broken.options, broken.options_fault, broken.persists) == ((), (1, 2), None)


def test_faults_stand_in_the_order_of_version_address_and_framing() -> None:
    fields = [(b"Host", b"b"), (b"Content-Length", b"a")]
    facts = facts_with(*fields, version=b"2.0")
    codes = [finding.code for finding in facts.faults]
    assert codes == ["http-version-unsupported", "host-repeated", "content-length-malformed"]
    assert facts.framing_faults == facts.faults[2:]


@pytest.mark.parametrize(
    ("field", "framing"),
    [
        ((b"Content-Length", b"5"), Framing(5)),
        ((b"Content-Length", b"000"), NO_CONTENT),
        ((b"Transfer-Encoding", b"chunked"), Framing(None)),
    ],
)
def test_how_the_body_is_framed(field: Field, framing: Framing) -> None:
    facts = facts_with(field)
    assert (facts.framing, facts.has_content) == (framing, framing != NO_CONTENT)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (b"", True),
        (b"Accept:*/*\t\r\n", True),
        (b"aCCEPT:\t */*\r\nAccept: */*\r\n", True),
        (b"Accept: */*\r\naCCEPT: a/b\r\n", False),
        (b"Accept:\r\n", False),
        (b"Accept: */*;q=0\r\n", False),
        (b"Accept-Language: a\r\nX: Accept: b\r\n", True),
    ],
)
def test_whether_a_client_prefers_a_type(lines: bytes, expected: bool) -> None:
    head = RequestHead.parse(b"GET / HTTP/1.1\r\nHost: a\r\n%b\r\n" % lines)
    assert accepts_anything(head) is expected
    made = RequestHead.from_parser(b"GET", b"/", head.headers, b"1.1")
    assert accepts_anything(made) is expected
