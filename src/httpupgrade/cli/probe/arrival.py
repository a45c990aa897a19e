"""What a server of ``serve --behind`` says of the requests that arrived there.

Rules for this module: no I/O. What it says is a server's answer, and may be anything.
"""

import json
from typing import Any

from ... import RemoteProtocolError, RequestHead
from .outcomes import Exchange, Outcome


def read_arrived(outcome: Outcome) -> tuple[RequestHead, ...] | None:
    """The heads that arrived, in order; None for an answer that does not tell."""
    if not isinstance(outcome, Exchange) or outcome.status != 200:
        return None
    try:
        said: Any = json.loads(outcome.content)
        octets = [each["octets"].encode("latin-1") for each in said["arrived"]]
        return tuple(map(RequestHead.parse, octets))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    except RemoteProtocolError:
        return None


def say_arrival(arrived: RequestHead | None) -> str:
    """A line about the handshake at the server."""
    if arrived is None:
        return "it did not arrive"
    return f"{arrived.method.decode('ascii')} in HTTP/{arrived.http_version.decode('ascii')}"
