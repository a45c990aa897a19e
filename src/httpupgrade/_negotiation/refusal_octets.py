"""A refusal on the wire.

Rules for this module: it is the one writer of refusals. One goes out as it was checked, in full,
whoever made it.
"""

from .._http1 import grammar
from .._http1.errors import LocalProtocolError
from .._http1.field_values import Headers
from .._http1.hop_by_hop import NEVER_IN_REFUSALS
from .._http1.serialize import reason_phrase
from .answer_fields import check_answer, write_answer


def promises_content(headers: Headers) -> bool:
    """Whether an answer, checked or not, names a length that is not 0."""
    lengths = (value for name, value in headers if bytes(name).lower() == b"content-length")
    return any(bytes(value).strip(b"0") for value in lengths)


def write_refusal(
    status_code: int,
    headers: Headers,
    content: bytes,
    *,
    upgrade: bytes | None,
    connection: bytes | None,
) -> bytes:
    """A final answer that is certain to be one, and to have the fields it was given, no more.

    :param upgrade: what Upgrade has to say; None: that there is none. So for ``connection``.

    Raises :class:`LocalProtocolError` for anything else.
    """
    written = write_answer(b"HTTP/1.1 %d " % status_code, reason_phrase(status_code), headers)
    values = check_answer(written, headers, upgrade, connection)
    for name in NEVER_IN_REFUSALS.intersection(values):
        raise LocalProtocolError(f"{name.decode('ascii')} cannot stand in a refusal")
    length = values.get(b"content-length")
    if (
        type(content) is not bytes
        or length is None
        or grammar.DIGITS.fullmatch(length) is None
        # Without content, the length is that of the answer to a GET (RFC 9110 9.3.2).
        or (content and length != b"%d" % len(content))
    ):
        raise LocalProtocolError("Content-Length does not say how long the content is")
    return written + content
