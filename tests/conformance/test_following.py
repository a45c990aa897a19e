"""Every captured request that is answered with 426 is answered with 101 once it does as told.

Rules for this module: what is sent is copied from the body as it is printed, in text or in JSON.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final

import pytest
from captures import captured_requests
from feeding import feed
from following import as_told, in_json, in_text, method_told

from httpupgrade import (
    H2C,
    TLS,
    Accept101,
    ConnectUDP,
    CustomProtocol,
    Policy,
    RemoteProtocolError,
    RequestHead,
    Require426,
    ServerNegotiator,
    WebSocket,
    decide,
)
from httpupgrade.offers import Offer

OFFERS: Final[dict[str, tuple[Offer, ...]]] = {
    "WebSocket": (WebSocket(),),
    "subprotocols": (WebSocket(["a", "b"], require_subprotocol=True),),
    "another version": (WebSocket(versions=(7,)),),
    "a name": (CustomProtocol("irc", methods=[b"POST"]),),
    "several": (H2C(), WebSocket(), TLS("1.3"), ConnectUDP("/udp{?target_host,target_port}")),
    "several, TLS first": (TLS("1.3"), CustomProtocol("irc"), WebSocket(["a"])),
}


def heads() -> Iterator[RequestHead]:
    for octets in dict.fromkeys(each.octets for each in captured_requests()):
        with suppress(RemoteProtocolError):
            yield RequestHead.parse(octets.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")


def refused(head: RequestHead, policy: Policy, accept: bytes) -> bytes | None:
    """The body of the 426; None for what is answered in another way, or has no body."""
    fields = [field for field in head.headers if field[0].lower() != b"accept"]
    changed = RequestHead(
        head.method, head.target, (*fields, (b"Accept", accept)), head.http_version
    )
    decision = decide(changed, policy)
    return decision.body or None if isinstance(decision, Require426) else None


@pytest.mark.parametrize("read", [in_text, in_json], ids=["text", "JSON"])
@pytest.mark.parametrize("offers", OFFERS.values(), ids=OFFERS)
def test_a_captured_request_that_does_as_told_gets_a_101(
    offers: tuple[Offer, ...], read: Callable[[bytes], list[str]]
) -> None:
    policy, followed = Policy(*offers, mode="required"), 0
    for head in heads():
        text = refused(head, policy, b"text/plain")
        body = text if read is in_text else refused(head, policy, b"application/json")
        if text is None or body is None:
            continue
        octets = as_told(read(body), head, method_told(text))
        event = feed(ServerNegotiator(policy), octets)
        assert isinstance(event, Accept101), (head.to_bytes(), octets, event)
        followed += 1
    assert followed > 100
