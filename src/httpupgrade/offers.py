"""For those who write an offer of their own: what it inherits from, and what it returns.

Rules for this module: it gives names to what stands elsewhere, and defines nothing.
"""

from ._negotiation.client_offers import (
    ClientOffer,
    HandshakeFields,
    UpgradeRefusal,
    VerificationFailed,
    Verified,
)
from ._negotiation.example_request import Example
from ._negotiation.offers import Agreed, HandshakeFailed, Ignored, Offer, OfferResult
from ._protocols.websocket.extensions import OfferableExtension, SupportedExtension

__all__ = [
    "Agreed",
    "ClientOffer",
    "Example",
    "HandshakeFailed",
    "HandshakeFields",
    "Ignored",
    "Offer",
    "OfferResult",
    "OfferableExtension",
    "SupportedExtension",
    "UpgradeRefusal",
    "VerificationFailed",
    "Verified",
]
