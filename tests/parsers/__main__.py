"""``python -m parsers``: seeded heads, compared for as long as it is told.

The exit status is 0 only if every difference was on the list.
"""

import argparse
import sys
from collections import Counter
from time import monotonic

from seeded_requests import seeded_head

from .comparison import COMPARED, PARSERS, smallest, unexplained
from .page import PAGE, render


def main(arguments: list[str]) -> int:
    """Compare, or write the page. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m parsers", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--page", action="store_true", help="write docs/parsers.md")
    options = parser.parse_args(arguments)
    if options.page:
        PAGE.write_text(render(), encoding="utf-8", newline="\n")
        return 0
    return compare(options.seed, options.minutes * 60)


def compare(seed: int, seconds: float) -> int:
    """Print each kind of difference that is not on the list once, and how many heads there were."""
    for peer in PARSERS.keys() - set(COMPARED):
        print(f"{peer} is left out: the list was made with another version")
    end, place, found = monotonic() + seconds, 0, Counter[tuple[str, str]]()
    while monotonic() < end:
        for each in unexplained(seeded_head(seed, place)):
            found[each.peer, each.how] += 1
            if found[each.peer, each.how] == 1:
                print(f"head {place} of seed {seed}: {smallest(each)}", flush=True)
        place += 1
    print(f"{place} heads compared; {found.total()} differences are not on the list")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
