"""picows' handshake: its own C functions, called in the order in which its protocol calls them.

Its protocol takes a running event loop and a connected socket, so it is not driven here. What is
left out with it is a copy of the octets, a memmove, log calls and a timer; what is left is the
handshake of a server in C, in three calls. Two of the functions are picows' own business, and may
change their names.
"""

from typing import Final

from picows import WSUpgradeResponse
from picows.picows import (  # type: ignore[attr-defined]  # not in its stubs
    _parse_http_request,
    _validate_upgrade_request,
)

from ..contender import Contender, Job, Work

_PARSES_BY_ITSELF: Final = "it reads no request but its own"
_TAKES_A_TRANSPORT: Final = "what writes its request takes a transport"
_HANDS_NOTHING_ON: Final = "it answers every request itself"


def switch(octets: bytes) -> bytes:
    try:
        request = _parse_http_request(octets.split(b"\r\n\r\n", 1)[0])
        response = WSUpgradeResponse.create_101_response()
        accept = _validate_upgrade_request(request)
    except RuntimeError as error:
        response = WSUpgradeResponse.create_error_response(400, str(error).encode())
        response.headers["Connection"] = "close"
        return bytes(response.to_bytes())
    response.headers["Sec-WebSocket-Accept"] = accept.decode()
    return bytes(response.to_bytes())


PICOWS: Final = Contender(
    "picows' handshake functions",
    ("picows",),
    {
        Job.SWITCH: Work(switch),
        Job.REQUIRE: Work(switch),
        Job.REFUSE: Work(switch),
    },
    {
        Job.SWITCH_DEFLATE: "it knows no extensions",
        Job.SWITCH_PARSED: _PARSES_BY_ITSELF,
        Job.HAND_ON: _HANDS_NOTHING_ON,
        Job.LET_GO: _HANDS_NOTHING_ON,
        Job.REQUIRE_MANY: "it reads one request of a connection",
        Job.OPEN: _TAKES_A_TRANSPORT,
        Job.OPEN_DEFLATE: "it knows no extensions",
        Job.OPEN_REFUSE: _TAKES_A_TRANSPORT,
        Job.OPEN_REQUIRED: _TAKES_A_TRANSPORT,
    },
)
