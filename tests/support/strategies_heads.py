"""Hypothesis strategies of heads, their parts, and octets that only look like heads.

Everything is octets. What a strategy calls well formed is well formed by RFC 9110 5 and RFC 9112 3
and 5, and comes from the RFC's character classes, not from the patterns of the code under test.
"""

import itertools
import string
from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from httpupgrade import RequestHead

Field = tuple[bytes, bytes]

# RFC 9110 5.6.2.
TCHARS = ("!#$%&'*+-.^_`|~" + string.digits + string.ascii_letters).encode("ascii")
# RFC 9110 5.5: VCHAR and obs-text may stand anywhere in a value, SP and HTAB not at its ends.
VISIBLE = bytes([*range(0x21, 0x7F), *range(0x80, 0x100)])
FIELD_OCTETS = b"\t " + VISIBLE
TARGET_OCTETS = bytes(range(0x21, 0x7F))

FIELDS_THAT_MATTER: tuple[Field, ...] = (
    (b"Host", b"example.com"),
    (b"Connection", b"Upgrade"),
    (b"Connection", b"keep-alive, Upgrade"),
    (b"Connection", b"close"),
    (b"Upgrade", b"websocket"),
    (b"Upgrade", b"h2c, websocket"),
    (b"Upgrade", b""),
    (b"Sec-WebSocket-Key", b"dGhlIHNhbXBsZSBub25jZQ=="),
    (b"Sec-WebSocket-Version", b"13"),
    (b"Sec-WebSocket-Protocol", b"chat, superchat"),
    (b"Sec-WebSocket-Extensions", b"permessage-deflate; client_max_window_bits"),
    (b"Origin", b"https://example.com"),
    (b"Content-Length", b"5"),
    (b"Content-Length", b"0"),
    (b"Transfer-Encoding", b"chunked"),
    (b"Expect", b"100-continue"),
    (b"Cookie", b"a=1; b=\xff"),
)

HOSTILE_FRAGMENTS: tuple[bytes, ...] = (
    b"\r\n",
    b"\r\n\r\n",
    b"\n",
    b"\n\n",
    b"\r",
    b"\r\r\n",
    b"\n\r",
    b"\x00",
    b"\x0b",
    b"\x0c",
    b"\x7f",
    b"\x85",
    b"\xa0",
    b" ",
    b"\t",
    b":",
    b",",
    b";",
    b'"',
    b"\\",
    b"GET ",
    b"GET / HTTP/1.1\r\n",
    b"GET / HTTP/1.0\r\n",
    b"GET / HTTP/1.1\n",
    b"GET  / HTTP/1.1\r\n",
    b"GET /\r\n",
    b"CONNECT a:1 HTTP/1.1\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n",
    b"\r\n\r\n\x00\r\nQUIT\n",
    b"\x16\x03\x01",
    b"HTTP/1.1",
    b"HTTP/1.1 101 Switching Protocols\r\n",
    b"Host: a\r\n",
    b"Host : a\r\n",
    b" Host: a\r\n",
    b"Upgrade: websocket\r\n",
    b"Upgrade",
    b"upgrade:",
    b"\rUpgrade: websocket\r\n",
    b"Connection: Upgrade\r\n",
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    b"Sec-WebSocket-Version: 13\r\n",
    b"Content-Length: 5\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Expect: 100-continue\r\n",
    b"5\r\nhello\r\n",
    b"0\r\n\r\n",
    b"0x5\r\n",
    b"ffffffffffffffff\r\n",
    b"5;a=b\r\n",
    b"a" * 70,
    b"a" * 300,
    b"\r\n" * 40,
)


def tokens(max_size: int = 12) -> SearchStrategy[bytes]:
    """Tokens (RFC 9110 5.6.2)."""
    return st.lists(st.sampled_from(TCHARS), min_size=1, max_size=max_size).map(bytes)


def field_values(max_size: int = 24) -> SearchStrategy[bytes]:
    """Field values without outer OWS, obs-text among them, perhaps empty (RFC 9110 5.5)."""
    octets = st.lists(st.sampled_from(FIELD_OCTETS), max_size=max_size).map(bytes)
    return octets.map(lambda value: value.strip(b" \t"))


def padding() -> SearchStrategy[bytes]:
    """OWS (RFC 9110 5.6.3)."""
    return st.text(" \t", max_size=3).map(lambda text: text.encode("ascii"))


def fields() -> SearchStrategy[Field]:
    """Fields: half of them fields that the negotiation looks at, with any case of the name."""
    cases: tuple[Callable[[bytes], bytes], ...] = (bytes, bytes.lower, bytes.upper, bytes.swapcase)
    known = st.tuples(st.sampled_from(FIELDS_THAT_MATTER), st.sampled_from(cases)).map(
        lambda drawn: (drawn[1](drawn[0][0]), drawn[0][1])
    )
    return known | st.tuples(tokens(), field_values())


def methods() -> SearchStrategy[bytes]:
    """Methods, GET mostly; none of them begins an HTTP/2 preface."""
    usual = st.sampled_from((b"GET", b"GET", b"POST", b"HEAD", b"OPTIONS", b"CONNECT"))
    return usual | tokens().filter(lambda method: method != b"PRI")


def targets() -> SearchStrategy[bytes]:
    """What can stand between the spaces of a request line."""
    usual = st.sampled_from((b"/", b"/chat?a=b", b"*", b"example.com:443", b"http://example.com/"))
    return usual | st.lists(st.sampled_from(TARGET_OCTETS), min_size=1, max_size=12).map(bytes)


def versions() -> SearchStrategy[bytes]:
    """HTTP versions, 1.1 mostly."""
    return st.sampled_from((b"1.1", b"1.1", b"1.1", b"1.0", b"1.2", b"2.0", b"0.9"))


def request_heads() -> SearchStrategy[RequestHead]:
    """Heads that exist; whether they make sense is open."""
    headers = st.lists(fields(), max_size=8)
    return st.builds(RequestHead, methods(), targets(), headers, versions())


@st.composite
def head_octets(draw: st.DrawFn) -> bytes:
    """A whole, well-formed request head on the wire, values padded with OWS in any way."""
    line = b"%b %b HTTP/%b" % (draw(methods()), draw(targets()), draw(versions()))
    lines = [
        b"%b:%b%b%b" % (name, draw(padding()), value, draw(padding()))
        for name, value in draw(st.lists(fields(), max_size=8))
    ]
    return b"\r\n".join([line, *lines]) + b"\r\n\r\n"


@st.composite
def mutated_heads(draw: st.DrawFn) -> bytes:
    """A head with a few places cut out, doubled, or overwritten by a hostile fragment."""
    octets = draw(head_octets())
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(octets)))
        end = min(len(octets), start + draw(st.integers(0, 3)))
        put = draw(st.sampled_from(HOSTILE_FRAGMENTS) | st.binary(max_size=2))
        middle = draw(st.sampled_from((b"", put, put, octets[start:end] * 2)))
        octets = octets[:start] + middle + octets[end:]
    return octets


def hostile_octets() -> SearchStrategy[bytes]:
    """Octets made to be misread: fragments in any order, damaged heads, and arbitrary octets."""
    fragments = st.sampled_from(HOSTILE_FRAGMENTS) | st.binary(max_size=4)
    joined = st.lists(fragments, max_size=14).map(b"".join)
    begun = joined.map(lambda octets: b"GET / HTTP/1.1\r\n" + octets)
    return joined | begun | mutated_heads() | st.binary(max_size=48)


@st.composite
def chunkings(draw: st.DrawFn, data: bytes) -> list[bytes]:
    """The same octets in non-empty pieces, cut anywhere, often into single octets."""
    if draw(st.booleans()):
        return [data[place : place + 1] for place in range(len(data))]
    cuts = draw(st.sets(st.integers(1, len(data) - 1), max_size=8)) if len(data) > 1 else set()
    places = [0, *sorted(cuts), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(places) if a < b]


def hosts() -> SearchStrategy[bytes]:
    """Registered names, IPv4 and IPv6 addresses (RFC 3986 3.2.2)."""
    names = st.text("abcXYZ019-._~!$&'()*+,;=", min_size=1, max_size=12)
    addresses = st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6).map(lambda each: f"[{each}]")
    return (names | addresses).map(lambda text: text.encode("ascii"))
