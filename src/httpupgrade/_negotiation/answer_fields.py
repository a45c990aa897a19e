"""The fields of an answer: how a caller changes them, and what they must be on the wire.

Rules for this module: it knows what a decision says about Upgrade and Connection, and not why.
"""

from typing import Final

from .._http1 import grammar
from .._http1.arguments import header_pairs
from .._http1.errors import LocalProtocolError
from .._http1.field_values import Headers, HeadersLike, UpgradeToken, format_upgrade
from .._http1.hop_by_hop import MANAGED_FIELDS
from .._http1.serialize import write_head

# A second line would be taken for anything (RFC 9110 5.3), or undo what the first one says.
_SINGLE_IN_ANSWERS: Final = (b"connection", b"content-length", b"content-type", b"upgrade")


def merge_headers(headers: Headers, added: HeadersLike) -> Headers:
    replacing = header_pairs(added)
    names = {name.lower() for name, _ in replacing}
    managed = names & MANAGED_FIELDS
    if managed:
        written = b", ".join(sorted(managed)).decode("ascii")
        raise LocalProtocolError(f"the decision itself says what stands in {written}")
    return tuple(field for field in headers if field[0].lower() not in names) + replacing


def refuse_forbidden(headers: Headers, forbidden: frozenset[bytes]) -> None:
    """Raise :class:`LocalProtocolError` if one of these fields is there."""
    names = {name.lower() for name in forbidden}
    for name, _ in headers:
        if name.lower() in names:
            shown = name.decode("ascii")
            raise LocalProtocolError(f"the protocol does not allow {shown} in this response")


def upgrade_value(tokens: tuple[UpgradeToken, ...]) -> bytes:
    if not tokens:
        raise LocalProtocolError("no protocol is named")
    return format_upgrade(tokens)


def write_answer(start: bytes, reason: bytes, headers: Headers) -> bytes:
    """The head of an answer, unchecked but for types."""
    try:
        return write_head(start + reason, headers)
    except (TypeError, ValueError) as error:
        raise LocalProtocolError(f"a field is a name and a value in bytes: {error}") from error


def check_answer(
    written: bytes, headers: Headers, upgrade: bytes | None, connection: bytes | None
) -> dict[bytes, bytes]:
    """Hold what was written to the fields that it was made of, and return them."""
    values = {bytes(name).lower(): value for name, value in headers}
    if (
        grammar.SENT_RESPONSE_HEAD.fullmatch(written) is None
        or written.count(b"\r\n") != len(headers) + 2
        or b":" in b"".join(values)
    ):
        raise LocalProtocolError("a name or value of a field cannot stand on the wire")
    if len(values) < len(headers):
        names = [bytes(name).lower() for name, _ in headers]
        for name in _SINGLE_IN_ANSWERS:
            if names.count(name) > 1:
                raise LocalProtocolError(f"{name.decode('ascii')} is there more than once")
    expected = {b"upgrade": upgrade, b"connection": connection, b"transfer-encoding": None}
    for name, value in expected.items():
        if values.get(name) != value:
            raise LocalProtocolError(f"{name.decode('ascii')} is not what the decision says")
    return values
