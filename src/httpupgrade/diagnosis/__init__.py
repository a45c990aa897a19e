"""Who broke a handshake, and how to mend it: from heads to a :class:`Diagnosis`, without I/O."""

from ._comparison import Change, compare_heads, diagnose_both_ends
from ._diagnosis import Confidence, Diagnosis, Evidence, Paste, Remedy, Suspect, Verdict
from ._rendering import to_json, to_text
from ._rendering_refusals import render
from ._requests import diagnose
from ._responses import NoAnswer, diagnose_response

__all__ = [
    "Change",
    "Confidence",
    "Diagnosis",
    "Evidence",
    "NoAnswer",
    "Paste",
    "Remedy",
    "Suspect",
    "Verdict",
    "compare_heads",
    "diagnose",
    "diagnose_both_ends",
    "diagnose_response",
    "render",
    "to_json",
    "to_text",
]
