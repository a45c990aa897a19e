"""websockets' sans-IO ``ServerProtocol``, driven as its how-to for integrators says."""

from typing import Final, NamedTuple

from websockets.http11 import Request
from websockets.server import ServerProtocol

from ..contender import Contender, Job, PlainRequest


class _Passed(NamedTuple):
    request: Request

    def plain(self) -> PlainRequest:
        request = self.request
        fields = tuple(
            (name.lower().encode(), value.encode()) for name, value in request.headers.raw_items()
        )
        return PlainRequest(request.method.encode(), request.path.encode(), fields, b"")


def switch(octets: bytes) -> bytes:
    protocol = ServerProtocol()
    protocol.receive_data(octets)
    for event in protocol.events_received():
        assert isinstance(event, Request)
        protocol.send_response(protocol.accept(event))
    return b"".join(protocol.data_to_send())


def hand_on(octets: bytes) -> _Passed | bytes:
    """The request for a ``process_request`` hook; or what it says without asking one."""
    protocol = ServerProtocol()
    protocol.receive_data(octets)
    for event in protocol.events_received():
        assert isinstance(event, Request)
        assert "websocket" not in event.headers.get("Upgrade", "").lower()
        return _Passed(event)
    return b"".join(protocol.data_to_send())


WEBSOCKETS: Final = Contender(
    "websockets",
    ("websockets",),
    {
        Job.SWITCH: switch,
        Job.REQUIRE: switch,
        Job.HAND_ON: hand_on,
    },
    {Job.SWITCH_DEFLATE: "it makes its zlib objects in the same call, which is more work"},
)
