"""What the ordinary server of the asyncio adapter gets of a request that passes.

Rules for this module: it decides on octets that are handed over, and hands over nothing.
"""

from collections.abc import Callable

from ... import Finding, Passthrough, RemoteProtocolError, finding
from ..._http1 import finding_codes as http1_codes
from ..._negotiation import finding_codes as rule_codes
from ...fields import FieldSyntaxError, parse_connection

HandOver = Callable[[Passthrough], bytes]


def open_ends(passed: Passthrough) -> tuple[Finding, ...]:
    """Why what follows a request could not be judged; empty if it can.

    The ordinary server might be less strict, and find requests there that a callable had judged
    otherwise. Whether a tunnel follows a CONNECT is the answer's to say.
    """
    head = passed.head
    if head is None:
        return passed.findings or (finding(http1_codes.REQUEST_LINE_MALFORMED),)
    if head.persists or head.method == b"CONNECT":
        return ()
    if not head.http_version.startswith(b"1."):
        value = b"HTTP/" + head.http_version
        return (finding(http1_codes.HTTP_VERSION_UNSUPPORTED, value=value),)
    try:
        parse_connection(head.get_all(b"connection"))
        _ = head.framing
    except FieldSyntaxError:
        return (finding(rule_codes.CONNECTION_MALFORMED, field="Connection"),)
    except RemoteProtocolError as error:
        return error.findings
    return ()


def octets_of(passed: Passthrough, hand_over: HandOver | None, *, stay: bool) -> bytes:
    """The octets for a request: the caller's, or those that arrived."""
    if hand_over is not None:
        return hand_over(passed)
    head = passed.head
    if head is None or not stay:
        return passed.data
    # Parsers are in use that take a request with an offer to end at its head (llhttp), and then
    # its body for the next request: one that was not judged.
    if head.has(b"upgrade") and head.announces_content:
        return passed.without_upgrade().data
    return passed.data
