"""TLS after a 101, both ends, without I/O: it is the standard library's ``ssl`` (RFC 2817).

Rules for this module: every call returns the records that are to be written, an alert among them;
what the peer breaks is a value. Nothing is carried before the handshake is complete and is what
was agreed on.
"""

import ssl
from contextlib import suppress
from types import MappingProxyType
from typing import Final, final

from .. import Accept101, LocalProtocolError, Passthrough, RequestHead, Switched, TLSAgreement
from .._http1.values import Value, field

__all__ = ["Carried", "TLSLayer", "versions"]

_READ: Final = 65536
_VERSIONS: Final = MappingProxyType(
    {
        "1.3": (ssl.TLSVersion.TLSv1_3, ssl.OP_NO_TLSv1_3),
        "1.2": (ssl.TLSVersion.TLSv1_2, ssl.OP_NO_TLSv1_2),
    }
)
# RFC 2817 3.3: the layer above TLS is HTTP/1.1, whatever ALPN could choose.
_INSIDE: Final = (None, "http/1.1")


@final
class Carried(Value):
    """What records brought, and what to do about them."""

    __slots__ = __match_args__ = ()

    data: bytes = field("What the peer had carried, in order.")
    records: bytes = field(
        "Write them, whatever else: the handshake goes on with them, or an alert says why not."
    )
    end: bool = field("Whether nothing more will be carried from there.")
    error: ssl.SSLError | None = field(
        "Why it ended, unless the peer said that it would. Close, once everything is written.",
        default=None,
    )


def versions(context: ssl.SSLContext) -> tuple[str, ...]:
    """The versions of TLS that a context allows, the newest first: ``TLS(*versions(context))``.

    Those before 1.2 are not among them (RFC 8996).
    """
    least, most = context.minimum_version, context.maximum_version
    return tuple(
        name
        for name, (version, excluding) in _VERSIONS.items()
        if (least < 0 or least <= version)
        and (most is ssl.TLSVersion.MAXIMUM_SUPPORTED or version <= most)
        and not context.options & excluding
    )


@final
class TLSLayer:
    """TLS on a connection that has switched to it.

    :param event: the ``Accept101`` that is sent, for the server's end; or the ``Switched`` that was
        received, for the client's.
    :param context: for that end. Whom it trusts and what it shows is yours to set up; where it has
        ALPN, for ``http/1.1`` and nothing else.
    :param server_hostname: whose certificate a client expects.
    :param trailing_data: what came after the request or the 101, of which there must be nothing.

    Write what :meth:`begin` returns, then give everything that arrives to :meth:`receive_data`.

    Raises :class:`ValueError` where no TLS was agreed on, where the context does not allow the
    version that was agreed on, for a context that checks a host's name and has none to check, and
    for trailing data: no handshake was begun before the 101, so it
    is not part of one. Close then.
    """

    def __init__(
        self,
        event: Accept101 | Switched,
        context: ssl.SSLContext,
        *,
        server_hostname: str | None = None,
        trailing_data: bytes = b"",
    ) -> None:
        agreement = event.agreement
        if not isinstance(agreement, TLSAgreement):
            raise ValueError(f"{event.token} was agreed on, and no TLS")
        if agreement.version not in versions(context):
            raise ValueError(f"the context does not allow TLS {agreement.version}")
        if trailing_data:
            raise ValueError("octets are there that no handshake has asked for")
        is_server = isinstance(event, Accept101)
        if not is_server and context.check_hostname and not server_hostname:
            # wrap_bio() would take it for leave to compare nothing.
            raise ValueError("a client that checks the host's name says which: server_hostname")
        self._arrived = ssl.MemoryBIO()
        self._unsent = ssl.MemoryBIO()
        self.ssl_object: Final = context.wrap_bio(
            self._arrived, self._unsent, server_side=is_server, server_hostname=server_hostname
        )
        """For certificates, ciphers and the like. Do not read from it or write to it."""
        self.request: Final = _request_of(event)
        """At the server's end, the request that asked for TLS, without its offer. Answer it first,
        inside (RFC 2817 3.3). At the client's, None: its answer is the first that arrives."""
        self._allowed = versions(context)
        self._outgoing = bytearray()
        self._complete = False
        self._ended = False
        self._at_end = False
        self._closed = False
        self._error: ssl.SSLError | None = None

    @property
    def version(self) -> str | None:
        """The version that the handshake has agreed on, ``"1.3"``; None before it is complete.

        It may be another one than the 101 names: the 101 says that TLS begins, and the handshake,
        which no intermediary can change, what it is. Both are versions that the context allows.
        """
        return self._negotiated() if self._complete else None

    def begin(self) -> bytes:
        """The records to write first: a client's hello; a server has none."""
        return self._go_on().records

    def receive_data(self, records: bytes) -> Carried:
        """Take records, or ``b""`` at end of file.

        Raises :class:`LocalProtocolError` after end of file.
        """
        if self._at_end:
            raise LocalProtocolError("records after the end of file")
        if records:
            self._arrived.write(records)
            return self._go_on()
        self._at_end = True
        if not self._ended:
            # No word of the peer's (RFC 8446 6.1), though OpenSSL may be set up to take it for one.
            self._ended = True
            self._error = ssl.SSLEOFError("the connection ended, and the peer had not said so")
        return self._go_on()

    def send(self, data: bytes) -> bytes:
        """Have data carried: the records to write.

        What is sent before the handshake is complete is carried when it is, in the records that
        :meth:`receive_data` returns then. Raises :class:`LocalProtocolError` after :meth:`close`
        and after an error.
        """
        if self._closed or self._error is not None:
            raise LocalProtocolError("nothing more is carried")
        self._outgoing += data
        if self._complete:
            self._flush()
        return self._unsent.read()

    def close(self) -> bytes:
        """Say that no more follows: the records to write. What still arrives is read."""
        if self._complete and self._error is None and not self._closed:
            with suppress(
                ssl.SSLError
            ):  # the peer's word, which need not be awaited (RFC 8446 6.1)
                self.ssl_object.unwrap()
        self._closed = True
        return self._unsent.read()

    def _go_on(self) -> Carried:
        data = bytearray()
        if not self._ended:
            try:
                self._advance(data)
                self._ended = True
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLZeroReturnError:  # after a close of ours
                self._ended = True
            except ssl.SSLError as error:
                self._ended = True
                self._error = error
        return Carried(bytes(data), self._unsent.read(), self._ended, self._error)

    def _advance(self, data: bytearray) -> None:
        """Read until more records are wanted, which is an exception, or until the peer's end."""
        if not self._complete:
            self.ssl_object.do_handshake()
            self._check_agreed()
            self._complete = True
            if not self._closed:
                self._flush()
        while piece := self.ssl_object.read(_READ):
            data += piece

    def _check_agreed(self) -> None:
        inside = self.ssl_object.selected_alpn_protocol()
        if self._negotiated() not in self._allowed or inside not in _INSIDE:
            raise ssl.SSLError(f"TLS {self._negotiated()} with {inside} inside was not agreed on")

    def _negotiated(self) -> str:
        return (self.ssl_object.version() or "").removeprefix("TLSv")

    def _flush(self) -> None:
        with suppress(ssl.SSLWantReadError):  # the peer has begun another handshake
            while self._outgoing:
                del self._outgoing[: self.ssl_object.write(self._outgoing)]


def _request_of(event: Accept101 | Switched) -> RequestHead | None:
    if isinstance(event, Switched) or event.head is None:
        return None
    return Passthrough(event.head, event.head.raw or b"").without_upgrade().head
