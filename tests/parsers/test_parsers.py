"""Law: where another parser reads a head in another way than we do, a row of the list says so."""

import pytest
from captures import captured_requests
from hypothesis import given
from hypothesis import strategies as st
from seeded_requests import seeded_head

from httpupgrade.testing.strategies import (
    damaged,
    hostile_requests,
    mutated_handshakes,
    request_head_octets,
)

from . import ours
from .comparison import COMPARED, PARSERS, Found, differences, smallest, unexplained
from .difference import Difference
from .differences import DIFFERENCES
from .page import PAGE, render
from .request import No, Request

SEED = 9112
HEADS = 10_000
BLOCKS = 8

heads = (
    request_head_octets()
    | damaged(request_head_octets())
    | damaged(st.sampled_from([each.octets for each in captured_requests()]))
    | mutated_handshakes().map(lambda mutated: mutated.data)
    | hostile_requests()
)


def told(found: list[Found]) -> str:
    return "\n".join(map(str, found))


@pytest.mark.parametrize("block", range(BLOCKS))
def test_every_difference_on_seeded_heads_is_on_the_list(block: int) -> None:
    for place in range(block, HEADS, BLOCKS):
        found = unexplained(seeded_head(SEED, place))
        assert not found, told(list(map(smallest, found[:3])))


@given(heads)
def test_every_difference_on_generated_heads_is_on_the_list(octets: bytes) -> None:
    found = unexplained(octets)
    assert not found, told(found)


def test_captured_requests_are_read_alike() -> None:
    for each in captured_requests():
        assert not unexplained(each.octets)


def test_half_of_the_seeded_heads_are_read_by_us_and_many_are_not() -> None:
    readings = [ours.read(seeded_head(SEED, place)) for place in range(1000)]
    assert sum(isinstance(each, Request) for each in readings) > 300
    assert readings.count(No.REFUSED) > 300


# --- The list ------------------------------------------------------------------------------------


@pytest.mark.parametrize("peer", PARSERS)
def test_the_versions_of_the_list_are_installed(peer: str) -> None:
    if peer not in COMPARED:
        pytest.skip("another version is installed; python -m parsers says what differs")


@pytest.mark.parametrize("row", DIFFERENCES, ids=lambda row: f"{row.how}: {row.what}")
def test_a_rows_example_shows_it_and_no_other_row_does(row: Difference) -> None:
    shown = {each.peer for each in differences(row.example) if each.rows == [row]}
    assert shown == set(row.peers) & set(COMPARED)


def test_the_page_is_up_to_date() -> None:
    assert render() == PAGE.read_text("utf-8"), (
        "run: PYTHONPATH=docs:tests:tests/support python -m parsers --page"
    )
