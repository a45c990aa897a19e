"""Mutants of the protocols that no test can notice, each with the reason."""

from typing import Final

_IP: Final = "_protocols/tunnels/connect_ip.py"
_TUNNEL: Final = "_protocols/tunnels/tunnel.py"
_POP: Final = 'host, port = variables.pop(_HOST, b""), variables.pop(_PORT, b"")'

_H2C: Final = "_protocols/h2c.py"
_TEMPLATE: Final = "_protocols/tunnels/uri_template.py"
_BIG: Final = "big is what int.from_bytes() takes by default since Python 3.11"
_ENDS: Final = 'return octets[:1] not in (b"?", b"&") and _ends(_Variable(("",)), following)'
_ANY_CASE: Final = "a field is found by its name in any case"
_SLOWER: Final = "only slower: what is not answered at once is judged with care, and alike"
_STRICT: Final = "two flags and two values: nothing is left over"
_OFFER: Final = "_protocols/websocket/offer.py"
_ADMISSION: Final = "_protocols/websocket/origin_and_host.py"
_DEFLATE: Final = "_protocols/websocket/deflate.py"
_ORIGINS: Final = "_protocols/websocket/allowed_origins.py"
_ACCEPT_KEY: Final = "_protocols/websocket/accept_key.py"
_SHA: Final = (
    "return b2a_base64(hashlib.sha1(keyed, usedforsecurity=False).digest(), newline=False)"
)
_FIPS: Final = "only a system that forbids SHA-1 (FIPS) shows the difference"
_KNOWN: Final = "known = self._usual_answers.get(offers) or self._remembered_answer(offers)"
_BELOW: Final = (
    'below = parse_origin(entry.replace(_WILDCARD, "://", {}).encode("ascii", "replace"))'
)
_AT_ONCE: Final = "if captured[_VERSION_AT] not in self._versions or key is None or head.method != "

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
    ' -> lines = head.get_all(b"CAPSULE-PROTOCOL")': _ANY_CASE,
    f"{_TUNNEL} Tunnel._agreement: answer = self.negotiate(request, self._token, secure=True)"
    " -> answer = self.negotiate(request, self._token, secure=False)": (
        "TLS decides which tokens are offered, and nothing in the negotiation of a tunnel"
    ),
    f"{_OFFER} WebSocket.__init__: is_usual = type(self) is WebSocket and not asks"
    " -> is_usual = None": _SLOWER,
    f'{_OFFER} WebSocket._agree_at_once: {_AT_ONCE}b"GET": -> {_AT_ONCE}b"XXGETXX":': _SLOWER,
    f'{_OFFER} WebSocket._agree_at_once: {_AT_ONCE}b"GET": -> {_AT_ONCE}b"get":': _SLOWER,
    f"{_OFFER} WebSocket._agree_at_once: offered = list_at_once(subprotocols)"
    " -> offered = None": _SLOWER,
    f'{_ADMISSION} Admission._check_origin: field, lines = "Origin", head.get_all(b"origin")'
    ' -> field, lines = "Origin", head.get_all(b"ORIGIN")': _ANY_CASE,
    f'{_ADMISSION} _is_of_draft: version = head.get(b"sec-websocket-version") or b""'
    ' -> version = head.get(b"SEC-WEBSOCKET-VERSION") or b""': _ANY_CASE,
    f'{_ADMISSION} _is_of_draft: version = head.get(b"sec-websocket-version") or b""'
    ' -> version = head.get(b"sec-websocket-version") or b"XXXX"': "neither is a version",
    f"{_DEFLATE} PerMessageDeflate.accept: for flag, ours in"
    " zip(_FLAGS, self._values[:2], strict=True):"
    " -> for flag, ours in zip(_FLAGS, self._values[:2], ):": _STRICT,
    f"{_DEFLATE} PerMessageDeflate.accept: for flag, ours in"
    " zip(_FLAGS, self._values[:2], strict=True):"
    " -> for flag, ours in zip(_FLAGS, self._values[:2], strict=False):": _STRICT,
    "_protocols/websocket/allowed_origins.py AllowedOrigins.__init__:"
    " self._listed: frozenset[Origin] = frozenset()"
    " -> self._listed: frozenset[Origin] = None": "where a function is asked, no list is read",
    f"{_ACCEPT_KEY} accept_key: {_SHA}"
    f" -> {_SHA.replace('usedforsecurity=False', 'usedforsecurity=True')}": _FIPS,
    f"{_ACCEPT_KEY} accept_key: {_SHA} -> {_SHA.replace('usedforsecurity=False', '')}": _FIPS,
    f'{_ACCEPT_KEY} read_key: return key or b"" -> return key or b"XXXX"': (
        "beside a finding, nobody uses the key"
    ),
    f"{_ORIGINS} _read_pattern: {_BELOW.format(1)} -> {_BELOW.format(2)}": (
        "an origin has one ://, and what would have two is refused both ways"
    ),
    f"{_OFFER} WebSocket._choose_extensions: {_KNOWN} -> known = None": _SLOWER,
    f"{_OFFER} WebSocket._choose_extensions: {_KNOWN} -> {_KNOWN.replace(' or ', ' and ')}": (
        _SLOWER
    ),
    f"{_OFFER} WebSocket._remembered_answer:"
    " return answer_to(self._extensions, extensions) if self._remembers else None"
    " -> return answer_to(self._extensions, None) if self._remembers else None": _SLOWER,
    f"{_DEFLATE} _parse_parameters: offered[name] = 1 -> offered[name] = 2": (
        "of a flag it counts that it is there"
    ),
    f"{_ACCEPT_KEY} accept_key: {_SHA}"
    f" -> {_SHA.replace('usedforsecurity=False', 'usedforsecurity=None')}": _FIPS,
    f"{_ORIGINS} _read_pattern: {_BELOW.format(1)} -> {_BELOW.format('')}": (
        "an origin has one ://, and what would have two is refused both ways"
    ),
    f"{_DEFLATE} PerMessageDeflate.offer: (flag, None) for flag, ours in"
    " zip(_FLAGS, self._values[:2], strict=True) if ours"
    " -> (flag, None) for flag, ours in zip(_FLAGS, self._values[:2], strict=False) if ours": (
        _STRICT
    ),
    '_protocols/websocket/agreement.py scheme_faults: if head.target.startswith(b"/"):'
    ' -> if head.target.startswith(b"XX/XX"):': "only slower: a path is not in absolute-form",
    "_protocols/websocket/client.py ClientHandshake.__init__:"
    " self._extensions: bytes | None = None"
    ' -> self._extensions: bytes | None = ""': (
        "only slower: a request that offers no extension is read, and offers none"
    ),
    "_protocols/websocket/versions.py is_version_spoken:"
    ' if not is_there and head.has(b"upgrade") and not _has_websocket_field(head):'
    ' -> if not is_there and head.has(b"UPGRADE") and not _has_websocket_field(head):': _ANY_CASE,
    "_protocols/custom_protocol.py CustomProtocol.check_request:"
    " answer = self.negotiate(request, self._token, secure=False)"
    " -> answer = self.negotiate(request, self._token, secure=True)": (
        "a protocol of a name alone is judged alike inside TLS"
    ),
    f"{_OFFER} WebSocket.__init__: self._remembers = is_usual and are_known(self._extensions)"
    " -> self._remembers = None": _SLOWER,
    f"{_OFFER} WebSocket.__init__:"
    " self._usual_answers = usual_answers(self._extensions) if is_usual else {}"
    " -> self._usual_answers = usual_answers(self._extensions) if (is_usual) and False else {}": (
        _SLOWER
    ),
    "_protocols/websocket/subprotocols.py Subprotocols.negotiate:"
    " offered = list_at_once(lines[0]) if len(lines) == 1 else None"
    " -> offered = None": "only slower: the list is read with care, and alike",
    "_protocols/websocket/usual_answers.py usual_answers: answers[value] = answer"
    " -> answers[value] = None": _SLOWER,
}
