"""Which clients a policy that is enforced for a share of them is enforced for.

Rules for this module: a client is what its key says. The same key is always in the same place, in
every process, and a share that grows keeps those that it has. A key may be a secret: it is hashed
and kept nowhere.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final, Literal, get_args

from .._http1 import grammar
from .._http1.arguments import (
    OCTETS,
    require,
    require_choice,
    require_octets,
    require_plain_function,
    wrong_type,
)
from .._http1.heads import RequestHead
from .._http1.lazy_module import lazy_module
from .._http1.received_lines import escape_octets
from .request_info import RequestInfo

if TYPE_CHECKING:
    import hashlib
else:
    hashlib = lazy_module("hashlib")

RolloutKey = Callable[[RequestInfo], bytes | None]
"""What stays the same for one client; None for a client that lacks it, which is not in the
share."""
Missing = Literal["out", "address"]

# What stands for no value: with it, all whose session has ended would be one client.
_EMPTY: Final = (b"", b'""')


def rollout_by(
    *, cookie: str | None = None, field: bytes | None = None, missing: Missing = "out"
) -> RolloutKey:
    """A ``rollout_key`` for :class:`Policy`: what tells one client from another.

    With neither ``cookie`` nor ``field`` it is the peer's address, :attr:`RequestInfo.address`.
    Behind a proxy that is the proxy's: name a field that the proxy sets.

    :param cookie: the name of a cookie (RFC 6265 4.2), in its case.
    :param field: the name of a field, in any case: ``b"Authorization"``.
    :param missing: what holds for a client that does not send it, sends it empty, or more than
        once. "out": it is not in the share, so it is not refused before the share is 1.0.
        "address": its address takes the place. A client without an address is out, too.

    The value, which may be a secret, is hashed, and neither kept nor shown.

    Raises :class:`ValueError` for a name that is none, for ``b"Cookie"``, whose value changes with
    each of the cookies in it, and for arguments that mean nothing together; :class:`TypeError` for
    wrong types.
    """
    require_choice("missing", missing, get_args(Missing))
    by_address = missing == "address"
    if cookie is not None:
        require("cookie is a str", cookie, str)
        if field is not None:
            raise ValueError("a client is told by a cookie or by a field, not by both")
        name = cookie.encode("ascii", "backslashreplace")
        _require_name("cookie", name)
        return partial(_key_of, _value_of_cookie, name, by_address)
    if field is not None:
        require_octets("field", field)
        name = bytes(field).lower()
        _require_name("field", name)
        if name == b"cookie":
            raise ValueError("field is not Cookie, which holds several: name one with cookie=")
        return partial(_key_of, _value_of_field, name, by_address)
    if by_address:
        raise ValueError("missing is for a cookie or a field: the address is the key already")
    return address_of


def address_of(info: RequestInfo) -> bytes | None:
    """The key of a client that is told by its address; None where that is unknown."""
    address = info.address
    # Total: the text may be anything that a caller gave as its peer.
    return address.encode("utf-8", "surrogatepass") if address else None


def _key_of(
    value_of: Callable[[RequestHead, bytes], bytes | None],
    name: bytes,
    by_address: bool,
    info: RequestInfo,
) -> bytes | None:
    value = value_of(info.head, name)
    if value is not None and value not in _EMPTY:
        return value
    return address_of(info) if by_address else None


def _value_of_field(head: RequestHead, name: bytes) -> bytes | None:
    """The value of a field that is there once."""
    values = head.get_all(name)
    return values[0] if len(values) == 1 else None


def _value_of_cookie(head: RequestHead, name: bytes) -> bytes | None:
    """The value of a cookie that is there once.

    RFC 6265 5.4: the order of those of one name says nothing that a server may rely on, and any
    site of the same domain can add one. Quotation marks are part of the value (RFC 6265 5.2).
    """
    # RFC 9113 8.2.3: over HTTP/2, there may be a line for each.
    pairs = [pair for line in head.get_all(b"cookie") for pair in line.split(b";")]
    begin = name + b"="
    values = [each.strip(b" \t") for each in pairs]
    found = [value[len(begin) :] for value in values if value.startswith(begin)]
    return found[0] if len(found) == 1 else None


def _require_name(argument: str, name: bytes) -> None:
    if grammar.TOKEN.fullmatch(name) is None:
        raise ValueError(f"{argument} is a token (RFC 9110 5.6.2), not {escape_octets(name)!r}")


def is_in_share(rollout_key: RolloutKey, rollout: float, info: RequestInfo) -> bool:
    """Whether the client of a request is in a share between 0 and 1.

    Raises :class:`TypeError` if the function returns neither bytes nor None.
    """
    key = rollout_key(info)
    if key is None:
        return False
    require("rollout_key returns bytes or None", key, OCTETS)
    digest = hashlib.sha256(key).digest()
    return int.from_bytes(digest[:8], "big") < rollout * 2**64


def require_rollout(mode: str, rollout: float, rollout_key: RolloutKey | None) -> None:
    """Raise :class:`TypeError` or :class:`ValueError` for a share that cannot be kept."""
    if type(rollout) not in (int, float):
        raise wrong_type("rollout is a number", rollout)
    if not 0.0 <= rollout <= 1.0:
        raise ValueError(f"rollout is a share from 0.0 to 1.0, not {rollout!r}")
    if rollout_key is not None:
        require_plain_function("rollout_key is a function that returns bytes, or None", rollout_key)
    if mode != "required" and (rollout != 1.0 or rollout_key is not None):
        raise ValueError(
            f'mode {mode!r} enforces nothing: rollout and rollout_key are for mode "required",'
            " which reports the clients that are not in the share"
        )
    if rollout_key is None and 0.0 < rollout < 1.0:
        raise ValueError(
            "a share of clients needs a rollout_key to tell them apart:"
            ' rollout_by(cookie="…"), rollout_by(field=b"…"), rollout_by() for the address'
        )
