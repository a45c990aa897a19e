"""Where to probe: a URL, read with care.

Rules for this module: no I/O. What a URL holds of user name, password and query is sent and never
shown; a message about a URL that cannot be read does not repeat it.
"""

from base64 import b64encode
from typing import Final, final
from urllib.parse import SplitResult, quote, unquote_to_bytes, urlsplit

from ..._http1.authority import parse_authority
from ..._http1.values import Value, field
from ..exits import CommandError

_PORTS: Final = {"ws": 80, "http": 80, "wss": 443, "https": 443}
_SECURE: Final = frozenset(("wss", "https"))
# RFC 3986 3.3, 3.4: what may stand in a path and a query, "%" for what is encoded already.
_OF_PATHS: Final = "/%:@!$&'()*+,;=-._~"
_OF_QUERIES: Final = _OF_PATHS + "?"


@final
class Place(Value):
    """A server, and what to ask it for."""

    __slots__ = __match_args__ = ()
    _hidden = ("query", "credentials")

    scheme: str = field('"ws", "wss", "http" or "https".')
    host: str = field("A name in ASCII or an address, IPv6 without brackets.")
    port: int = field("The port.")
    path: str = field("The path, in ASCII.", default="/")
    query: str = field("The query, without its question mark.", default="")
    credentials: str = field("User name and password as HTTP's Basic has them.", default="")

    @property
    def secure(self) -> bool:
        """Whether TLS comes first."""
        return self.scheme in _SECURE

    @property
    def authority(self) -> str:
        """Host and port, as the Host field has them: without the default port of the scheme."""
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return bracketed(self.host) + port

    @property
    def origin(self) -> str:
        """The origin of a page of this server (RFC 6454 6.2)."""
        return f"{'https' if self.secure else 'http'}://{self.authority}"

    @property
    def target(self) -> bytes:
        """The request target."""
        return f"{self.path}{'?' if self.query else ''}{self.query}".encode("ascii")

    def with_query(self, parameter: str) -> bytes:
        """The request target with one more parameter in its query."""
        joined = f"{self.query}&{parameter}" if self.query else parameter
        return self.replace(query=joined).target

    def shown(self, *, query: bool = False) -> str:
        """The URL for people, without user name and password, and without what its query is."""
        bare = f"{self.scheme}://{self.authority}{self.path}"
        if not self.query:
            return bare
        return f"{bare}?{self.query if query else '...'}"


def bracketed(host: str) -> str:
    """A host as it stands beside a port."""
    return f"[{host}]" if ":" in host else host


def read_url(url: str) -> Place:
    """Read a URL to probe. Raises :class:`CommandError`."""
    split = _split(url)
    scheme = split.scheme.lower()
    if scheme not in _PORTS:
        raise CommandError("the URL has to begin with wss://, ws://, https:// or http://")
    if "#" in url:
        raise CommandError("the URL has a fragment, which no request carries (RFC 6455 3)")
    host, port = _host_and_port(split, _PORTS[scheme])
    path = quote(split.path or "/", safe=_OF_PATHS)
    query = quote(split.query, safe=_OF_QUERIES)
    return Place(scheme, host, port, path, query, _credentials(split))


def read_proxy(url: str) -> Place:
    """Read the URL of a proxy, of which the path does not count. Raises :class:`CommandError`."""
    try:
        split = _split(url)
        if split.scheme.lower() != "http":
            raise CommandError("it begins with http://: no other proxy is spoken to")
        host, port = _host_and_port(split, 80)
    except CommandError as error:
        raise CommandError(f"--proxy: {error}") from None
    return Place("http", host, port, credentials=_credentials(split))


def _split(url: str) -> SplitResult:
    # urlsplit() would drop line ends and tabs in silence.
    if any(character <= " " or character == "\x7f" for character in url):
        raise CommandError("the URL holds a space or a control character")
    # As Python has octets of an argument that are not UTF-8.
    if any("\ud800" <= character <= "\udfff" for character in url):
        raise CommandError("the URL is not UTF-8")
    try:
        return urlsplit(url)
    except ValueError:
        raise CommandError("the URL cannot be read: is its address in brackets?") from None


def _host_and_port(split: SplitResult, default: int) -> tuple[str, int]:
    try:
        port = default if split.port is None else split.port
    except ValueError:
        raise CommandError("the port of the URL is not a number from 1 to 65535") from None
    if port == 0:
        raise CommandError("the port of the URL is not a number from 1 to 65535")
    name = split.hostname or ""
    try:
        # Of a name in ASCII, IDNA checks the length of labels.
        host = name.encode("ascii" if ":" in name else "idna").decode("ascii")
    except UnicodeError:
        raise CommandError("the host of the URL is no name that the DNS can hold") from None
    if not host or parse_authority(bracketed(host).encode("ascii")) is None:
        raise CommandError("the URL has no host, or one that is no name and no address")
    return host, port


def _credentials(split: SplitResult) -> str:
    if split.username is None:
        return ""
    user, password = unquote_to_bytes(split.username), unquote_to_bytes(split.password or "")
    return "Basic " + b64encode(user + b":" + password).decode("ascii")
