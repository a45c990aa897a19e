"""UpgradeProtocol of two trees, in the same random conversations.

``python tests/support/asyncio_differential.py ../before/src [--count 2000] [--first 0] [--cuts 3]``

Each tree plays in a process of its own, in memory, on a loop whose time is virtual. What was
written and when, how it ended, what each protocol that follows was given, and what the callables
were asked has to be equal. Of a difference, the conversation and both sides are shown.

Rules for this module: what differs on purpose is taken out in :func:`normalised`, nowhere else.
"""

import json
import os
import re
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple, final

from asyncio_conversations import Trace, play, script_of, size_of

_FILE: Final = Path(__file__).resolve()
SOURCE: Final = _FILE.parents[2] / "src"
_DATE: Final = re.compile(r"Date: [^\r]*\r\n")
_SHOWN: Final = 5


@final
class Name(NamedTuple):
    """Of a conversation: its number, and where it is cut."""

    number: int
    cut: int | None = None

    def __str__(self) -> str:
        return f"{self.number}" if self.cut is None else f"{self.number}@{self.cut}"

    @classmethod
    def parse(cls, text: str) -> "Name":
        """What ``str()`` made."""
        number, _, cut = text.partition("@")
        return cls(int(number), int(cut) if cut else None)


def names(first: int, count: int, cuts: int) -> Iterator[Name]:
    """So many conversations, and the first ``cuts`` of them that are short, cut at every octet."""
    yield from (Name(number) for number in range(first, first + count))
    short = (each for each in range(first, first + count) if 0 < size_of(each) < 1500)
    for number, _ in zip(short, range(cuts), strict=False):
        yield from (Name(number, cut) for cut in range(1, size_of(number)))


def normalised(trace: Trace) -> Trace:
    """Without what differs on purpose.

    * Date, which answers had not before (RFC 9110 6.6.1).
    * When an ordinary server is told of the client's end that came after a pipeline: it hears of it
      when it has answered, because some servers end an answer when they do; or not at all, where
      the connection is closed with that answer.
    """
    plain = {
        who: [[when, what, _DATE.sub("", text)] for when, what, text in entries]
        for who, entries in trace.items()
    }
    if "server" in plain:
        ends = [entry for entry in plain["server"] if entry[1] == "end"]
        others = [entry for entry in plain["server"] if entry[1] != "end"]
        closed = others[-1][1:] == ["lost", "None"]
        plain["server"] = [*others, *([] if closed else [[0, "ends", str(len(ends))]])]
    return plain


def _digest(trace: Trace) -> str:
    return sha256(json.dumps(trace, sort_keys=True).encode()).hexdigest()


def serve() -> None:
    """Play what each line of stdin names, and say in a line what came of it."""
    for line in sys.stdin:
        word, _, name = line.strip().partition(" ")
        trace = normalised(play(script_of(*Name.parse(name))))
        print(_digest(trace) if word == "digest" else json.dumps(trace), flush=word != "digest")


def ask(source: Path, word: str, asked: Sequence[Name]) -> list[str]:
    """What the tree in a directory makes of each."""
    path = os.pathsep.join((str(source), str(_FILE.parent)))
    child = subprocess.run(  # our own interpreter
        [sys.executable, "-P", str(_FILE), "--serve"],
        input="".join(f"{word} {each}\n" for each in asked),
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return child.stdout.splitlines()


def differences(source: Path, asked: Sequence[Name]) -> list[Name]:
    """The conversations in which the trees differ."""
    theirs, ours = (ask(each, "digest", asked) for each in (source, SOURCE))
    return [name for name, one, other in zip(asked, theirs, ours, strict=True) if one != other]


def describe(source: Path, name: Name) -> Iterator[str]:
    """One conversation, and where the trees part."""
    script = script_of(*name)
    yield f"conversation {name}: {script._replace(steps=())}"
    yield from (f"    {what} {how!r:.300}" for what, how in script.steps)
    theirs, ours = (json.loads(ask(each, "show", [name])[0]) for each in (source, SOURCE))
    yield from parted(theirs, ours)


def parted(theirs: Trace, ours: Trace) -> Iterator[str]:
    """What the one has and the other has not, from where they part."""
    for who in sorted({*theirs, *ours}):
        before, after = theirs.get(who, []), ours.get(who, [])
        if before != after:
            same = _common(before, after)
            yield f"  {who}, after {same} equal entries"
            yield from (f"    before {each!r:.600}" for each in before[same : same + 3])
            yield from (f"    now    {each!r:.600}" for each in after[same : same + 3])


def _common(one: Iterable[object], other: Iterable[object]) -> int:
    count = 0
    for mine, its in zip(one, other, strict=False):
        if mine != its:
            break
        count += 1
    return count


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, and show the first differences; 1 if there are any."""
    parser = ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("source", type=Path, nargs="?", help="of the other tree")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--cuts", type=int, default=3, help="conversations, cut at every octet")
    parser.add_argument("--serve", action="store_true", help="for the other process")
    options = parser.parse_args(arguments)
    if options.serve:
        serve()
        return 0
    if options.source is None or not (options.source / "httpupgrade").is_dir():
        parser.error("name the directory that has the other tree's package")
    asked = [*names(options.first, options.count, options.cuts)]
    found = differences(options.source, asked)
    for name in found[:_SHOWN]:
        print(*describe(options.source, name), sep="\n")
    print(f"{len(asked)} conversations, {len(found)} differences")
    if len(found) > _SHOWN:
        print(f"others: {', '.join(map(str, found[_SHOWN:100]))}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
