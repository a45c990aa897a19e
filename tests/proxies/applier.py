"""A remedy, applied to the text of a configuration file as it is printed.

Rules for this module: no I/O, and no knowledge of any product but how its files are divided. It
does what a person does who pastes the block where it says, and understands nothing of it: what is
named is taken out, with the block that it begins; what is given is put in, in the place of the
first line that was taken out, else at the beginning of its place. A place that is not there is
made. "The end of the X line" is the end of each line that begins with X; "the top level" is all of
the file.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, assert_never, final

from httpupgrade.diagnosis import Paste, Remedy

from .values import Layout

_INDENT: Final = "    "
_TOP: Final = "the top level"
_BRACKETS: Final[Mapping[Layout, tuple[str, str]]] = {
    "braces": ("{", "}"),
    "tags": ("<(?!/)", "</"),
}


@final
class Names(NamedTuple):
    """What a block to paste has names for, and everybody writes their own in the place of."""

    server: str
    """The address of the server behind the proxy, for SERVER."""
    public: str
    """The address of the proxy itself, for PUBLIC."""

    def write_into(self, line: str) -> str:
        """A line to paste, with the addresses in it."""
        return re.sub(r"\bPUBLIC\b", self.public, re.sub(r"\bSERVER\b", self.server, line))


@final
class _Block(NamedTuple):
    """The lines of a place: from the one after its opening line to the one that ends it."""

    first: int
    end: int
    indent: str


def apply(text: str, remedy: Remedy, layout: Layout, names: Names) -> str:
    """The text with the remedy in it."""
    lines = text.splitlines()
    for paste in remedy.pastes:
        at_end = re.fullmatch(r"the end of the (\S+) (line|option)", paste.place)
        if at_end:
            _edit_lines(lines, at_end[1], paste, names)
        else:
            _paste(lines, paste, layout, names)
    return "\n".join(lines) + "\n"


def _edit_lines(lines: list[str], begin: str, paste: Paste, names: Names) -> None:
    for index in range(len(lines)):
        if re.match(rf"\s*{re.escape(begin)}(?![\w-])", lines[index]):
            for told in paste.instead_of:
                # All of a word that is told by its beginning: upgrade=ANY by upgrade=.
                lines[index] = re.sub(rf"\s*{re.escape(told)}[^\s;]*", "", lines[index])
            lines[index] = " ".join((lines[index], *map(names.write_into, paste.lines)))


def _paste(lines: list[str], paste: Paste, layout: Layout, names: Names) -> None:
    block = _choose(lines, paste, layout, names)
    if block is None:
        if not paste.lines:
            return
        block = _make(lines, paste.place, layout)
    told = [index for index in range(block.first, block.end) if _is_told(lines[index], paste)]
    beside = block.end if paste.place.startswith("the end of") else block.first
    where = told[0] if told else beside
    indent = _indent_of(lines[where]) if told else block.indent
    for index in reversed(told):
        del lines[index : _end_of_block(lines, index, layout)]
    given = map(names.write_into, paste.lines)
    lines[where:where] = [indent + line if line else line for line in given]


def _choose(lines: Sequence[str], paste: Paste, layout: Layout, names: Names) -> _Block | None:
    """The place; of several, the one with what is taken out, else the one that names the server."""
    blocks = _find(lines, _name_of(paste.place), layout)
    port = names.server.rpartition(":")[2]

    def has(block: _Block, holds: Callable[[str], bool]) -> bool:
        return any(map(holds, lines[block.first : block.end]))

    told = [block for block in blocks if has(block, lambda line: _is_told(line, paste))]
    named = [block for block in blocks if has(block, lambda line: port in line)]
    return next(iter([*told, *named, *blocks]), None)


def _name_of(place: str) -> str:
    """What stands in the file: ``vcl_recv`` for ``vcl_recv, before any return``."""
    return place.partition(",")[0]


def _is_told(line: str, paste: Paste) -> bool:
    return line.lstrip().startswith(paste.instead_of)


def _find(lines: Sequence[str], name: str, layout: Layout) -> list[_Block]:
    if name == _TOP:
        return [_Block(0, len(lines), "")]
    match layout:
        case "braces":
            opening = rf"\s*(sub )?{re.escape(name)}(?![\w-])[^{{}};#]*\{{[^{{}}]*"
        case "tags":
            opening = rf"\s*<{re.escape(name.strip('<>'))}\b.*"
        case "sections":
            opening = rf"\s*{re.escape(name)}(:?\s.*|:)?"
        case "flat":
            return [_Block(0, len(lines), "")]
        case unreachable:
            assert_never(unreachable)
    return [
        _block(lines, at, layout) for at in range(len(lines)) if re.fullmatch(opening, lines[at])
    ]


def _block(lines: Sequence[str], at: int, layout: Layout) -> _Block:
    end = _end_of_block(lines, at, layout)
    inside = end - (layout in _BRACKETS)
    indent = _indent_of(lines[at + 1]) if inside > at + 1 else _indent_of(lines[at]) + _INDENT
    return _Block(at + 1, inside, indent)


def _end_of_block(lines: Sequence[str], at: int, layout: Layout) -> int:
    """The index after what a line begins; after the line, if it begins nothing."""
    index = at + 1
    if layout == "sections":
        outer = len(_indent_of(lines[at]))
        while index < len(lines) and (not lines[index] or len(_indent_of(lines[index])) > outer):
            index += 1
    elif layout in _BRACKETS:
        begin, end = _BRACKETS[layout]
        depth = 0
        for index in range(at + 1, len(lines) + 1):
            line = lines[index - 1]
            depth += len(re.findall(begin, line)) - len(re.findall(end, line))
            if depth <= 0:
                return index
    return index


def _make(lines: list[str], place: str, layout: Layout) -> _Block:
    """A new place at the end of the file."""
    name = _name_of(place).strip("<>")
    match layout:
        case "braces":
            lines += [f"sub {name} {{" if name.startswith("vcl_") else f"{name} {{", "}"]
        case "tags":
            lines += [f"<{name}>", f"</{name.partition(' ')[0]}>"]
        case "sections":
            lines.append(name)
            return _Block(len(lines), len(lines), _INDENT)
        case "flat":
            raise AssertionError("a file that is not divided is its own only place")
        case unreachable:
            assert_never(unreachable)
    return _Block(len(lines) - 1, len(lines) - 1, _INDENT)


def _indent_of(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
