"""Sans-IO negotiation of HTTP/1.1 upgrades: request bytes in, a decision out; for clients, too.

No sockets, no clock, no threads, no logging; the standard library alone.
"""

from ._client.events import Content, Interim, Switched
from ._client.negotiator import ClientEvent, ClientNegotiator
from ._client.ordinary_response import Declined, UpgradeRequired
from ._client.states import ClientState
from ._client.verify_101 import verify_switch
from ._http1.errors import LocalProtocolError, ProtocolError, RemoteProtocolError
from ._http1.field_values import (
    FieldSyntaxError,
    Headers,
    HeadersLike,
    UpgradeToken,
    format_upgrade,
    parse_connection,
    parse_upgrade,
)
from ._http1.findings import Code, Finding, finding
from ._http1.heads import RequestHead, ResponseHead
from ._http1.hop_by_hop import end_to_end
from ._http1.limits import Limits
from ._http1.received_lines import printable
from ._negotiation.advice import (
    Advice,
    NothingInCommon,
    Retry,
    UseHTTP2,
    UseTLS,
    UseWebSocketVersion,
)
from ._negotiation.client_offers import Asked, ClientOffer, Refuted, UpgradeRefusal, Verified
from ._negotiation.decide import decide
from ._negotiation.decisions import (
    Accept101,
    Continue100,
    Decision,
    Passthrough,
    Reject,
    Require426,
)
from ._negotiation.events import NEED_DATA, PAUSED, ConnectionClosed, Event, Forward, Signal
from ._negotiation.example_request import Example
from ._negotiation.extended_connect import AcceptConnect, decide_extended_connect
from ._negotiation.offers import Agreed, Answer, Broken, Ignored, Offer
from ._negotiation.policy import Policy
from ._negotiation.refusal_response import Refusal
from ._negotiation.refusal_text import RefusalReport
from ._negotiation.request_info import RequestInfo
from ._protocols.custom_protocol import Token
from ._protocols.h2c import H2C, H2CAgreement
from ._protocols.tls import TLS, TLSAgreement
from ._protocols.tunnels.connect_ip import ConnectIP, IPTunnelAgreement
from ._protocols.tunnels.connect_tcp import ConnectTCP
from ._protocols.tunnels.connect_udp import ConnectUDP
from ._protocols.tunnels.tunnel import TunnelAgreement
from ._protocols.websocket.accept_key import accept_key, generate_key
from ._protocols.websocket.agreement import WebSocketAgreement
from ._protocols.websocket.allowed_origins import Origin
from ._protocols.websocket.deflate import PerMessageDeflate
from ._protocols.websocket.extensions import (
    Extension,
    OfferableExtension,
    SupportedExtension,
    format_extensions,
    parse_extensions,
)
from ._protocols.websocket.offer import WebSocket
from ._server.negotiator import ServerNegotiator
from ._server.states import ServerState

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
    "Code",
    "ConnectIP",
    "ConnectTCP",
    "ConnectUDP",
    "ConnectionClosed",
    "Content",
    "Continue100",
    "Decision",
    "Declined",
    "Event",
    "Example",
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
    "UpgradeRefusal",
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
    "finding",
    "format_extensions",
    "format_upgrade",
    "generate_key",
    "parse_connection",
    "parse_extensions",
    "parse_upgrade",
    "printable",
    "verify_switch",
]
