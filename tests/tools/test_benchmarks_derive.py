"""Derived messages differ from captured ones by what their case says, and by nothing else."""

from typing import Final

import pytest

from benchmarks import derive
from benchmarks.cases import CASES, PIPELINED, SIZES, Case, Section
from benchmarks.verdict import read_request

ASKED: Final = (
    b"GET /chat HTTP/1.1\r\nHost: a\r\nUser-Agent: b\r\nConnection: Upgrade\r\n"
    b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c\r\n\r\n"
)


def _in(section: Section) -> list[Case]:
    return [each for each in CASES if each.section is section]


def test_a_minimal_handshake_is_without_what_it_can_do_without() -> None:
    assert derive.minimal(ASKED) == ASKED.replace(b"User-Agent: b\r\n", b"")


def test_another_value_takes_the_place_of_the_one_that_was_there() -> None:
    for body in (b"", b"Upgrade: none\r\n\r\n"):
        changed = derive.with_value(ASKED + body, b"sec-websocket-key", b"dd==")
        assert changed == ASKED.replace(b"Sec-WebSocket-Key: c", b"sec-websocket-key: dd==") + body


@pytest.mark.parametrize("count", [1, 5, 6, 7, 500])
def test_a_head_has_as_many_fields_as_were_asked_for_its_own_first(count: int) -> None:
    own = read_request(ASKED).fields
    fields = read_request(derive.with_fields(ASKED, count)).fields
    assert len(fields) == count
    assert fields[: len(own)] == own[:count]
    assert len({name for name, _ in fields}) == count


@pytest.mark.parametrize("size", [200, 1024, 1200, 1201, 1210, 2199, 4096, 65536])
def test_a_head_is_as_long_as_was_asked_for_in_lines_that_all_peers_read(size: int) -> None:
    padded = derive.padded(ASKED, size)
    assert len(padded) == size
    assert padded.startswith(ASKED.removesuffix(b"\r\n"))
    assert len(read_request(padded).fields) <= 128
    assert max(map(len, padded.split(b"\r\n"))) <= 1020


def test_the_value_of_a_field_is_found_by_its_name() -> None:
    assert derive.value_of(ASKED, b"upgrade") == b"websocket"


def test_a_case_on_octets_that_nobody_sent_says_so() -> None:
    for case in CASES:
        words = "(its value alone)" if case.section is Section.VALUES else "(derived"
        assert (words in case.title) is (case.change is not None), case.name


def test_cases_have_names_of_their_own() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)


def test_sizes_and_widths_are_what_the_names_say() -> None:
    assert [len(case.octets()) for case in _in(Section.SIZE)] == [*SIZES.values()] * 2
    widths = [len(read_request(case.octets()).fields) for case in _in(Section.WIDTH)]
    assert widths == [1, 10, 100, 500]
    for case in _in(Section.PIPELINE):
        assert case.octets().count(b"GET ") == PIPELINED
