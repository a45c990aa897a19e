"""websockets' sans-IO protocols, driven as its how-to for integrators says."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus
from websockets.headers import build_extension, parse_extension, parse_upgrade
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.typing import ExtensionHeader, Subprotocol, UpgradeProtocol
from websockets.uri import parse_uri

from ..contender import (
    ClientOutcome,
    Contender,
    Job,
    Opened,
    PlainRequest,
    Refused,
    Required,
    Work,
    one_by_one,
)
from .asked import HOST, KEY, SUBPROTOCOLS, TARGET

_ZLIB: Final = "it makes its zlib objects in the same call, which is more work"
_ONE: Final = "it reads one request of a connection"
_URI: Final = parse_uri(f"ws://{HOST}{TARGET}")
_SUBPROTOCOLS: Final = [Subprotocol(each) for each in SUBPROTOCOLS]


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


def parsed(octets: bytes) -> Request:
    """The request that it reads by itself."""
    protocol = ServerProtocol()
    protocol.receive_data(octets)
    (event,) = protocol.events_received()
    assert isinstance(event, Request)
    return event


def switch_parsed(request: Request) -> bytes:
    protocol = ServerProtocol()
    protocol.send_response(protocol.accept(request))
    return b"".join(protocol.data_to_send())


def hand_on(octets: bytes) -> _Passed | bytes:
    """The request for a ``process_request`` hook; or what it says without asking one."""
    protocol = ServerProtocol()
    protocol.receive_data(octets)
    return _handed(protocol)


def read_slowly(octets: list[bytes]) -> _Passed | bytes:
    protocol = ServerProtocol()
    for octet in octets:
        protocol.receive_data(octet)
        handed = _handed(protocol)
        if not isinstance(handed, bytes):
            return handed
    return handed


def _handed(protocol: ServerProtocol) -> _Passed | bytes:
    for event in protocol.events_received():
        assert isinstance(event, Request)
        assert "websocket" not in event.headers.get("Upgrade", "").lower()
        return _Passed(event)
    return b"".join(protocol.data_to_send())


# The client.


def open_plain(octets: bytes) -> tuple[bytes, ClientProtocol]:
    protocol = ClientProtocol(_URI, subprotocols=_SUBPROTOCOLS)
    protocol.key = KEY  # in place of the one that it has drawn
    protocol.send_request(protocol.connect())
    request = b"".join(protocol.data_to_send())
    protocol.receive_data(octets)
    protocol.events_received()
    return request, protocol


def show_opened(opened: tuple[bytes, ClientProtocol]) -> ClientOutcome:
    request, protocol = opened
    if protocol.handshake_exc is not None:
        return Refused(request, f"{protocol.handshake_exc}")
    subprotocol, extensions = protocol.subprotocol, protocol.extensions
    return Opened(
        request,
        None if subprotocol is None else subprotocol.encode(),
        tuple(each.name.encode() for each in extensions),
    )


def open_required(octets: bytes) -> tuple[bytes, list[str], list[str], bytes]:
    """With the lists taken from the response that it refuses, as a caller would."""
    request, protocol = open_plain(octets)
    assert isinstance(protocol.handshake_exc, InvalidStatus)
    response = protocol.handshake_exc.response
    assert response.status_code == 426
    headers = response.headers
    protocols = [each for line in headers.get_all("Upgrade") for each in parse_upgrade(line)]
    versions = headers.get_all("Sec-WebSocket-Version")
    return request, [*protocols], _elements(versions), bytes(response.body)


def _elements(lines: list[str]) -> list[str]:
    return [each.strip() for line in lines for each in line.split(",")]


def show_required(required: tuple[bytes, list[str], list[str], bytes]) -> Required:
    request, protocols, versions, body = required
    return Required(
        request,
        tuple(each.encode() for each in protocols),
        tuple(each.encode() for each in versions),
        body,
    )


def text(value: bytes) -> str:
    """As its headers hold values."""
    return value.decode("ascii")


def show_upgrade(protocols: Sequence[UpgradeProtocol]) -> bytes:
    return ", ".join(protocols).encode()


def extensions_of(value: bytes) -> list[ExtensionHeader]:
    return parse_extension(value.decode("ascii"))


def show_extensions(extensions: Sequence[ExtensionHeader]) -> bytes:
    return build_extension(extensions).encode()


def hold(octets: bytes) -> ServerProtocol:
    protocol = ServerProtocol()
    if octets:
        protocol.receive_data(octets)
    return protocol


WEBSOCKETS: Final = Contender(
    "websockets",
    ("websockets",),
    {
        Job.SWITCH: Work(switch),
        Job.SWITCH_PARSED: Work(switch_parsed, prepare=parsed),
        Job.REQUIRE: Work(switch),
        Job.REFUSE: Work(switch),
        Job.HAND_ON: Work(hand_on),
        Job.LET_GO: Work(hand_on),
        Job.READ: Work(hand_on),
        Job.READ_SLOWLY: Work(read_slowly, prepare=one_by_one),
        Job.OPEN: Work(open_plain, show=show_opened),
        Job.OPEN_REFUSE: Work(open_plain, show=show_opened),
        Job.OPEN_REQUIRED: Work(open_required, show=show_required),
        Job.PARSE_UPGRADE: Work(parse_upgrade, prepare=text, show=show_upgrade),
        Job.PARSE_EXTENSIONS: Work(parse_extension, prepare=text, show=show_extensions),
        Job.WRITE_EXTENSIONS: Work(build_extension, prepare=extensions_of, show=str.encode),
    },
    {
        Job.SWITCH_DEFLATE: _ZLIB,
        Job.OPEN_DEFLATE: _ZLIB,
        Job.ANSWER_EXTENSIONS: _ZLIB,
        Job.HAND_ON_MANY: _ONE,
        Job.REQUIRE_MANY: _ONE,
    },
    hold,
    "websockets.server",
)
