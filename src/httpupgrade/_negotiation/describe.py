"""What the log says of a decision.

Rules for this module: one line that is harmless wherever it is shown. What was received is escaped,
bounded and without secrets.
"""

from types import NoneType
from typing import assert_never

from .._http1.arguments import require
from .._http1.findings import Finding, received_text
from .._http1.heads import RequestHead
from .._http1.received_lines import escape_line, show_request_line
from .decisions import (
    Accept101,
    Continue100,
    Decision,
    Passthrough,
    Reject,
    Require426,
    require_decision,
)
from .extended_connect import AcceptConnect


def describe(decision: Decision | Continue100 | AcceptConnect, head: RequestHead | None) -> str:
    """A line for a log: the request, the answer, and why: codes, and the first line at fault.

    It is printable ASCII. Queries are left out of it, and so are values that may hold a secret.

    :param head: the request, as in ``negotiator.head``; None where it could not be read.

    Raises :class:`TypeError` for wrong types.
    """
    if not isinstance(decision, AcceptConnect):
        require_decision(decision)
    require("head is a RequestHead or None", head, (RequestHead, NoneType))
    line = b"no request" if head is None else head.method + b" " + head.target
    request, _, _ = escape_line(show_request_line(line, 0, 0))
    match decision:
        case Accept101():
            answer = f"101 {decision.token}"
        case AcceptConnect():
            answer = f"200 {decision.token}"
        case Continue100():
            answer = "100"
        case Require426() | Reject():
            answer = f"{decision.status_code}{', closing' if decision.close else ''}"
        case Passthrough():
            answer = "passed, where required would be 426" if decision.would_require else "passed"
        case unreachable:
            assert_never(unreachable)
    codes = ", ".join(dict.fromkeys(map(_code_of, decision.findings)))
    lines = map(received_text, decision.findings)
    received = next((f"; received {line}" for line in lines if line is not None), "")
    return f"{request}: {answer}{f' ({codes}{received})' if codes else ''}"


def _code_of(finding: Finding) -> str:
    return f"{finding.code} {finding.times} times" if finding.times > 1 else finding.code
