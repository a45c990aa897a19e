"""A 101 on the wire.

Rules for this module: a 101 goes out as it was checked, in full, whoever made it.
"""

from .._http1.errors import LocalProtocolError
from .._http1.fast_path_patterns import USUAL_SWITCH
from .._http1.field_values import Headers, UpgradeToken
from .answer_fields import check_answer, upgrade_value, write_answer


def write_switch(reason: bytes, headers: Headers, tokens: tuple[UpgradeToken, ...]) -> bytes:
    """A 101 that is certain to be one, and to have the fields it was given, no more.

    Raises :class:`LocalProtocolError` for anything else.
    """
    upgrade = upgrade_value(tokens)
    written = write_answer(b"HTTP/1.1 101 ", reason, headers)
    usual = USUAL_SWITCH.fullmatch(written)
    if usual is not None and usual[1] == upgrade and written.count(b"\r\n") == len(headers) + 2:
        return written  # such a match leaves nothing to check
    values = check_answer(written, headers, upgrade, b"Upgrade")
    if b"content-length" in values:
        raise LocalProtocolError("an interim response has no Content-Length (RFC 9110 8.6)")
    return written
