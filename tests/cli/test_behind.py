"""The nonces that a probe and the server at the other end find each other by."""

import pytest

from httpupgrade.cli.behind import ARRIVED, NONCE_OCTETS, PROBE, find_nonce

NONCE = "0123456789abcdef" * 2


@pytest.mark.parametrize(
    "target",
    [
        b"/?httpupgrade-probe=%b",
        b"/a/b?x=1&httpupgrade-probe=%b&y=2",
        b"http://a/?httpupgrade-probe=%b#part",
        b"GET /?httpupgrade-probe=%b HTTP/1.1",
        b"GET /?httpupgrade-probe=%b\r",
    ],
)
def test_a_nonce_is_found_wherever_it_stands_in_the_query(target: bytes) -> None:
    assert find_nonce(PROBE, target % NONCE.encode()) == NONCE
    assert find_nonce(ARRIVED, target % NONCE.encode()) is None
    assert len(bytes.fromhex(NONCE)) == NONCE_OCTETS


@pytest.mark.parametrize(
    "target",
    [
        b"/",
        b"/httpupgrade-probe=" + NONCE.encode(),
        b"/?xhttpupgrade-probe=" + NONCE.encode(),
        b"/?httpupgrade-probe=" + NONCE[1:].encode(),
        b"/?httpupgrade-probe=" + NONCE.encode() + b"0",
        b"/?httpupgrade-probe=" + NONCE.upper().encode(),
        b"/?httpupgrade-probe=" + b"g" * 32,
        b"/?httpupgrade-probe=" + "٣".encode() * 16,
        b"/?httpupgrade-probe=",
    ],
)
def test_what_is_not_32_digits_is_no_nonce(target: bytes) -> None:
    assert find_nonce(PROBE, target) is None
