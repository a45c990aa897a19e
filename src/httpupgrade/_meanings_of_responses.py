"""What each code of a finding means that only a client makes.

The law of this file: that of ``_meanings``. None implies a status: a client refuses nothing.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ._meanings import Meaning

RESPONSE_MEANINGS: Final[Mapping[str, Meaning]] = MappingProxyType(
    {
        # What arrived is no HTTP/1 response.
        "response-not-http": Meaning(
            None,
            "RFC 9112 4",
            "the first octets are no HTTP/1 status line",
            "Something that does not speak HTTP answers on this port.",
        ),
        "response-is-tls": Meaning(
            None,
            "RFC 9112 4",
            "the server answers in TLS",
            "Use https:// or wss://, or a port where HTTP is spoken in the clear.",
        ),
        "response-is-http2": Meaning(
            None,
            "RFC 9113 3.4",
            "the server answers in HTTP/2, although nobody asked for that",
            "Speak HTTP/2 to it from the first octet on, or use another port.",
        ),
        "status-line-too-long": Meaning(
            None,
            "RFC 9112 4",
            "the status line is longer than is taken here",
            "The server, or something in front of it, is broken; or raise Limits.max_request_line.",
        ),
        "response-missing": Meaning(
            None,
            "RFC 9112 9.6",
            "the connection was closed before a response arrived",
            "A server that crashed or refuses the client, or a time-out in between.",
        ),
        "response-unasked": Meaning(
            None,
            "RFC 9112 9.2",
            "octets arrived that answer no request",
            "Close the connection: who sent them is not known, and what they answer is not either.",
        ),
        "response-body-too-large": Meaning(
            None,
            "RFC 9110 15.5.22",
            "the body of the 426 is longer than is kept here",
            "The rest of it was dropped; raise Limits.max_response_body to see all of it.",
        ),
    }
)
