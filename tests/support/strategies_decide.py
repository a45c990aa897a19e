"""Request heads for the tests of the deciding modules: a good handshake, and changes to it.

Every head here exists, so all of it keeps the grammar; what it means is another matter.
"""

from collections.abc import Iterable
from typing import Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from httpupgrade import (
    H2C,
    TLS,
    Accept101,
    ConnectIP,
    ConnectTCP,
    ConnectUDP,
    CustomProtocol,
    Decision,
    Passthrough,
    PerMessageDeflate,
    Policy,
    Refusal,
    Reject,
    RequestHead,
    Require426,
    WebSocket,
    decide,
)

Field = tuple[bytes, bytes]

KEY: Final = b"dGhlIHNhbXBsZSBub25jZQ=="
"""The example key of RFC 6455 1.3."""
ACCEPT: Final = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
"""What answers it."""

SETTINGS: Final = b"AAMAAABkAAQAoAAAAAIAAAAA"
TUNNEL: Final = b"/.well-known/masque/udp/192.0.2.6/443/"

HANDSHAKE: Final[tuple[Field, ...]] = (
    (b"Host", b"server.example"),
    (b"Upgrade", b"websocket"),
    (b"Connection", b"Upgrade"),
    (b"Sec-WebSocket-Key", KEY),
    (b"Sec-WebSocket-Version", b"13"),
)


def handshake(
    *fields: Field,
    without: Iterable[bytes] = (),
    method: bytes = b"GET",
    target: bytes = b"/chat",
    http_version: bytes = b"1.1",
) -> RequestHead:
    """RFC 6455 1.2's request; ``fields`` take the place of those of the same names."""
    gone = {name.lower() for name, _ in fields} | {name.lower() for name in without}
    kept = tuple(field for field in HANDSHAKE if field[0].lower() not in gone)
    return RequestHead(method, target, (*kept, *fields), http_version)


def request(
    *fields: Field,
    method: bytes = b"GET",
    target: bytes = b"/",
    http_version: bytes = b"1.1",
) -> RequestHead:
    """A plain request with a Host, and these fields."""
    host = () if any(name.lower() == b"host" for name, _ in fields) else HANDSHAKE[:1]
    return RequestHead(method, target, (*host, *fields), http_version)


def codes(decision: Decision) -> tuple[str, ...]:
    """Of all findings, in order."""
    return tuple(finding.code for finding in decision.findings)


def judged_twice(policy: Policy, fields: tuple[Field, ...], *, secure: bool = False) -> Decision:
    """The decision on a GET of ``/chat`` with these fields, which both paths agree on.

    An unknown field of the family ``Sec-WebSocket-`` keeps a head off the fast path.
    """
    fast = decide(RequestHead(b"GET", b"/chat", fields), policy, secure=secure)
    careful = (*fields, (b"Sec-WebSocket-X", b""))
    slow = decide(RequestHead(b"GET", b"/chat", careful), policy, secure=secure)
    assert type(fast) is type(slow)
    assert codes(fast) == codes(slow)
    return fast


def values(headers: Iterable[Field], name: bytes) -> list[bytes]:
    """Of all lines of this field."""
    return [value for each, value in headers if each.lower() == name.lower()]


def offered_tokens(head: RequestHead) -> frozenset[bytes]:
    """What the Upgrade lines name, read in another way than the library reads it."""
    return _elements(head, b"upgrade")


def connection_options(head: RequestHead) -> frozenset[bytes]:
    """What the Connection lines name, read in another way than the library reads it."""
    return _elements(head, b"connection")


def _elements(head: RequestHead, name: bytes) -> frozenset[bytes]:
    joined = b",".join(values(head.headers, name))
    return frozenset(element.strip(b" \t").lower() for element in joined.split(b",")) - {b""}


_FIELD_OCTETS: Final = bytes(octet for octet in range(256) if octet >= 0x20 and octet != 0x7F)

field_values: Final[SearchStrategy[bytes]] = st.lists(
    st.sampled_from(_FIELD_OCTETS + b"\t"), max_size=24
).map(bytes)
"""Any octets that a field value can hold."""

# What is near to meaning something, field by field.
_INTERESTING: Final[dict[bytes, tuple[bytes, ...]]] = {
    b"Host": (b"", b"server.example:80", b"[::1]:8080", b"a:b", b"::1", b"a b", b"10.0.2.555"),
    b"Upgrade": (
        b"",
        b",",
        b"websocket, websocket",
        b"h2c, websocket",
        b"WebSocket",
        b"websocket/13",
        b"madam-websocket",
        b"tcp, websocket",
        b"irc/6.9",
        b"IRC/6.9, tcp",
        b"websoc\xe2\x84\xaaet",
        b"websocket\xa0",
        b"TLS/1.2",
        b"HTTP/1.1, TLS/1.2",
        b"connect-udp",
        b"connect-ip, connect-tcp",
    ),
    b"Connection": (
        b"",
        b"keep-alive, Upgrade",
        b"close, upgrade",
        b"close",
        b"not-upgrade-lol",
        b"upgrade, \x85",
        b"Upgrade, HTTP2-Settings",
    ),
    b"Sec-WebSocket-Key": (b"", KEY[:-1], b"x" * 22 + b"==", b" ".join((KEY, KEY))),
    b"Sec-WebSocket-Version": (b"8", b"013", b"13, 8", b"255", b"256", b"\xef\xbc\x91\xef\xbc\x93"),
    b"Sec-WebSocket-Protocol": (b"chat", b"mqtt, chat", b"", b"a b", b"<chat>", b"chat, chat"),
    b"Sec-WebSocket-Extensions": (
        b"permessage-deflate; client_max_window_bits",
        b"permessage-deflate; server_max_window_bits=8, permessage-deflate",
        b'permessage-deflate; server_max_window_bits="10"',
        b'foo; bar="a,permessage-deflate"',
        b'foo; bar="',
        b"",
    ),
    b"Origin": (b"null", b"https://server.example", b"http://a:b", b"<script>", b""),
    b"Content-Length": (b"0", b"5", b"5, 5", b"+5", b"9" * 5000),
    b"Transfer-Encoding": (b"chunked", b"gzip, chunked", b"chunked, xchunked", b"identity", b""),
    b"Expect": (b"100-continue", b"100-Continue", b"200-ok", b"", b"\xff"),
    b"Accept": (
        b"*/*",
        b"application/json",
        b"application/problem+json;q=0.5, text/plain;q=0",
        b"application/json;q=2",
        b"<>",
    ),
    b"HTTP2-Settings": (SETTINGS, b"AAMAAABkAAQAoAAAAAIAAAA=", b"AAIAAAAC", b""),
    b"Capsule-Protocol": (b"?1", b"?1;a=b", b"?0, ?1"),
    b"Content-Type": (b"application/json",),
    b"Cookie": (b'<script>alert("\\")</script>',),
}

_METHODS: Final = (b"GET", b"GET", b"GET", b"POST", b"HEAD", b"OPTIONS", b"CONNECT", b"get")
_TARGETS: Final = (
    b"/chat",
    b"/",
    b"*",
    b"server.example:443",
    b"server.example:",
    b"http://server.example/chat",
    b"http://user@server.example/",
    b"http://",
    b"<script>",
    b"//evil/%0d%0a",
    TUNNEL,
    b"/.well-known/masque/tcp/2001%3Adb8%3A%3A1/65536/",
    b"/.well-known/masque/ip/*/%31%37/",
)
_VERSIONS: Final = (b"1.1", b"1.1", b"1.1", b"1.0", b"1.0", b"1.2", b"2.0", b"0.9")


def _lines(name: bytes) -> SearchStrategy[tuple[Field, ...]]:
    usual = dict(HANDSHAKE).get(name)
    candidates = [st.sampled_from(_INTERESTING[name]), field_values]
    if usual is not None:
        candidates.insert(0, st.just(usual))
    line = st.tuples(st.just(name), st.one_of(candidates))
    return st.lists(line, min_size=0, max_size=2).map(tuple)


# Most of what is decided, these two decide.
_CHANGED: Final = sorted(_INTERESTING) + [b"Upgrade", b"Connection"] * 6


@st.composite
def any_heads(draw: st.DrawFn) -> RequestHead:
    """Heads near a handshake: some fields changed, repeated, or gone, and some added."""
    changed = draw(st.lists(st.sampled_from(_CHANGED), max_size=3, unique=True))
    fields = [field for field in HANDSHAKE if field[0] not in changed]
    for name in changed:
        fields.extend(draw(_lines(name)))
    method, target, http_version = b"GET", b"/chat", b"1.1"
    if draw(st.integers(0, 3)) == 0:
        method = draw(st.sampled_from(_METHODS))
        target = draw(st.sampled_from(_TARGETS))
        http_version = draw(st.sampled_from(_VERSIONS))
    return RequestHead(method, target, draw(st.permutations(fields)), http_version)


GOOD_OTHERS: Final = (
    RequestHead(
        b"POST",
        b"/",
        (
            (b"Host", b"a"),
            (b"Upgrade", b"h2c"),
            (b"Connection", b"Upgrade, HTTP2-Settings"),
            (b"HTTP2-Settings", SETTINGS),
            (b"Content-Length", b"5"),
        ),
    ),
    RequestHead(
        b"OPTIONS",
        b"*",
        ((b"Host", b"a"), (b"Upgrade", b"TLS/1.2"), (b"Connection", b"upgrade")),
    ),
    RequestHead(
        b"GET",
        TUNNEL,
        ((b"Host", b"a"), (b"Upgrade", b"connect-udp"), (b"Connection", b"Upgrade")),
    ),
)
"""Handshakes of other protocols, which the policies that offer them agree to."""


def good_heads() -> SearchStrategy[RequestHead]:
    """Handshakes that policies here agree to."""
    return good_handshakes() | st.sampled_from(GOOD_OTHERS)


@st.composite
def good_handshakes(draw: st.DrawFn) -> RequestHead:
    """Handshakes that most policies here agree to, written in many ways."""
    tokens = draw(st.permutations([b"WebSocket", b"TCP", b"irc/6.9", b"h2c"]))
    cut = draw(st.integers(1, 4))
    fields = [
        (b"Upgrade", b", ".join(tokens[:cut])),
        (b"Connection", draw(st.sampled_from([b"upgrade", b"keep-alive, Upgrade"]))),
    ]
    optional = [
        (b"Upgrade", b", ".join(tokens[cut:])),
        (b"Sec-WebSocket-Protocol", b"mqtt, chat"),
        (b"Sec-WebSocket-Extensions", b"permessage-deflate; foo, permessage-deflate"),
        (b"Origin", b"https://server.example"),
        (b"Expect", b"100-continue"),
        (b"Cookie", b"a=b"),
    ]
    fields += draw(st.lists(st.sampled_from(optional), unique=True))
    return handshake(*draw(st.permutations(fields)))


_DEFLATE: Final = (PerMessageDeflate(), PerMessageDeflate(True, True, 10, 11))
POLICIES: Final = (
    Policy(WebSocket()),
    Policy(
        CustomProtocol("irc/6.9", body="buffer"),
        WebSocket(["chat"], origins="same-host", extensions=_DEFLATE, hosts=["server.example"]),
        CustomProtocol("tcp", methods=[b"POST", b"OPTIONS"]),
        mode="required",
    ),
    Policy(
        WebSocket(["chat", "mqtt"], require_subprotocol=True),
        CustomProtocol("tcp"),
        mode="advertise",
    ),
    Policy(
        CustomProtocol("tcp", body="buffer"),
        WebSocket(origins=["https://server.example"]),
        order="client",
    ),
    Policy(WebSocket(versions=(13, 8)), mode="report", close="never"),
    Policy(TLS("1.2"), H2C(), WebSocket(), mode="required"),
    Policy(ConnectUDP(), ConnectTCP(), ConnectIP(), H2C(), WebSocket(), order="client"),
    Policy(
        WebSocket(),
        mode="required",
        rollout=0.5,
        rollout_key=lambda info: info.head.get(b"cookie") or b"",
        refusal=Refusal([(b"Retry-After", b"3600")]),
        close="always",
    ),
)
policies: Final[SearchStrategy[Policy]] = st.sampled_from(POLICIES)


def answer(decision: Decision) -> tuple[object, ...]:
    """All that a decision says but the very request, and where in it its findings stand."""
    match decision:
        case Accept101():
            said: tuple[object, ...] = (
                decision.token,
                decision.tokens,
                decision.headers,
                decision.agreement,
                decision.awaits_body,
                decision.interim,
            )
        case Require426() | Reject():
            said = (decision.status_code, decision.headers, decision.body, decision.close)
        case Passthrough():
            said = (decision.advertisement, decision.would_require)
    return (type(decision), codes(decision), *said)
