"""What is hostile in large amounts: families of input, each made in any size.

An item is a name or a value. Items come as fields, as lines of one field, or joined in one line.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

Items = list[bytes]
Family = Callable[[int], Items]
Fields = list[tuple[bytes, bytes]]

NAMES: Final[Mapping[str, Family]] = MappingProxyType(
    {
        "equal": lambda count: [b"xxxxx"] * count,
        "different": lambda count: [b"x%04d" % number for number in range(count)],
        "permessage-deflate": lambda count: [b"permessage-deflate"] * count,
        "one that is long": lambda count: [b"x" * 5 * count],
    }
)
"""Tokens, which may be names of fields."""

ONE_VALUE: Final[Mapping[str, Family]] = MappingProxyType(
    {
        "one that is long": NAMES["one that is long"],
        "parameters": lambda count: [b"x%b" % (b";y=z" * count)],
        "quoted pairs": lambda count: [b'x;y="%b"' % (rb"\"" * count)],
        "escapes": lambda count: [b"%25" * count],
    }
)
"""Long values of a field; most of them are wrong in most fields."""

VALUES: Final[Mapping[str, Family]] = MappingProxyType(
    {
        "equal": NAMES["equal"],
        "different": NAMES["different"],
        "permessage-deflate": NAMES["permessage-deflate"],
        "empty": lambda count: [b""] * count,
        "blanks": lambda count: [b"x \t \t x"] * count,
        "open quotes": lambda count: [b'x;y="'] * count,
        "open quotes in open quotes": lambda count: [b'x;y="\\"'] * count,
        "bytes that are not ASCII": lambda count: [b"\xff\x80"] * count,
        **ONE_VALUE,
    }
)
"""What a value of a field may be, or an element of it."""

NUMBERS: Final[Mapping[str, Family]] = MappingProxyType({"equal": NAMES["equal"]})
"""Where only the number of items matters."""


def fields_of(name: bytes, items: Items) -> Fields:
    return [(name, item) for item in items]


def in_one_line(name: bytes, items: Items) -> Fields:
    # No field value begins or ends with white space.
    return [(name, b", ".join(items).strip())]


Kind = tuple[Mapping[str, Family], Callable[[Items], Fields]]

# The fields whose values have parameters, or may be anything.
_WITH_PARAMETERS: Final = (
    *(b"Accept", b"Capsule-Protocol", b"Expect", b"Sec-WebSocket-Extensions"),
    *(b"Transfer-Encoding", b"X-Unknown"),
)
_WITHOUT: Final = (
    *(b"Connection", b"Content-Length", b"Cookie", b"HTTP2-Settings", b"Host", b"Origin"),
    *(b"Sec-WebSocket-Accept", b"Sec-WebSocket-Key", b"Sec-WebSocket-Origin"),
    *(b"Sec-WebSocket-Protocol", b"Sec-WebSocket-Version", b"Upgrade"),
)
_OF_PARAMETERS: Final = (
    *("permessage-deflate", "parameters", "quoted pairs"),
    *("open quotes", "open quotes in open quotes"),
)


def _of_one_field(name: bytes, *, left_out: tuple[str, ...] = ()) -> dict[str, Kind]:
    families = {each: made for each, made in VALUES.items() if each not in left_out}
    of_many = {each: made for each, made in families.items() if each not in ONE_VALUE}
    return {
        f"one line of {name.decode()}": (families, lambda items: in_one_line(name, items)),
        f"lines of {name.decode()}": (of_many, lambda items: fields_of(name, items)),
    }


def _kinds() -> Iterator[dict[str, Kind]]:
    for name in _WITH_PARAMETERS:
        yield _of_one_field(name)
    for name in _WITHOUT:
        yield _of_one_field(name, left_out=_OF_PARAMETERS)
    yield {"fields": (NAMES, lambda items: [(item, b"x") for item in items])}
    yield {
        "right elements of Content-Length": (
            NUMBERS,
            lambda items: in_one_line(b"Content-Length", [b"5"] * len(items)),
        ),
        "right elements of Expect": (
            NUMBERS,
            lambda items: in_one_line(b"Expect", [b"100-continue"] * len(items)),
        ),
    }


MANY_FIELDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {name: kind for kinds in _kinds() for name, kind in kinds.items()}
)
"""Ways to send many fields, or much in one: the families that fit, and the fields of items."""


def kinds_with(*names: bytes) -> list[str]:
    """The kinds of many fields that concern these names, or no name at all."""
    wanted = {name.decode() for name in names}
    return [kind for kind in MANY_FIELDS if kind.rpartition(" of ")[2] in {*wanted, "fields"}]
