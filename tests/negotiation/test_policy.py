"""Policies: what makes one, what it offers to whom, and how much of it is enforced."""

import math
from collections.abc import Callable
from typing import Literal

import pytest
from feeding import feed
from hypothesis import given
from hypothesis import strategies as st
from strategies_decide import codes, handshake, request, values

from httpupgrade import (
    Accept101,
    CustomProtocol,
    Passthrough,
    Policy,
    Reject,
    RequestHead,
    RequestInfo,
    Require426,
    ServerNegotiator,
    UpgradeToken,
    WebSocket,
    decide,
)
from httpupgrade._negotiation.policy import Order
from httpupgrade._negotiation.terms import Mode
from httpupgrade.offers import Agreed, Offer, OfferResult

WEBSOCKET = UpgradeToken("websocket")
TCP = UpgradeToken("tcp")
IRC = UpgradeToken("irc", "6.9")


class OnlyOn(Offer):
    """An offer that is good with TLS only, or without TLS only."""

    def __init__(self, token: str, *, secure: bool) -> None:
        self._token = UpgradeToken.parse(token)
        self._secure = secure

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (self._token,) if secure is self._secure else ()

    @property
    def headers_for_426(self) -> tuple[tuple[bytes, bytes], ...]:
        return ()

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> OfferResult:
        return Agreed(token)


def test_a_policy_without_offers_is_none() -> None:
    with pytest.raises(ValueError, match="at least one offer"):
        Policy()


@pytest.mark.parametrize("name", ["mode", "order", "close"])
@pytest.mark.parametrize("value", ["", "Required", "none"])
def test_settings_have_the_values_they_have(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"^{name} is one of"):
        Policy(WebSocket(), **{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("rollout", [-0.001, 1.001, math.nan, math.inf, -math.inf])
def test_a_rollout_is_a_share(rollout: float) -> None:
    with pytest.raises(ValueError, match="a share from"):
        Policy(WebSocket(), mode="required", rollout=rollout, rollout_key=by_cookie)


@pytest.mark.parametrize("rollout", [0.000001, 0.5, 0.999999])
def test_a_share_of_clients_needs_a_key_to_tell_them_apart(rollout: float) -> None:
    with pytest.raises(ValueError, match="rollout_key"):
        Policy(WebSocket(), mode="required", rollout=rollout)


@pytest.mark.parametrize("rollout", [0.0, 1.0])
def test_none_and_all_need_no_key(rollout: float) -> None:
    policy = Policy(WebSocket(), mode="required", rollout=rollout)
    assert policy.enforces(RequestInfo(request())) is (rollout == 1.0)


def test_a_policy_says_how_it_was_made() -> None:
    offers = (WebSocket(), CustomProtocol("tcp"))
    policy = Policy(*offers, mode="report", order="client", close="never")
    assert policy.offers == offers
    assert (policy.mode, policy.order, policy.close) == ("report", "client", "never")


def test_the_defaults_leave_a_server_as_it_was() -> None:
    policy = Policy(WebSocket())
    assert (policy.mode, policy.order, policy.close) == ("optional", "server", "auto")


def test_the_order_of_the_offers_is_the_order_of_the_tokens() -> None:
    """RFC 9110 15.5.22: in descending preference."""
    policy = Policy(CustomProtocol("irc/6.9"), WebSocket(), CustomProtocol("tcp"))
    assert policy.tokens(secure=False) == (IRC, WEBSOCKET, TCP)


def test_no_token_is_listed_twice() -> None:
    policy = Policy(
        CustomProtocol("tcp", methods=[b"GET"]),
        WebSocket(),
        CustomProtocol("TCP", methods=[b"POST"]),
    )
    assert policy.tokens(secure=False) == (TCP, WEBSOCKET)


@pytest.mark.parametrize("secure", [False, True])
def test_what_must_not_be_used_on_a_connection_is_not_offered_there(secure: bool) -> None:
    policy = Policy(OnlyOn("TLS/1.3", secure=False), WebSocket(), OnlyOn("tcp", secure=True))
    names = [token.name for token in policy.tokens(secure=secure)]
    assert names == (["websocket", "tcp"] if secure else ["TLS", "websocket"])
    advertised = dict(policy.advertisement(secure=secure))
    assert advertised[b"Upgrade"] == (b"websocket, tcp" if secure else b"TLS/1.3, websocket")
    assert advertised[b"Connection"] == b"upgrade"


def test_a_connection_is_taken_for_cleartext_unless_told_otherwise() -> None:
    policy = Policy(OnlyOn("TLS/1.3", secure=False))
    head = request((b"Upgrade", b"TLS/1.3"), (b"Connection", b"upgrade"))
    assert isinstance(decide(head, policy), Accept101)
    assert isinstance(decide(head, policy, secure=False), Accept101)
    assert isinstance(decide(head, policy, secure=True), Passthrough)


def test_nothing_is_advertised_where_nothing_is_offered() -> None:
    assert Policy(OnlyOn("TLS/1.3", secure=False)).advertisement(secure=True) == ()


ORDERS: list[tuple[str, Order, bytes, UpgradeToken]] = [
    ("server, both ways", "server", b"tcp, irc/6.9", IRC),
    ("server, the same", "server", b"irc/6.9, tcp", IRC),
    ("client, other", "client", b"tcp, irc/6.9", TCP),
    ("client, the same", "client", b"irc/6.9, tcp", IRC),
    ("client, unknown first", "client", b"h2c, tcp, irc/6.9", TCP),
    ("client, repeated", "client", b"tcp, irc/6.9, tcp", TCP),
    ("client, without case", "client", b"TCP, IRC/6.9", TCP),
    ("server, another version", "server", b"irc/7, tcp", TCP),
    ("server, no version", "server", b"irc, tcp", TCP),
]


@pytest.mark.parametrize(
    ("order", "upgrade", "token"),
    [pytest.param(*row[1:], id=row[0]) for row in ORDERS],
)
def test_the_order_says_whose_preference_decides(
    order: Order, upgrade: bytes, token: UpgradeToken
) -> None:
    """RFC 9110 7.8: a server MAY disregard the client's order."""
    policy = Policy(CustomProtocol("irc/6.9"), CustomProtocol("tcp"), order=order)
    decision = decide(request((b"Upgrade", upgrade), (b"Connection", b"upgrade")), policy)
    assert isinstance(decision, Accept101)
    assert decision.token == token
    assert values(decision.headers, b"upgrade") == [str(token).encode()]


def test_two_offers_of_one_token_are_tried_in_the_servers_order() -> None:
    policy = Policy(
        CustomProtocol("tcp", methods=[b"GET"], reason=b"one"),
        CustomProtocol("tcp", reason=b"two"),
        order="client",
    )
    fields = ((b"Upgrade", b"tcp"), (b"Connection", b"upgrade"))
    for method, reason in ((b"GET", b"one"), (b"POST", b"two")):
        decision = decide(request(*fields, method=method), policy)
        assert isinstance(decision, Accept101)
        assert decision.reason == reason


PLAIN = request()
UNKNOWN = request((b"Upgrade", b"h2c"), (b"Connection", b"Upgrade"))
UNCONNECTED = handshake(without=[b"Connection"])
OLD = handshake(http_version=b"1.0")
USELESS = [
    ("does not ask", PLAIN),
    ("asks for what is not offered", UNKNOWN),
    ("asks without the option", UNCONNECTED),
    ("asks in HTTP/1.0", OLD),
]


@pytest.mark.parametrize("head", [pytest.param(head, id=name) for name, head in USELESS])
def test_optional_passes_what_has_no_usable_offer(head: RequestHead) -> None:
    """RFC 9110 7.8: a server MAY ignore Upgrade."""
    decision = decide(head, Policy(WebSocket(), mode="optional"))
    assert isinstance(decision, Passthrough)
    assert decision.head is head
    assert (decision.advertisement, decision.would_require) == ((), False)


@pytest.mark.parametrize("head", [pytest.param(head, id=name) for name, head in USELESS])
def test_advertise_passes_with_fields_for_the_ordinary_response(head: RequestHead) -> None:
    """RFC 9110 7.8: with the option, as always, and never in HTTP/1.0."""
    decision = decide(head, Policy(CustomProtocol("irc/6.9"), WebSocket(), mode="advertise"))
    assert isinstance(decision, Passthrough)
    assert decision.would_require is False
    fields = ((b"Upgrade", b"irc/6.9, websocket"), (b"Connection", b"upgrade"))
    assert decision.advertisement == (() if head is OLD else fields)


@pytest.mark.parametrize("http_version", [b"2.0", b"3.0", b"0.9"])
def test_nothing_is_advertised_where_upgrade_is_forbidden(http_version: bytes) -> None:
    """RFC 9113 8.2.2: with Upgrade in it, an HTTP/2 response is malformed."""
    decision = decide(request(http_version=http_version), Policy(WebSocket(), mode="advertise"))
    assert isinstance(decision, Passthrough)
    assert decision.advertisement == ()


@pytest.mark.parametrize("head", [pytest.param(head, id=name) for name, head in USELESS])
def test_report_passes_and_says_that_required_would_refuse(head: RequestHead) -> None:
    decision = decide(head, Policy(WebSocket(), mode="report"))
    assert isinstance(decision, Passthrough)
    assert (decision.advertisement, decision.would_require) == ((), True)


@pytest.mark.parametrize("head", [pytest.param(head, id=name) for name, head in USELESS])
def test_required_refuses_what_has_no_usable_offer(head: RequestHead) -> None:
    decision = decide(head, Policy(WebSocket(), mode="required"))
    assert isinstance(decision, Require426)
    assert decision.findings


MODES: list[Mode] = ["optional", "advertise", "report", "required"]


@pytest.mark.parametrize("mode", MODES)
def test_a_good_handshake_is_accepted_in_every_mode(mode: Mode) -> None:
    assert isinstance(decide(handshake(), Policy(WebSocket(), mode=mode)), Accept101)


@pytest.mark.parametrize("mode", MODES)
def test_a_broken_handshake_is_rejected_in_every_mode(mode: Mode) -> None:
    decision = decide(handshake(without=[b"Sec-WebSocket-Key"]), Policy(WebSocket(), mode=mode))
    assert isinstance(decision, Reject)
    assert decision.status_code == 400


@pytest.mark.parametrize("mode", MODES)
def test_where_nothing_is_offered_nothing_is_required(mode: Mode) -> None:
    """Nothing inside TLS could fulfil it: not refused, and not counted as what would be."""
    policy = Policy(OnlyOn("TLS/1.3", secure=False), mode=mode)
    decision = decide(request(), policy, secure=True)
    assert isinstance(decision, Passthrough)
    assert (decision.advertisement, decision.would_require) == ((), False)


def test_where_nothing_is_offered_a_request_that_does_not_ask_is_not_judged() -> None:
    policy = Policy(OnlyOn("TLS/1.3", secure=False), mode="required")
    malformed = RequestHead(b"GET", b"/", [])
    assert isinstance(decide(malformed, policy, secure=True), Passthrough)


@pytest.mark.parametrize("secure", [False, True])
def test_where_nothing_is_offered_octets_that_are_no_head_pass(secure: bool) -> None:
    policy = Policy(OnlyOn("TLS/1.3", secure=False), mode="required")
    assert refuses_noise(policy, secure=secure) is not secure
    assert policy.would_enforce(secure=secure) is not secure


def refuses_noise(policy: Policy, *, secure: bool = False) -> bool:
    return isinstance(feed(ServerNegotiator(policy, secure=secure), b"\x16\x03\x01"), Reject)


def by_cookie(info: RequestInfo) -> bytes:
    return info.head.get(b"cookie") or b""


def of_client(number: int) -> RequestHead:
    return request((b"Cookie", b"client=%d" % number))


def sharing(rollout: float) -> Policy:
    return Policy(WebSocket(), mode="required", rollout=rollout, rollout_key=by_cookie)


CLIENTS = [of_client(number) for number in range(1000)]


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.integers(0, 10**6))
def test_who_is_in_stays_in_when_the_share_grows(one: float, other: float, number: int) -> None:
    smaller, larger = sorted((one, other))
    head = of_client(number)
    assert sharing(smaller).enforces(RequestInfo(head)) <= sharing(larger).enforces(
        RequestInfo(head)
    )


@given(st.floats(0.0, 1.0), st.binary(max_size=8))
def test_all_requests_of_a_client_are_treated_alike(rollout: float, key: bytes) -> None:
    policy = Policy(WebSocket(), mode="required", rollout=rollout, rollout_key=lambda _: key)
    first, *others = (policy.enforces(RequestInfo(head)) for head in CLIENTS[:5])
    assert others == [first] * 4


def test_who_is_in_is_the_same_in_every_process_and_release() -> None:
    """Two servers behind one balancer, and the same server after a restart, agree."""
    enforced = [
        number for number in range(20) if sharing(0.25).enforces(RequestInfo(of_client(number)))
    ]
    assert enforced == [1, 7, 11, 17, 19]


@pytest.mark.parametrize("rollout", [0.01, 0.1, 0.5, 0.9])
def test_the_share_is_what_it_says(rollout: float) -> None:
    policy = sharing(rollout)
    share = sum(policy.enforces(RequestInfo(head)) for head in CLIENTS) / len(CLIENTS)
    assert share == pytest.approx(rollout, abs=0.05)


def test_a_share_of_none_asks_for_no_key() -> None:
    policy = Policy(WebSocket(), mode="required", rollout=0.0, rollout_key=no_key)
    assert policy.enforces(RequestInfo(request())) is False


def test_a_share_of_all_asks_for_no_key() -> None:
    policy = Policy(WebSocket(), mode="required", rollout=1.0, rollout_key=no_key)
    assert policy.enforces(RequestInfo(request())) is True


def no_key(info: RequestInfo) -> bytes:
    raise LookupError(info.head.target.decode("ascii"))


def test_what_the_key_raises_reaches_the_caller() -> None:
    policy = Policy(WebSocket(), mode="required", rollout=0.5, rollout_key=no_key)
    with pytest.raises(LookupError):
        decide(request(), policy)


def test_octets_that_are_no_head_have_no_key_and_are_not_in_the_share() -> None:
    assert not refuses_noise(Policy(WebSocket(), mode="required", rollout=0.5, rollout_key=no_key))
    assert not refuses_noise(sharing(0.999))
    assert refuses_noise(sharing(1.0))
    assert not refuses_noise(sharing(0.0))


class InTheShare:
    """A key that puts one peer in, and everybody else out; and what it was asked."""

    def __init__(self, peer: object) -> None:
        self.peer = peer
        self.asked: list[RequestInfo] = []

    def __call__(self, info: RequestInfo) -> bytes:
        self.asked.append(info)
        return b"client=1" if info.peer == self.peer else b"client=0"


@pytest.mark.parametrize("lines", [(), ((b"Upgrade", b"tcp"),)])
def test_a_share_can_be_one_of_addresses(lines: tuple[tuple[bytes, bytes], ...]) -> None:
    """Whether the request asks for something else, or for nothing."""
    key = InTheShare(("192.0.2.7", 5))
    policy = Policy(WebSocket(), mode="required", rollout=0.25, rollout_key=key)
    head = request(*lines)
    assert isinstance(decide(head, policy, peer=("192.0.2.7", 5), secure=True), Require426)
    assert isinstance(decide(head, policy, peer=("192.0.2.8", 5)), Passthrough)
    assert isinstance(decide(head, policy), Passthrough)
    first, *_, last = key.asked
    assert first == RequestInfo(head, ("192.0.2.7", 5), True)
    assert last == RequestInfo(head)


def test_a_negotiator_names_its_peer_to_the_rollout_key() -> None:
    key = InTheShare("here")
    policy = Policy(WebSocket(), mode="required", rollout=0.25, rollout_key=key)
    for source in (policy, lambda info: policy):
        for peer, event in (("here", Require426), ("there", Passthrough)):
            machine = ServerNegotiator(source, peer=peer)
            assert isinstance(feed(machine, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"), event)
            assert key.asked[-1].peer == peer


def test_what_asks_for_an_offer_is_not_asked_for_a_key() -> None:
    policy = Policy(WebSocket(), mode="required", rollout=0.5, rollout_key=no_key)
    assert isinstance(decide(handshake(), policy), Accept101)


OTHER_MODES = pytest.mark.parametrize("mode", ["optional", "advertise", "report"])


@OTHER_MODES
def test_a_rollout_enforces_nothing_in_other_modes(
    mode: Literal["optional", "advertise", "report"],
) -> None:
    policy = Policy(WebSocket(), mode=mode, rollout=1.0)
    assert policy.enforces(RequestInfo(request())) is False


@OTHER_MODES
@pytest.mark.parametrize(("rollout", "key"), [(0.1, by_cookie), (0.0, None), (1.0, by_cookie)])
def test_a_share_of_a_mode_that_enforces_nothing_is_refused(
    mode: Literal["optional", "advertise", "report"],
    rollout: float,
    key: Callable[[RequestInfo], bytes] | None,
) -> None:
    with pytest.raises(ValueError, match=f"^mode '{mode}' enforces nothing: rollout and"):
        Policy(WebSocket(), mode=mode, rollout=rollout, rollout_key=key)


@pytest.mark.parametrize("rollout", [1e-9, 0.5, 1 - 2**-53])
def test_a_client_without_a_key_is_out_until_all_are_in(rollout: float) -> None:
    keys: list[bytes | None] = [None]
    for share, enforced in ((rollout, False), (1.0, True)):
        policy = Policy(
            WebSocket(), mode="required", rollout=share, rollout_key=lambda info: keys[0]
        )
        assert policy.enforces(RequestInfo(request())) is enforced
        decision = decide(request(), policy)
        assert isinstance(decision, Require426 if enforced else Passthrough)
        assert getattr(decision, "would_require", True)


def test_who_is_not_in_the_share_passes_and_is_reported() -> None:
    decisions = [decide(head, sharing(0.5)) for head in CLIENTS[:100]]
    passed = [each for each in decisions if isinstance(each, Passthrough)]
    refused = [each for each in decisions if isinstance(each, Require426)]
    assert len(passed) + len(refused) == 100
    assert min(len(passed), len(refused)) > 20
    assert all(each.would_require for each in passed)


def test_a_426_has_the_requirements_of_all_offers_once() -> None:
    """RFC 6455 4.4."""
    policy = Policy(WebSocket(), CustomProtocol("tcp"), WebSocket(["chat"]), mode="required")
    assert policy.headers_for_426(secure=False) == ((b"Sec-WebSocket-Version", b"13"),)
    decision = decide(request(), policy)
    assert isinstance(decision, Require426)
    assert values(decision.headers, b"sec-websocket-version") == [b"13"]
    assert codes(decision) == ("upgrade-missing",)


def test_a_426_has_no_requirements_of_offers_that_it_does_not_list() -> None:
    """A field for a protocol that cannot be used on this connection only misleads."""

    class Versioned(OnlyOn):
        @property
        def headers_for_426(self) -> tuple[tuple[bytes, bytes], ...]:
            return ((b"Own-Version", b"1"),)

    policy = Policy(Versioned("own", secure=False), WebSocket(), mode="required")
    for secure, told in ((False, [b"1"]), (True, [])):
        decision = decide(request(), policy, secure=secure)
        assert isinstance(decision, Require426)
        assert values(decision.headers, b"own-version") == told
