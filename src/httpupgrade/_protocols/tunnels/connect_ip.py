"""IP through HTTP (RFC 9484)."""

from types import NoneType
from typing import Final, final

from ..._http1 import grammar
from ..._http1.arguments import require, require_number
from ..._http1.authority import ipv4_number, ipv6_number, is_bare_host
from ..._http1.field_values import UpgradeToken
from ..._http1.lazy_pattern import lazy_pattern
from ..._http1.values import Value, field
from .tunnel import CONNECT_IP, Tunnel, Variables
from .uri_template import UriTemplate

_TARGET: Final = "target"
_PROTOCOL: Final = "ipproto"
_ANY: Final = b"*"
# RFC 9484 4.6: 1*3DIGIT
SMALL_NUMBER: Final = lazy_pattern(rb"[0-9]{1,3}")


@final
class IPTunnelAgreement(Value):
    """What a tunnel of IP packets is for (RFC 9484 4.6)."""

    __slots__ = __match_args__ = ()
    _hidden = ("target",)

    target: str | None = field(
        "A name, an address, or an address with a slash and the length of its prefix; None: any."
    )
    ipproto: int | None = field("The IP protocol, 0 to 255; None: any.")
    variables: tuple[tuple[str, bytes], ...] = field("The template's other variables, decoded.")
    announces_capsules: bool = field(
        "Whether the client sent ``Capsule-Protocol: ?1``. It speaks capsules in any case."
    )


class ConnectIP(Tunnel):
    """The offer of a tunnel for IP packets, inside TLS alone (RFC 9484 4).

    :param template: where the service is, from the path on; ``{target}`` and ``{ipproto}`` may
        stand in it.

    The agreement is an :class:`IPTunnelAgreement`. Look a name up before you send the 101, and
    send ``Reject(502)`` in its place when that fails (RFC 9484 4.1). Octets that arrive before
    the 101 are answered with 400 (RFC 9931 6.4).

    Raises :class:`ValueError` for what is no such template.
    """

    __slots__ = ()

    def __init__(self, template: str = "/.well-known/masque/ip/{target}/{ipproto}/") -> None:
        super().__init__(UriTemplate(template), CONNECT_IP)

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (CONNECT_IP,) if secure else ()

    def _agree(self, variables: Variables, capsules: bool) -> IPTunnelAgreement | None:
        target, ipproto = (variables.pop(name, _ANY) for name in (_TARGET, _PROTOCOL))
        if not (_is_scope(target) and _is_protocol(ipproto)):
            return None
        return IPTunnelAgreement(
            None if target == _ANY else target.decode("ascii"),
            None if ipproto == _ANY else int(ipproto),
            tuple(variables.items()),
            capsules,
        )

    def _example_target(self) -> bytes:
        return self.request_target()

    def request_target(
        self, target: str | None = None, ipproto: int | None = None, /, **variables: str
    ) -> bytes:
        """What a client's request addresses (RFC 9484 4.6); None: any.

        :param variables: the template's others; those that are not given are undefined.

        Raises :class:`ValueError` for what the template does not have.
        """
        require("target is a str or None", target, (str, NoneType))
        if ipproto is not None:
            require_number("ipproto", ipproto)
        known = {
            _TARGET: "*" if target is None else target,
            _PROTOCOL: "*" if ipproto is None else str(ipproto),
        }
        # A template without them has a server that leaves no choice.
        given = {
            name: value
            for name, value in known.items()
            if value != "*" or name in self._template.names
        }
        return self._template.expand(given, variables)


def _is_scope(target: bytes) -> bool:
    """RFC 9484 4.6: target = IPv6prefix / IPv4prefix / reg-name / "*" """
    address, slash, length = target.partition(b"/")
    if not slash:
        return is_bare_host(target)  # "*" is a name by its octets
    number, bits, digits = ipv4_number(address), 32, 2
    if number is None:
        number, bits, digits = ipv6_number(address), 128, 3
    if number is None or grammar.DIGITS.fullmatch(length) is None or len(length) > digits:
        return False
    # Bits that the prefix does not cover MUST be 0.
    return int(length) <= bits and number % 2 ** (bits - int(length)) == 0


def _is_protocol(ipproto: bytes) -> bool:
    """RFC 9484 4.6: ipproto = 1*3DIGIT / "*" """
    if ipproto == _ANY:
        return True
    return SMALL_NUMBER.fullmatch(ipproto) is not None and int(ipproto) <= 255
