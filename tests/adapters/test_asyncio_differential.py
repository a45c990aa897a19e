"""Two trees of the adapter in the same random conversations: the tool sees what differs."""

import shutil
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from asyncio_conversations import (
    PASSING,
    PLANTS,
    SWITCHING,
    Script,
    Trace,
    play,
    script_of,
    size_of,
)
from asyncio_differential import (
    SOURCE,
    Name,
    describe,
    differences,
    main,
    names,
    normalised,
    parted,
)

from httpupgrade.adapters.asyncio import UpgradeProtocol

FEW: Final = 400


def played(number: int, made: type[UpgradeProtocol] = UpgradeProtocol) -> Trace:
    return normalised(play(script_of(number), made))


@cache
def as_it_is(number: int) -> Trace:
    return played(number)


def talk(*octets: bytes, **options: object) -> Trace:
    plain = Script("optional", "at once", "echo", None, True, False, False, {}, 10.0, 30.0, ())
    steps = tuple(("octets", each) for each in octets)
    return normalised(play(plain._replace(steps=steps, **options)))  # type: ignore[arg-type]


def written(trace: Trace) -> str:
    return "".join(text for _, what, text in trace["wire"] if what == "octets")


def test_the_same_number_is_the_same_conversation() -> None:
    for number in range(60):
        assert script_of(number) == script_of(number)
        assert played(number) == as_it_is(number)


def test_conversations_have_everything_that_goes_wrong() -> None:
    seen = [as_it_is(number) for number in range(FEW)]
    wire = "".join(map(written, seen))
    for status in ("100", "101", "200", "400", "403", "408", "413", "426", "500", "503"):
        assert f"HTTP/1.1 {status} " in wire
    for who, what in (
        ("server", "pause"),
        ("successor", "octets"),
        ("successor", "lost"),
        ("review", "cancelled"),
        ("wire", "half closed"),
        ("wire", "abort"),
        ("errors", "told"),
        ("all", "still open"),
    ):
        assert any(entry[1] == what for each in seen for entry in each.get(who, [])), (who, what)
    steps = [step for number in range(FEW) for step in script_of(number).steps]
    assert {what for what, _ in steps} == {
        *("octets", "tick", "sleep", "read", "stall", "end", "reset")
    }


@pytest.mark.parametrize("plant", PLANTS, ids=lambda each: each.__name__)
def test_a_planted_bug_is_seen(plant: type[UpgradeProtocol]) -> None:
    assert any(played(number, plant) != as_it_is(number) for number in range(FEW))


def test_time_is_virtual_and_deadlines_are_exact() -> None:
    trace = talk(b"GET / HT", head_timeout=7.5)
    (when, _, answer) = next(each for each in trace["wire"] if each[1] == "octets")
    assert when == 7.5
    assert answer.startswith("HTTP/1.1 408 ")
    assert trace["wire"][-1] == [9.5, "lost", "None"]


def test_a_client_that_reads_nothing_holds_its_server_up_and_gets_everything() -> None:
    steps = (("stall", 0), *(("octets", PASSING[0]) for _ in range(9)), ("sleep", 1.0))
    trace = talk(server="much")
    assert "wire" not in trace or not written(trace)
    plain = script_of(0)._replace(
        policy="optional", server="much", review=None, stay=True, tls=False, limits={}
    )
    trace = normalised(play(plain._replace(steps=steps)))
    assert [each[1] for each in trace["server"]].count("pause") > 0
    assert written(trace).count("HTTP/1.1 200 OK") == 9
    assert max(each[0] for each in trace["wire"] if each[1] == "octets") >= 1.0


def test_a_switch_leaves_early_octets_to_the_successor() -> None:
    trace = talk(SWITCHING[0] + b"early", b"late")
    assert "".join(text for _, what, text in trace["successor"] if what == "octets") == "earlylate"
    assert written(trace).endswith("\r\n\r\n<>earlylate")
    assert "Date" not in written(trace)


def test_short_conversations_are_cut_at_every_octet() -> None:
    some = [*names(10, 5, 2)]
    assert some[:5] == [Name(number) for number in range(10, 15)]
    cut = [each for each in some if each.cut is not None]
    first = cut[0].number
    assert [each.cut for each in cut if each.number == first] == [*range(1, size_of(first))]
    assert len({each.number for each in cut}) == 2
    assert [Name.parse(str(each)) for each in some] == some
    steps = script_of(first, 3).steps
    assert len(next(each for what, each in steps if what == "octets")) == 3


def test_another_tree_is_played_in_a_process_of_its_own(tmp_path: Path) -> None:
    shutil.copytree(SOURCE / "httpupgrade", tmp_path / "httpupgrade")
    asked = [*names(0, 40, 0)]
    assert differences(tmp_path, asked) == []
    adapter = tmp_path / "httpupgrade" / "adapters" / "asyncio.py"
    source = adapter.read_text("utf-8")
    adapter.write_text(
        source.replace("LINGER: Final = 2.0", "LINGER: Final = 3.0"), encoding="utf-8"
    )
    assert adapter.read_text("utf-8") != source
    (first, *_) = differences(tmp_path, asked)
    shown = "\n".join(describe(tmp_path, first))
    assert f"conversation {first}" in shown
    assert "before" in shown
    assert "now" in shown


def test_where_two_traces_part_is_shown() -> None:
    before: Trace = {"a": [[0, "x", ""], [1, "y", ""]], "b": [[0, "x", ""]]}
    now: Trace = {"a": [[0, "x", ""], [2, "y", ""]], "b": [[0, "x", ""]]}
    assert [*parted(before, now)] == [
        "  a, after 1 equal entries",
        "    before [1, 'y', '']",
        "    now    [2, 'y', '']",
    ]
    assert [*parted(before, {**before, "c": [[0, "z", ""]]})] == [
        "  c, after 0 equal entries",
        "    now    [0, 'z', '']",
    ]


def test_the_command_counts_and_fails_where_trees_differ(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(SOURCE), "--count", "5", "--cuts", "0"]) == 0
    assert capsys.readouterr().out == "5 conversations, 0 differences\n"
    with pytest.raises(SystemExit, match="2"):
        main([str(tmp_path)])
    assert "the other tree's package" in capsys.readouterr().err
