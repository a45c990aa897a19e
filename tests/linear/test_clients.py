"""A client reads in work that is linear in what arrives."""

from typing import Any, Final

from linear.families import VALUES, Fields, Items, in_one_line
from linear.subjects import (
    LIBRARY,
    UNLIMITED,
    Table,
    Work,
    all_offers,
    answer,
    fed,
    offers_of,
    request,
    tried,
)

TABLE: Final = Table()


def _client(*offers: Any) -> Any:
    machine = LIBRARY.ClientNegotiator(*offers, host=b"a", limits=UNLIMITED)
    machine.send_request()
    return machine


@TABLE.of_fields("verify_switch")
def _(fields: Fields) -> Work:
    sent, response = request(fields), answer(fields)
    offers = all_offers()
    return lambda: LIBRARY.verify_switch(sent, response, *offers)


@TABLE.of_fields("ClientNegotiator.forwarding", "ClientNegotiator.receive_data")
def _(fields: Fields) -> Work:
    sent, octets = request(fields), answer(fields).to_bytes()

    def work() -> object:
        offer = LIBRARY.WebSocket()
        machine = LIBRARY.ClientNegotiator.forwarding(sent, offer, limits=UNLIMITED)
        machine.send_request()
        return fed(machine, octets)

    return tried(work)


@TABLE.of("verify_switch", families=VALUES, kind="answers that were not offered")
def _(items: Items) -> Work:
    sent = request(in_one_line(b"Sec-WebSocket-Extensions", items))
    others = [b"y" + item for item in items]
    response = answer(in_one_line(b"Sec-WebSocket-Extensions", others))
    return lambda: LIBRARY.verify_switch(sent, response, LIBRARY.WebSocket())


@TABLE.of("verify_switch", kind="a long answer to many offers")
def _(items: Items) -> Work:
    sent = request(in_one_line(b"Sec-WebSocket-Extensions", items))
    answered = b"%b; server_max_window_bits=%b" % (items[0], b"1" * len(b"".join(items)))
    response = answer([(b"Sec-WebSocket-Extensions", answered)])
    return lambda: LIBRARY.verify_switch(sent, response, LIBRARY.WebSocket())


@TABLE.of("verify_switch", kind="many offers")
def _(items: Items) -> Work:
    upgrade = in_one_line(b"Upgrade", items)
    sent, response, offers = request(upgrade), answer(upgrade), offers_of(items)
    return lambda: LIBRARY.verify_switch(sent, response, *offers)


@TABLE.of("ClientNegotiator", "ClientNegotiator.send_request")
def _(items: Items) -> Work:
    offers = offers_of(list(dict.fromkeys(items)))
    fields = [(b"X-" + item, b"x") for item in items]
    return lambda: LIBRARY.ClientNegotiator(*offers, host=b"a", headers=fields).send_request()


@TABLE.of("ClientNegotiator.next_event", "ClientNegotiator.trailing_data")
def _(items: Items) -> Work:
    machine = _client()
    octets = b"".join([b"HTTP/1.1 103 %b\r\nA: %b\r\n\r\n" % (item, item) for item in items])

    def work() -> None:
        event = fed(machine, octets)
        while event is not LIBRARY.NEED_DATA:
            event = machine.next_event()
        assert machine.trailing_data == b""

    return work


@TABLE.of("UpgradeRequired.next_step", families=VALUES)
def _(items: Items) -> Work:
    wanted = in_one_line(b"Upgrade", [*items, b"TLS/1.3", b"h2c"])
    versions = (b"Sec-WebSocket-Version", b", ".join([b"8"] * len(items)))
    required = fed(
        _client(), answer([*wanted, versions, (b"Content-Length", b"0")], 426).to_bytes()
    )
    supported = all_offers()
    return lambda: required.next_step(supported)


@TABLE.of("UpgradeRequired.next_step", kind="nothing in common")
def _(items: Items) -> Work:
    wanted = in_one_line(b"Upgrade", items)
    required = fed(_client(), answer([*wanted, (b"Content-Length", b"0")], 426).to_bytes())
    supported = offers_of([b"y" + item for item in items])
    return lambda: required.next_step(supported)


@TABLE.of("OrdinaryResponse.next_step")
def _(items: Items) -> Work:
    versions = (b"Sec-WebSocket-Version", b", ".join([b"8"] * len(items)))
    declined = LIBRARY.OrdinaryResponse(answer([versions], 400), True, request([]))
    supported = offers_of(items)
    return lambda: declined.next_step(supported)


test_twice_the_input_is_twice_the_work = TABLE.test()
