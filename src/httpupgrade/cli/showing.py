"""Prints a diagnosis, for every subcommand alike."""

from collections.abc import Iterable

from ..diagnosis import Diagnosis
from ..diagnosis._rendering import Line, lines_of
from .output import Output


def show_diagnosis(diagnosis: Diagnosis, output: Output) -> None:
    """Its text, with colours where there are any."""
    show_lines(lines_of(diagnosis), output)


def show_lines(lines: Iterable[Line], output: Output) -> None:
    """Lines of a text of :mod:`httpupgrade.diagnosis`."""
    for kind, text in lines:
        output.say(text, kind)
