"""The time of an answer, as its field.

Rules for this module: it is worked out once a second, and no answer gets a second one.
"""

from email.utils import formatdate
from time import time
from typing import Final, final


@final
class DateField:
    """The field ``Date`` (RFC 9110 6.6.1) of what is sent now."""

    __slots__ = ("_field", "_line", "_second")

    def __init__(self) -> None:
        self._second = 0
        self._field = (b"Date", b"")
        self._line = b""

    def now(self) -> tuple[bytes, bytes]:
        """Its name and value."""
        second = int(time())
        if second != self._second:
            self._second = second
            value = formatdate(second, usegmt=True).encode("ascii")
            self._field = (b"Date", value)
            self._line = b"Date: %b\r\n" % value
        return self._field

    def add_to(self, response: bytes) -> bytes:
        """A response of our own, as it is written, with this field in front of the others."""
        head = response[: response.find(b"\r\n\r\n")]
        if b"\r\ndate:" in head.lower():
            return response
        self.now()
        start = head.find(b"\r\n") + 2
        return response[:start] + self._line + response[start:]


DATE: Final = DateField()
