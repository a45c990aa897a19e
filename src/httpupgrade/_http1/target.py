"""Whom a request addresses: its Host and its target (RFC 9112 3.2).

Rules for this module: every fault is found, and what is unclear is a fault. Nothing is corrected.
"""

from . import finding_codes as codes
from . import grammar
from .authority import parse_authority
from .findings import Code, Finding, make_finding
from .head_findings import fault, target_fault
from .heads import RequestHead


def judge_host(head: RequestHead) -> tuple[Finding, ...]:
    """Host and target (RFC 9112 3.2), which together say whom the request addresses."""
    faults: list[Finding] = []
    hosts = head.get_all(b"host")
    if not hosts and head.http_version != b"1.0":
        faults.append(make_finding(codes.HOST_MISSING, field="Host"))
    if len(hosts) > 1:
        faults.append(fault(head, codes.HOST_REPEATED, "Host", 1))
    elif hosts and parse_authority(hosts[0]) is None:
        faults.append(fault(head, codes.HOST_MALFORMED, "Host"))
    code = _judge_target(head.method, head.target)
    if code is not None:
        faults.append(target_fault(head, code))
    return tuple(faults)


def _judge_target(method: bytes, target: bytes) -> Code | None:
    if method == b"CONNECT":
        # RFC 9110 9.3.6: a port that is empty or invalid MUST be refused.
        authority = parse_authority(target)
        return None if authority and authority.host and authority.port else codes.TARGET_MALFORMED
    if b"#" in target:  # RFC 3986 3.5: a fragment never leaves the client
        return codes.TARGET_MALFORMED
    if target.startswith(b"/") or (target == b"*" and method == b"OPTIONS"):
        return None
    absolute = grammar.ABSOLUTE_FORM.fullmatch(target)
    if absolute is None:
        return codes.TARGET_MALFORMED
    if b"@" in absolute[2]:
        return codes.TARGET_HAS_USERINFO
    authority = parse_authority(absolute[2])
    return None if authority and authority.host else codes.TARGET_MALFORMED
