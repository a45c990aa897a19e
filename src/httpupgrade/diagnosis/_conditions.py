"""Conditions that rows of fingerprints are made of: a closed set, over the head of a message.

Rules for this module: names and values of fields are compared as octets, without regard to ASCII
case unless a condition says otherwise. Each condition takes one walk over the head at most.
"""

from typing import Final, NamedTuple, final

from .._http1.heads import RequestHead, ResponseHead
from .._http1.received_lines import (
    Shown,
    escape_line,
    show_named_line,
    show_request_line,
    show_status_line,
)
from ._diagnosis import Evidence

CONTENT_BOUND: Final = 16_384
"""Octets of a body that are looked at: error pages of proxies are shorter."""


@final
class Subject:
    """A message as conditions see it. Make it with :func:`subject_of`.

    Many rows ask for the same fields: what is read of a field is kept, so that a head costs one
    walk for each field that any row asks for.

    :ivar names: the names of all field lines, in lower case.
    :ivar content: what is known of the body, at most :data:`CONTENT_BOUND` octets.
    """

    __slots__ = ("_elements", "_present", "_values", "content", "head", "names")

    def __init__(self, head: RequestHead | ResponseHead, content: bytes = b"") -> None:
        self.head: Final = head
        self.names: Final = tuple([name.lower() for name, _ in head.headers])
        self.content: Final = content[:CONTENT_BOUND]
        self._present: Final = frozenset(self.names)
        self._values: Final[dict[bytes, frozenset[bytes]]] = {}
        self._elements: Final[dict[bytes, frozenset[bytes]]] = {}

    def has(self, field: bytes) -> bool:
        """Whether there is a line of a field."""
        return field in self._present

    def values(self, field: bytes) -> frozenset[bytes]:
        """The values of all lines of a field, in lower case."""
        values = self._values.get(field)
        if values is None:
            values = frozenset([value.lower() for value in self.head.get_all(field)])
            self._values[field] = values
        return values

    def elements(self, field: bytes) -> frozenset[bytes]:
        """The elements of a list field, in lower case."""
        elements = self._elements.get(field)
        if elements is None:
            lines = self.values(field)
            found = [each.strip(b" \t") for line in lines for each in line.split(b",")]
            elements = self._elements[field] = frozenset(found)
        return elements


def subject_of(head: RequestHead | ResponseHead, content: bytes = b"") -> Subject:
    """The message with this head and, as far as it is known, this body."""
    return Subject(head, content)


# --- Of the start line ---------------------------------------------------------------------------


@final
class Version(NamedTuple):
    """The start line has this HTTP version: ``b"1.0"``."""

    version: bytes

    def holds(self, subject: Subject) -> bool:
        return subject.head.http_version == self.version


@final
class Target(NamedTuple):
    """It is a request, and its target begins so: ``b"http://"`` in absolute form."""

    begin: bytes

    def holds(self, subject: Subject) -> bool:
        head = subject.head
        return isinstance(head, RequestHead) and head.target.startswith(self.begin)


@final
class Query(NamedTuple):
    """It is a request, and its query has this parameter, as ``b"EIO=3"``."""

    parameter: bytes

    def holds(self, subject: Subject) -> bool:
        head = subject.head
        target = head.target if isinstance(head, RequestHead) else b""
        return self.parameter in target.partition(b"?")[2].partition(b"#")[0].split(b"&")


@final
class Status(NamedTuple):
    """It is a response with this status, and with this reason phrase unless that is None."""

    code: int
    reason: bytes | None = None

    def holds(self, subject: Subject) -> bool:
        head = subject.head
        if not isinstance(head, ResponseHead) or head.status_code != self.code:
            return False
        return self.reason is None or head.reason == self.reason


# --- Of fields. Names, and what is compared with values, are in lower case -----------------------


@final
class Has(NamedTuple):
    """There is a line of this field."""

    field: bytes

    def holds(self, subject: Subject) -> bool:
        return subject.has(self.field)


@final
class Token(NamedTuple):
    """A line of this field, read as a list, has this element."""

    field: bytes
    token: bytes

    def holds(self, subject: Subject) -> bool:
        return self.token in subject.elements(self.field)


@final
class Is(NamedTuple):
    """A line of this field has this value."""

    field: bytes
    value: bytes

    def holds(self, subject: Subject) -> bool:
        return self.value in subject.values(self.field)


@final
class Holds(NamedTuple):
    """These octets are somewhere in the value of a line of this field."""

    field: bytes
    part: bytes

    def holds(self, subject: Subject) -> bool:
        return any(self.part in value for value in subject.values(self.field))


@final
class Spelt(NamedTuple):
    """A field line has exactly this name: here case matters."""

    name: bytes

    def holds(self, subject: Subject) -> bool:
        return any(name == self.name for name, _ in subject.head.headers)


@final
class LowerCase(NamedTuple):
    """The names of all field lines are in lower case."""

    def holds(self, subject: Subject) -> bool:
        return subject.names == tuple([name for name, _ in subject.head.headers])


# --- Of their order ------------------------------------------------------------------------------


@final
class At(NamedTuple):
    """The field line at this place is of this field: 0 is the first, -1 the last."""

    place: int
    field: bytes

    def holds(self, subject: Subject) -> bool:
        names = subject.names
        return -len(names) <= self.place < len(names) and names[self.place] == self.field


@final
class Before(NamedTuple):
    """Both fields are there, and the first line of ``field`` comes before all of ``other``."""

    field: bytes
    other: bytes

    def holds(self, subject: Subject) -> bool:
        names = subject.names
        both = subject.has(self.field) and subject.has(self.other)
        return both and names.index(self.field) < names.index(self.other)


@final
class Fields(NamedTuple):
    """There are this many field lines at most."""

    most: int

    def holds(self, subject: Subject) -> bool:
        return len(subject.names) <= self.most


# --- Of the body, and of other conditions --------------------------------------------------------


@final
class Content(NamedTuple):
    """These octets are in the body: here case matters."""

    part: bytes

    def holds(self, subject: Subject) -> bool:
        return self.part in subject.content


@final
class Not(NamedTuple):
    """The condition does not hold."""

    condition: "Condition"

    def holds(self, subject: Subject) -> bool:
        return not self.condition.holds(subject)


@final
class OneOf(NamedTuple):
    """One of the conditions holds."""

    conditions: "tuple[Condition, ...]"

    def holds(self, subject: Subject) -> bool:
        return any(each.holds(subject) for each in self.conditions)


Condition = (
    Version
    | Target
    | Query
    | Status
    | Has
    | Token
    | Is
    | Holds
    | Spelt
    | LowerCase
    | At
    | Before
    | Fields
    | Content
    | Not
    | OneOf
)
"""What can be asked of a message."""


def has(*fields: bytes) -> tuple[Condition, ...]:
    """There are lines of all of these fields."""
    return tuple([Has(each) for each in fields])


def lacks(*fields: bytes) -> tuple[Condition, ...]:
    """There is no line of any of these fields."""
    return tuple([Not(Has(each)) for each in fields])


def fulfils(subject: Subject, conditions: tuple[Condition, ...]) -> bool:
    """Whether all conditions hold."""
    return all(each.holds(subject) for each in conditions)


# --- What shows it -------------------------------------------------------------------------------


def field_evidence(subject: Subject, field: bytes, says: str, line: int = 0) -> Evidence:
    """What a line of a field shows, or that it is missing.

    :param field: its name in lower case.
    :param line: which of its lines, from 0.
    """
    places = [index for index, name in enumerate(subject.names) if name == field]
    if line >= len(places):
        return Evidence(says)
    name, value = subject.head.headers[places[line]]
    received, begin = name + b": " + value, len(name) + 2
    shown = show_named_line(field, begin, Shown(received, begin, len(received)))
    return Evidence(says, f"field line {places[line] + 1}", *escape_line(shown))


def start_line_evidence(subject: Subject, says: str) -> Evidence:
    """What the start line shows: the version of a request, and the status of a response."""
    head = subject.head
    line = head._start_line()
    if isinstance(head, RequestHead):
        shown = show_request_line(line, len(line) - len(b"HTTP/1.1"), len(line))
        return Evidence(says, "request line", *escape_line(shown))
    begin = len(line.partition(b" ")[0]) + 1
    return Evidence(says, "status line", *escape_line(show_status_line(line, begin, begin + 3)))
