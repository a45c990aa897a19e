"""The bodies of refusals, with a diagnosis of the request.

Rules for this module: the negotiated body comes first and stays what it is; the diagnosis follows
it, or is one more member of it.
"""

from typing import TYPE_CHECKING, Final

from .._http1.arguments import require
from .._http1.lazy_module import lazy_module
from .._negotiation.decisions import Reject, Require426
from .._negotiation.refusal_text import RefusalReport, render_negotiated
from ._rendering import to_json, to_text
from ._requests import diagnose

if TYPE_CHECKING:
    import json
else:
    json = lazy_module("json")

_LINE: Final = "-" * 72


def render(report: RefusalReport) -> tuple[bytes, bytes]:
    """A body with a diagnosis, for ``Refusal(body=diagnosis.render)``.

    It is the body that a refusal has without this, and the diagnosis: which proxy may have broken
    the request, and what to paste into its configuration. Text, or JSON or RFC 9457 problem details
    with a member ``diagnosis``, where Accept prefers them. The configuration of your proxies is
    nobody's secret here; where it is to stay one, put the diagnosis into the log instead.

    :param report: what the refusal is about.

    Raises :class:`TypeError` for anything but a report.
    """
    require("report is a RefusalReport", report, RefusalReport)
    media_type, body = render_negotiated(report)
    diagnosis = diagnose(report.head, _decision_of(report))
    if media_type.startswith(b"text/"):
        return media_type, body + f"\n{_LINE}\n\n{to_text(diagnosis)}".encode("ascii")
    content = {**json.loads(body), "diagnosis": to_json(diagnosis)}
    return media_type, json.dumps(content, indent=1).encode("ascii") + b"\n"


def _decision_of(report: RefusalReport) -> Require426 | Reject:
    """The refusal, so far as it is known before it has a body."""
    if report.status_code == 426:
        return Require426(report.tokens, report.headers, findings=report.findings)
    return Reject(report.status_code, report.headers, findings=report.findings)
