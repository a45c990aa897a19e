"""Reads the command line and runs a subcommand."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final, Protocol

from .. import __version__
from .exits import CommandError, Exit
from .output import Output

_SUBCOMMANDS: Final[tuple[str, ...]] = ()


class Subcommand(Protocol):
    """What the folder of a subcommand has."""

    HELP: str
    """A line for the list of subcommands."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare its options."""

    def run(self, options: argparse.Namespace, output: Output) -> Exit:
        """Do it. Raises :class:`CommandError`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line. Returns its exit status.

    :param arguments: those of the process if None.
    """
    parser, subcommands = _parser()
    options = parser.parse_args(arguments)
    if options.subcommand is None:
        parser.print_help()
        return Exit.WRONG_CALL
    output = Output(as_json=options.format == "json")
    try:
        return subcommands[options.subcommand].run(options, output)
    except CommandError as error:
        output.complain(f"httpupgrade {options.subcommand}: {error}")
        return Exit.WRONG_CALL
    except KeyboardInterrupt:
        output.complain(f"httpupgrade {options.subcommand}: interrupted")
        return 130  # as shells say it of SIGINT
    except BrokenPipeError:  # whoever read it has gone
        sys.stderr.close()
        return Exit.UNCLEAR


def _parser() -> tuple[argparse.ArgumentParser, dict[str, Subcommand]]:
    parser = argparse.ArgumentParser(
        prog="httpupgrade",
        description="Says what went wrong with an HTTP upgrade, and how to mend it.",
    )
    parser.add_argument("--version", action="version", version=f"httpupgrade {__version__}")
    rooms = parser.add_subparsers(dest="subcommand", metavar="COMMAND")
    subcommands: dict[str, Subcommand] = {}
    for name in _SUBCOMMANDS:
        subcommand = import_module(f".{name}", __package__)
        subcommands[name] = subcommand
        room = rooms.add_parser(name, help=subcommand.HELP, description=subcommand.HELP)
        room.add_argument(
            "--format", choices=("text", "json"), default="text", help="text if not given"
        )
        subcommand.add_arguments(room)
    return parser, subcommands
