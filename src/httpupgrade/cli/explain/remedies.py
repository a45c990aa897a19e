"""The remedies for a code, from the tables of diagnosis.

Rules for this module: a remedy is for a code if a row names both.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from ...diagnosis import Remedy
from ...diagnosis._fingerprint import About
from ...diagnosis._remedies import REMEDIES
from ...diagnosis._request_fingerprints import REQUEST_FINGERPRINTS
from ...diagnosis._response_fingerprints import RESPONSE_FINGERPRINTS

_CODES: Final[Mapping[About, tuple[str, ...]]] = MappingProxyType(
    {
        "lost": (
            "hop-by-hop-fields-lost",
            "upgrade-missing",
            "upgrade-option-missing",
            "upgrade-in-http-1.0",
        ),
        "keyless": ("websocket-key-missing",),
        "host": ("origin-not-allowed", "host-not-allowed"),
        "preface": ("http2-preface",),
        "proxy-protocol": ("proxy-protocol",),
    }
)
"""The codes of requests that are wrong in the way that a row is about."""


def remedies_for(code: str) -> tuple[Remedy, ...]:
    """What mends it, each once, in the order of the tables."""
    return tuple(REMEDIES[name] for name in dict.fromkeys(_names(code)))


def _names(code: str) -> Iterator[str]:
    for request in REQUEST_FINGERPRINTS:
        if code in _CODES.get(request.about, ()):
            yield from request.remedies
    for response in RESPONSE_FINGERPRINTS:
        if any(fault.name == code for fault in response.faults):
            yield from response.remedies
