"""One example or more of every public class whose objects are values.

Rules for this module: each example holds SECRET wherever its type may hold what a peer sent or what
a caller keeps to itself, so that the tests of repr() have something to look for.
"""

from typing import Final

from public_names import PUBLIC

from httpupgrade import (
    H2C,
    NEED_DATA,
    PAUSED,
    TLS,
    Accept101,
    AcceptConnect,
    ClientNegotiator,
    ClientState,
    Code,
    ConnectionClosed,
    ConnectIP,
    ConnectTCP,
    ConnectUDP,
    Content,
    Continue100,
    CustomProtocol,
    DecisionInfo,
    Finding,
    Forward,
    H2CAgreement,
    HandshakeFailed,
    HeadNegotiator,
    Interim,
    IPTunnelAgreement,
    Limits,
    LocalProtocolError,
    NothingInCommon,
    OrdinaryResponse,
    Origin,
    Passthrough,
    PerMessageDeflate,
    Policy,
    Refusal,
    RefusalReport,
    Reject,
    RemoteProtocolError,
    RequestHead,
    RequestInfo,
    Require426,
    ResponseHead,
    Retry,
    ServerNegotiator,
    ServerState,
    Signal,
    Switched,
    TLSAgreement,
    TunnelAgreement,
    UpgradeRequired,
    UpgradeToken,
    UseHTTP2,
    UseTLS,
    UseWebSocketVersion,
    VerificationFailed,
    WebSocket,
    WebSocketAgreement,
    rollout_by,
)
from httpupgrade.diagnosis import Change, Diagnosis, Evidence, NoAnswer, Paste, Remedy, Suspect
from httpupgrade.fields import Extension, FieldSyntaxError
from httpupgrade.framing import BodyPiece, Framing, ResponseProgress
from httpupgrade.offers import Agreed, Example, HandshakeFields, Ignored, UpgradeRefusal, Verified

SECRET: Final = "s3cr3tAAAA"
_OCTETS: Final = SECRET.encode()
# base64url of SETTINGS; no secret, and shown by its length all the same.
SETTINGS: Final = b"AAMAAABkAAQAoAAAAAIAAAAA"

FIELDS: Final = (
    (b"Host", b"server.example"),
    (b"Upgrade", b"websocket"),
    (b"Connection", b"Upgrade"),
    (b"Origin", b"https://server.example"),
    (b"Cookie", b"session=" + _OCTETS),
    (b"Set-Cookie", b"session=" + _OCTETS),
    (b"authorization", b"Bearer " + _OCTETS),
    (b"Proxy-Authorization", b"Basic " + _OCTETS),
    (b"Sec-WebSocket-Key", _OCTETS),
    (b"Sec-WebSocket-Protocol", b"bearer." + _OCTETS),
    (b"X-Unknown", _OCTETS),
)
REQUEST_LINE: Final = b"GET /chat?token=" + _OCTETS + b" HTTP/1.1"
STATUS_LINE: Final = b"HTTP/1.1 200 " + _OCTETS


def head_octets(line: bytes) -> bytes:
    """A head with all of FIELDS."""
    return b"\r\n".join((line, *(b"%b: %b" % field for field in FIELDS), b"", b""))


REQUEST: Final = RequestHead.parse(head_octets(REQUEST_LINE))
RESPONSE: Final = ResponseHead.parse(head_octets(STATUS_LINE))
TCP: Final = UpgradeToken("tcp")
FINDING: Final = Finding("a-code", "a sentence", field="Cookie", value=_OCTETS, offset=3)
FINDINGS: Final = (
    FINDING,
    Finding("no-field", "a sentence", value=_OCTETS),
    Finding("shown", "a sentence", field="Upgrade", value=b"websocket"),
)
AGREED: Final = WebSocketAgreement(SECRET, (Extension("x", (("y", "1"), ("z", None))),), _OCTETS)
CHAT: Final = WebSocket([SECRET, "chat"], origins="same-host", hosts=["server.example"])

REMEDY: Final = Remedy(
    "pass-upgrade",
    "nginx",
    "pass it on",
    pastes=(Paste("location", ("a b;",), ("a",)),),
    commands=("nginx -t",),
)
DIAGNOSIS: Final = Diagnosis(
    "broken",
    "a-code",
    "It arrived otherwise.",
    "A proxy did it.",
    ("a 426 follows",),
    (Evidence("it has none", "field line 1", "Host: a", 0, 4), Evidence("there is no Upgrade")),
    (Suspect("nginx", "before 1.29.7", "proxy_pass alone", "the last hop", "high", "row", "it"),),
    (REMEDY,),
    ("Try again.",),
)


class Foreign(str):
    """An agreement of a caller's own type."""

    __slots__ = ()


EXAMPLES: Final[dict[type, tuple[object, ...]]] = {
    H2C: (H2C(), H2C(settings=SETTINGS)),
    TLS: (TLS("1.3", "1.2"),),
    Accept101: (
        Accept101(
            TCP,
            tokens=(TCP, UpgradeToken("x")),
            headers=FIELDS[4:],
            agreement=Foreign(SECRET),
            head=REQUEST,
            request_body=_OCTETS,
            awaits_body=True,
            interim=Continue100(FINDINGS),
            findings=FINDINGS,
            reason=_OCTETS,
            takes_early_data=False,
            forbidden_headers=frozenset((b"x-b", b"x-a")),
        ),
        Accept101(TCP, agreement=AGREED),
    ),
    AcceptConnect: (AcceptConnect(TCP, FIELDS, AGREED, REQUEST, FINDINGS),),
    Agreed: (Agreed(TCP, FIELDS, AGREED, layers=(TCP,), reason=_OCTETS, findings=FINDINGS),),
    BodyPiece: (BodyPiece(_OCTETS, _OCTETS),),
    # What these hold was redacted before it got there.
    Change: (Change("lost", "Upgrade", "Upgrade: websocket", matters=True),),
    Diagnosis: (DIAGNOSIS, Diagnosis("healthy", "", "Nothing is wrong.")),
    Evidence: DIAGNOSIS.evidence,
    NoAnswer: tuple(NoAnswer),
    Paste: REMEDY.pastes,
    Remedy: (REMEDY,),
    Suspect: DIAGNOSIS.suspects,
    HandshakeFields: (HandshakeFields(FIELDS, (_OCTETS,)),),
    HandshakeFailed: (HandshakeFailed(FINDINGS, 400, FIELDS),),
    ClientState: tuple(ClientState),
    Code: (Code("a-code", 400, "RFC 9110 7.8", "a sentence", "Send it.", "Raise it."),),
    ConnectIP: (ConnectIP(),),
    ConnectTCP: (ConnectTCP(token="connect-tcp-07"),),
    ConnectUDP: (ConnectUDP("/{target_host}/{target_port}/{?other}"),),
    ConnectionClosed: (ConnectionClosed(FINDINGS),),
    Content: (Content(_OCTETS, end=True), Content(b"", end=False)),
    Continue100: (Continue100(FINDINGS),),
    OrdinaryResponse: (OrdinaryResponse(RESPONSE, True, REQUEST),),
    Example: (Example.of(REQUEST, [TCP], FIELDS[4:], note="Draw a key."), Example(REQUEST)),
    Extension: (Extension("x", (("y", "1"), ("z", None))),),
    FieldSyntaxError: (FieldSyntaxError("expected a comma", 1, 2),),
    Finding: FINDINGS,
    Forward: (Forward(_OCTETS, end=True),),
    Framing: (Framing(5), Framing(None, coded=True), Framing(None, until_close=True)),
    H2CAgreement: (H2CAgreement(SETTINGS, ((3, 100),)),),
    IPTunnelAgreement: (IPTunnelAgreement(SECRET, 17, (("other", _OCTETS),), True),),
    Ignored: (Ignored(FINDINGS),),
    Interim: (Interim(RESPONSE, FINDINGS),),
    Limits: (Limits(), Limits(max_drain=5)),
    LocalProtocolError: (LocalProtocolError("nothing is sent for a Passthrough"),),
    NothingInCommon: (NothingInCommon(FINDING),),
    Origin: (Origin(b"https", b"server.example", 443),),
    Passthrough: (
        Passthrough(REQUEST, _OCTETS, FINDINGS, FIELDS, True),
        Passthrough(None),
    ),
    DecisionInfo: (
        DecisionInfo(RequestInfo(REQUEST, "a"), 0.25, "report", True, False, "a"),
        DecisionInfo(),
    ),
    PerMessageDeflate: (PerMessageDeflate(True, False, 10, 11),),
    Policy: (
        Policy(CHAT, H2C(), mode="required", refusal=Refusal([(b"Retry-After", b"1")])),
        Policy(
            TLS("1.3"),
            CustomProtocol("tcp"),
            ConnectUDP(),
            mode="required",
            rollout=0.25,
            rollout_key=rollout_by(cookie="session"),
            close="never",
        ),
    ),
    Refusal: (Refusal(), Refusal([(b"Link", _OCTETS)], body="empty")),
    RefusalReport: (RefusalReport(400, (TCP,), FINDINGS, REQUEST, FIELDS),),
    VerificationFailed: (VerificationFailed(FINDINGS),),
    Reject: (Reject(400, FIELDS[3:], _OCTETS, close=True, findings=FINDINGS),),
    RemoteProtocolError: (RemoteProtocolError(FINDINGS, _OCTETS), RemoteProtocolError(FINDINGS)),
    RequestInfo: (RequestInfo(REQUEST, ("192.0.2.1", 1), secure=True),),
    RequestHead: (
        REQUEST,
        RequestHead(b"GET", b"/chat?" + _OCTETS, FIELDS),
        RequestHead(b"GET", b"http://me:" + _OCTETS + b"@a/b?" + _OCTETS, FIELDS, b"1.0"),
        RequestHead(b"CONNECT", _OCTETS + b"@a:1", [(b"Host", _OCTETS + b"@a:1")]),
        RequestHead(b"OPTIONS", b"*", []),
    ),
    Require426: (Require426([TCP], FIELDS[3:], _OCTETS, close=True, findings=FINDINGS),),
    ResponseHead: (
        RESPONSE,
        ResponseHead(101, FIELDS, _OCTETS),
        ResponseHead.parse(b"HTTP/1.1 200 \r\nX: a\r\n b\r\n\r\n"),
    ),
    ResponseProgress: tuple(ResponseProgress),
    Retry: (Retry(CHAT, TCP, True),),
    ServerState: tuple(ServerState),
    Signal: (NEED_DATA, PAUSED),
    Switched: (Switched(TCP, (TCP,), RESPONSE, AGREED, FINDINGS),),
    TLSAgreement: (TLSAgreement("1.3"),),
    CustomProtocol: (CustomProtocol("tcp", methods=[b"GET"], body="buffer", headers=FIELDS[4:]),),
    TunnelAgreement: (TunnelAgreement(SECRET, 1, (("other", _OCTETS),), False),),
    UpgradeRefusal: (UpgradeRefusal(TCP, REQUEST, RESPONSE, True, False, False),),
    UpgradeRequired: (
        UpgradeRequired((TCP,), (13,), RESPONSE, _OCTETS, True, FINDINGS, REQUEST, False),
    ),
    UpgradeToken: (TCP, UpgradeToken("TLS", "1.3")),
    UseHTTP2: (UseHTTP2("upgrade", H2C(settings=SETTINGS), False), UseHTTP2("alpn", None, True)),
    UseTLS: (UseTLS("upgrade", TLS("1.3"), False),),
    UseWebSocketVersion: (UseWebSocketVersion(8, CHAT, True),),
    Verified: (Verified(AGREED, FINDINGS), Verified()),
    WebSocket: (CHAT, WebSocket(select_subprotocol="client", versions=(13, 8))),
    WebSocketAgreement: (AGREED, WebSocketAgreement(None, (), b"")),
}

# Interfaces to fill, the base of the two errors, which is never raised, and what changes.
NOT_VALUES: Final = frozenset(
    (
        "BodyReader",
        "ClientOffer",
        "ClientNegotiator",
        "Counts",
        "HeadNegotiator",
        "Offer",
        "OfferableExtension",
        "ProtocolError",
        "ResponseTracker",
        "ServerNegotiator",
        "SupportedExtension",
    )
)
MACHINES: Final = (ServerNegotiator, HeadNegotiator, ClientNegotiator)


def public_classes() -> dict[str, type]:
    """The classes among the public names."""
    return {name: each for name, each in PUBLIC.items() if isinstance(each, type)}
