"""How a command ends."""

from enum import IntEnum
from typing import final


@final
class Exit(IntEnum):
    """The exit status of every command."""

    FINE = 0
    """Nothing is wrong."""
    FOUND = 1
    """Something is wrong, and was named."""
    WRONG_CALL = 2
    """The command was called wrongly, or its input cannot be read."""
    UNCLEAR = 3
    """What is there does not tell."""


class CommandError(Exception):
    """Stops a command with a message on standard error and :attr:`Exit.WRONG_CALL`."""
