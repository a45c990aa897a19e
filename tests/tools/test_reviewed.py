"""Each alarm on a peer was read: it is in a section of its deviations, or a row has judged it."""

import pytest
from matrix.record import Found, Record, Records, read_records
from matrix.reviewed import BUILT_ON, Alarm, Row, alarms_without_a_section
from matrix.reviewed_rows import ROWS

from httpupgrade.testing.conformance import VECTORS

RECORDS = read_records()
LEFT = list(alarms_without_a_section(RECORDS))
OURS = "httpupgrade"


def rows_of(alarm: Alarm) -> list[Row]:
    return [row for row in ROWS if row.covers(alarm.peer, alarm.side, alarm.vector, alarm.found)]


def test_each_alarm_has_a_section_or_one_row() -> None:
    assert [each for each in LEFT if len(rows_of(each)) != 1] == []


@pytest.mark.parametrize("row", ROWS, ids=[f"{at}-{row.clause}" for at, row in enumerate(ROWS)])
def test_each_part_of_a_row_meets_an_alarm(row: Row) -> None:
    covered = [each for each in LEFT if row in rows_of(each)]
    assert {each.peer for each in covered} == set(row.peers)
    for pattern in row.vectors:
        one = Row(
            side=row.side, peers=row.peers, vectors=(pattern,), seen=row.seen, clause="", why=""
        )
        assert any(one.covers(e.peer, e.side, e.vector, e.found) for e in covered), pattern


def test_there_is_no_alarm_on_this_library() -> None:
    kept = RECORDS[OURS].values()
    assert [name for each in kept for name, found in each.found.items() if found.verdict] == []


def test_what_a_peer_is_built_on_has_sections_and_it_a_record() -> None:
    assert set(BUILT_ON) <= set(RECORDS)


def test_an_alarm_that_nobody_read_is_seen() -> None:
    found = {VECTORS[0].id: Found("fail", "101 +new", "")}
    records: Records = {"new": {"server": Record("1", 0, 0, found)}}
    (alarm,) = alarms_without_a_section(records)
    assert rows_of(alarm) == []
