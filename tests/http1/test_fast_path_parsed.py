"""The fast path of heads that another parser has read: it captures what that of octets does."""

from hypothesis import given
from strategies_decide import any_heads, good_heads
from strategies_heads import request_heads

from httpupgrade import RequestHead
from httpupgrade._http1.fast_path_patterns import USUAL_HEAD, capture
from httpupgrade._http1.request_facts import facts_of
from httpupgrade._http1.serialize import write_head

heads = any_heads() | good_heads() | request_heads()


def test_a_field_that_decides_nothing_keeps_no_head_from_the_fast_path() -> None:
    for field in ((b"Cookie", b"a\x01"), (b"a b", b""), (b"", b"\xff")):
        fields = [(b"Host", b"a"), field]
        assert facts_of(RequestHead.from_parser(b"GET", b"/", fields, b"1.1")).captured


@given(heads)
def test_the_usual_heads_are_the_same_ones(head: RequestHead) -> None:
    start_line = head.to_bytes().partition(b"\r\n")[0]
    match = USUAL_HEAD.fullmatch(write_head(start_line, head.headers))
    captured = () if match is None else match.groups()
    found = capture(start_line, head.headers)
    # A value that is empty is looked at with care.
    assert found == captured or (not found and not all(value for _, value in head.headers))
