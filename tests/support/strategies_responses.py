"""Hypothesis strategies of response heads, and of octets that only look like them.

What a strategy calls well formed is well formed by RFC 9112 4 and 5, obs-fold included, and comes
from the RFC's character classes, not from the patterns of the code under test.
"""

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from strategies_heads import (
    HOSTILE_FRAGMENTS,
    Field,
    field_values,
    fields,
    padding,
)

FRAGMENTS: tuple[bytes, ...] = (
    *HOSTILE_FRAGMENTS,
    b"HTTP/",
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.0 200 OK\r\n",
    b"HTTP/1.1 200\r\n",
    b"HTTP/1.1 200 OK\n",
    b"HTTP/1.1 20 OK\r\n",
    b"HTTP/2 426 \r\n",
    b"HTTP/1.1 999\r\n",
    b"\x15\x03\x03\x00\x02\x02\x46",
    b"\x00\x00\x12\x04\x00\x00\x00\x00\x00",
    b"\r\n folded",
    b"\r\n\t",
    b" \r\n \r\n",
    b"\r\n \x00",
    b"Content-Length: 5, 5\r\n",
    b"Transfer-Encoding: gzip\r\n",
)

FIELDS = fields()


def status_codes() -> SearchStrategy[int]:
    """Status codes of three digits, those that matter mostly."""
    return st.sampled_from((101, 200, 426, 100, 204, 304, 500)) | st.integers(0, 999)


@st.composite
def status_lines(draw: st.DrawFn) -> bytes:
    """Status lines of HTTP/1, with a reason, without one, and without its space."""
    version = draw(st.sampled_from((b"1.1", b"1.1", b"1.0", b"1.2")))
    reason = draw(st.sampled_from((b"", b" ")) | field_values().map(lambda value: b" " + value))
    return b"HTTP/%b %03d%b" % (version, draw(status_codes()), reason)


@st.composite
def folded_values(draw: st.DrawFn) -> bytes:
    """A field value that goes on over some lines (RFC 9112 5.2: OWS CRLF RWS)."""
    folds = st.tuples(padding(), padding().filter(bool)).map(lambda ows: ows[0] + b"\r\n" + ows[1])
    value = draw(field_values())
    for _ in range(draw(st.integers(1, 3))):
        value += draw(folds) + draw(field_values())
    return value


@st.composite
def response_octets(draw: st.DrawFn, headers: SearchStrategy[Field] = FIELDS) -> bytes:
    """A whole, well-formed response head on the wire; now and then, a value goes on over lines."""
    lines = [draw(status_lines())]
    for name, value in draw(st.lists(headers, max_size=8)):
        folded = draw(folded_values()) if draw(st.integers(0, 5)) == 0 else value
        lines.append(b"%b:%b%b%b" % (name, draw(padding()), folded, draw(padding())))
    return b"\r\n".join(lines) + b"\r\n\r\n"


@st.composite
def mutated_responses(draw: st.DrawFn) -> bytes:
    """A response head with a few places cut out, doubled, or overwritten by a hostile fragment."""
    octets = draw(response_octets())
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(octets)))
        end = min(len(octets), start + draw(st.integers(0, 3)))
        put = draw(st.sampled_from(FRAGMENTS) | st.binary(max_size=2))
        middle = draw(st.sampled_from((b"", put, put, octets[start:end] * 2)))
        octets = octets[:start] + middle + octets[end:]
    return octets


def hostile_responses() -> SearchStrategy[bytes]:
    """Octets made to be misread as a response."""
    fragments = st.sampled_from(FRAGMENTS) | st.binary(max_size=4)
    joined = st.lists(fragments, max_size=14).map(b"".join)
    begun = joined.map(lambda octets: b"HTTP/1.1 426 Upgrade Required\r\n" + octets)
    return joined | begun | mutated_responses() | st.binary(max_size=48)
