"""What a server of ``serve --behind`` says of the requests that arrived there.

Rules for this module: no I/O. What it says is a server's answer, and may be anything.
"""

import json
from typing import Any

from ... import RemoteProtocolError, RequestHead
from ...diagnosis import compare_heads
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


def say_arrival(sent: RequestHead, arrived: RequestHead | None) -> str:
    """What the hops on the way did to a handshake, in a line; what decides comes first."""
    if arrived is None:
        return "it did not arrive"
    changes = compare_heads(sent, arrived)
    deciding = [f"{each.done}: {each.what}" for each in changes if each.matters]
    others = len(changes) - len(deciding)
    told = "; ".join(deciding) or "nothing that decides was changed"
    return f"{told}; {others} other changes" if others else told
