"""URI templates, read backwards: which variables a request target was made from (RFC 6570).

Rules for this module: a template is made only if no target could have come from two sets of values.
Matching goes through the target once, and what stands in it is decoded once.
"""

from collections.abc import Mapping
from typing import Final, assert_never, final

from ..._http1 import grammar
from ..._http1.arguments import require
from ..._http1.copying import Pickled
from ..._http1.heads import RequestHead
from ..._http1.lazy_pattern import lazy_pattern
from ..._http1.values import Value, field

# RFC 6570 2: expressions of level 3 without the operators that RFC 9298 2 excludes; literals as
# they can stand in a path and query (RFC 3986 3.3, 3.4).
_NAMES: Final = rb"[A-Za-z0-9_]++(?:[.,][A-Za-z0-9_]++)*"
_LITERAL: Final = rb"[A-Za-z0-9\-._~!$&'()*+,;=:@/?]++|" + grammar.RAW_PCT_ENCODED
TEMPLATE_PART: Final = lazy_pattern(rb"((?:" + _LITERAL + rb")+)|\{([?&]?+)(" + _NAMES + rb")\}")
# A run of literals is one round of the repetition. Were it a repeated group inside of it, there
# would be exponentially many ways to divide the run between the two.
URI_TEMPLATE: Final = lazy_pattern(rb"(?=/)(?:" + _LITERAL + rb"|\{[?&]?+" + _NAMES + rb"\})+")
# RFC 6570 3.2.2, 3.2.8: values are unreserved, or encoded. RFC 9484 3 writes its wildcard as it is.
_UNRESERVED: Final = rb"[A-Za-z0-9\-._~*]*+"
TEMPLATE_VALUE: Final = lazy_pattern(
    _UNRESERVED + rb"(?:" + grammar.RAW_PCT_ENCODED + _UNRESERVED + rb")*"
)
NEVER_IN_VALUES: Final = lazy_pattern(rb"[^A-Za-z0-9\-._~*]")


@final
class _Literal(Value):
    __slots__ = __match_args__ = ()

    octets: bytes = field("What stands there.")
    names: tuple[str, ...] = field("No variable.", default=())


@final
class _Variable(Value):
    """``{name}``: the value alone."""

    __slots__ = __match_args__ = ()

    names: tuple[str] = field("The name.")


@final
class _Query(Value):
    """``{?names}`` or ``{&names}``: each name with its value, and those without one left out."""

    __slots__ = __match_args__ = ()

    operator: bytes = field("What the first of them begins with.")
    names: tuple[str, ...] = field("The names.")


_Part = _Literal | _Variable | _Query


@final
class UriTemplate(Pickled):
    """A URI template of level 3, from its path on, as RFC 9298 2 and RFC 9484 3 allow.

    :param text: begins with a slash; its expressions are ``{a}``, ``{a,b}``, ``{?a,b}`` and
        ``{&a,b}``.

    Raises :class:`ValueError` for anything else, and where it would be open which octets of a
    target belong to a variable.
    """

    __slots__ = ("_parts", "names", "text")

    names: tuple[str, ...]
    text: str

    def __init__(self, text: str) -> None:
        require("template is a str", text, str)
        if not text.isascii():
            raise ValueError(f"template is not ASCII: {text!r}")
        self.text = text
        octets = text.encode("ascii")
        if URI_TEMPLATE.fullmatch(octets) is None:
            raise ValueError(f"not a URI template that begins with a slash: {text!r}")
        self._parts = tuple(
            part for match in TEMPLATE_PART.finditer(octets) for part in _read_part(match)
        )
        self.names = tuple(name for part in self._parts for name in part.names)
        if len(set(self.names)) < len(self.names):
            raise ValueError(f"a variable stands in it more than once: {text!r}")
        for part, following in zip(self._parts, self._parts[1:], strict=False):
            if not _ends(part, following):
                raise ValueError(f"where does {part.names[-1]} end? {text!r}")

    def match(self, head: RequestHead) -> dict[str, bytes] | None:
        """The variables that the target was made from, decoded; None if it was not made from this.

        Those that were undefined are empty; of ``{?a,b}`` and ``{&a,b}``, they are not there. Of
        ``{a,b}``, none may be.
        """
        absolute = grammar.ABSOLUTE_FORM.fullmatch(head.target)
        target = head.target if absolute is None else head.target[absolute.end(2) :]
        values: dict[str, bytes] = {}
        place = 0
        for part in self._parts:
            match part:
                case _Literal():
                    if not target.startswith(part.octets, place):
                        return None
                    place += len(part.octets)
                case _Variable():
                    place = _take_value(part.names[0], target, place, values)
                case _Query():
                    separator = part.operator
                    for name in part.names:
                        introduced = b"%b%b=" % (separator, name.encode("ascii"))
                        if target.startswith(introduced, place):
                            place = _take_value(name, target, place + len(introduced), values)
                            separator = b"&"
                case unreachable:
                    assert_never(unreachable)
        return values if place == len(target) else None

    def expand(self, given: Mapping[str, str], others: Mapping[str, str]) -> bytes:
        """The target of the values that a protocol has, and of a template's own variables.

        What has no value is undefined (RFC 6570 3.2). Raises :class:`ValueError` for what is in
        both, for a value that the template has no place for, and where one is missing in the path;
        :class:`TypeError` for what is no text.
        """
        twice = given.keys() & others.keys()
        if twice:
            raise ValueError(f"given twice: {', '.join(sorted(twice))}")
        values = {**others, **given}
        for name, value in values.items():
            require(f"{name} is a str", value, str)
        unknown = values.keys() - set(self.names)
        if unknown:
            raise ValueError(f"no variable of the template: {', '.join(sorted(unknown))}")
        return b"".join(_expand(part, values) for part in self._parts)


def _take_value(name: str, target: bytes, place: int, values: dict[str, bytes]) -> int:
    match = TEMPLATE_VALUE.match(target, place)
    assert match is not None, "it matches nothing at all, too"
    values[name] = grammar.PERCENT_ENCODED.sub(lambda each: bytes((int(each[1], 16),)), match[0])
    return match.end()


def _expand(part: _Part, values: Mapping[str, str]) -> bytes:
    match part:
        case _Literal():
            return part.octets
        case _Variable(names=(name,)):
            if name not in values:
                raise ValueError(f"{name} stands in the path and has no value")
            return _encode(values[name])
        case _Query():
            pairs = [
                b"%b=%b" % (name.encode("ascii"), _encode(values[name]))
                for name in part.names
                if name in values
            ]
            return part.operator + b"&".join(pairs) if pairs else b""
        case unreachable:
            assert_never(unreachable)


def _encode(value: str) -> bytes:
    octets = value.encode("utf-8")
    return NEVER_IN_VALUES.sub(lambda each: b"%%%02X" % ord(each[0]), octets)


def _read_part(match: grammar.Match) -> list[_Part]:
    literal, operator, listed = match.groups()
    if literal is not None:
        return [_Literal(literal)]
    names = listed.decode("ascii").split(",")
    if operator:
        return [_Query(operator, tuple(names))]
    # RFC 6570 3.2.2: a comma stands between the values of one expression.
    parts: list[_Part] = [_Variable((names[0],))]
    for name in names[1:]:
        parts += (_Literal(b","), _Variable((name,)))
    return parts


def _ends(part: _Part, following: _Part) -> bool:
    """Whether it is clear where a part ends, whatever its variables are."""
    match part, following:
        case _Literal(), _:
            return True
        case _Variable(), _Literal(octets=octets):
            begun = TEMPLATE_VALUE.match(octets)
            return begun is not None and not begun[0]
        case _Query(), _Literal(octets=octets):
            return octets[:1] not in (b"?", b"&") and _ends(_Variable(("",)), following)
        case _, _Query():
            return True
        case _:
            return False
