"""Mutants of the protocols that no test can notice, each with the reason."""

from typing import Final

_IP: Final = "_protocols/tunnels/connect_ip.py"
_TUNNEL: Final = "_protocols/tunnels/tunnel.py"
_POP: Final = 'host, port = variables.pop(_HOST, b""), variables.pop(_PORT, b"")'

EQUIVALENT: Final[dict[str, str]] = {
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
