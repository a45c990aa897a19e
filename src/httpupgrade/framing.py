"""Where messages end: the framing of bodies, what reads them, what follows a server's responses.

Rules for this module: it gives names to what stands elsewhere, and defines nothing.
"""

from ._http1.body_reader import BodyPiece, BodyReader
from ._http1.framing import Framing
from ._http1.response_tracker import ResponseProgress, ResponseTracker

__all__ = ["BodyPiece", "BodyReader", "Framing", "ResponseProgress", "ResponseTracker"]
