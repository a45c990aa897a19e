"""Reads the inputs of ``explain``, and guesses what they are.

Rules for this module: it alone opens files. What is read is bounded; what cannot be read is a
message and not the end of all.
"""

import codecs
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import BinaryIO, Final, Literal, TypeAlias, final

from ..exits import CommandError
from ..output import Output
from .curl import LOOKS_LIKE_CURL, read_curl
from .exchange import Exchange
from .har import read_har
from .messages import LOOKS_LIKE_A_MESSAGE, read_messages

Kind: TypeAlias = Literal["auto", "raw", "curl", "har"]

MOST_OCTETS: Final = 64 * 1024 * 1024
"""Of one input."""
MOST_EXCHANGES: Final = 100_000
"""Of all inputs."""
_STDIN: Final = "standard input"
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WAITING: Final = """\
Waiting for standard input: paste a request, a response, what curl -v or curl -i
prints, or a HAR; then press Ctrl-D."""


@final
class Inputs:
    """What was given to be explained.

    :ivar unreadable: what could not be read: its name and why.
    """

    def __init__(self, output: Output, kind: Kind, *, secure: bool) -> None:
        self._output = output
        self._kind = kind
        self._secure = secure
        self.unreadable: list[str] = []

    def read(self, names: Iterable[str]) -> list[Exchange]:
        """All exchanges of these files, in their order; ``-`` is standard input."""
        found = (exchange for name in names for exchange in self._read_one(name))
        read = list(islice(found, MOST_EXCHANGES))
        if next(found, None) is not None:
            self._complain(
                f"there are more than {MOST_EXCHANGES} exchanges: the others are left out"
            )
        return read

    def _read_one(self, name: str) -> Iterator[Exchange]:
        shown = _STDIN if name == "-" else name
        try:
            data = self._octets_of(name)
            yield from self._exchanges_in(shown, data)
        except CommandError as error:
            self._complain(str(error))
        except OSError as error:
            self._complain(f"{shown}: {error.strerror or error}")

    def _complain(self, message: str) -> None:
        self.unreadable.append(message)
        self._output.complain(f"httpupgrade explain: {message}")

    def _octets_of(self, name: str) -> bytes:
        if name != "-":
            with open(name, "rb") as file:
                return _bounded(name, file)
        if sys.stdin is None:
            raise CommandError("standard input is closed")
        if sys.stdin.isatty():
            self._output.complain(_WAITING)
        return _bounded(_STDIN, sys.stdin.buffer)

    def _exchanges_in(self, name: str, data: bytes) -> Iterator[Exchange]:
        if data.startswith(_UTF_16):  # as PowerShell writes what curl prints
            try:
                data = data.decode("utf-16").encode()
            except UnicodeDecodeError:
                raise CommandError(f"{name} is broken UTF-16") from None
        data = data.removeprefix(codecs.BOM_UTF8)
        if not data.strip(b" \t\r\n"):
            raise CommandError(f"{name} is empty")
        match self._kind if self._kind != "auto" else _guess(data):
            case "har":
                return read_har(name, data, self._complain)
            case "curl":
                return read_curl(name, data)
            case _:
                return read_messages(name, data, secure=self._secure)


def _bounded(name: str, file: BinaryIO) -> bytes:
    data = file.read(MOST_OCTETS + 1)
    if len(data) > MOST_OCTETS:
        raise CommandError(
            f"{name} has more than {MOST_OCTETS // 1024 // 1024} MiB; cut out the exchange in"
            " question, or save the HAR without content"
        )
    return data


def _guess(data: bytes) -> Kind:
    if data.lstrip(b" \t\r\n").startswith((b"{", b"[")):
        return "har"
    if LOOKS_LIKE_A_MESSAGE.match(data) is None and LOOKS_LIKE_CURL.match(data) is not None:
        return "curl"
    return "raw"
