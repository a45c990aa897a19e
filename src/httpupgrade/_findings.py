"""What can be wrong with a message, as values.

The law of this file: a finding is made by its code, and what the code means stands in one table.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, final

from ._meanings import REQUEST_MEANINGS, Meaning
from ._meanings_of_responses import RESPONSE_MEANINGS
from ._shown import show_fields

MOST_FINDINGS: Final = 16
"""Of one kind in one message. More than anybody reads, far fewer than a head can hold."""

VALUE_BOUND: Final = 128
"""Octets of a received value that a finding keeps. Enough for a key, an origin, a version list."""

MEANINGS: Final[Mapping[str, Meaning]] = MappingProxyType({**REQUEST_MEANINGS, **RESPONSE_MEANINGS})

# Which status a refusal takes when several things are wrong: what the peer must mend first.
_PRECEDENCE: Final = (505, 414, 431, 405, 426, 400, 413, 501, 403, 417)


@final
class Finding(NamedTuple):
    """One check that failed, for people and for machines.

    Codes are stable: their meaning does not change and they are safe to search logs for. A
    user-written offer may make findings with codes of its own.
    """

    code: str
    """Lower case, words joined by hyphens: ``"websocket-key-missing"``."""
    message: str
    """One sentence without a full stop, holding nothing that was received."""
    clause: str = ""
    """Where the rule stands: ``"RFC 9110 7.8"``."""
    hint: str = ""
    """What to do about it."""
    field: str | None = None
    """The field's name in its usual spelling."""
    value: bytes | None = None
    """The received octets at fault, at most 128 of them, unescaped: escape before you show them."""
    offset: int | None = None
    """The index of ``value``, or of the fault in it, in the head; None where that is not known."""

    def __repr__(self) -> str:
        return show_fields(self, field=self.field)

    @property
    def status_code(self) -> int | None:
        """The status that a refusal for this reason has; None for what is no fault by itself."""
        meaning = MEANINGS.get(self.code)
        return None if meaning is None else meaning.status_code


def find(
    code: str,
    *,
    field: str | None = None,
    value: bytes | None = None,
    offset: int | None = None,
) -> Finding:
    """The finding for a code of the table."""
    meaning = MEANINGS[code]
    bounded = None if value is None else value[:VALUE_BOUND]
    return Finding(code, meaning.message, meaning.clause, meaning.hint, field, bounded, offset)


def implied_status(findings: Iterable[Finding]) -> int:
    """The status of the refusal for these findings; 400 if none of them implies one."""
    implied = {finding.status_code for finding in findings}
    return next((status for status in _PRECEDENCE if status in implied), 400)
