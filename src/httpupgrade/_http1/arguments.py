"""Errors for arguments of wrong types.

Rules for this module: each function raises TypeError with a sentence that names the argument and
says what it takes. It names the type of what was given, never the value, which may be secret.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from types import CoroutineType
from typing import Any, Final, TypeVar

_T = TypeVar("_T")

OCTETS: Final = (bytes, bytearray, memoryview)
# These are iterable, but never meant as a sequence of items.
_NO_SEQUENCES: Final = (str, *OCTETS, Mapping)
_PAIRS: Final = "pairs of a name and a value in bytes"
_CO_COROUTINE: Final = 0x80
_NOT_ASYNC: Final = (
    "it cannot be async; decide here from what is known, and await in a review, or before you send"
)


def wrong_type(rule: str, value: object) -> TypeError:
    """The error for a value that breaks a rule such as "key is bytes".

    A coroutine is closed, so that Python does not warn about it as well.
    """
    if isinstance(value, CoroutineType):
        value.close()
        return TypeError(f"{rule}, not a coroutine: {_NOT_ASYNC}")
    if isinstance(value, type):
        return TypeError(f"{rule}, not the class {value.__name__}")
    return TypeError(f"{rule}, not {'None' if value is None else type(value).__name__}")


def refuse_coroutine(rule: str, value: object) -> None:
    """Raise :class:`TypeError` for what an async function returns."""
    if isinstance(value, CoroutineType):
        raise wrong_type(rule, value)


def require(rule: str, value: object, kind: type | tuple[type, ...]) -> None:
    """Raise :class:`TypeError` for what is not an instance of ``kind``."""
    if not isinstance(value, kind):
        raise wrong_type(rule, value)


def require_octets(name: str, value: object) -> None:
    """Raise :class:`TypeError` for what does not hold octets."""
    if not isinstance(value, OCTETS):
        raise wrong_type(f"{name} is bytes", value)


def require_flag(name: str, value: object) -> None:
    """Raise :class:`TypeError` for what is neither True nor False."""
    if type(value) is not bool:
        raise wrong_type(f"{name} is True or False", value)


def require_number(name: str, value: object) -> None:
    """Raise :class:`TypeError` for what is not an int; True and False are not."""
    if type(value) is not int:
        raise wrong_type(f"{name} is an int", value)


def require_choice(name: str, value: object, allowed: tuple[str, ...]) -> None:
    """Raise :class:`TypeError` or :class:`ValueError` for anything but these words."""
    rule = f"{name} is one of {', '.join(map(repr, allowed))}"
    require(rule, value, str)
    if value not in allowed:
        raise ValueError(f"{rule}, not {value!r}")


def items(
    name: str, values: Iterable[_T], kind: type | tuple[type, ...], wanted: str
) -> tuple[_T, ...]:
    """The items of a sequence or other iterable; all of them are of ``kind``.

    :param wanted: what the argument holds, in the plural.
    """
    found = listed(name, values, wanted)
    for each in found:
        if not isinstance(each, kind):
            raise wrong_type(f"{name} holds {wanted}", each)
    return found


def header_pairs(headers: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[bytes, bytes], ...]:
    """The fields that a caller gives, all of which are pairs of octets."""
    pairs: tuple[Any, ...] = listed("headers", headers, _PAIRS)
    for pair in pairs:
        # The usual case, without a call.
        if type(pair) is tuple and len(pair) == 2 and type(pair[0]) is type(pair[1]) is bytes:
            continue
        require_pair(pair)
    return pairs


def listed_headers(headers: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[bytes, bytes], ...]:
    """The fields that a caller gives, not checked yet."""
    return listed("headers", headers, _PAIRS)


def require_pair(pair: tuple[bytes, bytes]) -> None:
    """Raise :class:`TypeError` for what is not a name with its value."""
    try:
        name, value = pair
    except (TypeError, ValueError):
        raise wrong_type("headers holds pairs of a name and a value", pair) from None
    require_octets("in headers, a field name", name)
    require_octets("in headers, a field value", value)


def listed(name: str, values: Iterable[_T], wanted: str) -> tuple[_T, ...]:
    """The items of a sequence or other iterable, not checked yet."""
    # Nearly all are one of these, and asking an abstract class takes longer than all the rest.
    if type(values) in (tuple, list):
        return tuple(values)
    if isinstance(values, _NO_SEQUENCES) or not hasattr(type(values), "__iter__"):
        raise wrong_type(f"{name} is a sequence of {wanted}", values)
    return tuple(values)


def require_plain_function(rule: str, function: Any) -> None:
    """Raise :class:`TypeError` for what cannot be called, or can only be awaited."""
    if not callable(function):
        raise wrong_type(rule, function)
    while isinstance(function, partial):
        function = function.func
    # An object may have an async method __call__().
    for each in (function, type(function).__call__):
        code = getattr(each, "__code__", None)
        if getattr(code, "co_flags", 0) & _CO_COROUTINE:
            raise TypeError(f"{rule}: {_NOT_ASYNC}")
