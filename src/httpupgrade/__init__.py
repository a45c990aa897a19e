"""Sans-IO negotiation of HTTP/1.1 upgrades: request bytes in, a decision out; for clients, too.

No sockets, no clock, no threads, no logging; the standard library alone.
"""

from ._advice import (
    Advice,
    NothingInCommon,
    Retry,
    UseHTTP2,
    UseTLS,
    UseWebSocketVersion,
)
from ._authority import Origin
from ._client import ClientEvent, ClientNegotiator
from ._client_events import Content, Interim, Switched
from ._client_offers import Asked, ClientOffer, Refuted, Verified
from ._client_states import ClientState
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
from ._extended import AcceptConnect, decide_extended_connect
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
from ._final_responses import Declined, UpgradeRequired
from ._findings import Finding
from ._forwarding import end_to_end
from ._limits import Limits
from ._messages import RequestHead, ResponseHead
from ._offers import Agreed, Answer, Broken, ConnectOffer, Ignored, Offer
from ._policy import Policy
from ._received import printable
from ._refusal import Refusal, RefusalReport
from ._request_info import RequestInfo
from ._server import Event, ServerNegotiator
from ._states import ServerState
from ._switching import verify_switch
from .protocols.connect_ip import ConnectIP, IPTunnelAgreement
from .protocols.connect_tcp import ConnectTCP
from .protocols.connect_udp import ConnectUDP
from .protocols.deflate import OfferableExtension, PerMessageDeflate, SupportedExtension
from .protocols.h2c import H2C, H2CAgreement
from .protocols.tls import TLS, TLSAgreement
from .protocols.token import Token
from .protocols.tunnels import TunnelAgreement
from .protocols.websocket import WebSocket
from .protocols.websocket_fields import WebSocketAgreement

__version__ = "0.1.0"

__all__ = [
    "H2C",
    "NEED_DATA",
    "PAUSED",
    "TLS",
    "Accept101",
    "AcceptConnect",
    "Advice",
    "Agreed",
    "Answer",
    "Asked",
    "Broken",
    "ClientEvent",
    "ClientNegotiator",
    "ClientOffer",
    "ClientState",
    "ConnectIP",
    "ConnectOffer",
    "ConnectTCP",
    "ConnectUDP",
    "ConnectionClosed",
    "Content",
    "Continue100",
    "Decision",
    "Declined",
    "Event",
    "Extension",
    "FieldSyntaxError",
    "Finding",
    "Forward",
    "H2CAgreement",
    "Headers",
    "HeadersLike",
    "IPTunnelAgreement",
    "Ignored",
    "Interim",
    "Limits",
    "LocalProtocolError",
    "NothingInCommon",
    "Offer",
    "OfferableExtension",
    "Origin",
    "Passthrough",
    "PerMessageDeflate",
    "Policy",
    "ProtocolError",
    "Refusal",
    "RefusalReport",
    "Refuted",
    "Reject",
    "RemoteProtocolError",
    "RequestHead",
    "RequestInfo",
    "Require426",
    "ResponseHead",
    "Retry",
    "ServerNegotiator",
    "ServerState",
    "Signal",
    "SupportedExtension",
    "Switched",
    "TLSAgreement",
    "Token",
    "TunnelAgreement",
    "UpgradeRequired",
    "UpgradeToken",
    "UseHTTP2",
    "UseTLS",
    "UseWebSocketVersion",
    "Verified",
    "WebSocket",
    "WebSocketAgreement",
    "accept_key",
    "decide",
    "decide_extended_connect",
    "end_to_end",
    "format_extensions",
    "format_upgrade",
    "generate_key",
    "parse_connection",
    "parse_extensions",
    "parse_upgrade",
    "printable",
    "verify_switch",
]
