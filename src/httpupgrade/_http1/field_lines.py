"""Checks of field lines that a caller gives (RFC 9110 5.5, 5.6.2).

Rules for this module: what passes can stand on the wire. It knows no heads, and no field by name.
"""

from . import grammar
from .arguments import listed_headers, require_octets, require_pair
from .field_values import Headers, HeadersLike
from .redaction import show_length


def require_reason(reason: bytes) -> None:
    """Raises :class:`ValueError` for what is no reason phrase (RFC 9112 4)."""
    require_octets("reason", reason)
    refuse_octets(grammar.BAD_FIELD_OCTET, reason, "reason")


def refuse_octets(bad: grammar.Pattern, value: bytes, what: str) -> None:
    """Raise :class:`ValueError` with the place of an octet that cannot stand there.

    The message leaves out the value, which may be secret.
    """
    found = bad.search(value)
    if found is not None:
        octet = f"0x{ord(found[0]):02x}"
        raise ValueError(f"{what} must not hold {octet}, as it does at octet {found.start()}")


def require_pattern(pattern: grammar.Pattern, value: bytes, name: str, what: str) -> None:
    """Raise :class:`ValueError` for a value that does not match; its length is shown, not it."""
    require_octets(name, value)
    if pattern.fullmatch(value) is None:
        raise ValueError(f"{name} is not {what}: {show_length(value)}")


def checked_headers(headers: HeadersLike) -> Headers:
    """Fields that can stand on the wire, values without outer OWS (RFC 9110 5.5).

    Raises :class:`ValueError` or :class:`TypeError` for others.
    """
    checked = []
    for pair in listed_headers(headers):
        require_pair(pair)
        name, value = pair
        require_pattern(grammar.TOKEN, name, "in headers, a field name", "a token (RFC 9110 5.6.2)")
        field = bytes(name).decode("ascii")
        refuse_octets(grammar.BAD_FIELD_OCTET, value, f"in headers, the value of {field}")
        checked.append((bytes(name), bytes(value).strip(b" \t")))
    return tuple(checked)


def trusted_headers(headers: HeadersLike) -> Headers:
    """Fields that another parser has read, values without outer OWS.

    Raises :class:`TypeError` for what is not octets, and :class:`ValueError` for values that hold
    CR, LF or NUL, which a recipient must not take (RFC 9110 5.5). All else is trusted.
    """
    pairs = headers if type(headers) is list else listed_headers(headers)
    try:
        trimmed = [
            (name, value.strip(b" \t"))
            for name, value in pairs
            if type(name) is type(value) is bytes  # the usual case, without a call
        ]
    except (TypeError, ValueError):
        trimmed = []
    if len(trimmed) < len(pairs):
        for pair in pairs:
            require_pair(pair)
        trimmed = [(bytes(name), bytes(value).strip(b" \t")) for name, value in pairs]
    octets = b"".join([value for _, value in trimmed])
    if len(octets.translate(None, b"\r\n\0")) < len(octets):
        return checked_headers(trimmed)  # which raises, and says where
    return tuple(trimmed)
