"""The usual request is an ordinary one that is read faster: no outcome tells the two ways apart.

The careful way is the oracle here; that way is held to an obvious parser in ``test_scan_laws``.
"""

import tracemalloc

import pytest
from demo import corpus
from feeding import feed
from hypothesis import example, given
from hypothesis import strategies as st
from strategies_decide import POLICIES, Field, good_heads, handshake, policies, values

from httpupgrade import (
    Accept101,
    CustomProtocol,
    Limits,
    LocalProtocolError,
    PerMessageDeflate,
    Policy,
    Reject,
    RequestHead,
    RequestInfo,
    Require426,
    ServerNegotiator,
    UpgradeToken,
    WebSocket,
    decide,
)
from httpupgrade._http1.fast_path import head_in_front
from httpupgrade._http1.fast_path_patterns import PLACES, USUAL_HEAD, Captured, captured_lines
from httpupgrade._http1.line_scan import split_fields
from httpupgrade._http1.request_facts import RequestFacts, facts_of, wants_upgrade
from httpupgrade._http1.request_scan import HeadParts, RequestScanner
from httpupgrade._http1.values import made_of
from httpupgrade._negotiation.decide import decide_within
from httpupgrade._negotiation.decisions import Decision
from httpupgrade._negotiation.response_octets import write_switch
from httpupgrade.fields import parse_extensions
from httpupgrade.testing.strategies import (
    changed_handshakes,
    damaged,
    field_values,
    hostile_requests,
    request_head_octets,
    request_heads,
)

CAPTURES = corpus.load(corpus.DEFAULT)
HEAD = (
    b"GET /chat?a HTTP/1.1\r\nHost: example.com:8080\r\nAccept: */*\r\nConnection: keep-alive, "
    b"Upgrade\r\nUpgrade: websocket\r\nOrigin: https://example.com\r\nSec-WebSocket-Key: "
    b"dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chat\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate\r\nUser-Agent: x\r\nContent-Length: 0\r\n\r\n"
)

heads = changed_handshakes() | good_heads() | request_heads()
all_octets = (
    request_head_octets() | damaged(request_head_octets()) | hostile_requests() | st.just(HEAD)
)
limits_near = st.builds(
    Limits,
    max_head_bytes=st.integers(40, 600),
    max_request_line=st.integers(10, 60),
    max_header_line=st.integers(10, 80),
    max_header_count=st.integers(0, 8),
    max_early_data=st.just(0),
    max_request_body=st.just(0),
    max_drain=st.just(0),
    max_response_body=st.just(0),
) | st.just(Limits())


def with_care(head: RequestHead) -> RequestHead:
    """An equal head that is read in the careful way."""
    if head.raw is None:
        again = RequestHead(head.method, head.target, head.headers, head.http_version)
    else:
        again = RequestHead.parse(head.raw)
    again._captured, again._asking, again._facts = (), None, None
    return again


def captured(head: RequestHead) -> Captured:
    """What the usual pattern finds in a head; empty if it does not match."""
    return facts_of(head).captured


def decided(head: RequestHead, policy: Policy, *, secure: bool = False) -> Decision:
    """The decision, whose octets are the ones that it writes itself if they were known before."""
    decision, written, *_ = decide_within(Limits(), head, policy, secure=secure)
    if written is not None:
        assert isinstance(decision, Accept101 | Require426 | Reject)
        # An equal decision, of which nothing is known.
        assert (
            written == decision.to_bytes() == made_of(type(decision), decision._values).to_bytes()
        )
    return decision


# --- Which heads are usual ----------------------------------------------------------------------


def test_a_usual_head_shows_its_fields() -> None:
    head = RequestHead.parse(HEAD)
    usual = captured(head)
    assert usual[:2] == (b"GET", b"/chat?a")
    for name in PLACES:
        lines = captured_lines(usual, name)
        assert lines == head.get_all(name) == tuple(values(head.headers, name)) != ()
    assert captured_lines(usual, b"user-agent") is None


HANDSHAKES = [
    each
    for each in CAPTURES
    if each.name.startswith("direct__") and "__websocket" in each.name and "curl" not in each.name
]


@pytest.mark.parametrize("capture", HANDSHAKES, ids=lambda capture: capture.name)
def test_the_handshakes_of_browsers_and_libraries_are_usual(capture: corpus.Capture) -> None:
    # Otherwise there would be a fast way, and nobody to take it.
    found = head_in_front(capture.data, Limits())
    assert found is not None
    assert captured(found[0])


@pytest.mark.parametrize(
    ("found", "replaced"),
    [
        (b"GET /", b"CONNECT /"),
        (b"/chat?a", b"*"),
        (b"/chat?a", b"http://example.com/"),
        (b"/chat?a", b"/chat#a"),
        (b"HTTP/1.1", b"HTTP/1.0"),
        (b"HTTP/1.1", b"HTTP/1.2"),
        (b"HTTP/1.1", b"HTTP/2.0"),
        (b"Host: example.com:8080\r\n", b""),
        (b"Host: example.com:8080", b"Host:"),
        (b"example.com:8080", b"a b"),
        (b"example.com:8080", b"a" * 256),
        (b"keep-alive, Upgrade", b"a" * 256),
        (b"example.com:8080", b"a\r\nhost: a"),
        (b"websocket\r\n", b"websocket \r\n"),
        (b"websocket\r\n", b"websocket\r\nupgrade: h2c\r\n"),
        (b"websocket\r\n", b"websocket\r\nCONNECTION: close\r\n"),
        (b"User-Agent: x", b"Expect: 100-continue"),
        (b"User-Agent: x", b"eXPECT:"),
        (b"User-Agent: x", b"Transfer-Encoding: chunked"),
        (b"User-Agent: x", b"tRANSFER-eNCODING: chunked"),
        (b"User-Agent: x", b"Sec-WebSocket-Origin: a"),
        (b"User-Agent: x", b"sEC-wEBsOCKET-kEY: a"),
        (b"Length: 0", b"Length: 0\r\ncontent-length: 0"),
        (b"Length: 0", b"Length: +0"),
        (b"Length: 0", b"Length: 0, 0"),
        (b"Length: 0", b"Length: 1234567890123456789"),
        (b"ZQ==", b"ZQ= ="),
        (b": 13", b": 13\t"),
    ],
)
def test_a_head_that_needs_care_is_not_usual(found: bytes, replaced: bytes) -> None:
    assert USUAL_HEAD.fullmatch(HEAD) is not None
    assert HEAD.count(found) == 1
    assert USUAL_HEAD.fullmatch(HEAD.replace(found, replaced)) is None


@pytest.mark.parametrize(
    ("found", "replaced"),
    [
        (b"User-Agent: x", b"Upgrade-Insecure-Requests: 1\r\nupgrades: 1\r\nU: 1\r\nu:"),
        (b"User-Agent: x", b"Accept-Language: a\r\nExpected: 1\r\nHosts: a\r\nHost-Id: a\r\nS:"),
        (b"User-Agent: x", b"Sec-Fetch-Mode: a\r\nSec-Web: a\r\nCookie: a\r\nCon: b\r\nCo: \xe9"),
        (b"User-Agent: x", b"Transfer-Encodings: x\r\nTE: trailers\r\nt: \t\r\nO: \r\no:"),
        (b"GET", b"connect"),
        (b"GET", b"CONNECTED"),
        (b"Upgrade: web", b"uPGRADE:\t web"),
        (b"example.com:8080", b"1.2.3.4:59999"),
        (b"example.com:8080", b"[::1]:80"),
        (b"example.com:8080", b"a:65536"),
        (b"ZQ==", b"ZQ"),
        (b": 13", b": 1300"),
    ],
)
def test_a_head_that_needs_no_care_is_usual(found: bytes, replaced: bytes) -> None:
    assert HEAD.count(found) == 1
    head = HEAD.replace(found, replaced)
    match = USUAL_HEAD.fullmatch(head)
    assert match is not None
    assert match.groups()[2:] == tuple(RequestHead.parse(head).get_all(name)[0] for name in PLACES)


@pytest.mark.parametrize(
    "host", [b"a:65536", b"a:123456", b"u@a", b"[::1", b"[v1.]", b"%4", b"a:b"]
)
def test_a_usual_head_whose_host_is_malformed_has_faults(host: bytes) -> None:
    octets = HEAD.replace(b"example.com:8080", host)
    assert USUAL_HEAD.fullmatch(octets) is not None
    for head in (
        RequestHead.parse(octets),
        *(found[:1] if (found := head_in_front(octets, Limits())) else ()),
    ):
        assert not captured(head)
        assert [each.code for each in facts_of(head).faults] == ["host-malformed"]


@given(heads | request_head_octets().map(RequestHead.parse))
def test_what_is_captured_is_so(head: RequestHead) -> None:
    usual = captured(head)
    if not usual:
        return
    assert (head.method, head.target, head.http_version) == (*usual[:2], b"1.1")
    for name, place in PLACES.items():
        lines = values(head.headers, name)
        assert usual[place] == (b", ".join(lines) if lines else None)
        assert head.get_all(name) == tuple(lines)
    assert values(head.headers, b"expect") == values(head.headers, b"transfer-encoding") == []


LISTED = st.lists(
    st.sampled_from([b"a", b"Upgrade, close", b"a b", b"", b'a; b="c', b'd"', b"x" * 200]),
    min_size=1,
    max_size=4,
)


@given(
    st.sampled_from(
        [
            b"Connection",
            b"upgrade",
            b"Sec-WebSocket-Protocol",
            b"Sec-WebSocket-Extensions",
            b"Origin",
        ]
    ),
    LISTED,
    policies,
)
def test_a_field_in_several_lines_is_what_it_is_with_care(
    name: bytes, lines: list[bytes], policy: Policy
) -> None:
    head = handshake(*((name, line) for line in lines))
    careful = with_care(head)
    for each in ("upgrade", "options", "options_fault", "persists", "wanted", "wanted_fault"):
        assert getattr(facts_of(head), each) == getattr(facts_of(careful), each)
    assert head.get_all(name) == tuple(lines)
    assert decided(head, policy) == decided(careful, policy)


@pytest.mark.parametrize("count", [2, 3])
def test_lists_in_several_lines_are_on_the_fast_path(count: int) -> None:
    lines = b"Connection: Upgrade\r\n" + b"connection: a\r\n" * (count - 1)
    head = RequestHead.parse(HEAD.replace(b"Connection: keep-alive, Upgrade\r\n", lines))
    assert captured(head)
    assert facts_of(head).options == (b"upgrade", *[b"a"] * (count - 1))


FACTS = [name for name in RequestFacts.__annotations__ if not name.startswith("_")]
FACTS += [name for name, each in vars(RequestFacts).items() if isinstance(each, property)]


@given(heads | request_head_octets().map(RequestHead.parse))
def test_both_paths_find_the_same_facts(head: RequestHead) -> None:
    facts, careful = facts_of(head), facts_of(with_care(head))
    assert not careful.captured
    for name in sorted({*FACTS} - {"captured"}):
        assert getattr(facts, name) == getattr(careful, name), name


@given(heads | request_head_octets().map(RequestHead.parse))
def test_whether_a_head_asks_is_seen_in_either_way(head: RequestHead) -> None:
    expected = bool(values(head.headers, b"upgrade") or values(head.headers, b"sec-websocket-key"))
    assert wants_upgrade(head) is wants_upgrade(with_care(head)) is expected


# --- The same heads -----------------------------------------------------------------------------


@given(all_octets, st.binary(max_size=30) | st.just(HEAD), limits_near, st.booleans())
@example(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", HEAD, Limits(), False)
@example(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", HEAD, Limits(), True)
@example(b"PRI * HTTP/2.0\r\n\r\n", b"", Limits(), True)
def test_a_head_in_front_is_the_one_that_the_scanner_finds(
    octets: bytes, behind: bytes, limits: Limits, in_full: bool
) -> None:
    parts = RequestScanner(limits).scan(bytearray(octets + behind))
    for data in (octets + behind, bytearray(octets + behind)):
        found = head_in_front(data, limits, in_full)
        # Empty lines in front are for the scanner to skip.
        assert (found is not None) is (
            isinstance(parts, HeadParts) and octets[:1] != b"\r" and parts.http_version != b"2.0"
        )
        if found is None or not isinstance(parts, HeadParts):
            continue
        head, size = found
        assert (size, head.raw) == (parts.size, parts.raw)
        assert (head.method, head.target) == (parts.method, parts.target)
        assert (head.http_version, head.headers) == (parts.http_version, split_fields(parts.raw))
        assert type(head.raw) is bytes
        assert wants_upgrade(head) is wants_upgrade(with_care(head))
        assert captured(head) == captured(RequestHead.parse(parts.raw))


@given(heads)
def test_a_head_made_of_parts_is_what_it_is_made_of(head: RequestHead) -> None:
    # A version that is no usual one is put together in the careful way.
    careful = RequestHead(head.method, head.target, head.headers, b"1.0")
    made = RequestHead(head.method, head.target, iter(head.headers))
    assert (made.method, made.target, made.headers) == (
        careful.method,
        careful.target,
        careful.headers,
    )
    assert made.to_bytes() == careful.to_bytes().replace(b"HTTP/1.0", b"HTTP/1.1", 1)
    assert (made.raw, made.offset_of(b"host")) == (None, None)


WELL: list[Field] = [(b"Host", b"a"), (b"X", b"y")]


@pytest.mark.parametrize(
    "headers",
    [
        [*WELL, (b"a: b\r\nc", b"d")],
        [*WELL, (b"a", b"b\r\nc: d")],
        [*WELL, (b"a:b", b"c")],
        [*WELL, (b"", b"c")],
        [*WELL, (b" a", b"c")],
        [*WELL, (b"a ", b"c")],
        [*WELL, (b"a", b"\x00")],
        [*WELL, (b"a", b"b\n")],
        [*WELL, (b"a\r\nb: c\r\nd", b"e")],
        [*WELL, ("a", b"c")],
        [*WELL, (b"a", "c")],
        [*WELL, (b"a", 7)],
        [*WELL, (b"a", b"b", b"c")],
        [*WELL, (b"a",)],
        [*WELL, (b"a", b"b", b"c"), (b"d",)],
        [*WELL, b"ab"],
        [*WELL, None],
    ],
    ids=repr,
)
def test_no_parts_that_are_none_make_a_head(headers: list[Field]) -> None:
    with pytest.raises((TypeError, ValueError)):
        RequestHead(b"GET", b"/", headers)


@pytest.mark.parametrize(
    ("method", "target"),
    [
        (b"GET /a HTTP/1.1\r\nA: b\r\nGET", b"/"),
        (b"GET", b"/ HTTP/1.1\r\nA: b\r\n\r\nGET /"),
        (b"GET", b"/ /"),
        (b"GET ", b"/"),
        (b"", b"/"),
        (b"GET", b""),
        ("GET", b"/"),
        (b"GET", "/"),
    ],
)
def test_no_start_that_is_none_makes_a_head(method: bytes, target: bytes) -> None:
    with pytest.raises((TypeError, ValueError)):
        RequestHead(method, target, WELL)


def test_a_head_keeps_no_octets_that_could_change() -> None:
    name, value = bytearray(b"X"), bytearray(b" y ")
    head = RequestHead(b"GET", b"/", [(b"Host", b"a"), (name, value)])  # type: ignore[list-item]
    name[:] = value[:] = b"zz"
    assert head.headers == ((b"Host", b"a"), (b"X", b"y"))
    assert {type(octets) for field in head.headers for octets in field} == {bytes}


# --- The same decisions -------------------------------------------------------------------------


@given(heads | request_head_octets().map(RequestHead.parse), policies, st.booleans())
def test_a_usual_request_is_decided_on_like_any_other(
    head: RequestHead, policy: Policy, secure: bool
) -> None:
    assert decided(head, policy, secure=secure) == decided(with_care(head), policy, secure=secure)


SUPPORTED = [(), (PerMessageDeflate(),), (PerMessageDeflate(True, True, 10, 11),)]


@given(
    st.sampled_from(SUPPORTED),
    st.sampled_from([None, b"permessage-deflate", b"permessage-deflate; client_max_window_bits"])
    | field_values(),
    st.sampled_from([b"websocket", b"WebSocket", b"h2c", b"websocket, h2c"]),
    st.sampled_from([b"Upgrade", b"upgrade", b"keep-alive, Upgrade", b"close, upgrade", b"a"]),
    st.sampled_from([b"13", b"8", b"12"]),
    st.sampled_from([b"GET", b"POST", b"HEAD"]),
)
def test_a_browsers_handshake_is_decided_on_like_any_other(
    supported: tuple[PerMessageDeflate, ...],
    offer: bytes | None,
    upgrade: bytes,
    connection: bytes,
    version: bytes,
    method: bytes,
) -> None:
    fields = [(b"Upgrade", upgrade), (b"Connection", connection)]
    fields.append((b"Sec-WebSocket-Version", version))
    if offer is not None:
        fields.append((b"Sec-WebSocket-Extensions", offer))
    head = handshake(*fields, method=method)
    policy = Policy(WebSocket(extensions=supported, versions=(13, 8)), mode="required")
    assert decided(head, policy) == decided(with_care(head), policy)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("capture", CAPTURES, ids=lambda capture: capture.name)
def test_a_captured_request_is_decided_on_like_any_other(
    capture: corpus.Capture, policy: Policy
) -> None:
    found = head_in_front(capture.data, Limits())
    if found is None:
        assert not isinstance(RequestScanner(Limits()).scan(bytearray(capture.data)), HeadParts)
        return
    head, _ = found
    assert decided(head, policy) == decided(with_care(head), policy)


@given(heads, policies)
def test_the_machine_sends_what_the_decision_writes(head: RequestHead, policy: Policy) -> None:
    machine = ServerNegotiator(policy)
    event = feed(machine, head.to_bytes())
    if isinstance(event, Accept101 | Reject):
        assert machine.send(event) == event.to_bytes()


def test_octets_that_were_known_before_are_not_sent_for_another_decision() -> None:
    machine = ServerNegotiator(Policy(WebSocket()), limits=Limits(max_early_data=3))
    accept = feed(machine, HEAD.replace(b"Sec-WebSocket-Protocol: chat\r\n", b""))
    assert isinstance(accept, Accept101)
    other = accept.with_headers([(b"X-Id", b"7")])
    refused = feed(machine, b"1234")
    assert isinstance(refused, Reject)
    with pytest.raises(LocalProtocolError):
        machine.send(accept)
    assert machine.send(refused).startswith(b"HTTP/1.1 400 ")
    again = ServerNegotiator(Policy(WebSocket()))
    feed(again, HEAD)
    assert b"X-Id: 7\r\n" in again.send(other)


# --- What is not what it seems ------------------------------------------------------------------


@pytest.mark.parametrize("over", [0, 1])
def test_no_more_is_looked_at_than_a_head_may_have(over: int) -> None:
    limits = Limits(max_head_bytes=len(HEAD) - over)
    assert (head_in_front(HEAD + HEAD, limits) is None) is bool(over)
    plain = HEAD.replace(b"Upgrade:", b"Downgrade:")
    limits = Limits(max_head_bytes=len(plain) - over)
    assert (head_in_front(plain, limits) is None) is bool(over)


def scanned(octets: bytes, limits: Limits) -> bool:
    """Whether the careful way takes this head."""
    return isinstance(RequestScanner(limits).scan(bytearray(octets)), HeadParts)


@pytest.mark.parametrize("over", [0, 1])
@pytest.mark.parametrize(
    "limit", ["max_head_bytes", "max_request_line", "max_header_line", "max_header_count"]
)
@pytest.mark.parametrize("lengths", [[700], [700, 2000], [2000, 700], [900] * 4, [6000]])
def test_a_head_with_long_lines_keeps_each_limit(lengths: list[int], limit: str, over: int) -> None:
    cookies = b"".join(b"Cookie: " + b"c" * (length - 8) + b"\r\n" for length in lengths)
    octets = HEAD.replace(b"Accept:", cookies + b"Accept:")
    start, *lines = octets.split(b"\r\n")[:-2]
    most = {
        "max_head_bytes": len(octets),
        "max_request_line": len(start),
        "max_header_line": max(map(len, lines)),
        "max_header_count": len(lines),
    }
    limits = Limits().replace(**{limit: most[limit] - over})
    assert scanned(octets, limits) is not bool(over)
    for following in (b"", HEAD):
        found = head_in_front(octets + following, limits)
        assert (found is None) is bool(over)
        if found is not None:
            assert (found[0].raw, found[1]) == (octets, len(octets))


@pytest.mark.parametrize("more", [0, 1])
def test_the_lines_of_a_head_with_long_ones_are_counted_together(more: int) -> None:
    cookies = (b"Cookie: " + b"c" * 700 + b"\r\n") * 6
    start = b"GET / HTTP/1.1\r\n"
    octets = start + b"a:\r\n" * 3 + cookies + b"a:\r\n" * (256 - 9 + more) + b"\r\n"
    assert scanned(octets, Limits()) is not bool(more)
    assert (head_in_front(octets, Limits()) is None) is bool(more)


def test_a_head_over_the_limit_takes_no_memory_but_its_own() -> None:
    octets = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\n" + b"a:\r\n" * 250_000 + b"\r\n"
    machine = ServerNegotiator(Policy(WebSocket(), mode="required"))
    tracemalloc.start()
    try:
        assert isinstance(feed(machine, octets), Reject)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1.5 * len(octets)


class Octets(bytes):
    """Somebody's."""


@pytest.mark.parametrize(
    "fed",
    [
        bytearray(HEAD + b"tail"),
        memoryview(HEAD + b"tail"),
        memoryview(HEAD + b"tail" + b"." * (-len(HEAD) % 4)).cast("I"),
        Octets(HEAD + b"tail"),
    ],
    ids=lambda fed: type(fed).__name__,
)
def test_octets_may_come_in_any_container(fed: bytes) -> None:
    machine = ServerNegotiator(Policy(WebSocket()))
    accept = feed(machine, fed)
    assert isinstance(accept, Accept101)
    assert machine.trailing_data.startswith(b"tail")
    assert len(HEAD) + len(machine.trailing_data) == len(bytes(fed))
    assert accept.head is not None
    assert type(accept.head.raw) is bytes


@pytest.mark.parametrize("token", [b"websocket", "websocket", "WebSocket"])
def test_a_token_that_is_none_skips_no_check(token: UpgradeToken) -> None:
    machine = ServerNegotiator(Policy(WebSocket()))
    assert isinstance(feed(machine, HEAD), Accept101)
    with pytest.raises(TypeError, match="token is an UpgradeToken"):
        machine.send(Accept101(token))


@pytest.mark.parametrize(
    "field",
    [
        (b"Sec-WebSocket-Protocol: chat",),
        (b"Sec-WebSocket-Protocol", b"chat", b""),
        b"ab",
        (b"Sec-WebSocket-Protocol", "chat"),
        ("Sec-WebSocket-Protocol", b"chat"),
        (b"Sec-WebSocket-Protocol", None),
    ],
    ids=repr,
)
def test_what_is_no_field_is_not_written(field: Field) -> None:
    with pytest.raises(TypeError, match=r"in headers|headers holds pairs"):
        Accept101(UpgradeToken("tcp"), headers=[field])
    with pytest.raises(TypeError, match=r"in headers|headers holds pairs"):
        Reject(403, [field])


def refuse_to_say(info: RequestInfo) -> bytes:
    raise AssertionError("nobody asks for the key of a request that asks")


@pytest.mark.parametrize("host", [b"server.example", b"a b"])
def test_a_rollout_key_is_not_asked_for_what_asks(host: bytes) -> None:
    policy = Policy(WebSocket(), mode="required", rollout=0.5, rollout_key=refuse_to_say)
    head = handshake((b"Host", host))
    decided(head, policy)
    decided(with_care(head), policy)


@pytest.mark.parametrize("step", [1, 10_000])
def test_a_callable_sees_the_same_trail_however_octets_are_cut(step: int) -> None:
    seen: list[bytes] = []

    def policy(info: RequestInfo) -> Policy:
        seen.append(machine.trailing_data)
        return Policy(WebSocket())

    machine = ServerNegotiator(policy)
    for place in range(0, len(HEAD), step):
        feed(machine, HEAD[place : place + step])
    assert seen == [HEAD]


# --- The same answers ---------------------------------------------------------------------------

SWITCH_FIELDS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                b"Sec-WebSocket-Accept",
                b"Sec-WebSocket-Protocol",
                b"Sec-WebSocket-Extensions",
                b"sec-websocket-accept",
                b"Upgrade",
                b"Content-Length",
                b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nX",
                b"Sec-WebSocket-Protocol: a",
                b"X",
                b"",
            ]
        ),
        st.sampled_from(
            [
                b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                b"chat",
                b"a; b=c, d",
                b"a:b",
                b"a\r\nX: y",
                b"\r\n",
                b"a b",
                b"\xe9",
                b"",
            ]
        ),
    ),
    max_size=4,
)


@given(SWITCH_FIELDS, st.sampled_from([b"Switching Protocols", b"", b"\r\nX: y", b"\xe9"]))
def test_a_101_is_checked_alike_whatever_it_looks_like(fields: list[Field], reason: bytes) -> None:
    accept = Accept101(UpgradeToken("websocket"), headers=fields, reason=reason)
    # One more field, of no meaning, and nothing looks usual any more.
    unusual = accept.replace(headers=(*accept.headers, (b"Z", b"")))
    try:
        expected = unusual.to_bytes().replace(b"Z: \r\n", b"")
    except LocalProtocolError:
        with pytest.raises(LocalProtocolError):
            accept.to_bytes()
    else:
        assert accept.to_bytes() == expected


@pytest.mark.parametrize(
    "tokens", [(), (UpgradeToken("h2c"),), (UpgradeToken("websocket"), UpgradeToken("h2c"))]
)
def test_a_101_names_the_layers_of_its_decision(tokens: tuple[UpgradeToken, ...]) -> None:
    headers = Accept101(UpgradeToken("websocket")).headers
    with pytest.raises(LocalProtocolError):
        write_switch(b"", headers, tokens)


def test_extensions_of_somebodys_are_asked_each_time() -> None:
    class Counting:
        name = "permessage-deflate"
        asked = 0

        def accept(self, offer: object) -> None:
            self.asked += 1

    supported = Counting()
    policy = Policy(WebSocket(extensions=[supported]), CustomProtocol("tcp"))
    assert supported.asked == 0
    (offer,) = parse_extensions([b"permessage-deflate"])
    for count in (1, 2):
        decide(handshake((b"Sec-WebSocket-Extensions", str(offer).encode())), policy)
        assert supported.asked == count


@pytest.mark.parametrize("required", [False, True])
@pytest.mark.parametrize("chosen", ["mqtt", None])
def test_a_callable_that_chooses_is_asked_once(required: bool, chosen: str | None) -> None:
    asked: list[tuple[str, ...]] = []

    def choose(offered: tuple[str, ...], head: RequestHead) -> str | None:
        asked.append(offered)
        return chosen

    offer = WebSocket(select_subprotocol=choose, require_subprotocol=required)
    head = handshake((b"Sec-WebSocket-Protocol", b"chat, mqtt"))
    assert captured(head)
    decide(head, Policy(offer))
    assert asked == [("chat", "mqtt")]
