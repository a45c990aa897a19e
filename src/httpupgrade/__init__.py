"""Sans-IO negotiation of HTTP/1.1 upgrades: request bytes in, a decision out; for clients, too.

No sockets, no clock, no threads, no logging; the standard library alone. Beside it are
:mod:`httpupgrade.offers`, for an offer of your own, :mod:`httpupgrade.fields`, for values of
fields, and :mod:`httpupgrade.framing`, for where messages end.

Rules for this module: a name is loaded when it is first asked for. So a server loads no client, and
neither loads the protocols that it does not speak. Type checkers read the imports.
"""

TYPE_CHECKING = False  # type checkers take it for True

if TYPE_CHECKING:
    from ._client.events import Content, Interim, Switched
    from ._client.negotiator import ClientEvent, ClientNegotiator
    from ._client.ordinary_response import OrdinaryResponse, UpgradeRequired
    from ._client.states import ClientState
    from ._client.verify_101 import verify_switch
    from ._http1.errors import LocalProtocolError, ProtocolError, RemoteProtocolError
    from ._http1.field_values import UpgradeToken
    from ._http1.findings import Code, Finding, finding
    from ._http1.heads import RequestHead, ResponseHead
    from ._http1.limits import DEFAULT_LIMITS, Limits
    from ._negotiation.advice import (
        Advice,
        NothingInCommon,
        Retry,
        UseHTTP2,
        UseTLS,
        UseWebSocketVersion,
    )
    from ._negotiation.client_offers import VerificationFailed
    from ._negotiation.counts import Counts
    from ._negotiation.decide import decide
    from ._negotiation.decision_info import DecisionInfo, OnDecision
    from ._negotiation.decisions import (
        Accept101,
        Continue100,
        Decision,
        Passthrough,
        Reject,
        Require426,
    )
    from ._negotiation.describe import describe
    from ._negotiation.events import NEED_DATA, PAUSED, ConnectionClosed, Event, Forward, Signal
    from ._negotiation.extended_connect import AcceptConnect, decide_extended_connect
    from ._negotiation.offers import HandshakeFailed
    from ._negotiation.policy import Policy, PolicySource
    from ._negotiation.prepare_head import PrepareHead
    from ._negotiation.refusal_response import DEFAULT_REFUSAL, Refusal
    from ._negotiation.refusal_text import RefusalReport, Renderer
    from ._negotiation.request_info import RequestInfo
    from ._negotiation.rollout import RolloutKey, rollout_by
    from ._negotiation.terms import Mode
    from ._negotiation.withhold_upgrade import Carries
    from ._protocols.custom_protocol import CustomProtocol
    from ._protocols.h2c import H2C, H2CAgreement
    from ._protocols.tls import TLS, TLSAgreement
    from ._protocols.tunnels.connect_ip import ConnectIP, IPTunnelAgreement
    from ._protocols.tunnels.connect_tcp import ConnectTCP
    from ._protocols.tunnels.connect_udp import ConnectUDP
    from ._protocols.tunnels.tunnel import TunnelAgreement
    from ._protocols.websocket.agreement import WebSocketAgreement
    from ._protocols.websocket.allowed_origins import Origin
    from ._protocols.websocket.deflate import PerMessageDeflate
    from ._protocols.websocket.offer import WebSocket
    from ._protocols.websocket.subprotocols import SubprotocolSelector
    from ._server.head_negotiator import HeadNegotiator
    from ._server.negotiator import ServerNegotiator
    from ._server.states import ServerState
else:
    # Each module with its names, which come from there when somebody asks for them.
    _NAMES = (
        ("_client.events", "Content", "Interim", "Switched"),
        ("_client.negotiator", "ClientEvent", "ClientNegotiator"),
        ("_client.ordinary_response", "OrdinaryResponse", "UpgradeRequired"),
        ("_client.states", "ClientState"),
        ("_client.verify_101", "verify_switch"),
        ("_http1.errors", "LocalProtocolError", "ProtocolError", "RemoteProtocolError"),
        ("_http1.field_values", "UpgradeToken"),
        ("_http1.findings", "Code", "Finding", "finding"),
        ("_http1.heads", "RequestHead", "ResponseHead"),
        ("_http1.limits", "DEFAULT_LIMITS", "Limits"),
        (
            "_negotiation.advice",
            "Advice",
            "NothingInCommon",
            "Retry",
            "UseHTTP2",
            "UseTLS",
            "UseWebSocketVersion",
        ),
        ("_negotiation.client_offers", "VerificationFailed"),
        ("_negotiation.counts", "Counts"),
        ("_negotiation.decide", "decide"),
        ("_negotiation.decision_info", "DecisionInfo", "OnDecision"),
        (
            "_negotiation.decisions",
            "Accept101",
            "Continue100",
            "Decision",
            "Passthrough",
            "Reject",
            "Require426",
        ),
        ("_negotiation.describe", "describe"),
        (
            "_negotiation.events",
            "NEED_DATA",
            "PAUSED",
            "ConnectionClosed",
            "Event",
            "Forward",
            "Signal",
        ),
        ("_negotiation.extended_connect", "AcceptConnect", "decide_extended_connect"),
        ("_negotiation.offers", "HandshakeFailed"),
        ("_negotiation.policy", "Policy", "PolicySource"),
        ("_negotiation.prepare_head", "PrepareHead"),
        ("_negotiation.refusal_response", "DEFAULT_REFUSAL", "Refusal"),
        ("_negotiation.refusal_text", "RefusalReport", "Renderer"),
        ("_negotiation.request_info", "RequestInfo"),
        ("_negotiation.rollout", "RolloutKey", "rollout_by"),
        ("_negotiation.terms", "Mode"),
        ("_negotiation.withhold_upgrade", "Carries"),
        ("_protocols.custom_protocol", "CustomProtocol"),
        ("_protocols.h2c", "H2C", "H2CAgreement"),
        ("_protocols.tls", "TLS", "TLSAgreement"),
        ("_protocols.tunnels.connect_ip", "ConnectIP", "IPTunnelAgreement"),
        ("_protocols.tunnels.connect_tcp", "ConnectTCP"),
        ("_protocols.tunnels.connect_udp", "ConnectUDP"),
        ("_protocols.tunnels.tunnel", "TunnelAgreement"),
        ("_protocols.websocket.agreement", "WebSocketAgreement"),
        ("_protocols.websocket.allowed_origins", "Origin"),
        ("_protocols.websocket.deflate", "PerMessageDeflate"),
        ("_protocols.websocket.offer", "WebSocket"),
        ("_protocols.websocket.subprotocols", "SubprotocolSelector"),
        ("_server.head_negotiator", "HeadNegotiator"),
        ("_server.negotiator", "ServerNegotiator"),
        ("_server.states", "ServerState"),
    )

    def __getattr__(name):
        for module, *names in _NAMES:
            if name in names:
                value = getattr(__import__(f"{__name__}.{module}", fromlist=names), name)
                globals()[name] = value
                return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__():
        return sorted({*globals(), *__all__})


__version__ = "0.1.0"

__all__ = [
    "DEFAULT_LIMITS",
    "DEFAULT_REFUSAL",
    "H2C",
    "NEED_DATA",
    "PAUSED",
    "TLS",
    "Accept101",
    "AcceptConnect",
    "Advice",
    "Carries",
    "ClientEvent",
    "ClientNegotiator",
    "ClientState",
    "Code",
    "ConnectIP",
    "ConnectTCP",
    "ConnectUDP",
    "ConnectionClosed",
    "Content",
    "Continue100",
    "Counts",
    "CustomProtocol",
    "Decision",
    "DecisionInfo",
    "Event",
    "Finding",
    "Forward",
    "H2CAgreement",
    "HandshakeFailed",
    "HeadNegotiator",
    "IPTunnelAgreement",
    "Interim",
    "Limits",
    "LocalProtocolError",
    "Mode",
    "NothingInCommon",
    "OnDecision",
    "OrdinaryResponse",
    "Origin",
    "Passthrough",
    "PerMessageDeflate",
    "Policy",
    "PolicySource",
    "PrepareHead",
    "ProtocolError",
    "Refusal",
    "RefusalReport",
    "Reject",
    "RemoteProtocolError",
    "Renderer",
    "RequestHead",
    "RequestInfo",
    "Require426",
    "ResponseHead",
    "Retry",
    "RolloutKey",
    "ServerNegotiator",
    "ServerState",
    "Signal",
    "SubprotocolSelector",
    "Switched",
    "TLSAgreement",
    "TunnelAgreement",
    "UpgradeRequired",
    "UpgradeToken",
    "UseHTTP2",
    "UseTLS",
    "UseWebSocketVersion",
    "VerificationFailed",
    "WebSocket",
    "WebSocketAgreement",
    "decide",
    "decide_extended_connect",
    "describe",
    "finding",
    "rollout_by",
    "verify_switch",
]
