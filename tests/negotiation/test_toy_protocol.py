"""A protocol added from outside, in one file, has all that the library's own have."""

import json

import pytest
from feeding import feed
from toy_protocol import TICKET, TOY, Toy
from transcript import Transcript

from httpupgrade import (
    Accept101,
    AcceptConnect,
    ClientNegotiator,
    LocalProtocolError,
    OrdinaryResponse,
    Passthrough,
    Policy,
    Reject,
    RemoteProtocolError,
    RequestHead,
    Require426,
    ResponseHead,
    Retry,
    ServerNegotiator,
    Switched,
    UpgradeRequired,
    UpgradeToken,
    VerificationFailed,
    WebSocket,
    decide,
    decide_extended_connect,
    verify_switch,
)

REQUIRED = Policy(WebSocket(), Toy(), mode="required")
HOST = (b"Host", b"a.example")
HOP = ((b"Upgrade", b"toy/1"), (b"Connection", b"Upgrade, Toy-Ticket"))


def asking(ticket: bytes = b"21", *more: tuple[bytes, bytes]) -> RequestHead:
    return RequestHead(b"GET", b"/toy", [HOST, *HOP, (TICKET, ticket), *more])


def client(offer: Toy | None = None) -> ClientNegotiator:
    return ClientNegotiator(offer or Toy(), host=b"a.example", target=b"/toy")


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_both_machines_switch_to_it(size: int) -> None:
    asks, answers = client(), ServerNegotiator(REQUIRED)
    octets = asks.send_request()
    assert octets == asking().to_bytes()
    for place in range(0, len(octets), size):
        event = feed(answers, octets[place : place + size])
    assert isinstance(event, Accept101)
    assert (event.token, event.agreement) == (TOY, 21)
    switched = feed(asks, answers.send(event) + b"early")
    assert isinstance(switched, Switched)
    assert (switched.token, switched.agreement) == (TOY, b"42")
    assert asks.trailing_data == b"early"


def test_what_it_refuses_and_ignores_is_refused_and_passes() -> None:
    refused = decide(asking(b"x"), REQUIRED)
    assert isinstance(refused, Reject)
    assert refused.status_code == 403
    assert b"there is not one number in Toy-Ticket (Toy 1)" in refused.body
    ignored = decide(asking(b"0"), Policy(Toy()))
    assert isinstance(ignored, Passthrough)


def test_its_request_is_what_a_client_may_send() -> None:
    with pytest.raises(ValueError, match="is asked for at /toy"):
        ClientNegotiator(Toy(), host=b"a", target=b"/")
    for name in (b"Toy-Ticket", b"toy-desk"):
        with pytest.raises(ValueError, match="follows from the offers"):
            ClientNegotiator(Toy(), host=b"a", target=b"/toy", headers=[(name, b"1")])


def test_a_changed_101_is_held_to_its_rules() -> None:
    talk = Transcript(REQUIRED)
    accept = talk.hears(asking().to_bytes(), Accept101)
    with pytest.raises(LocalProtocolError, match="does not allow Content-Type"):
        accept.with_headers([(b"Content-Type", b"a/b")])
    for headers, says in (
        ([(b"Toy-Seat", b"42"), (b"Content-Type", b"a/b")], "does not allow Content-Type"),
        ([(b"Toy-Seat", b"41")], "not that of the ticket"),
        ([], "not that of the ticket"),
    ):
        with pytest.raises(LocalProtocolError, match=says):
            talk.machine.send(Accept101(TOY, headers=headers))
    with pytest.raises(LocalProtocolError, match="the client did not offer tcp"):
        talk.machine.send(Accept101(UpgradeToken("tcp")))
    assert b"Toy-Seat: 42\r\nX: y\r\n" in talk.answers(accept.with_headers([(b"X", b"y")]))


def test_a_101_is_judged_by_its_rules() -> None:
    # It does without the connection option.
    response = ResponseHead(101, [(b"Upgrade", b"toy/1"), (b"Toy-Seat", b"42")])
    assert isinstance(verify_switch(asking(b"21"), response, Toy()), Switched)
    refuted = verify_switch(asking(b"20"), response, Toy())
    assert isinstance(refuted, VerificationFailed)
    assert [each.code for each in refuted.findings] == ["toy-seat-wrong"]
    asks = client(Toy(20))
    asks.send_request()
    with pytest.raises(RemoteProtocolError, match="the seat is not that of the ticket"):
        feed(asks, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: toy/1\r\nToy-Seat: 42\r\n\r\n")


def test_http2_takes_it_up() -> None:
    pseudo = [
        (b":method", b"CONNECT"),
        (b":scheme", b"https"),
        (b":authority", b"a.example"),
        (b":path", b"/toy"),
        (b":protocol", b"toy/1"),
    ]
    accept = decide_extended_connect([*pseudo, (b"toy-ticket", b"4")], REQUIRED)
    assert isinstance(accept, AcceptConnect)
    assert accept.headers == ((b":status", b"200"), (b"toy-seat", b"8"))
    assert accept.agreement == 4
    with pytest.raises(LocalProtocolError, match="does not allow content-type"):
        accept.with_headers([(b"Content-Type", b"a/b")])
    refused = decide_extended_connect(pseudo, REQUIRED)
    assert isinstance(refused, Reject)
    assert refused.status_code == 501


@pytest.mark.parametrize("accept", [b"*/*", b"application/json"])
def test_the_request_that_its_426_prints_is_answered_with_101(accept: bytes) -> None:
    policy = Policy(Toy(), WebSocket(), mode="required")
    plain = RequestHead(b"GET", b"/a", [HOST, (b"Accept", accept)])
    refused = decide(plain, policy)
    assert isinstance(refused, Require426)
    assert (b"Toy-Desk", b"open") in refused.headers
    body = refused.body.decode()
    lines = [line[4:] for line in body.split("\n") if line.startswith("    ")]
    if accept != b"*/*":
        read = json.loads(body)
        lines = read["example"]
        assert read["example_note"].startswith("The number is that of your ticket.")
    assert lines[:2] == ["GET /toy HTTP/1.1", "Host: a.example"]
    event = feed(ServerNegotiator(policy), "\r\n".join([*lines, "", ""]).encode())
    assert isinstance(event, Accept101)
    assert event.agreement == 21


REFUSED = (
    (b"426 Upgrade Required\r\nUpgrade: toy/1\r\nConnection: upgrade", UpgradeRequired),
    (b"403 Forbidden", OrdinaryResponse),
)


@pytest.mark.parametrize(("answer", "kind"), REFUSED)
def test_its_clients_are_advised_after_a_refusal(
    answer: bytes, kind: type[UpgradeRequired | OrdinaryResponse]
) -> None:
    asks = client()
    asks.send_request()
    event = feed(asks, b"HTTP/1.1 %b\r\nToy-Desk: open\r\nContent-Length: 0\r\n\r\n" % answer)
    assert isinstance(event, UpgradeRequired | OrdinaryResponse)
    assert isinstance(event, kind)
    step = event.next_step([Toy()])
    assert isinstance(step, Retry)
    assert isinstance(step.offer, Toy)
    assert b"\r\nToy-Ticket: 22\r\n" in client(step.offer).send_request()


@pytest.mark.parametrize("kept", [(TICKET, b"21"), (b"X", b"y")])
def test_what_meant_it_is_found_where_its_upgrade_was_removed(kept: tuple[bytes, bytes]) -> None:
    octets = RequestHead(b"GET", b"/toy", [HOST, kept]).to_bytes()
    passed = feed(ServerNegotiator(Policy(Toy())), octets)
    assert isinstance(passed, Passthrough)
    (found,) = passed.findings
    assert found.code == "hop-by-hop-fields-lost"
    assert found.field == ("Toy-Ticket" if kept[0] == TICKET else None)


def test_what_is_declined_goes_without_its_fields() -> None:
    passed = feed(ServerNegotiator(Policy(Toy())), asking(b"0").to_bytes())
    assert isinstance(passed, Passthrough)
    assert passed.without_upgrade().data == b"GET /toy HTTP/1.1\r\nHost: a.example\r\n\r\n"
