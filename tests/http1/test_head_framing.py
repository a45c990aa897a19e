"""What a head says of the body that follows it, and of the connection."""

from typing import Any

import pytest

from httpupgrade import RemoteProtocolError, RequestHead, ResponseHead
from httpupgrade.framing import Framing

LENGTH = (b"Content-Length", b"5")
CHUNKED = (b"Transfer-Encoding", b"chunked")
CLOSE = (b"Connection", b"close")
HOST = (b"Host", b"a")


@pytest.mark.parametrize(
    ("fields", "framing"),
    [
        ((), Framing(0)),
        ((LENGTH,), Framing(5)),
        ((CHUNKED,), Framing(None)),
        (((b"Transfer-Encoding", b"gzip, chunked"),), Framing(None, coded=True)),
    ],
)
def test_a_request_is_framed_by_its_fields(fields: tuple[Any, ...], framing: Framing) -> None:
    parts = (b"POST", b"/", (HOST, *fields))
    for head in (RequestHead(*parts), RequestHead.from_parser(*parts, b"1.1")):
        assert head.framing == framing
        assert RequestHead.parse(head.to_bytes()).framing == framing


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ((LENGTH, CHUNKED), ["content-length-and-transfer-encoding"]),
        ((LENGTH, LENGTH), ["content-length-repeated"]),
        (((b"Content-Length", b"+5"),), ["content-length-malformed"]),
        (((b"Transfer-Encoding", b"chunked, gzip"),), ["transfer-encoding-not-final"]),
    ],
)
def test_where_the_framing_of_a_request_is_unclear_it_raises(
    fields: tuple[Any, ...], codes: list[str]
) -> None:
    # What is wrong otherwise, the missing Host here, is not about the framing.
    head = RequestHead(b"POST", b"/", fields)
    with pytest.raises(RemoteProtocolError) as raised:
        _ = head.framing
    assert [each.code for each in raised.value.findings] == codes
    assert head.persists is False


@pytest.mark.parametrize(
    ("head", "persists"),
    [
        (RequestHead(b"GET", b"/", [HOST]), True),
        (RequestHead(b"GET", b"/", [HOST, CLOSE]), False),
        (RequestHead(b"GET", b"/", [HOST], b"1.0"), False),
        (RequestHead(b"GET", b"/", [HOST, (b"Connection", b"keep-alive")], b"1.0"), True),
        (RequestHead(b"GET", b"/", [HOST, (b"Connection", b'a"')]), False),
        (RequestHead(b"GET", b"/", [HOST, (b"Connection", b"a b")]), False),
        (RequestHead(b"CONNECT", b"a:1", [HOST]), False),
        (RequestHead(b"GET", b"/", [HOST], b"2.0"), False),
        (RequestHead(b"GET", b"/", []), True),  # as far as framing and Connection go
    ],
)
def test_whether_another_request_may_follow(head: RequestHead, persists: bool) -> None:
    assert head.persists is persists


@pytest.mark.parametrize(
    ("status", "fields", "method", "framing"),
    [
        (200, (LENGTH,), b"GET", Framing(5)),
        (200, (LENGTH,), b"HEAD", Framing(0)),
        (200, (LENGTH,), b"CONNECT", Framing(0)),
        (204, (LENGTH,), b"GET", Framing(0)),
        (304, (LENGTH,), b"GET", Framing(0)),
        (101, (LENGTH,), b"GET", Framing(0)),
        (200, (CHUNKED,), b"GET", Framing(None)),
        (200, (), b"GET", Framing(None, until_close=True)),
        (200, (), bytearray(b"HEAD"), Framing(0)),
    ],
)
def test_a_response_is_framed_by_its_fields_its_status_and_its_request(
    status: int, fields: tuple[Any, ...], method: bytes, framing: Framing
) -> None:
    assert ResponseHead(status, fields).framing(method) == framing


def test_where_the_framing_of_a_response_is_unclear_it_raises() -> None:
    octets = b"HTTP/1.1 200 \r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    for head, raw in (
        (ResponseHead.parse(octets), octets),
        (ResponseHead(200, [LENGTH, CHUNKED]), b""),
    ):
        with pytest.raises(RemoteProtocolError) as raised:
            head.framing(b"GET")
        assert raised.value.finding.code == "content-length-and-transfer-encoding"
        assert raised.value.raw == raw
        assert head.framing(b"HEAD") == Framing(0)


@pytest.mark.parametrize(
    ("head", "persists"),
    [
        (ResponseHead(200, []), True),
        (ResponseHead(200, [CLOSE]), False),
        (ResponseHead(200, [], b"", b"1.0"), False),
        (ResponseHead(200, [(b"Connection", b"keep-alive")], b"", b"1.0"), True),
        (ResponseHead(200, [(b"Connection", b"a b")]), False),
    ],
)
def test_whether_another_response_may_follow(head: ResponseHead, persists: bool) -> None:
    assert head.persists is persists


@pytest.mark.parametrize("wrong", [None, "GET", 5])
def test_a_method_that_is_no_octets_is_a_type_error(wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"^request_method is bytes, not "):
        ResponseHead(200, []).framing(wrong)


@pytest.mark.parametrize(
    ("framing", "chunked"),
    [
        (Framing(0), False),
        (Framing(5), False),
        (Framing(None), True),
        (Framing(None, coded=True), True),
        (Framing(None, until_close=True), False),
        (Framing(None, coded=True, until_close=True), False),
    ],
)
def test_a_framing_says_whether_it_is_chunked(framing: Framing, chunked: bool) -> None:
    assert framing.chunked is chunked


def test_a_framing_is_a_value_that_makes_sense() -> None:
    assert Framing(5) != (5, False, False)
    assert Framing(5).replace(length=6) == Framing(6)
    assert repr(Framing(5)) == "Framing(length=5, coded=False, until_close=False)"
    for length, until_close in ((-1, False), (5, True)):
        with pytest.raises(ValueError, match=r"^length is 0 or more, and None until_close"):
            Framing(length, until_close=until_close)
    wrong: Any
    for wrong in ("5", True, 5.0):
        with pytest.raises(TypeError, match=r"^length is an int"):
            Framing(wrong)
    for name in ("coded", "until_close"):
        with pytest.raises(TypeError, match=rf"^{name} is True or False"):
            Framing(None, **{name: 1})  # type: ignore[arg-type]
