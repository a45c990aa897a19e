"""What ``probe`` and ``serve --behind`` say to one another, through whatever stands between them.

Rules for this module: names, and nothing that is sent or received.

Responses of such a server carry :data:`FIELD`. A probe that sees it adds :data:`PROBE` with a nonce
to the query of its requests; then it asks for the same path with :data:`ARRIVED` and the nonce, and
gets the heads that arrived, as JSON:
``{"arrived": [{"octets": ..., "peer": ..., "secure": ...}]}``.
"""

import re
from typing import Final

FIELD: Final = b"Httpupgrade-Behind"
VALUE: Final = b"1"
PROBE: Final = b"httpupgrade-probe"
"""The parameter of the query of a request that is to be remembered."""
ARRIVED: Final = b"httpupgrade-arrived"
"""The parameter of the query that asks what has arrived."""
NONCE_OCTETS: Final = 16
"""Of which a nonce is the 32 hexadecimal digits, in lower case."""

_VALUE_OF: Final = {
    name: re.compile(rb"[?&]" + name + rb"=([0-9a-f]{%d})(?=[&# \r]|\Z)" % (2 * NONCE_OCTETS))
    for name in (PROBE, ARRIVED)
}


def find_nonce(parameter: bytes, target: bytes) -> str | None:
    """The nonce that a request target, or a request line, has in its query.

    :param parameter: :data:`PROBE` or :data:`ARRIVED`.

    None if there is none, or one that is not 32 digits.
    """
    found = _VALUE_OF[parameter].search(target)
    return None if found is None else found[1].decode("ascii")
