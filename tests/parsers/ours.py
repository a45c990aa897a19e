"""httpupgrade: its machine, which requires an upgrade of every request that it can read."""

from typing import Final

from feeding import feed

from httpupgrade import (
    NEED_DATA,
    CustomProtocol,
    Passthrough,
    Policy,
    Reject,
    RemoteProtocolError,
    RequestHead,
    RequestInfo,
    Require426,
    ServerNegotiator,
)
from httpupgrade._http1.request_facts import facts_of
from httpupgrade.framing import BodyReader

from .request import PROBE, No, Reading, Request

_POLICY: Final = Policy(CustomProtocol("never-asked-for"), mode="required")


def read(octets: bytes) -> Reading:
    """What we make of it."""
    heads: list[RequestHead] = []

    def policy(info: RequestInfo) -> Policy:
        heads.append(info.head)
        return _POLICY

    event = feed(ServerNegotiator(policy), octets) if octets else NEED_DATA
    if event is NEED_DATA:
        return No.WAITING
    if isinstance(event, Reject | Passthrough):  # of a callable, nothing that cannot be read
        return No.REFUSED
    assert isinstance(event, Require426), event
    head = heads[0]
    assert head.raw is not None
    facts = facts_of(head)
    upgrade = bool(facts.wanted) and b"upgrade" in facts.options and head.http_version != b"1.0"
    body = BodyReader(head.framing)
    body.receive_data(PROBE)
    return Request(
        octets.index(head.raw) + len(head.raw),
        head.method,
        head.target,
        head.http_version,
        tuple((name.lower(), value) for name, value in head.headers),
        None if head.method == b"CONNECT" else upgrade,
        _content(body),
    )


def _content(body: BodyReader) -> bytes | str:
    content = b""
    try:
        while piece := body.next_piece():
            content += piece.content
    except RemoteProtocolError:
        return "broken"
    return content if body.complete else "open"
