"""Who broke a handshake, and how to mend it: from heads to a :class:`Diagnosis`, without I/O."""

from ._diagnosis import Confidence, Diagnosis, Evidence, Paste, Remedy, Suspect, Verdict
from ._rendering import to_json, to_text
from ._rendering_refusals import render
from ._requests import diagnose

__all__ = [
    "Confidence",
    "Diagnosis",
    "Evidence",
    "Paste",
    "Remedy",
    "Suspect",
    "Verdict",
    "diagnose",
    "render",
    "to_json",
    "to_text",
]
