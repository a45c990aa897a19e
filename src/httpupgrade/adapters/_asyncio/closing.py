"""The end of a connection of the asyncio adapter, and how long its client may take to read.

Rules for this module: it writes nothing. No deadline ends a connection on which the ordinary server
has written, while octets wait in the transport: the system's buffers hide how much a client reads.
"""

import asyncio
from contextlib import suppress
from typing import final

from .deadlines import Deadline
from .transport import SharedTransport


@final
class Unsent:
    """What was written, and waits in the transport for its client to read."""

    __slots__ = ("_before", "_inside_tls", "_transport")

    def __init__(self, transport: asyncio.Transport, *, inside_tls: bool) -> None:
        self._transport = transport
        self._inside_tls = inside_tls
        self._before = 0

    def count(self) -> int:
        """How many octets wait."""
        # asyncio's transports inside TLS cannot tell when they are closing. They keep a time then.
        if self._inside_tls and self._transport.is_closing():
            return 0
        return self._transport.get_write_buffer_size()

    def note(self) -> None:
        """A deadline begins."""
        self._before = self.count()

    def gets_less(self) -> bool:
        """Whether fewer octets wait than when the deadline began."""
        return self.count() < self._before

    def is_any(self) -> bool:
        """Whether any wait, or did when the deadline began."""
        return bool(self._before or self.count())


@final
class Closing:
    """Closes a connection in stages (RFC 9112 9.6): our side first, the rest when that is read.

    Closed at once, with octets still unread, it could be reset, and the answer lost.

    :param ordinary: the ordinary server's transport, if there is such a server.
    :param reading: seconds that a client may take to read, and anew while it gets on.
    :param linger: seconds for which it is read on after everything was given to the system.
    """

    __slots__ = (
        "_deadline",
        "_linger",
        "_ordinary",
        "_reading",
        "_sending_time",
        "_transport",
        "_unsent",
        "still_sends",
    )

    def __init__(
        self,
        transport: asyncio.Transport,
        unsent: Unsent,
        deadline: Deadline,
        ordinary: SharedTransport | None,
        *,
        reading: float,
        linger: float,
    ) -> None:
        self._transport = transport
        self._unsent = unsent
        self._deadline = deadline
        self._reading = reading
        self._linger = linger
        self._ordinary = ordinary
        self._sending_time = reading  # for which a client may go on sending
        self.still_sends = False
        """Whether octets have arrived since the deadline began."""

    def begin(self) -> None:
        """Close our side."""
        if self._transport.can_write_eof():
            with suppress(OSError):  # the client is gone: the transport is about to say so
                self._transport.write_eof()
        self._wait()

    def close(self) -> None:
        """Close once everything is written."""
        if not self._transport.is_closing():  # Python 3.11.2's, inside TLS, is closed but once
            self._transport.close()
        self._wait_for_reader()

    def _is_ordinary(self) -> bool:
        """Whether what waits may be the ordinary server's."""
        return self._ordinary is not None and self._ordinary.has_written

    def _wait(self) -> None:
        waits = self._unsent.count()
        self._unsent.note()
        self._deadline.start(self._reading if waits else self._linger, self._go_on)

    def _go_on(self) -> None:
        still_sends, self.still_sends = self.still_sends, False
        if self._unsent.is_any():
            if self._is_ordinary() or self._unsent.gets_less():
                self._wait()
            else:
                self._transport.abort()
        elif still_sends and self._is_ordinary() and self._sending_time > 0:
            # To close while octets arrive resets the connection: what the system holds is lost.
            self._sending_time -= self._linger
            self._wait()
        else:
            self.close()

    def _wait_for_reader(self) -> None:
        self._unsent.note()
        self._deadline.start(self._reading, self._end_waiting)

    def _end_waiting(self) -> None:
        if self._is_ordinary() or self._unsent.gets_less():
            self._wait_for_reader()
        else:
            self._transport.abort()
