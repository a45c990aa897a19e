"""Mutants of the protocols that no test can notice, each with the reason."""

from typing import Final

_IP: Final = "_protocols/tunnels/connect_ip.py"
_TUNNEL: Final = "_protocols/tunnels/tunnel.py"
_POP: Final = 'host, port = variables.pop(_HOST, b""), variables.pop(_PORT, b"")'

_H2C: Final = "_protocols/h2c.py"
_TEMPLATE: Final = "_protocols/tunnels/uri_template.py"
_BIG: Final = "big is what int.from_bytes() takes by default since Python 3.11"
_ENDS: Final = 'return octets[:1] not in (b"?", b"&") and _ends(_Variable(("",)), following)'

EQUIVALENT: Final[dict[str, str]] = {
    f'{_H2C} _parse_settings: int.from_bytes(payload[place : place + 2], "big"),'
    " -> int.from_bytes(payload[place : place + 2], ),": _BIG,
    f'{_H2C} _parse_settings: int.from_bytes(payload[place + 2 : place + 6], "big"),'
    " -> int.from_bytes(payload[place + 2 : place + 6], ),": _BIG,
    f"{_TEMPLATE} UriTemplate.__init__: for part, following in"
    " zip(self._parts, self._parts[1:], strict=False):"
    " -> for part, following in zip(self._parts, self._parts[1:], ):": (
        "zip() is not strict by default"
    ),
    f"{_TEMPLATE} _ends: {_ENDS}"
    " -> " + _ENDS.replace('(("",))', '(("XXXX",))'): "the name of that variable is not read",
    f'{_IP} _is_scope: address, slash, length = target.partition(b"/")'
    ' -> address, slash, length = target.rpartition(b"/")': (
        "a target with two slashes is refused both ways: no address and no length holds a slash"
    ),
    f"{_TUNNEL} HostTunnel._agree: {_POP}"
    ' -> host, port = variables.pop(_HOST, b""), variables.pop(_PORT, b"XXXX")': (
        "what stands for a port that is not there has to be none, and neither is one"
    ),
    f'{_TUNNEL} _announces_capsules: lines = head.get_all(b"capsule-protocol")'
    ' -> lines = head.get_all(b"CAPSULE-PROTOCOL")': "a field is found by its name in any case",
    f"{_TUNNEL} Tunnel._agreement: answer = self.negotiate(request, self._token, secure=True)"
    " -> answer = self.negotiate(request, self._token, secure=False)": (
        "TLS decides which tokens are offered, and nothing in the negotiation of a tunnel"
    ),
}
