"""What is known of a request's head, worked out once, whichever path read it.

Rules for this module: a head that matches the usual pattern and one that is read with care get the
same facts, ``captured`` apart. No other module parses the fields that they are made of.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeVar, final

from . import finding_codes as codes
from .authority import Authority, parse_authority
from .copying import Pickled
from .fast_path_patterns import (
    ASKING_FIELDS,
    ASKING_LINE,
    BOUNDARY_LINE,
    USUAL_HEAD,
    Captured,
    capture,
    captured_lines,
    captured_values,
)
from .field_values import (
    FieldSyntaxError,
    UpgradeToken,
    parse_connection,
    parse_token_list,
    parse_upgrade,
)
from .findings import Finding
from .framing import NO_CONTENT, Framing, frame_request, framing_of, persistence
from .head_fields import RequestFields
from .head_findings import version_fault
from .target import read_address

_T = TypeVar("_T")

Place = tuple[int, int]
"""Where a field breaks its grammar: the index of the line, and of the octet in it."""
_Wanted = tuple[tuple[UpgradeToken, ...], Place | None]

# The options of a Connection field as nearly all clients spell it.
_USUAL_OPTIONS: Final[Mapping[bytes | None, tuple[bytes, ...]]] = MappingProxyType(
    {
        None: (),
        b"Upgrade": (b"upgrade",),
        b"upgrade": (b"upgrade",),
        b"keep-alive, Upgrade": (b"keep-alive", b"upgrade"),
        b"keep-alive": (b"keep-alive",),
        b"Keep-Alive": (b"keep-alive",),
    }
)
_deciding_values: Final = captured_values(b"accept", b"connection", b"content-length", b"upgrade")
_NOTHING: Final[frozenset[bytes]] = frozenset()


@final
class RequestFacts(Pickled):
    """Facts about a request.

    :ivar accept: the value of Accept, its lines combined; None where there is none.
    :ivar address_faults: what is wrong with Host and target (RFC 9112 3.2).
    :ivar captured: what the usual pattern captured, for readers that :func:`captured_values` makes;
        empty for a head that was read with care.
    :ivar expectations: what the client expects, in lower case (RFC 9110 10.1.1); what cannot be
        read counts as one more.
    :ivar faults: what is wrong with the version, the address and the framing, in this order.
    :ivar framing: how many octets of body follow; it means nothing beside framing faults.
    :ivar framing_faults: why it is unknown where the body ends.
    :ivar has_content: whether there is a body of one octet or more.
    :ivar options: the options of Connection, in lower case; none of a malformed field.
    :ivar options_fault: where Connection breaks its grammar.
    :ivar persists: whether another request may follow (RFC 9112 9.3). None where framing or
        Connection is faulty, and for CONNECT and other major versions.
    :ivar upgrade: the value of Upgrade, its lines combined; None where there is none.
    """

    __slots__ = (
        "_authority",
        "_wanted",
        "accept",
        "address_faults",
        "captured",
        "expectations",
        "faults",
        "framing",
        "framing_faults",
        "has_content",
        "options",
        "options_fault",
        "persists",
        "upgrade",
    )

    accept: bytes | None
    address_faults: tuple[Finding, ...]
    captured: Captured
    expectations: frozenset[bytes]
    faults: tuple[Finding, ...]
    framing: Framing
    framing_faults: tuple[Finding, ...]
    has_content: bool
    options: tuple[bytes, ...]
    options_fault: Place | None
    persists: bool | None
    upgrade: bytes | None
    _authority: Authority | None
    _wanted: _Wanted | None

    @property
    def authority(self) -> Authority | None:
        """Whom the request addresses: the target's authority where it has one, else Host.

        None for one that is malformed (RFC 9112 3.2.2).
        """
        if self._authority is None and self.captured:
            (host,) = captured_lines(self.captured, b"host") or ()
            self._authority = parse_authority(host)
        return self._authority

    @property
    def wanted(self) -> tuple[UpgradeToken, ...]:
        """The protocols of Upgrade, in order; none of a malformed field (RFC 9110 7.8)."""
        return self._read_upgrade()[0]

    @property
    def wanted_fault(self) -> Place | None:
        """Where Upgrade breaks its grammar."""
        return self._read_upgrade()[1]

    def _read_upgrade(self) -> _Wanted:
        # A usual head has one line of it, whose value is mostly known without being read.
        if self._wanted is None:
            self._wanted = _read(parse_upgrade, _lines(self.upgrade))
        return self._wanted


def wants_upgrade(head: RequestFields) -> bool:
    """Whether it has one of the fields that ASKING_FIELDS names."""
    if head._asking is None:
        if head._octets is None:
            head._asking = _names_asking_field(head)
        else:
            head._asking = ASKING_LINE.search(head._octets) is not None
    return head._asking


def _names_asking_field(head: RequestFields) -> bool:
    for name, _ in head.headers:  # noqa: SIM110, any() takes three times as long
        if name.lower() in ASKING_FIELDS:
            return True
    return False


def has_upgrade(head: RequestFields) -> bool:
    """Whether there is an Upgrade field. No other facts are worked out where there is none."""
    # Where the fast path has read the head, its facts take less time than a search.
    if head._captured or wants_upgrade(head):
        return facts_of(head).upgrade is not None
    return False


def is_whole(head: RequestFields) -> bool:
    """Whether it is certain that no body follows a head, and that another request may.

    Where it is not, the facts tell. This takes less time than working them out.
    """
    facts: RequestFacts | None = head._facts
    if facts is not None:
        return bool(facts.persists) and not facts.has_content
    octets = head._octets
    if octets is None or head.http_version != b"1.1" or head.method == b"CONNECT":
        return False
    return BOUNDARY_LINE.search(octets) is None


def facts_of(head: RequestFields) -> RequestFacts:
    """The facts about a head, worked out once."""
    known: RequestFacts | None = head._facts
    if known is not None:
        return known
    captured = head._captured
    if captured is None:
        if head._octets is None:
            captured = capture(head._start_line(), head.headers)
        else:
            match = USUAL_HEAD.fullmatch(head._octets)
            captured = () if match is None else match.groups()
        head._captured = captured
    if not captured:
        head._facts = facts = _read_with_care(head)
        return facts
    facts = RequestFacts()
    facts.captured = captured
    # A match of the usual pattern proves the rest: there are no faults, and there is no Expect.
    facts.accept, connection, length, facts.upgrade = _deciding_values(captured)
    if connection in _USUAL_OPTIONS:
        facts.options = _USUAL_OPTIONS[connection]
        facts.options_fault = None
        facts.persists = True
    else:
        facts.options, facts.options_fault = _read(parse_connection, _lines(connection))
        facts.persists = persistence(b"1.1", facts.options) if facts.options_fault is None else None
    facts.framing = NO_CONTENT
    facts.has_content = False
    if length is not None:
        facts.framing = framing_of(length)
        facts.has_content = facts.framing is not NO_CONTENT
    facts.faults = facts.address_faults = facts.framing_faults = ()
    facts.expectations = _NOTHING
    facts._authority = facts._wanted = None
    head._facts = facts  # once they are complete: another thread may look
    return facts


def _read_with_care(head: RequestFields) -> RequestFacts:
    facts = RequestFacts()
    facts.captured = ()
    facts.accept = head.get(b"accept")
    facts.upgrade = head.get(b"upgrade")
    facts._wanted = _read(parse_upgrade, head.get_all(b"upgrade"))
    facts.framing, facts.framing_faults = frame_request(head)
    facts.has_content = facts.framing is not NO_CONTENT
    facts._authority, facts.address_faults = read_address(head)
    version_faults: tuple[Finding, ...] = ()
    if not head.http_version.startswith(b"1."):
        version_faults = (version_fault(head, codes.HTTP_VERSION_UNSUPPORTED),)
    facts.faults = (*version_faults, *facts.address_faults, *facts.framing_faults)
    facts.options, facts.options_fault = _read(parse_connection, head.get_all(b"connection"))
    is_unclear = (
        version_faults
        or facts.framing_faults
        or facts.options_fault is not None
        or head.method == b"CONNECT"
    )
    facts.persists = None if is_unclear else persistence(head.http_version, facts.options)
    facts.expectations = _read_expectations(head)
    return facts


def _lines(value: bytes | None) -> tuple[bytes, ...]:
    return () if value is None else (value,)


def _read(
    parse: Callable[[tuple[bytes, ...]], tuple[_T, ...]], lines: tuple[bytes, ...]
) -> tuple[tuple[_T, ...], Place | None]:
    """The elements of a field, and where it breaks its grammar; there are none then."""
    try:
        return parse(lines), None
    except FieldSyntaxError as error:
        return (), (error.line, error.position)


def _read_expectations(head: RequestFields) -> frozenset[bytes]:
    """What the client expects, in lower case; anything unreadable counts as one more."""
    if not head.has(b"expect"):
        return _NOTHING
    try:
        listed = parse_token_list(head.get_all(b"expect"))
    except FieldSyntaxError:
        return frozenset((b"unreadable",))
    return frozenset(each.encode("ascii").lower() for each in listed)
