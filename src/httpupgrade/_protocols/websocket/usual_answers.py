"""The answers to the handshakes of browsers, as far as they do not depend on the key.

Rules for this module: an answer is what the offer itself would agree to. It only saves time.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from ..._http1.fast_path_patterns import captured_values
from ..._http1.field_values import Headers
from ..._negotiation.advice import WEBSOCKET_TOKEN
from ..._negotiation.decisions import Accept101
from .accept_key import ACCEPT_FIELD, accept_key
from .deflate import PerMessageDeflate
from .extensions import (
    Extension,
    SupportedExtension,
    choose_extensions,
    extensions_field,
    parse_extensions,
)

# Chromium and what follows it; Firefox, Safari.
_USUAL_OFFERS: Final = (b"permessage-deflate; client_max_window_bits", b"permessage-deflate")

deciding_values: Final = captured_values(
    b"sec-websocket-key",
    b"sec-websocket-version",
    b"sec-websocket-protocol",
    b"sec-websocket-extensions",
)
"""The fields by which a usual handshake is answered."""


class UsualAnswer(NamedTuple):
    """What is known of a 101 before the key is."""

    extensions: tuple[Extension, ...]
    headers: Headers
    before_accept: bytes
    after_accept: bytes

    @classmethod
    def of(cls, extensions: tuple[Extension, ...]) -> "UsualAnswer":
        """The answer that agrees on these extensions, and on no subprotocol."""
        headers = extensions_field(extensions)
        example = accept_key(b"")
        written = Accept101(
            WEBSOCKET_TOKEN, headers=((ACCEPT_FIELD.encode(), example), *headers)
        ).to_bytes()
        before, _, after = written.partition(example)
        return cls(extensions, headers, before, after)


def usual_answers(supported: tuple[SupportedExtension, ...]) -> Mapping[bytes | None, UsualAnswer]:
    """What becomes of the extension offers that browsers send, and of none."""
    answers: dict[bytes | None, UsualAnswer] = {None: UsualAnswer.of(())}
    if all(type(each) is PerMessageDeflate for each in supported):
        for value in _USUAL_OFFERS:
            agreed, noted = choose_extensions(supported, parse_extensions((value,)))
            assert not noted, "an offer without limits is never declined"
            answers[value] = UsualAnswer.of(agreed)
    return answers
