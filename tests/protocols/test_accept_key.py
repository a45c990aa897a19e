"""Sec-WebSocket-Key and the Sec-WebSocket-Accept that answers it (RFC 6455 4.2.2)."""

import base64

from hypothesis import given
from hypothesis import strategies as st

from httpupgrade.fields import accept_key, generate_key


def test_the_accept_key_is_the_example_of_rfc_6455_1_3() -> None:
    assert accept_key(b"dGhlIHNhbXBsZSBub25jZQ==") == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@given(st.binary(max_size=40))
def test_the_accept_key_is_made_of_the_text_as_it_stands(key: bytes) -> None:
    assert len(base64.b64decode(accept_key(key), validate=True)) == 20
    assert accept_key(key) != accept_key(key + b" ")


def test_a_generated_key_is_sixteen_fresh_octets_in_base64() -> None:
    keys = {generate_key() for _ in range(50)}
    assert len(keys) == 50
    assert {len(base64.b64decode(key, validate=True)) for key in keys} == {16}
