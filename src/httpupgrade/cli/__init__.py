"""The command ``httpupgrade``, also ``python -m httpupgrade``.

Rules for this folder: each subcommand is a folder of its own with
``add_arguments(parser)`` and ``run(options, output)``; everything that is printed goes through
:mod:`.output`; what stops a command is a :class:`~.exits.CommandError`.
"""

from .command import main

__all__ = ["main"]
