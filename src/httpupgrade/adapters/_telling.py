"""What logs are told of a decision.

Rules for this module: one line, harmless wherever it is shown. What was received is escaped and
cut, and of a target only the path is shown: queries hold tokens.
"""

from typing import Final, assert_never

from .. import (
    Accept101,
    Continue100,
    Decision,
    Passthrough,
    Reject,
    RequestHead,
    Require426,
    printable,
)
from .._shown import bare_target

_MOST_TARGET: Final = 200


def _request_line(head: RequestHead) -> str:
    query = b"?..." if b"?" in head.target else b""
    return printable(head.method + b" " + bare_target(head.target)[:_MOST_TARGET] + query)


def describe(decision: Decision, head: RequestHead | None) -> str:
    """The request, the answer, and the codes of why."""
    request = "no request" if head is None else _request_line(head)
    match decision:
        case Accept101():
            answer = f"101 {decision.token}"
        case Continue100():
            answer = "100"
        case Require426() | Reject():
            answer = f"{decision.status_code}{', closing' if decision.close else ''}"
        case Passthrough():
            answer = "passed, where required would be 426" if decision.would_require else "passed"
        case unreachable:
            assert_never(unreachable)
    codes = ", ".join(dict.fromkeys(finding.code for finding in decision.findings))
    return f"{request}: {answer}{f' ({codes})' if codes else ''}"
