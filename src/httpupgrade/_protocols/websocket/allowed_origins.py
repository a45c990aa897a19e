"""Origins, and which of them may connect (RFC 6454, RFC 6455 10.2).

Rules for this module: an entry that can match nothing is refused when it is given. What is not an
origin is never allowed, and never reaches a callable.
"""

from collections.abc import Callable, Iterable
from types import MappingProxyType
from typing import Final, Literal, final

from ..._http1 import grammar
from ..._http1.arguments import items, require_flag, require_plain_function
from ..._http1.authority import Authority, is_host
from ..._http1.copying import Pickled
from ..._http1.heads import RequestHead
from ..._http1.lazy_pattern import lazy_pattern
from ..._http1.redaction import show_fields
from ..._http1.request_facts import facts_of
from ..._http1.values import Value, field

DEFAULT_PORTS: Final = MappingProxyType({b"http": 80, b"https": 443, b"ws": 80, b"wss": 443})


# RFC 6454 6.2: ascii serialisation of an origin = scheme "://" host [ ":" port ]
ORIGIN: Final = lazy_pattern(
    rb"(" + grammar.RAW_SCHEME + rb")://(" + grammar.RAW_HOST + rb")(?::([0-9]{1,5})|)"
)


@final
class Origin(Value):
    """The origin that a page has, as its browser sent it (RFC 6454 6.2).

    ``str()`` of it is the usual spelling: ``https://app.example``, ``file://``, ``null``.
    """

    __slots__ = __match_args__ = ()

    scheme: bytes = field('In lower case: ``b"https"``, ``b"file"``. Empty for ``null``.')
    host: bytes = field(
        "In lower case, an IPv6 address in brackets. Empty for ``null`` and ``file://``."
    )
    port: int | None = field(
        "Also where it is the scheme's default; None where there is none: ``null``, ``file://``, "
        "``tauri://localhost``."
    )

    def __repr__(self) -> str:
        return show_fields(self, field="Origin")

    @property
    def is_null(self) -> bool:
        """Whether this is ``null``: a sandboxed or local page, or one that hides its origin.

        Any page can make a frame with this origin, so it proves nothing.
        """
        return not self.scheme

    def __str__(self) -> str:
        if self.is_null:
            return "null"
        shown = f"{self.scheme.decode('ascii')}://{self.host.decode('ascii')}"
        if self.port in (None, DEFAULT_PORTS.get(self.scheme)):
            return shown
        return f"{shown}:{self.port}"


_NULL: Final = Origin(b"", b"", None)
_FILE: Final = Origin(b"file", b"", None)


OriginCheck = Callable[[Origin, RequestHead], bool]
"""Says whether pages of an origin may connect, knowing the whole request."""
OriginsLike = Literal["same-host"] | Iterable[str] | OriginCheck

_SAME_HOST: Final = "same-host"
_WILDCARD: Final = "://*."
_DIGITS: Final = b"0123456789"
_HEX_DIGITS: Final = b"0123456789abcdef"
_LABEL_OCTETS: Final = b"-0123456789_abcdefghijklmnopqrstuvwxyz"


def parse_origin(value: bytes) -> Origin | None:
    """``scheme://host``, ``scheme://host:port``, ``file://`` or ``null``; None for anything else.

    Browsers write ``null`` in lower case, and it is compared as octets. Of all schemes, only
    ``file`` may have no host.
    """
    if value == b"null":
        return _NULL
    match = ORIGIN.fullmatch(value)
    if match is None or not is_host(match[2]):
        return None
    scheme = match[1].lower()
    if not match[2]:
        return _FILE if scheme == _FILE.scheme and match[3] is None else None
    port = int(match[3]) if match[3] else DEFAULT_PORTS.get(scheme)
    if port is not None and port > 65535:
        return None
    return Origin(scheme, match[2].lower(), port)


@final
class AllowedOrigins(Pickled):
    """The origins that an offer lets in; the parameter is that of :class:`WebSocket`.

    Raises :class:`ValueError` for entries that can match nothing, and :class:`TypeError` for what
    is not a string.

    :ivar asks: whether a callable is asked.
    :ivar compares_host: whether the origin may be that of the request's host.
    """

    __slots__ = ("_check", "_listed", "_subdomains", "asks", "compares_host")

    def __init__(self, origins: OriginsLike) -> None:
        self._check: OriginCheck | None = None
        self._listed: frozenset[Origin] = frozenset()
        self._subdomains: tuple[Origin, ...] = ()
        self.compares_host = False
        self.asks = callable(origins)
        if callable(origins):
            require_plain_function("origins is a function that returns a bool", origins)
            self._check = origins
            return
        if isinstance(origins, str) and origins != _SAME_HOST:
            raise ValueError("origins is None, 'same-host', a sequence of origins or a callable")
        given = (origins,) if isinstance(origins, str) else origins
        entries = items("origins", given, str, "strings")
        self.compares_host = _SAME_HOST in entries
        others = [each for each in entries if each != _SAME_HOST]
        self._listed = frozenset(_read_origin(each) for each in others if _WILDCARD not in each)
        self._subdomains = tuple(_read_pattern(each) for each in others if _WILDCARD in each)

    def allows(self, value: bytes, head: RequestHead, *, secure: bool) -> bool:
        """Whether pages of the origin that this field value names may connect.

        Raises :class:`TypeError` when the callable returns anything but a bool.
        """
        origin = parse_origin(value)
        if origin is None:
            return False
        if self._check is not None:
            allowed = self._check(origin, head)
            require_flag("what a function for origins returns", allowed)
            return allowed
        if self._listed and origin in self._listed:
            return True
        if self._subdomains and any(_is_below(origin, each) for each in self._subdomains):
            return True
        authority = facts_of(head).authority if self.compares_host else None
        return authority is not None and _is_at(origin, authority, secure)


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


def _read_origin(entry: str) -> Origin:
    origin = parse_origin(entry.encode("ascii", "replace"))
    if origin is None or "*" in entry:
        raise ValueError(f"not an origin (RFC 6454 6.2): {entry!r}")
    return origin


def _is_below(origin: Origin, pattern: Origin) -> bool:
    """Whether the host is one or more whole labels in front of that of the pattern."""
    scheme, host, port = origin._values
    of_scheme, suffix, of_port = pattern._values
    is_like_it = scheme == of_scheme and port == of_port and host.endswith(suffix)
    return is_like_it and _are_labels(host[: -len(suffix)])


def _read_pattern(entry: str) -> Origin:
    """``scheme://*.name``, perhaps with a port, as an origin whose host begins with the dot.

    The name is not an address: browsers read a host whose last label is a number as one.
    """
    below = parse_origin(entry.replace(_WILDCARD, "://", 1).encode("ascii", "replace"))
    if below is None or not _are_labels(below.host) or _is_number(below.host.split(b".")[-1]):
        raise ValueError(f"not an origin pattern as in https://*.example.com: {entry!r}")
    return below.replace(host=b"." + below.host)


def _are_labels(dotted: bytes) -> bool:
    """Whether this is one or more labels of a host name, in lower case, none of them empty."""
    return all(label and not label.translate(None, _LABEL_OCTETS) for label in dotted.split(b"."))


def _is_number(label: bytes) -> bool:
    digits = _HEX_DIGITS if label.startswith(b"0x") else _DIGITS
    return not label.removeprefix(b"0x").translate(None, digits)
