"""What is measured: a table for each layer, and the law that each subject in it keeps.

A subject is some functions that work on the same input. Work is counted in elements and octets, as
``counting`` says, so that the figures are the same on every interpreter and under any load.
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import pytest
from counting import counted_library, elements_of

from linear.families import MANY_FIELDS, NAMES, Family, Fields, Items

SIZES: Final = (24, 48, 96, 192, 384, 768)
# Twice the input. A term that grows with the square makes it 4.
MOST_GROWTH: Final = 2.1

LIBRARY: Final = counted_library()
OF_FIELDS: Final = counted_library("fields")
OF_OFFERS: Final = counted_library("offers")

Work = Callable[[], object]
Prepare = Callable[[Items], Work]
"""Makes the input, and returns what works on it."""


class Subject(NamedTuple):
    """Some functions, with one kind of input for them."""

    names: tuple[str, ...]
    prepare: Prepare
    families: Mapping[str, Family]
    kind: str

    def work_of(self, family: str) -> list[int]:
        """What it counts at each size, up to the first where twice the input is twice the work.

        Some input is read in another way from a certain size on, and what is done only up to a
        certain size is done in constant time.
        """
        make = self.families[family]
        self.prepare(make(1))()  # what is made at its first use
        work: list[int] = []
        for size in SIZES:
            work.append(elements_of(self.prepare(make(size))))
            if is_linear(work):
                break
        return work


def is_linear(work: list[int]) -> bool:
    return len(work) > 1 and work[-1] <= work[-2] * MOST_GROWTH


def _subject_of_fields(
    names: tuple[str, ...], prepare: Callable[[Fields], Work], kind: str
) -> Subject:
    families, fields_of_kind = MANY_FIELDS[kind]
    return Subject(names, lambda items: prepare(fields_of_kind(items)), families, kind)


class Table:
    """The subjects of a layer."""

    def __init__(self) -> None:
        self.subjects: Final[list[Subject]] = []

    def of(
        self, *names: str, families: Mapping[str, Family] = NAMES, kind: str = ""
    ) -> Callable[[Prepare], Prepare]:
        """Measure these functions by what the decorated function prepares."""

        def add(prepare: Prepare) -> Prepare:
            self.subjects.append(Subject(names, prepare, families, kind))
            return prepare

        return add

    def of_fields(
        self, *names: str, kinds: list[str] | None = None
    ) -> Callable[[Callable[[Fields], Work]], None]:
        """Measure these functions with many fields, of each kind."""

        def add(prepare: Callable[[Fields], Work]) -> None:
            for kind in MANY_FIELDS if kinds is None else kinds:
                self.subjects.append(_subject_of_fields(names, prepare, kind))

        return add

    @property
    def names(self) -> set[str]:
        return {name for subject in self.subjects for name in subject.names}

    def test(self) -> Any:
        """A test of each subject."""
        groups = {
            ", ".join(subject.names): [
                each for each in self.subjects if each.names == subject.names
            ]
            for subject in self.subjects
        }

        @pytest.mark.parametrize("subjects", groups.values(), ids=groups)
        def test_twice_the_input_is_twice_the_work(subjects: list[Subject]) -> None:
            most = 0
            for subject in subjects:
                for family in subject.families:
                    work = subject.work_of(family)
                    assert is_linear(work), f"{subject.kind}: {family}"
                    most = max(most, work[1] - work[0])
            assert most >= SIZES[0], "the input was not looked at"

        return test_twice_the_input_is_twice_the_work


# What several layers are given.

KEY: Final = b"dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT: Final = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
HOST: Final = (b"Host", b"a")
ASKING: Final = (
    HOST,
    (b"Upgrade", b"websocket"),
    (b"Connection", b"Upgrade"),
    (b"Sec-WebSocket-Version", b"13"),
    (b"Sec-WebSocket-Key", KEY),
)
ANSWERING: Final = (
    (b"Upgrade", b"websocket"),
    (b"Connection", b"Upgrade"),
    (b"Sec-WebSocket-Accept", ACCEPT),
)
UNLIMITED: Final = LIBRARY.Limits(*[10**7] * 8)


def with_others(fields: Fields, usual: tuple[tuple[bytes, bytes], ...]) -> Fields:
    """These fields after the usual ones that are not among them."""
    names = {name.lower() for name, _ in fields}
    return [*[field for field in usual if field[0].lower() not in names], *fields]


def request(fields: Fields) -> Any:
    return LIBRARY.RequestHead(b"GET", b"/", with_others(fields, ASKING))


def answer(fields: Fields, status_code: int = 101) -> Any:
    return LIBRARY.ResponseHead(status_code, with_others(fields, ANSWERING))


OFFERS: Final[Mapping[str, Callable[[], Any]]] = MappingProxyType(
    {
        "ConnectIP": lambda: LIBRARY.ConnectIP("/{target}/{?a,b}"),
        "ConnectTCP": lambda: LIBRARY.ConnectTCP("/{target_host}/{target_port}/{?a,b}"),
        "ConnectUDP": lambda: LIBRARY.ConnectUDP("/{target_host}/{target_port}/{?a,b}"),
        "CustomProtocol": lambda: LIBRARY.CustomProtocol("tcp", body="buffer"),
        "H2C": lambda: LIBRARY.H2C(b"AAEAAAAA"),
        "TLS": lambda: LIBRARY.TLS("1.3", "1.2"),
        "WebSocket": lambda: LIBRARY.WebSocket(["xxxxx"], origins=["http://a"], hosts=["a"]),
    }
)


@cache
def all_offers() -> list[Any]:
    return [make() for make in OFFERS.values()]


@cache
def every_offer() -> Any:
    return LIBRARY.Policy(*all_offers(), mode="required")


def names_of(items: Items) -> Fields:
    return [(item, b"x") for item in items]


def tokens_of(items: Items) -> list[Any]:
    return [LIBRARY.UpgradeToken(item.decode()) for item in items]


def offers_of(items: Items) -> list[Any]:
    return [LIBRARY.CustomProtocol(item.decode()) for item in items]


def findings_of(items: Items) -> tuple[Any, ...]:
    return tuple([LIBRARY.Finding(item.decode(), "a", value=item) for item in items])


def fed(machine: Any, octets: bytes) -> Any:
    """The next event once these octets have arrived."""
    machine.receive_data(octets)
    return machine.next_event()


def tried(function: Callable[..., object], *arguments: Any, **named: Any) -> Work:
    """The work of a function that may refuse its input."""

    def work() -> object:
        try:
            return function(*arguments, **named)
        except (ValueError, LIBRARY.ProtocolError) as refused:
            return refused

    return work
