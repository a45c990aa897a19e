"""Connections for a probe: blocking sockets, whose every wait ends at one deadline.

Rules for this module: a failure is an :class:`UnreachedError` with a finding; after the request has
gone out, it is the end of the connection or a :class:`TimeoutError`. Certificates are verified with
the store of the system, unless it is told otherwise.
"""

import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, final

from ... import (
    NEED_DATA,
    ClientNegotiator,
    Code,
    Interim,
    OrdinaryResponse,
    RemoteProtocolError,
    RequestHead,
)
from ..._http1.findings import make_finding
from ..._http1.received_lines import escape_octets
from . import finding_codes as codes
from .outcomes import Unreached
from .place import Place, bracketed

_READ: Final = 65536
# OpenSSL's names for what is said of octets that are no TLS.
_NO_TLS: Final = frozenset(("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL"))


class UnreachedError(Exception):
    """No request can go out."""

    def __init__(self, code: Code, says: str = "") -> None:
        super().__init__(code.name)
        self.unreached: Final = Unreached(make_finding(code), says)


@final
class Deadline:
    """When a step has to be done."""

    def __init__(self, seconds: float) -> None:
        self._end: Final = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left. Raises :class:`TimeoutError` if there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def at_most(self, seconds: float) -> "Deadline":
        """The same, or an earlier one."""
        return Deadline(max(0.0, min(seconds, self._end - time.monotonic())))


@final
class Line:
    """A connection to the server, inside TLS if that was asked for.

    :param address: of the server; empty through a proxy.
    """

    def __init__(self, own: socket.socket, deadline: Deadline, address: str) -> None:
        self._socket: Final = own
        self._has_read = False
        self.deadline = deadline
        self.address: Final = address

    @property
    def chosen(self) -> str | None:
        """What ALPN has chosen."""
        is_secure = isinstance(self._socket, ssl.SSLSocket)
        return self._socket.selected_alpn_protocol() if is_secure else None  # type: ignore[attr-defined]

    def write(self, octets: bytes) -> None:
        """Write. What the server said before it closed can still be read."""
        self._socket.settimeout(self.deadline.left())
        with suppress(ConnectionError, ssl.SSLError):
            self._socket.sendall(octets)

    def read(self) -> bytes:
        """What comes next; nothing at the end. Raises :class:`TimeoutError`."""
        self._socket.settimeout(self.deadline.left())
        octets = b""
        try:
            octets = self._socket.recv(_READ)
        except ssl.SSLError as error:
            if not self._has_read:  # an alert after the handshake, as TLS 1.3 sends them
                raise UnreachedError(codes.TLS_HANDSHAKE_FAILED, _reason(error)) from None
        except TimeoutError:
            raise
        except OSError:
            pass  # of the network, or of the other end: no more comes
        self._has_read = True
        return octets


@final
class Trust:
    """What is taken for a certificate.

    :param verify: False takes every one.
    :param authorities: a file of certificates in PEM to trust in the place of the system's.

    Raises :class:`OSError` for a file that cannot be read.
    """

    def __init__(self, *, verify: bool = True, authorities: str | None = None) -> None:
        self._verify: Final = verify
        self._authorities: Final = authorities
        self._contexts: Final[dict[bool, ssl.SSLContext]] = {}
        if authorities is not None:
            self._context(http2=False)

    def _context(self, *, http2: bool) -> ssl.SSLContext:
        """Made when it is needed, because the system's store takes time to read."""
        context = self._contexts.get(http2)
        if context is None:
            context = ssl.create_default_context(cafile=self._authorities)
            if not self._verify:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            context.set_alpn_protocols(["h2", "http/1.1"] if http2 else ["http/1.1"])
            self._contexts[http2] = context
        return context

    def wrap(
        self, own: socket.socket, host: str, deadline: Deadline, *, http2: bool
    ) -> ssl.SSLSocket:
        """Begin TLS. Raises :class:`UnreachedError`."""
        context = self._context(http2=http2)
        try:
            own.settimeout(deadline.left())
            return context.wrap_socket(own, server_hostname=host)
        except ssl.SSLCertVerificationError as error:
            says = error.verify_message.rstrip(".")
            raise UnreachedError(codes.CERTIFICATE_NOT_VALID, says) from None
        except (ssl.SSLEOFError, ConnectionError):
            says = "the connection was closed during the handshake"
            raise UnreachedError(codes.TLS_HANDSHAKE_FAILED, says) from None
        except ssl.SSLError as error:
            is_other = error.reason in _NO_TLS
            code = codes.TLS_NOT_SPOKEN if is_other else codes.TLS_HANDSHAKE_FAILED
            raise UnreachedError(code, _reason(error)) from None
        except TimeoutError:
            says = "no answer to the beginning of TLS in time"
            raise UnreachedError(codes.TLS_HANDSHAKE_FAILED, says) from None


@final
class Dialer:
    """Connects to the server of a URL, each time anew.

    :param proxy: to go through, with HTTP CONNECT.
    :param timeout: seconds for each connection with what goes over it.
    """

    def __init__(self, trust: Trust, proxy: Place | None, timeout: float) -> None:
        self._trust: Final = trust
        self._proxy: Final = proxy
        self.timeout: Final = timeout

    @contextmanager
    def connect(self, place: Place, *, http2: bool = False) -> Iterator[Line]:
        """A connection, until the block ends. Raises :class:`UnreachedError`."""
        deadline = Deadline(self.timeout)
        nearest = self._proxy or place
        own, address = _open(nearest.host, nearest.port, deadline)
        try:
            if self._proxy is not None:
                _ask_proxy(Line(own, deadline, address), place, self._proxy)
                address = ""  # which the proxy alone knows
            if place.secure:
                own = self._trust.wrap(own, place.host, deadline, http2=http2)
            yield Line(own, deadline, address)
        finally:
            own.close()

    def verify(self, place: Place) -> Unreached | None:
        """Why no connection comes about; None if one does."""
        try:
            with self.connect(place):
                return None
        except UnreachedError as error:
            return error.unreached


def _open(host: str, port: int, deadline: Deadline) -> tuple[socket.socket, str]:
    """Connect to the first address that answers, which is returned as well."""
    refused = ""
    failure = "no answer in time"
    for family, kind, number, _, address in _resolve(host, port, deadline):
        shown = f"{bracketed(address[0])}:{port}"
        own = socket.socket(family, kind, number)
        try:
            own.settimeout(deadline.left())
            own.connect(address)
        except ConnectionRefusedError:
            own.close()
            refused = shown
        except OSError as error:
            own.close()
            failure = failure if isinstance(error, TimeoutError) else _words(error)
        else:
            return own, shown
    if refused:
        raise UnreachedError(codes.CONNECTION_REFUSED, refused)
    raise UnreachedError(codes.HOST_UNREACHABLE, failure)


def _resolve(host: str, port: int, deadline: Deadline) -> list[Any]:
    """The addresses of a name, as ``socket.getaddrinfo()`` gives them, which knows no deadline."""
    found: list[Any] = []
    failure: list[OSError] = []

    def ask() -> None:
        try:
            found.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            failure.append(error)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(deadline.left())
    if failure:
        raise UnreachedError(codes.HOST_UNKNOWN, _words(failure[0]))
    if not found:
        raise UnreachedError(codes.HOST_UNKNOWN, "no answer of the DNS in time")
    return found


def _ask_proxy(line: Line, place: Place, proxy: Place) -> None:
    """Have a proxy open a tunnel (RFC 9110 9.3.6)."""
    # With its port, whichever it is: a target in authority-form has one.
    authority = f"{bracketed(place.host)}:{place.port}".encode("ascii")
    fields = [(b"Host", authority)]
    if proxy.credentials:
        fields.append((b"Proxy-Authorization", proxy.credentials.encode("ascii")))
    negotiator = ClientNegotiator.forwarding(RequestHead(b"CONNECT", authority, fields))
    try:
        line.write(negotiator.send_request())
        event = negotiator.next_event()
        while event is NEED_DATA or isinstance(event, Interim):
            if event is NEED_DATA:
                negotiator.receive_data(line.read())
            event = negotiator.next_event()
    except RemoteProtocolError as error:
        raise UnreachedError(codes.PROXY_REFUSED_CONNECT, error.finding.message) from None
    except TimeoutError:
        raise UnreachedError(
            codes.PROXY_REFUSED_CONNECT, "no answer of the proxy in time"
        ) from None
    if not isinstance(event, OrdinaryResponse):
        raise UnreachedError(codes.PROXY_REFUSED_CONNECT, "it closed the connection")
    if not 200 <= event.head.status_code <= 299:
        reason = escape_octets(event.head.reason)
        says = f"it answered {event.head.status_code} {reason}".rstrip(" ")
        raise UnreachedError(codes.PROXY_REFUSED_CONNECT, says)


def _words(error: OSError) -> str:
    """What the system says of an error."""
    return error.strerror or os.strerror(error.errno or 0)


def _reason(error: ssl.SSLError) -> str:
    """OpenSSL's name for it, in words: ``tlsv1 alert protocol version``."""
    return (error.reason or "unknown").replace("_", " ").lower()
