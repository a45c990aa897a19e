"""Mutants of ``_negotiation`` that no test can notice, each with the reason."""

from typing import Final

_SLOWER: Final = "only slower: the rules that follow come to the same"
_ANY_CASE: Final = "names of fields are looked up in any case"

EQUIVALENT: Final[dict[str, str]] = {
    "_negotiation/rules.py _read_what_is_asked: "
    "case.candidates = _candidates_for(case.terms, facts.upgrade) -> case.candidates = None": (
        "only slower: the value is read, and looked up by what it names"
    ),
    "_negotiation/rules.py _require: enforced = case.terms.enforced -> enforced = None": (
        "only slower: the policy is asked, which answers the same"
    ),
    "_negotiation/rules.py refuse_unasked: "
    "return None if prepared is None else (*prepared, None, None) -> "
    "return None if (prepared is None) or True else (*prepared, None, None)": _SLOWER,
    "_negotiation/rules.py Case.__init__: "
    "self.asked: HandshakeFailed | Offer | None = None -> "
    'self.asked: HandshakeFailed | Offer | None = ""': (
        "what is falsy and no offer has said nothing; decide_within() sets it"
    ),
    "_negotiation/decide.py decide_within: "
    "if head._captured or has_upgrade(head): -> if head._captured and has_upgrade(head):": _SLOWER,
    "_negotiation/decide.py decide_within: never_asked = head._asking is False and "
    "(terms.marks is None or not terms.has_mark(head)) -> never_asked = None": _SLOWER,
    "_negotiation/prepared_refusal.py PreparedRefusal.__init__: "
    "self.fixed = (decision, octets) if len(self._parts) == 1 else None -> "
    "self.fixed = (decision, octets) if (len(self._parts) == 1) and False else None": (
        "only slower: a body without a Host is joined of its one part"
    ),
    "_negotiation/prepared_refusal.py PreparedRefusal.finish: "
    'host = escape_octets(head.get(b"host") or b"").encode("ascii") -> '
    'host = escape_octets(head.get(b"HOST") or b"").encode("ascii")': _ANY_CASE,
    "_negotiation/refusal_text.py _preferred: "
    'ranges = parse_list(head.get_all(b"accept"), _read_media_range, "a media range") -> '
    'ranges = parse_list(head.get_all(b"ACCEPT"), _read_media_range, "a media range")': _ANY_CASE,
    "_negotiation/rollout.py _value_of_cookie: "
    'values = [each.strip(b" \\t") for each in pairs] -> '
    "values = [each.strip(None) for each in pairs]": (
        "no other white space of ASCII can stand in a value"
    ),
    "_negotiation/example_request.py Example.of: "
    '(b"Host", head.get(b"host") or b""), -> (b"Host", head.get(b"HOST") or b""),': _ANY_CASE,
    "_negotiation/example_request.py merge_examples: token for each in (first, *others) "
    'for token in parse_upgrade(each.get_all(b"upgrade")) -> token for each in (first, *others) '
    'for token in parse_upgrade(each.get_all(b"UPGRADE"))': _ANY_CASE,
    "_negotiation/example_request.py merge_examples: "
    'for value in each.get_all(b"connection") -> for value in each.get_all(b"CONNECTION")': (
        _ANY_CASE
    ),
    '_negotiation/rollout.py _value_of_cookie: pairs = [pair for line in head.get_all(b"cookie") '
    'for pair in line.split(b";")] -> pairs = [pair for line in head.get_all(b"COOKIE") '
    'for pair in line.split(b";")]': _ANY_CASE,
    "_negotiation/rules.py _upgrade_missing_here: "
    'lines = head.get_all(b"connection") -> lines = head.get_all(b"CONNECTION")': _ANY_CASE,
    "_negotiation/rules.py _reject_expectation: "
    'lines = case.head.get_all(b"expect") -> lines = case.head.get_all(b"EXPECT")': _ANY_CASE,
    "_negotiation/refusal_text.py _weight: "
    'kind, _, _ = media_type.partition(b"/") -> kind, _, _ = media_type.rpartition(b"/")': (
        "a media type has one slash"
    ),
    "_negotiation/terms.py Terms.has_mark: return marks is not None and (octets is None or "
    "marks.search(octets) is not None) -> return marks is not None or (octets is None or "
    "marks.search(octets) is not None)": "both callers have seen that there are marks",
    "_negotiation/example_request.py any_request: "
    'return RequestHead(b"GET", ANY_TARGET, ((b"Host", b"any-host"),)) -> '
    'return RequestHead(b"GET", ANY_TARGET, ((b"HOST", b"any-host"),))': _ANY_CASE,
    "_negotiation/example_request.py any_request: "
    'return RequestHead(b"GET", ANY_TARGET, ((b"Host", b"any-host"),)) -> '
    'return RequestHead(b"GET", ANY_TARGET, ((b"host", b"any-host"),))': _ANY_CASE,
    "_negotiation/prepared_refusal.py PreparedRefusal.__init__: "
    'self._start = octets[: octets.index(b"\\r\\n\\r\\n")].rstrip(b"0123456789") -> '
    'self._start = octets[: octets.rindex(b"\\r\\n\\r\\n")].rstrip(b"0123456789")': (
        "no body of ours holds CRLF"
    ),
    "_negotiation/prepared_refusal.py PreparedRefusal.__init__: "
    "self.example = example if self._target == ANY_TARGET else None -> self.example = None": (
        "only slower: the offers are asked for their examples"
    ),
    "_negotiation/terms.py Terms.was_meant: head._asking is False or not wants_upgrade(head) -> "
    "head._asking is False and not wants_upgrade(head)": (
        "only slower: offers are asked about a head that has none of their tell-tales"
    ),
    "_negotiation/decisions.py _without: "
    'if not b"".join(others).strip(b" \\t"): -> if not b"".join(others).strip(None):': (
        "no other white space of ASCII can stand in a value"
    ),
    "_negotiation/response_octets.py write_switch: if usual is not None and usual[1] == upgrade "
    'and written.count(b"\\r\\n") == len(headers) + 2: -> if usual is not None and '
    'usual[1] == upgrade and written.count(b"\\r\\n") == len(headers) + 3:': (
        "only slower: what follows checks the same"
    ),
    "_negotiation/decisions.py Accept101.to_bytes: "
    "known = known_octets(self) -> known = known_octets(None)": "only slower: written anew",
    "_negotiation/refusal_text.py _as_text: "
    "folded = fold(findings) if len(findings) != 1 else ((findings[0], ()),) -> "
    "folded = fold(findings) if (len(findings) != 1) or True else ((findings[0], ()),)": (
        "only slower: one finding is folded into itself"
    ),
    "_negotiation/refusal_text.py _read_media_range: "
    'if match[1] is not None and match[1].lower() == b"q": -> '
    'if match[2] is not None and match[1].lower() == b"q":': (
        "a parameter has a name and a value, or neither"
    ),
}
