"""Sans-IO negotiation of HTTP/1.1 upgrades: request bytes in, a decision out.

No sockets, no clock, no threads, no logging; the standard library alone.
"""

from ._decide import decide
from ._decisions import (
    Accept101,
    Continue100,
    Decision,
    Passthrough,
    Reject,
    Require426,
)
from ._errors import LocalProtocolError, ProtocolError, RemoteProtocolError
from ._events import NEED_DATA, PAUSED, ConnectionClosed, Forward, Signal
from ._fields import (
    Extension,
    FieldSyntaxError,
    Headers,
    HeadersLike,
    UpgradeToken,
    accept_key,
    format_extensions,
    format_upgrade,
    generate_key,
    parse_connection,
    parse_extensions,
    parse_upgrade,
)
from ._findings import Finding
from ._limits import Limits
from ._messages import RequestHead, ResponseHead
from ._offers import Agreed, Answer, Broken, Ignored, Offer
from ._policy import Policy
from ._refusal import Refusal, RefusalReport, printable
from ._server import Event, ServerNegotiator
from ._states import ServerState
from .protocols.deflate import PerMessageDeflate, SupportedExtension
from .protocols.h2c import H2C, H2CAgreement
from .protocols.tls import TLS, TLSAgreement
from .protocols.token import Token
from .protocols.websocket import WebSocket, WebSocketAgreement

__version__ = "0.1.0"

__all__ = [
    "H2C",
    "NEED_DATA",
    "PAUSED",
    "TLS",
    "Accept101",
    "Agreed",
    "Answer",
    "Broken",
    "ConnectionClosed",
    "Continue100",
    "Decision",
    "Event",
    "Extension",
    "FieldSyntaxError",
    "Finding",
    "Forward",
    "H2CAgreement",
    "Headers",
    "HeadersLike",
    "Ignored",
    "Limits",
    "LocalProtocolError",
    "Offer",
    "Passthrough",
    "PerMessageDeflate",
    "Policy",
    "ProtocolError",
    "Refusal",
    "RefusalReport",
    "Reject",
    "RemoteProtocolError",
    "RequestHead",
    "Require426",
    "ResponseHead",
    "ServerNegotiator",
    "ServerState",
    "Signal",
    "SupportedExtension",
    "TLSAgreement",
    "Token",
    "UpgradeToken",
    "WebSocket",
    "WebSocketAgreement",
    "accept_key",
    "decide",
    "format_extensions",
    "format_upgrade",
    "generate_key",
    "parse_connection",
    "parse_extensions",
    "parse_upgrade",
    "printable",
]
