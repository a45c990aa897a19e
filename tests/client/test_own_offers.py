"""Offers of a user's own at the client, with every hook that a client's offer has."""

from typing import Any, cast

import pytest
from client_wire import FRAME, asking, asking_nothing, refused, required, response, sized, switched
from feeding import feed

from httpupgrade import (
    NEED_DATA,
    Advice,
    ClientNegotiator,
    CustomProtocol,
    Finding,
    LocalProtocolError,
    NothingInCommon,
    OrdinaryResponse,
    RequestHead,
    ResponseHead,
    Retry,
    Switched,
    UpgradeRequired,
    UpgradeToken,
    VerificationFailed,
    WebSocket,
    verify_switch,
)
from httpupgrade.offers import ClientOffer, HandshakeFields, UpgradeRefusal, Verified

DERP = UpgradeToken("DERP")
OPTION = b"Connection: upgrade"


def switch_to(token: bytes, *lines: bytes, body: bytes = b"") -> bytes:
    return response(b"Upgrade: " + token, OPTION, *lines, status=b"101", body=body)


def refusal(*lines: bytes, status: bytes = b"426 Upgrade Required") -> bytes:
    return sized(*lines, status=status)


# --- What an offer has without writing it -------------------------------------------------------


class Plain(ClientOffer):
    """An offer that writes only what has no default."""

    def tokens_to_request(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (DERP,)


def test_an_offer_of_a_name_alone_asks_by_its_name() -> None:
    assert asking(Plain()).head.headers == (
        (b"Host", b"server.example.com"),
        (b"Upgrade", b"DERP"),
        (b"Connection", b"Upgrade"),
    )


def test_an_offer_of_a_name_alone_takes_a_101_that_names_it_alone() -> None:
    event = switched(switch_to(b"derp"), asking(Plain()))
    assert (event.token, event.agreement, event.findings) == (DERP, None, ())
    assert refused(switch_to(b"DERP, h2c"), asking(Plain())) == ("switch-names-several",)
    assert refused(switch_to(b"DERP, DERP"), asking(Plain())) == ("switch-upgrade-repeated",)
    without = response(b"Upgrade: DERP", status=b"101")
    assert refused(without, asking(Plain())) == ("switch-option-missing",)


@pytest.mark.parametrize("close", [False, True])
def test_an_offer_of_a_name_alone_is_tried_once(close: bool) -> None:
    offer = Plain()
    option = b"Connection: upgrade, close" if close else OPTION
    octets = refusal(b"Upgrade: DERP", option)
    unasked = required(octets, asking_nothing())
    assert unasked.next_step([offer]) == Retry(offer, DERP, reconnect=close)
    step = required(octets, asking(offer)).next_step([offer])
    assert isinstance(step, NothingInCommon)
    assert step.finding.code == "asked-in-vain"


def test_an_offer_of_a_name_alone_has_no_advice_about_anything_else() -> None:
    unnamed = required(refusal(b"Upgrade: h2c", OPTION), asking(Plain())).next_step([Plain()])
    assert isinstance(unnamed, NothingInCommon)
    assert unnamed.finding.code == "nothing-in-common"
    silent = required(refusal(), asking(Plain())).next_step([Plain()])
    assert isinstance(silent, NothingInCommon)
    assert silent.finding.code == "asked-in-vain"
    declined = feed(asking(Plain()), refusal(status=b"400 Bad Request"))
    assert isinstance(declined, OrdinaryResponse)
    assert declined.next_step([Plain()]) is None


# --- Asking and verifying -----------------------------------------------------------------------


class Derp(ClientOffer):
    """An offer that writes the hooks of a handshake."""

    def tokens_to_request(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (UpgradeToken("DERP"),)

    def handshake_fields(self, key: bytes) -> HandshakeFields:
        return HandshakeFields(((b"Derp-Fast-Start", b"1"),), (b"Derp-Fast-Start",))

    def check_request(self, request: RequestHead) -> None:
        if request.target != b"/derp":
            raise ValueError("DERP is at /derp")

    def verify(
        self, request: RequestHead, response: ResponseHead, tokens: tuple[UpgradeToken, ...]
    ) -> Verified | VerificationFailed:
        return Verified(response.get(b"derp-version"))


def test_an_own_offer_asks_and_verifies() -> None:
    negotiator = asking(Derp(), target=b"/derp")
    assert negotiator.head.get(b"connection") == b"Upgrade, Derp-Fast-Start"
    assert negotiator.head.get(b"derp-fast-start") == b"1"
    assert switched(switch_to(b"DERP", b"Derp-Version: 2"), negotiator).agreement == b"2"
    with pytest.raises(ValueError, match="at /derp"):
        asking(Derp())


class Raising(Derp):
    """An offer whose check has a fault of its own, once."""

    raised = False

    def verify(
        self, request: RequestHead, response: ResponseHead, tokens: tuple[UpgradeToken, ...]
    ) -> Verified | VerificationFailed:
        if not self.raised:
            self.raised = True
            raise ZeroDivisionError
        return super().verify(request, response, tokens)


@pytest.mark.parametrize("first", [0, 1, 40])
def test_an_offer_that_raises_loses_nothing(first: int) -> None:
    negotiator = asking(Raising(), target=b"/derp")
    octets = switch_to(b"DERP", body=FRAME)
    assert first == 0 or feed(negotiator, octets[:first]) is NEED_DATA
    with pytest.raises(ZeroDivisionError):
        feed(negotiator, octets[first:])
    assert isinstance(negotiator.next_event(), Switched)
    assert negotiator.trailing_data == FRAME


class Silent(Derp):
    """An offer that refuses, and does not say why."""

    def verify(
        self, request: RequestHead, response: ResponseHead, tokens: tuple[UpgradeToken, ...]
    ) -> Verified | VerificationFailed:
        return VerificationFailed(())


def test_an_offer_that_refuses_says_why() -> None:
    with pytest.raises(LocalProtocolError, match="does not say why"):
        feed(asking(Silent(), target=b"/derp"), switch_to(b"DERP"))
    # What else is wrong is said by the library.
    codes = refused(response(b"Upgrade: DERP", status=b"101"), asking(Silent(), target=b"/derp"))
    assert codes == ("switch-option-missing",)


class Careless(Derp):
    """An offer that says what it must not."""

    def __init__(self, *headers: tuple[bytes, bytes], options: tuple[bytes, ...] = ()) -> None:
        self.asked = HandshakeFields(headers, options)

    def handshake_fields(self, key: bytes) -> HandshakeFields:
        return self.asked


CARELESS = [
    Careless((b"Content-Length", b"5")),
    Careless((b"Transfer-Encoding", b"chunked")),
    Careless((b"connection", b"close")),
    Careless((b"Upgrade", b"h2c")),
    Careless((b"Host", b"other.example")),
    Careless((b"A", b"b"), (b"a", b"c")),
    Careless((b"A", b"b\r\nC: d")),
    Careless(options=(b"",)),
    Careless(options=(b"a b",)),
    Careless(options=(b"a\r\nC: d",)),
]


@pytest.mark.parametrize("offer", CARELESS)
def test_an_own_offer_says_nothing_that_is_not_its_to_say(offer: ClientOffer) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has words of its own
        asking(offer, target=b"/derp")


class Untyped(ClientOffer):
    """An offer whose hooks return what they must not."""

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (DERP,)

    def handshake_fields(self, key: bytes) -> HandshakeFields:
        return HandshakeFields()

    def verify(
        self, request: RequestHead, response: ResponseHead, tokens: tuple[UpgradeToken, ...]
    ) -> Verified | VerificationFailed:
        return cast(Verified, None)


def test_what_is_asked_for_is_by_default_what_the_offer_can_switch_to() -> None:
    assert Untyped().tokens_to_request(secure=False) == (DERP,)


def test_hooks_that_return_another_type_raise_what_they_should_have_returned() -> None:
    negotiator = asking(Untyped())
    with pytest.raises(
        TypeError, match=r"verify\(\) returns a Verified or VerificationFailed, not None"
    ):
        feed(negotiator, switch_to(b"DERP"))

    class OfNothing(Untyped):
        def handshake_fields(self, key: bytes) -> HandshakeFields:
            return cast(HandshakeFields, None)

    with pytest.raises(
        TypeError, match=r"handshake_fields\(\) returns a HandshakeFields, not None"
    ):
        asking(OfNothing())

    class OfText(Untyped):
        def tokens_to_request(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
            return cast(tuple[UpgradeToken, ...], "derp")

    with pytest.raises(TypeError, match="tokens is a sequence of UpgradeTokens, not str"):
        asking(OfText())


def test_fields_that_an_offer_asks_by_are_not_the_callers_to_repeat() -> None:
    with pytest.raises(ValueError, match="follows from the offers"):
        ClientNegotiator(Derp(), target=b"/derp", host=b"a", headers=[(b"derp-fast-start", b"0")])


@pytest.mark.parametrize("made", [True, False])
def test_the_own_fields_of_an_offer_are_the_callers_where_it_is_not_made(made: bool) -> None:
    class Ticketed(Plain):
        fields: frozenset[bytes] = frozenset((b"derp-ticket",))

    offer = Ticketed() if made else Plain()
    given = [(b"Derp-TICKET", b"1")]
    if made:
        with pytest.raises(ValueError, match="'Derp-TICKET' follows from the offers"):
            ClientNegotiator(offer, host=b"a", headers=given)
    else:
        head = ClientNegotiator(offer, host=b"a", headers=given).head
        assert head.get(b"derp-ticket") == b"1"


class Sealed(Plain):
    """An offer of a protocol whose own handshake authenticates the server."""

    @property
    def requires_upgrade_option(self) -> bool:
        return False


def test_an_offer_may_take_a_101_without_the_connection_option() -> None:
    event = switched(response(b"Upgrade: DERP", status=b"101"), asking(Sealed()))
    assert [each.code for each in event.findings] == ["switch-option-missing"]
    malformed = response(b"Upgrade: DERP", b"Connection: @", status=b"101")
    assert refused(malformed, asking(Sealed())) == ("switch-connection-malformed",)


@pytest.mark.parametrize(("version", "good"), [(b"2", True), (b"1", False)])
def test_the_switch_of_another_client_is_verified_by_an_own_offer(
    version: bytes, good: bool
) -> None:
    class Second(Derp):
        def verify(
            self, request: RequestHead, response: ResponseHead, tokens: tuple[UpgradeToken, ...]
        ) -> Verified | VerificationFailed:
            if response.get(b"derp-version") != b"2":
                return VerificationFailed((Finding("derp-version-wrong", "this is not version 2"),))
            return Verified((request.target, tokens))

    fields = [(b"Host", b"a"), (b"Upgrade", b"DERP"), (b"Connection", b"upgrade")]
    request = RequestHead(b"GET", b"/derp", fields)
    octets = switch_to(b"DERP", b"Derp-Version: " + version)
    outcome = verify_switch(request, ResponseHead.parse(octets), Second())
    passing_on = ClientNegotiator.forwarding(request, Second())
    passing_on.send_request()
    if good:
        assert isinstance(outcome, Switched)
        assert outcome.agreement == (b"/derp", (DERP,))
        assert switched(octets, passing_on) == outcome
    else:
        assert isinstance(outcome, VerificationFailed)
        assert [each.code for each in outcome.findings] == ["derp-version-wrong"]
        assert refused(octets, passing_on) == ("derp-version-wrong",)
    # check_request() says which requests may ask for it: this one is not at /derp.
    elsewhere = RequestHead(b"GET", b"/", fields)
    refuted = verify_switch(elsewhere, ResponseHead.parse(octets), Second())
    assert isinstance(refuted, VerificationFailed)
    assert [each.code for each in refuted.findings] == ["switch-unasked"]


# --- Advice -------------------------------------------------------------------------------------


class Advising(Plain):
    """An offer with two versions, one of which a server may name in a field of its own."""

    def __init__(self, version: bytes = b"2") -> None:
        self.version = version
        self.seen: list[UpgradeRefusal] = []

    def handshake_fields(self, key: bytes) -> HandshakeFields:
        return HandshakeFields(((b"Derp-Version", self.version),))

    def advise(self, refusal: UpgradeRefusal) -> Advice | None:
        self.seen.append(refusal)
        wanted = refusal.response.get(b"derp-version")
        if wanted is None:
            return None
        if wanted not in (b"1", b"2"):
            return NothingInCommon(Finding("derp-version-unknown", "no such version is known"))
        return Retry(Advising(wanted), DERP, refusal.close)


REFUSALS = [
    (b"426 Upgrade Required", (b"Upgrade: DERP", OPTION), True),
    (b"426 Upgrade Required", (), False),
    (b"400 Bad Request", (), False),
    (b"404 Not Found", (b"Upgrade: DERP", OPTION), False),
]


@pytest.mark.parametrize(("status", "lines", "is_named"), REFUSALS)
def test_an_own_offer_advises_after_every_refusal_of_it(
    status: bytes, lines: tuple[bytes, ...], is_named: bool
) -> None:
    offer = Advising()
    negotiator = asking(offer)
    octets = refusal(*lines, b"Derp-Version: 1", status=status)
    event = feed(negotiator, octets)
    assert isinstance(event, UpgradeRequired | OrdinaryResponse)
    step = event.next_step([offer])
    assert isinstance(step, Retry)
    assert isinstance(step.offer, Advising)
    assert ClientNegotiator(step.offer, host=b"a").head.get(b"derp-version") == b"1"
    assert offer.seen == [
        UpgradeRefusal(DERP, negotiator.head, event.head, True, is_named, close=False)
    ]


@pytest.mark.parametrize(("status", "lines", "is_named"), REFUSALS)
def test_a_reason_of_an_own_offer_is_given_after_a_426_alone(
    status: bytes, lines: tuple[bytes, ...], is_named: bool
) -> None:
    event = feed(asking(Advising()), refusal(*lines, b"Derp-Version: 9", status=status))
    assert isinstance(event, UpgradeRequired | OrdinaryResponse)
    step = event.next_step([Advising(), CustomProtocol("tcp")])
    if isinstance(event, OrdinaryResponse):
        assert step is None
    else:
        assert isinstance(step, NothingInCommon)
        assert step.finding.code == "derp-version-unknown"


@pytest.mark.parametrize("status", [b"200 OK", b"302 Found", b"500 Internal Server Error"])
def test_an_own_offer_is_not_asked_about_what_is_not_a_refusal(status: bytes) -> None:
    offer = Advising()
    event = feed(asking(offer), refusal(b"Derp-Version: 1", status=status))
    assert isinstance(event, OrdinaryResponse)
    assert event.next_step([offer]) is None
    assert offer.seen == []


def test_an_own_offer_is_not_asked_about_what_the_request_did_not_ask_for() -> None:
    offer = Advising()
    event = feed(
        asking(CustomProtocol("tcp")), refusal(b"Derp-Version: 1", status=b"400 Bad Request")
    )
    assert isinstance(event, OrdinaryResponse)
    assert event.next_step([offer]) is None
    assert offer.seen == []
    # A 426 is a demand: what it means may not have been asked for yet.
    step = required(refusal(b"Derp-Version: 1"), asking_nothing()).next_step([offer])
    assert isinstance(step, Retry)
    assert [each.was_asked for each in offer.seen] == [False]


def test_without_advice_of_an_own_offer_the_librarys_holds() -> None:
    offer = Advising()
    event = required(refusal(b"Upgrade: DERP", OPTION), asking_nothing())
    assert event.next_step([offer]) == Retry(offer, DERP, reconnect=False)


def test_the_servers_order_decides_between_an_own_offer_and_another() -> None:
    websocket = WebSocket()
    event = required(refusal(b"Upgrade: websocket, DERP", OPTION), asking_nothing())
    assert event.next_step([Plain(), websocket]) == Retry(
        websocket, UpgradeToken("websocket"), reconnect=False
    )
    # An offer that cannot be asked for is passed over.
    offer = Plain()

    class Unready(Plain):
        def handshake_fields(self, key: bytes) -> HandshakeFields:
            raise ValueError("there is no ticket")

    derp = required(refusal(b"Upgrade: DERP", OPTION), asking_nothing())
    assert derp.next_step([Unready(), offer]) == Retry(offer, DERP, reconnect=False)


@pytest.mark.parametrize("wrong", ["Retry", True, DERP, Finding("a", "b")])
def test_advice_is_one_of_the_values_for_it(wrong: Any) -> None:
    class Wrong(Plain):
        def advise(self, refusal: UpgradeRefusal) -> Advice | None:
            advice: Advice = wrong
            return advice

    event = required(refusal(b"Upgrade: DERP", OPTION), asking_nothing())
    with pytest.raises(TypeError, match=r"^advise\(\) returns an Advice or None, not "):
        event.next_step([Wrong()])


@pytest.mark.parametrize("wrong", [object(), Plain, "DERP", None])
def test_an_offer_inherits_from_client_offer(wrong: Any) -> None:
    rule = r"^each of offers is an object of a class that inherits from ClientOffer"
    with pytest.raises(TypeError, match=rule):
        ClientNegotiator(wrong, host=b"a")
