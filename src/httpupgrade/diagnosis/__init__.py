"""Who broke a handshake, and how to mend it: from heads to a :class:`Diagnosis`, without I/O."""

from ._diagnosis import Confidence, Diagnosis, Evidence, Paste, Remedy, Suspect, Verdict

__all__ = ["Confidence", "Diagnosis", "Evidence", "Paste", "Remedy", "Suspect", "Verdict"]
