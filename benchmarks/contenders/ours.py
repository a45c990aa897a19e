"""httpupgrade as its documentation drives it."""

from typing import Final, NamedTuple

from httpupgrade import (
    Accept101,
    Forward,
    Passthrough,
    Policy,
    Reject,
    Require426,
    ServerNegotiator,
    WebSocket,
)

from ..contender import Contender, Job, PlainRequest

_ENDPOINT: Final = Policy(WebSocket(extensions=()), mode="required")
_ENDPOINT_DEFLATE: Final = Policy(WebSocket(), mode="required")
_OPTIONAL: Final = Policy(WebSocket())


class _Passed(NamedTuple):
    passthrough: Passthrough
    body: bytes

    def plain(self) -> PlainRequest:
        head = self.passthrough.head
        assert head is not None
        fields = tuple((name.lower(), value) for name, value in head.headers)
        return PlainRequest(head.method, head.target, fields, self.body)


def _answer(octets: bytes, policy: Policy) -> bytes:
    negotiator = ServerNegotiator(policy)
    event = negotiator.receive_data(octets)
    if isinstance(event, Accept101 | Require426 | Reject):
        return negotiator.send(event)
    raise AssertionError(event)


def switch(octets: bytes) -> bytes:
    return _answer(octets, _ENDPOINT)


def switch_deflate(octets: bytes) -> bytes:
    return _answer(octets, _ENDPOINT_DEFLATE)


def hand_on(octets: bytes) -> _Passed:
    negotiator = ServerNegotiator(_OPTIONAL)
    passthrough = negotiator.receive_data(octets)
    assert isinstance(passthrough, Passthrough)
    body = b""
    while True:
        event = negotiator.next_event()
        assert isinstance(event, Forward)
        body += event.data
        if event.end:
            return _Passed(passthrough, body)


OURS: Final = Contender(
    "httpupgrade",
    ("httpupgrade",),
    {
        Job.SWITCH: switch,
        Job.SWITCH_DEFLATE: switch_deflate,
        Job.REQUIRE: switch,
        Job.HAND_ON: hand_on,
    },
)
