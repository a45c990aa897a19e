"""What every client here asks for, so that all of them write the same request.

The law of this file: it holds values, as text and as octets.
"""

from typing import Final

HOST: Final = "server.example.com"
TARGET: Final = "/chat"
SUBPROTOCOLS: Final = ("chat.v2", "chat.v1")

HOST_OCTETS: Final = HOST.encode("ascii")
TARGET_OCTETS: Final = TARGET.encode("ascii")

KEY: Final = "dGhlIHNhbXBsZSBub25jZQ=="
KEY_OCTETS: Final = KEY.encode("ascii")
"""Of RFC 6455 1.3, to which the captured responses answer.

A client draws one for each connection. So does every contender, inside the clock, and drops it.
"""
