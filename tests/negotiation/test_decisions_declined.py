"""A request that passes without its offer, for parsers that choke on offers (RFC 9110 7.8)."""

import pytest
from strategies_decide import KEY, handshake

from httpupgrade import Finding, Passthrough, RequestHead

NOTED = Finding("seen-before", "this was seen before")

OFFERING = (
    b"GET / HTTP/1.1\r\nhOST: a\r\n"
    b"upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n"
    b"X-Note:  kept \t\r\n\r\n"
)


def declined(data: bytes) -> bytes:
    return Passthrough(RequestHead.parse(data), data).without_upgrade().data


def test_a_declined_offer_is_gone_and_every_other_octet_stays() -> None:
    assert declined(OFFERING) == b"GET / HTTP/1.1\r\nhOST: a\r\nX-Note:  kept \t\r\n\r\n"


def test_a_declined_head_is_the_head_of_the_declined_octets() -> None:
    passed = Passthrough(RequestHead.parse(OFFERING), OFFERING).without_upgrade()
    assert passed.head == RequestHead.parse(passed.data)
    assert passed.head is not None
    assert passed.head.to_bytes() == passed.data


def test_what_else_a_passthrough_says_survives_declining() -> None:
    passed = Passthrough(RequestHead.parse(OFFERING), OFFERING, (NOTED,), ((b"A", b"1"),), True)
    declined = passed.without_upgrade()
    assert declined == passed.replace(head=declined.head, data=declined.data)


# A Connection line, and what is left of it.
CONNECTION_LINES = [
    ("the option alone", b"Connection: Upgrade", None),
    ("without white space", b"Connection:upgrade", None),
    ("with empty elements", b"Connection: , upgrade ,, ", None),
    ("first of two", b"Connection: Upgrade, keep-alive", b"Connection: keep-alive"),
    ("last of two", b"Connection: keep-alive, Upgrade", b"Connection: keep-alive"),
    ("without white space, of two", b"Connection:upgrade,close", b"Connection: close"),
    ("in the middle", b"CONNECTION:  close,\tUPGRADE\t, te", b"CONNECTION:  close, te"),
    ("another that begins alike", b"Connection: upgrades, up", b"Connection: upgrades, up"),
    (
        "others that end or begin alike",
        b"Connection: xupgrade, upgradex, x",
        b"Connection: xupgrade, upgradex, x",
    ),
    ("one of a letter", b"Connection: Upgrade, X", b"Connection: X"),
    ("none of ours", b"Connection:  keep-alive ", b"Connection:  keep-alive "),
    ("an empty field", b"Connection:", b"Connection:"),
]


@pytest.mark.parametrize(
    ("line", "left"),
    [pytest.param(line, left, id=name) for name, line, left in CONNECTION_LINES],
)
def test_only_the_options_of_the_offer_leave_connection(line: bytes, left: bytes | None) -> None:
    before = b"GET / HTTP/1.1\r\nHost: a\r\n" + line + b"\r\nUpgrade: h2c\r\n\r\n"
    kept = b"" if left is None else left + b"\r\n"
    assert declined(before) == b"GET / HTTP/1.1\r\nHost: a\r\n" + kept + b"\r\n"


def test_every_line_of_the_offer_goes() -> None:
    """RFC 9110 5.3: a field may stand on several lines."""
    data = b"GET / HTTP/1.1\r\nUpgrade: a\r\nHost: a\r\nupgrade: b\r\nConnection: upgrade\r\n\r\n"
    assert declined(data) == b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def test_a_target_that_looks_like_the_field_stays() -> None:
    data = b"GET upgrade:h2c HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n"
    assert declined(data) == b"GET upgrade:h2c HTTP/1.1\r\nHost: a\r\n\r\n"


def test_a_parsed_head_is_declined_as_well_as_its_octets() -> None:
    """Callers that have heads, and no octets."""
    parsed = handshake((b"Connection", b"Upgrade, close"), (b"X-Time", b"12:30:00"))
    passed = Passthrough(parsed).without_upgrade()
    assert passed.data == b""
    assert passed.head is not None
    assert passed.head.headers == (
        (b"Host", b"server.example"),
        (b"Sec-WebSocket-Key", KEY),
        (b"Sec-WebSocket-Version", b"13"),
        (b"Connection", b"close"),
        (b"X-Time", b"12:30:00"),
    )
    assert passed.head.method == parsed.method
    assert passed.head.target == parsed.target


def test_octets_that_are_no_head_have_no_offer_to_decline() -> None:
    passed = Passthrough(None, b"\x16\x03\x01")
    assert passed.without_upgrade() is passed
