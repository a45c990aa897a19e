"""TLS after a 101, both ends, and the certificate that one shows the other.

Rules for this module: of the demo, it alone imports ``ssl``. The two ends do no I/O, and know
nothing of what they carry.
"""

import ssl
from contextlib import suppress
from typing import Final, final

from httpupgrade.cli.serve import certificates
from httpupgrade.cli.serve.roles import Connection

_READ: Final = 65536


@final
class Certificates(certificates.Certificates):
    """What the server of ``httpupgrade serve`` shows, and what others need to believe it."""

    def for_others(self) -> tuple[bytes, bytes]:
        """The certificate, with those that vouch for it, and its key: PEM, for other programs."""
        chain = b"".join(each.bytes() for each in self.leaf.cert_chain_pems)
        return chain, self.leaf.private_key_pem.bytes()

    def for_client(self, *, newest: bool = False) -> ssl.SSLContext:
        """Trusts the authority and no other, and verifies the host; TLS 1.2, or also the newest."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if not newest:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        self.authority.configure_trust(context)
        return context


@final
class SecureLayer:
    """The server's end of TLS, and the connection that it carries.

    That begins when the handshake is complete. A handshake that fails closes, as does the end of
    either.
    """

    def __init__(self, context: ssl.SSLContext, inside: Connection) -> None:
        self._arrived = ssl.MemoryBIO()
        self._unsent = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._arrived, self._unsent, server_side=True)
        self._inside = inside
        self._complete = False
        self._ended = False

    @property
    def closed(self) -> bool:
        """Whether TLS has ended, or what it carries."""
        return self._ended

    def begin(self) -> bytes:
        """Nothing: the client says hello."""
        return b""

    def receive(self, octets: bytes) -> bytes:
        """Take records, and return those to write."""
        if octets:
            self._arrived.write(octets)
        else:
            self._arrived.write_eof()
        try:
            self._advance()
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:  # with an alert, in most cases, that is to be written
            self._ended = True
        return self._unsent.read()

    def _advance(self) -> None:
        """Go on until more octets are wanted, which is an exception, or until the end."""
        if not self._complete:
            self._tls.do_handshake()
            self._complete = True
            _write(self._tls, self._inside.begin())
        while not self._inside.closed and (octets := _read(self._tls)):
            _write(self._tls, self._inside.receive(octets))
        if not self._inside.closed:
            _write(self._tls, self._inside.receive(b""))
        self._ended = True
        self._tls.unwrap()


@final
class SecureClient:
    """The client's end of TLS."""

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        self._arrived = ssl.MemoryBIO()
        self._unsent = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._arrived, self._unsent, server_hostname=host)
        self.complete = False
        """Whether the handshake is."""

    @property
    def version(self) -> str | None:
        """What the handshake agreed on."""
        return self._tls.version()

    def receive(self, octets: bytes) -> bytes:
        """Take records, and return what they carry. None of them begin the handshake.

        Raises :class:`ssl.SSLError` for a handshake that fails.
        """
        self._arrived.write(octets)
        carried = bytearray()
        try:
            if not self.complete:
                self._tls.do_handshake()
                self.complete = True
            while octets := _read(self._tls):
                carried += octets
        except ssl.SSLWantReadError:
            pass
        return bytes(carried)

    def send(self, octets: bytes) -> None:
        """Have them carried."""
        _write(self._tls, octets)

    def end(self) -> None:
        """Say that no more follows."""
        with suppress(ssl.SSLWantReadError):  # the other end says the same, which nobody awaits
            self._tls.unwrap()

    def records_to_send(self) -> bytes:
        """What is to be written."""
        return self._unsent.read()


def _read(tls: ssl.SSLObject) -> bytes:
    """What arrived inside; nothing when the other end has said that no more follows."""
    try:
        return tls.read(_READ)
    except ssl.SSLZeroReturnError:
        return b""


def _write(tls: ssl.SSLObject, octets: bytes) -> None:
    while octets:
        octets = octets[tls.write(octets) :]
