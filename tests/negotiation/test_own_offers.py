"""An offer of a user's own, for any token: what it agrees to is taken at its word."""

import re
from base64 import b64encode
from hashlib import md5

import pytest
from feeding import feed, hear_head
from loopback import connected, run
from serving_uvicorn import serving
from strategies_decide import ACCEPT, HANDSHAKE, KEY, handshake
from transcript import Transcript
from wire import FRAME

from httpupgrade import (
    Accept101,
    ClientNegotiator,
    CustomProtocol,
    Finding,
    HandshakeFailed,
    HeadNegotiator,
    LocalProtocolError,
    Passthrough,
    Policy,
    Reject,
    RequestHead,
    RequestInfo,
    Require426,
    ServerNegotiator,
    ServerState,
    UpgradeToken,
    WebSocket,
    WebSocketAgreement,
    decide,
)
from httpupgrade._negotiation.terms import Mode
from httpupgrade.adapters.h11 import H11Negotiator
from httpupgrade.adapters.uvicorn import AutoProtocol
from httpupgrade.fields import Headers, accept_key
from httpupgrade.offers import Agreed, ClientOffer, Offer, OfferResult

WEBSOCKET = UpgradeToken("websocket")
LONG_KEY = b64encode(bytes(range(32)))
LONG = handshake((b"Sec-WebSocket-Key", LONG_KEY))


class Unwritten(Offer):
    """What has to be written is not there."""


class Half(Unwritten):
    """One half of it is."""

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (WEBSOCKET,)


def test_what_is_missing_from_an_offer_is_named() -> None:
    with pytest.raises(NotImplementedError, match=r"^Unwritten has no tokens\(\)$"):
        Policy(Unwritten())
    with pytest.raises(NotImplementedError, match=r"^Half has no negotiate\(\)$"):
        decide(LONG, Policy(Half()))


class Capitals(Half, ClientOffer):
    """Its fields are written as they are in requests."""

    fields = frozenset((b"Sec-WebSocket-Key", b"Seat"))


def test_the_case_of_its_fields_does_not_matter() -> None:
    passed = decide(
        RequestHead.parse(b"GET / HTTP/1.1\r\nHost: a\r\nseat: 1\r\n\r\n"), Policy(Capitals())
    )
    assert isinstance(passed, Passthrough)
    assert passed.without_upgrade().data == b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    with pytest.raises(ValueError, match=r"^b'SEAT' follows from the offers"):
        ClientNegotiator(Capitals(), host=b"a", headers=[(b"SEAT", b"1")])


class LongKeys(Offer):
    """A WebSocket for devices whose key has 32 octets; everything else as WebSocket has it."""

    def __init__(self) -> None:
        self._offer = WebSocket(extensions=())
        self.checked: list[Accept101] = []

    @property
    def headers_for_426(self) -> Headers:
        return self._offer.headers_for_426

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return self._offer.tokens(secure=secure)

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> OfferResult:
        key = head.get(b"sec-websocket-key") or b""
        if re.fullmatch(rb"[A-Za-z0-9+/]{43}=", key) is None:
            return self._offer.negotiate(head, token, secure=secure)
        others = [field for field in head.headers if field[0].lower() != b"sec-websocket-key"]
        fields = [*others, (b"Sec-WebSocket-Key", b"A" * 22 + b"==")]
        answer = self._offer.negotiate(
            RequestHead(head.method, head.target, fields), token, secure=secure
        )
        if not isinstance(answer, Agreed):
            return answer
        accept = accept_key(key)
        return answer.replace(
            headers=((b"Sec-WebSocket-Accept", accept), *answer.headers[1:]),
            agreement=WebSocketAgreement(None, (), accept),
        )


class CheckedLongKeys(LongKeys):
    """The same, which looks at what the caller sends in its place."""

    def check_accept(self, head: RequestHead, accept: Accept101, *, secure: bool) -> None:
        self.checked.append(accept)
        key = head.get(b"sec-websocket-key") or b""
        if (b"Sec-WebSocket-Accept", accept_key(key)) not in accept.headers:
            raise LocalProtocolError("the key is not answered")


class Keyless(Offer):
    """hixie-76, whose response goes on after the 101 with what answers three keys."""

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (UpgradeToken("WebSocket"),)  # as the draft spells it

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> OfferResult:
        keys = [head.get(b"sec-websocket-key%d" % each) for each in (1, 2)]
        if None in keys:
            return HandshakeFailed((Finding("hixie-keys-missing", "there are not two keys"),), 400)
        location = b"ws://%b%b" % (head.get(b"host") or b"", head.target)
        return Agreed(
            token,
            ((b"Sec-WebSocket-Location", location),),
            tuple(keys),
            reason=b"WebSocket Protocol Handshake",
        )


QUICK = UpgradeToken("quick")


class Quick(Offer):
    """An offer that needs no handshake."""

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (QUICK,)

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> OfferResult:
        return Agreed(token)


def test_what_inherits_from_an_offer_of_the_library_has_no_fast_path_of_its() -> None:
    class Closed(WebSocket):
        def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> OfferResult:
            return HandshakeFailed((Finding("closed", "nobody is let in"),), 403)

    refused = decide(handshake(), Policy(Closed()))
    assert isinstance(refused, Reject)
    assert refused.status_code == 403


class Strict(Quick):
    """The same, whose 101 has no X-Never."""

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> OfferResult:
        return Agreed(token, forbidden_headers=frozenset((b"x-never",)))


NEVER = (b"X-Never", b"1")
OFFERING = RequestHead(
    b"GET", b"/", [(b"Host", b"a"), (b"Upgrade", b"quick, tcp"), (b"Connection", b"Upgrade")]
)


def test_a_field_that_an_offer_forbids_never_goes_out() -> None:
    talk = Transcript(Policy(Strict(), CustomProtocol("tcp")))
    accept = talk.hears(OFFERING.to_bytes(), Accept101)
    with pytest.raises(LocalProtocolError, match="does not allow X-Never in this response"):
        accept.with_headers([NEVER])
    assert "forbidden_headers={x-never}" in repr(accept)
    changed = accept.replace(headers=(*accept.headers, NEVER))
    with pytest.raises(LocalProtocolError, match="does not allow X-Never in this response"):
        changed.to_bytes()
    own = Accept101(QUICK, headers=[NEVER])
    own.to_bytes()  # which knows no offer
    for wrong in (changed, own):
        with pytest.raises(LocalProtocolError, match="does not allow X-Never in this response"):
            talk.machine.send(wrong)
    assert b"X-Never: 1" in talk.answers(Accept101(UpgradeToken("tcp"), headers=[NEVER]))


class Marked(Quick):
    """The same, with fields that no other protocol has."""

    fields: frozenset[bytes] = frozenset((b"quick-ticket", b"quick-pass"))


@pytest.mark.parametrize("mode", ["optional", "advertise"])
def test_what_is_declined_goes_without_the_fields_of_the_offers(mode: Mode) -> None:
    octets = (
        b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: slow, h2c\r\nQuick-Ticket: 1\r\n"
        b"HTTP2-Settings: AA\r\n"
        b"Connection: upgrade, QUICK-PASS, te\r\nX: y\r\nSec-WebSocket-Key: z\r\n\r\n"
    )
    left = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: te\r\nX: y\r\n"
    key = b"Sec-WebSocket-Key: z\r\n"
    for offers, kept in (((Marked(),), key), ((Marked(), WebSocket()), b"")):
        passed = feed(ServerNegotiator(Policy(*offers, mode=mode)), octets)
        assert isinstance(passed, Passthrough)
        assert passed.without_upgrade().data == left + kept + b"\r\n"
        assert passed.without_upgrade().without_upgrade() == passed.without_upgrade()
        made = RequestHead(b"GET", b"/", RequestHead.parse(octets).headers)
        parsed = decide(made, Policy(*offers, mode=mode))
        assert isinstance(parsed, Passthrough)
        assert parsed.without_upgrade().head == RequestHead.parse(left + kept + b"\r\n")


def test_a_plain_request_goes_without_the_fields_of_the_offers_as_well() -> None:
    octets = b"GET / HTTP/1.1\r\nHost: a\r\nQuick-Pass: 1\r\n\r\n"
    passed = feed(ServerNegotiator(Policy(Marked())), octets)
    assert isinstance(passed, Passthrough)
    assert passed.without_upgrade().data == b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


class Routed(Quick):
    """The same, which a request means that has its ticket, or its path."""

    tell_tales = ("Quick-Ticket", "Quick-Pass")

    def was_meant(self, head: RequestHead) -> str | None:
        return "/quick" if head.path == b"/quick" else super().was_meant(head)


PLAIN = (b"Host", b"a")
PASS = (b"quick-pass", b"1")


@pytest.mark.parametrize("mode", ["optional", "required"])
@pytest.mark.parametrize(
    ("head", "field", "line"),
    [
        (RequestHead(b"GET", b"/", [PLAIN, PASS]), "Quick-Pass", b"quick-pass: ..."),
        (RequestHead(b"GET", b"/quick?a=b", [PLAIN, PASS]), None, b"GET /quick?... HTTP/1.1"),
        (
            RequestHead(b"GET", b"/", [PLAIN, PASS, (b"Upgrade", b"quick")]),
            "Quick-Pass",
            b"quick-pass: ...",
        ),
    ],
)
def test_what_shows_that_an_offer_was_meant_is_found(
    head: RequestHead, field: str | None, line: bytes, mode: Mode
) -> None:
    for read in (head, RequestHead.parse(head.to_bytes())):
        findings = decide(read, Policy(WebSocket(), Routed(), mode=mode)).findings
        (found,) = [each for each in findings if each.code == "hop-by-hop-fields-lost"]
        assert (found.field, found.line) == (field, line)
        assert found.hint.startswith(f"Its {field or 'path'} ")
    event = feed(ServerNegotiator(Policy(Routed(), mode=mode)), head.to_bytes())
    assert isinstance(event, Passthrough | Require426)
    assert found in event.findings


@pytest.mark.parametrize("mode", ["optional", "required"])
def test_what_shows_nothing_is_not_found(mode: Mode) -> None:
    for fields in ([PLAIN], [PLAIN, (b"Sec-WebSocket-Key", KEY)]):
        decision = decide(RequestHead(b"GET", b"/", fields), Policy(Routed(), mode=mode))
        assert "hop-by-hop-fields-lost" not in [each.code for each in decision.findings]


@pytest.mark.parametrize("offer", [LongKeys(), CheckedLongKeys()])
def test_what_an_offer_of_ones_own_agrees_to_is_decided_and_sent(offer: LongKeys) -> None:
    answer = b"\r\nSec-WebSocket-Accept: %b\r\n" % accept_key(LONG_KEY)
    decision = decide(LONG, Policy(offer, mode="required"))
    assert isinstance(decision, Accept101)
    talk = Transcript(Policy(offer))
    talk.hears(LONG.to_bytes() + FRAME, Accept101)
    assert answer in talk.answers()
    assert talk.trailing == FRAME
    assert talk.state is ServerState.SWITCHED
    machine = HeadNegotiator(Policy(offer))
    accept = hear_head(machine, LONG)
    assert isinstance(accept, Accept101)
    assert answer in machine.send(accept)
    driver = H11Negotiator(Policy(offer))
    driver.receive_data(LONG.to_bytes() + FRAME)
    event = driver.next_event()
    assert isinstance(event, Accept101)
    assert answer in driver.send(event)
    assert offer.checked == []


def test_an_offer_of_ones_own_answers_for_the_rest_as_well() -> None:
    """A head that it passes on is judged by the offer it passes it to."""
    policy = Policy(LongKeys(), mode="required")
    assert isinstance(decide(handshake(), policy), Accept101)
    refused = decide(handshake((b"Sec-WebSocket-Key", LONG_KEY[:-4])), policy)
    assert isinstance(refused, Reject)
    assert [each.code for each in refused.findings] == ["websocket-key-malformed"]
    refused = decide(handshake((b"Sec-WebSocket-Key", LONG_KEY), method=b"POST"), policy)
    assert isinstance(refused, Reject)
    assert refused.status_code == 405


def test_a_draft_before_rfc_6455_can_be_an_offer() -> None:
    """draft-ietf-hybi-thewebsocketprotocol-00 1.3, with its own example."""
    octets = (
        b"GET /demo HTTP/1.1\r\nHost: example.com\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key2: 12998 5 Y3 1  .P00\r\nUpgrade: WebSocket\r\n"
        b"Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5\r\nOrigin: http://example.com\r\n\r\n^n:ds[4U"
    )
    talk = Transcript(Policy(Keyless()))
    accept = talk.hears(octets, Accept101)
    assert talk.answers().startswith(
        b"HTTP/1.1 101 WebSocket Protocol Handshake\r\nUpgrade: WebSocket\r\n"
    )
    assert isinstance(accept.agreement, tuple)
    parts = b""
    for key in accept.agreement:
        digits = bytes(octet for octet in key if octet in b"0123456789")
        parts += (int(digits) // key.count(b" ")).to_bytes(4, "big")
    answer = md5(parts + talk.trailing[:8], usedforsecurity=False).digest()
    assert answer == b"8jKS'y:G*Co,Wxa-"


def test_a_changed_acceptance_is_judged_by_the_offer_that_agreed() -> None:
    offer = CheckedLongKeys()
    talk = Transcript(Policy(offer, WebSocket()))
    accept = talk.hears(LONG.to_bytes(), Accept101)
    with pytest.raises(LocalProtocolError, match="the key is not answered"):
        talk.machine.send(accept.with_headers([(b"Sec-WebSocket-Accept", ACCEPT)]))
    changed = accept.with_headers([(b"Set-Cookie", b"a=b")])
    assert b"\r\nSet-Cookie: a=b\r\n" in talk.answers(changed)
    assert len(offer.checked) == 2
    assert offer.checked[1] == changed


def test_a_changed_acceptance_of_websocket_is_judged_by_websocket_beside_another_offer() -> None:
    """The other one comes first in the policy, and would let it go out."""

    class Picky(LongKeys):
        def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> OfferResult:
            if head.get(b"sec-websocket-key") == KEY:
                return HandshakeFailed((Finding("key-too-short", "the key has 16 octets"),), 400)
            return super().negotiate(head, token, secure=secure)

    talk = Transcript(Policy(Picky(), WebSocket()))
    accept = talk.hears(RequestHead(b"GET", b"/", HANDSHAKE).to_bytes(), Accept101)
    with pytest.raises(LocalProtocolError, match="does not answer the client's key"):
        talk.machine.send(accept.with_headers([(b"Sec-WebSocket-Accept", b"x")]))
    talk.answers(accept)


def test_without_a_check_a_changed_acceptance_is_taken_at_the_callers_word() -> None:
    talk = Transcript(Policy(LongKeys()))
    accept = talk.hears(LONG.to_bytes(), Accept101)
    changed = accept.with_headers([(b"Sec-WebSocket-Accept", b"x")])
    assert b"\r\nSec-WebSocket-Accept: x\r\n" in talk.answers(changed)


def test_of_two_offers_for_a_protocol_that_did_not_agree_the_first_judges() -> None:
    tcp = UpgradeToken("tcp")

    class Tcp(Keyless):
        def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
            return (tcp,)

        def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> OfferResult:
            return Agreed(token)

    for offers, goes_out in (((LongKeys(), WebSocket()), True), ((WebSocket(), LongKeys()), False)):
        talk = Transcript(Policy(Tcp(), *offers))
        talk.hears(handshake((b"Upgrade", b"websocket, tcp")).to_bytes(), Accept101)
        unanswered = Accept101(WEBSOCKET)
        if goes_out:
            talk.answers(unanswered)
        else:
            with pytest.raises(LocalProtocolError, match="does not answer"):
                talk.machine.send(unanswered)


@pytest.mark.parametrize(
    "field", [(b"Content-Length", b"0"), (b"Transfer-Encoding", b"chunked"), (b"X", b"a\r\nb: c")]
)
def test_no_offer_can_write_what_no_101_has(field: tuple[bytes, bytes]) -> None:
    """RFC 9110 8.6: framing and field syntax are the library's to check, whatever the offer."""

    class Wrong(Keyless):
        def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> OfferResult:
            return Agreed(token, (field,))

    talk = Transcript(Policy(Wrong()))
    talk.refuses(talk.hears(handshake().to_bytes(), Accept101))


def test_an_offer_of_ones_own_can_be_served_by_an_application_of_uvicorn() -> None:
    offer = CheckedLongKeys()

    class LongKeySite(AutoProtocol):
        websockets = "app"

        def policy(self, info: RequestInfo) -> Policy:
            return Policy(offer)

    async def work() -> bytes:
        async with serving(LongKeySite) as port, connected(port) as client:
            client.send(LONG.to_bytes() + FRAME)
            return await client.until(b"Hello")

    assert b"\r\nSec-WebSocket-Accept: %b\r\n" % accept_key(LONG_KEY) in run(work)
    assert len(offer.checked) == 1  # uvicorn adds Date and Server
