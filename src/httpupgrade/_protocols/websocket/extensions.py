"""Sec-WebSocket-Extensions: its values, and which of a client's offers a server takes (RFC 6455 9).

Rules for this module: an offer that cannot be accepted is declined, which is not an error; a field
that breaks its grammar is. What an extension's parameters mean is for the extension to say.
"""

from collections.abc import Iterable
from typing import Final, Protocol, final, runtime_checkable

from ..._http1 import grammar
from ..._http1.arguments import items, wrong_type
from ..._http1.errors import LocalProtocolError
from ..._http1.field_values import Headers, field_lines, is_token, parse_list, token_octets
from ..._http1.findings import MOST_FINDINGS, Finding, make_finding
from ..._http1.head_findings import fault, read_list
from ..._http1.heads import RequestHead, ResponseHead
from ..._http1.lazy_pattern import lazy_pattern
from ..._http1.values import Value, field
from . import finding_codes as codes

EXTENSIONS_FIELD: Final = "Sec-WebSocket-Extensions"

# RFC 6455 4.3, with the implied white space of its ABNF:
#   extension = extension-token *( ";" extension-param )
#   extension-param = token [ "=" ( token | quoted-string ) ]
EXTENSION_PARAMETER: Final = lazy_pattern(
    rb'%b(%b)(?:%b(?:(%b)|"(%b)")|)'
    % (
        grammar.BWS_SEMICOLON,
        grammar.RAW_TOKEN,
        grammar.BWS_EQUALS,
        grammar.RAW_TOKEN,
        grammar.RAW_QUOTED_TEXT,
    )
)
QUOTED_PAIR: Final = lazy_pattern(rb"(?s)\\(.)")


@final
class Extension(Value):
    """One element of Sec-WebSocket-Extensions, offered or agreed (RFC 6455 9.1).

    ``str()`` is the wire form.
    """

    __slots__ = __match_args__ = ()

    name: str = field("The extension token.")
    parameters: tuple[tuple[str, str | None], ...] = field(
        "Names and values in order, repetitions included. A parameter without a value has None.",
        default=(),
    )

    def __str__(self) -> str:
        name, parameters = self._values
        written = [each if value is None else f"{each}={value}" for each, value in parameters]
        return "; ".join((name, *written))


class SupportedExtension(Protocol):
    """A WebSocket extension that a server supports. Write your own; none need inherit this."""

    @property
    def name(self) -> str:
        """The extension token (RFC 6455 9.1)."""
        ...

    def accept(self, offer: Extension) -> Extension | None:
        """What is agreed on for one offer of this name, or None to decline that offer."""
        ...


@runtime_checkable
class OfferableExtension(SupportedExtension, Protocol):
    """A WebSocket extension that clients can offer, too."""

    def offer(self) -> Extension:
        """What a client's Sec-WebSocket-Extensions says of it."""
        ...

    def is_answered_by(self, answer: Extension) -> bool:
        """Whether a server that was made :meth:`offer` may answer this, and we can keep to it."""
        ...


def parse_extensions(values: Iterable[bytes]) -> tuple[Extension, ...]:
    """The elements of a Sec-WebSocket-Extensions field, in order (RFC 6455 9.1).

    ``values`` are all lines of the field. Raises :class:`FieldSyntaxError`, a :class:`ValueError`.
    """
    return parse_list(field_lines(values), _read_extension, "an extension")


def _read_extension(value: bytes, position: int) -> tuple[Extension, int] | int:
    name = grammar.TOKEN.match(value, position)
    if name is None:
        return position
    parameters = []
    position = name.end()
    while (match := EXTENSION_PARAMETER.match(value, position)) is not None:
        parameter, token, quoted = match.groups()
        if quoted is not None:
            token = QUOTED_PAIR.sub(rb"\1", quoted)
            # RFC 6455 9.1: the value after unescaping MUST conform to the token ABNF.
            if grammar.TOKEN.fullmatch(token) is None:
                return match.start(3)
        parameters.append(
            (parameter.decode("ascii"), None if token is None else token.decode("ascii"))
        )
        position = match.end()
    return Extension(name[0].decode("ascii"), tuple(parameters)), position


def format_extensions(extensions: Iterable[Extension]) -> bytes:
    """The value of a Sec-WebSocket-Extensions field (RFC 6455 9.1).

    Raises :class:`ValueError` for what is no token, and for no extensions at all.
    """
    written = []
    for extension in items("extensions", extensions, Extension, "extensions"):
        name, parameters = extension._values
        token_octets(name)
        for parameter, value in parameters:
            token_octets(parameter)
            if value is not None:
                token_octets(value)
        written.append(str(extension))
    if not written:
        raise ValueError("a Sec-WebSocket-Extensions field names at least one extension")
    return ", ".join(written).encode("ascii")


def extensions_field(extensions: tuple[Extension, ...]) -> Headers:
    """The field line of a 101 that agrees on these extensions; nothing for none."""
    return ((EXTENSIONS_FIELD.encode(), format_extensions(extensions)),) if extensions else ()


def read_extensions(
    head: RequestHead | ResponseHead, faults: list[Finding]
) -> tuple[Extension, ...]:
    """The elements of Sec-WebSocket-Extensions (RFC 6455 9.1): offers, or what was agreed on."""
    malformed = codes.EXTENSIONS_MALFORMED
    extensions = read_list(head, EXTENSIONS_FIELD, parse_extensions, malformed, faults)
    if extensions == () and head.has(EXTENSIONS_FIELD.encode()):
        faults.append(fault(head, malformed, EXTENSIONS_FIELD))
    return extensions or ()


def choose_extensions(
    supported: tuple[SupportedExtension, ...], offers: tuple[Extension, ...]
) -> tuple[tuple[Extension, ...], list[Finding]]:
    """The answers to the first acceptable offer of each name, and what was declined."""
    agreed: dict[str, Extension] = {}
    noted: list[Finding] = []
    for offer in offers:
        if offer.name in agreed:
            continue
        candidates = [each for each in supported if each.name == offer.name]
        answers = (each.accept(offer) for each in candidates)
        answer = next((each for each in answers if each is not None), None)
        if answer is not None:
            agreed[offer.name] = _own_answer(offer, answer)
        elif candidates and len(noted) < MOST_FINDINGS:
            declined = str(offer).encode("ascii")
            noted.append(
                make_finding(codes.EXTENSION_DECLINED, field=EXTENSIONS_FIELD, value=declined)
            )
    return tuple(agreed.values()), noted


def _own_answer(offer: Extension, answer: Extension) -> Extension:
    """What a supported extension answered, held to its grammar and to the name offered."""
    try:
        format_extensions((answer,))
    except ValueError as error:
        raise LocalProtocolError(f"extension {offer.name}: {error}") from error
    if answer.name != offer.name:
        raise LocalProtocolError(f"extension {offer.name} answered as {answer.name}")
    return answer


def checked_extensions(extensions: Iterable[SupportedExtension]) -> tuple[SupportedExtension, ...]:
    """The extensions that an offer is made with. Raises :class:`TypeError` for anything else."""
    checked = items("extensions", extensions, object, "supported extensions")
    rule = "extensions holds objects with a name and accept(), such as PerMessageDeflate()"
    for each in checked:
        name = getattr(each, "name", None)
        if isinstance(each, type) or not (isinstance(name, str) and hasattr(each, "accept")):
            raise wrong_type(rule, each)
        if not is_token(name):
            raise ValueError(f"extensions holds one whose name is not a token: {name!r}")
    return checked
