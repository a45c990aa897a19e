"""Whose handshakes a server takes: which pages may open a connection, and by which names of it.

The law of this file: Origin and Host, compared as RFC 6454 and RFC 6455 10.2 have it, and nothing
else of a handshake. Whatever cannot be compared is not allowed.
"""

from collections.abc import Iterable
from typing import Literal, final

from .. import _grammar
from .._authority import (
    DEFAULT_PORTS,
    Authority,
    Origin,
    parse_authority,
    parse_origin,
    request_authority,
)
from .._findings import Finding, find
from .._messages import RequestHead, fault


@final
class Admission:
    """The origins and hosts of an offer; its parameters are those of :class:`WebSocket`.

    Raises :class:`ValueError` for entries that can match nothing.

    :ivar compares: whether there is anything that a handshake could be refused for, but an Origin
        that is there twice.
    """

    __slots__ = ("_allow_missing_origin", "_hosts", "_origins", "_same_host", "compares")

    def __init__(
        self,
        origins: "Literal['same-host'] | Iterable[str] | None",
        allow_missing_origin: bool,
        hosts: Iterable[str] | None,
    ) -> None:
        self._origins, self._same_host = _checked_origins(origins)
        self._allow_missing_origin = allow_missing_origin
        self._hosts = _checked_hosts(hosts)
        self.compares = self._origins is not None or self._hosts is not None

    def check(self, head: RequestHead, faults: list[Finding], *, secure: bool) -> None:
        """Add what keeps this handshake out."""
        self._check_origin(head, secure, faults)
        if self._hosts is not None:
            _check_host(head, self._hosts, secure, faults)

    def _check_origin(self, head: RequestHead, secure: bool, faults: list[Finding]) -> None:
        field = "Sec-WebSocket-Origin" if _is_of_draft(head) else "Origin"
        lines = head.get_all(field.encode())
        if len(lines) > 1:
            faults.append(fault(head, "origin-repeated", field, 1))
        elif self._origins is None:
            return
        elif not lines:
            if not self._allow_missing_origin:
                faults.append(find("origin-missing", field="Origin"))
        elif not self._allows_origin(lines[0], head, secure):
            faults.append(fault(head, "origin-not-allowed", field))

    def _allows_origin(self, value: bytes, head: RequestHead, secure: bool) -> bool:
        assert self._origins is not None
        if value == b"null":  # RFC 6454 6.2: an origin that equals no other, not even another null
            return None in self._origins
        origin = parse_origin(value)
        if origin is None:
            return False
        if origin in self._origins:
            return True
        authority = request_authority(head)
        return self._same_host and authority is not None and _is_at(origin, authority, secure)


def _is_of_draft(head: RequestHead) -> bool:
    """Whether the client sends Sec-WebSocket-Origin in place of Origin.

    Browsers that speak versions before 13 do (draft-ietf-hybi-thewebsocketprotocol-10 4.1).
    """
    if head.has(b"origin") or not head.has(b"sec-websocket-origin"):
        return False
    version = head.get(b"sec-websocket-version") or b""
    return _grammar.WEBSOCKET_VERSION.fullmatch(version) is not None and int(version) < 13


def _check_host(
    head: RequestHead, hosts: tuple[Authority, ...], secure: bool, faults: list[Finding]
) -> None:
    authority = request_authority(head)
    if authority is None:
        faults.append(fault(head, "host-not-allowed", "Host"))
    elif not any(_is_among(authority, each, secure) for each in hosts):
        if head.target == b"*" or head.target.startswith(b"/"):
            faults.append(fault(head, "host-not-allowed", "Host"))
        else:
            offset = len(head.method) + 1
            faults.append(find("host-not-allowed", value=head.target, offset=offset))


def _is_at(origin: Origin, authority: Authority, secure: bool) -> bool:
    """Whether a page of this origin came from this host and port.

    On a cleartext connection, a Host without a port means the default port of the page's scheme:
    behind a proxy that ends TLS, the page is https although this connection is not. Only pages
    that came over HTTP have a host to compare.
    """
    # RFC 9112 3.3: inside TLS the target is https, and a page that came without TLS is elsewhere.
    schemes = (b"https",) if secure else (b"http", b"https")
    if origin.scheme not in schemes or origin.host != authority.host:
        return False
    if authority.port is not None:
        return origin.port == authority.port
    return origin.port == DEFAULT_PORTS[origin.scheme]


def _is_among(authority: Authority, allowed: Authority, secure: bool) -> bool:
    default = DEFAULT_PORTS[b"https" if secure else b"http"]
    if allowed.port not in (None, default if authority.port is None else authority.port):
        return False
    if allowed.host.startswith(b"."):
        return authority.host == allowed.host[1:] or authority.host.endswith(allowed.host)
    return authority.host == allowed.host


def _checked_origins(
    origins: "Literal['same-host'] | Iterable[str] | None",
) -> tuple[frozenset[Origin | None] | None, bool]:
    """The origins, ``null`` as None, and whether the request's own host is allowed as well."""
    if origins is None:
        return None, False
    if isinstance(origins, str) and origins != "same-host":
        raise ValueError("origins is None, 'same-host' or a sequence of origins")
    listed = frozenset((origins,) if isinstance(origins, str) else origins)
    checked: set[Origin | None] = set()
    for each in listed - {"same-host"}:
        origin = None if each == "null" else parse_origin(each.encode("ascii", "replace"))
        if (origin is None and each != "null") or "*" in each:
            raise ValueError(f"not an origin (RFC 6454 6.2): {each!r}")
        checked.add(origin)
    return frozenset(checked), "same-host" in listed


def _checked_hosts(hosts: Iterable[str] | None) -> tuple[Authority, ...] | None:
    if hosts is None:
        return None
    if isinstance(hosts, str):
        raise ValueError("hosts is a sequence of strings, not one string")
    checked = []
    for each in hosts:
        authority = parse_authority(each.encode("ascii", "replace"))
        if authority is None or authority.host in (b"", b".") or "*" in each:
            raise ValueError(f"not a host with an optional port: {each!r}")
        checked.append(authority)
    return tuple(checked)
