"""The time of an answer, as its field.

Rules for this module: it is worked out once a second.
"""

from email.utils import formatdate
from time import time
from typing import Final, final


@final
class DateField:
    """The field ``Date`` (RFC 9110 6.6.1) of what is sent now."""

    __slots__ = ("_field", "_second")

    def __init__(self) -> None:
        self._second = 0
        self._field = (b"Date", b"")

    def now(self) -> tuple[bytes, bytes]:
        """Its name and value."""
        second = int(time())
        if second != self._second:
            self._second = second
            self._field = (b"Date", formatdate(second, usegmt=True).encode("ascii"))
        return self._field


DATE: Final = DateField()
