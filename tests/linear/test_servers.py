"""The machines of servers read in work that is linear in what arrives."""

from typing import Any, Final

from linear.families import NUMBERS, VALUES, Fields, Items, fields_of, in_one_line
from linear.subjects import (
    ACCEPT,
    HOST,
    LIBRARY,
    OF_FIELDS,
    UNLIMITED,
    Table,
    Work,
    every_offer,
    fed,
    findings_of,
    names_of,
    offers_of,
    request,
    tokens_of,
    tried,
)

TABLE: Final = Table()
WEBSOCKET: Final = LIBRARY.Policy(LIBRARY.WebSocket())
REQUIRED: Final = LIBRARY.Policy(LIBRARY.WebSocket(), mode="required")


def _server(policy: Any, octets: bytes = b"") -> Any:
    machine = LIBRARY.ServerNegotiator(policy, limits=UNLIMITED)
    if octets:
        fed(machine, octets)
    return machine


@TABLE.of_fields("decide")
def _(fields: Fields) -> Work:
    head, policy = request(fields), every_offer()
    return lambda: [LIBRARY.decide(head, policy, secure=each) for each in (False, True)]


@TABLE.of_fields("decide_extended_connect")
def _(fields: Fields) -> Work:
    pseudo = {"method": b"CONNECT", "scheme": b"https", "authority": b"a", "path": b"/"}
    start = [(b":" + name.encode(), value) for name, value in pseudo.items()]
    sent = [
        *start,
        (b":protocol", b"websocket"),
        *[(name.lower(), value) for name, value in fields],
    ]
    policy = every_offer()
    return lambda: LIBRARY.decide_extended_connect(sent, policy)


@TABLE.of_fields("ServerNegotiator.receive_data")
def _(fields: Fields) -> Work:
    machine, octets = _server(every_offer()), request(fields).to_bytes()

    def work() -> None:
        event = fed(machine, octets)
        if hasattr(event, "to_bytes"):
            machine.send(event)

    return work


@TABLE.of_fields("HeadNegotiator.receive_head")
def _(fields: Fields) -> Work:
    machine, head = LIBRARY.HeadNegotiator(every_offer()), request(fields)

    def work() -> None:
        machine.receive_head(head, stopped=head.announces_content)
        if not head.announces_content:
            machine.end_content()
        machine.next_event()

    return work


@TABLE.of_fields("Passthrough.without_upgrade")
def _(fields: Fields) -> Work:
    head = LIBRARY.RequestHead.parse(request(fields).to_bytes(), UNLIMITED)
    passed = [LIBRARY.Passthrough(head, data) for data in (b"", head.to_bytes())]
    return lambda: [each.without_upgrade() for each in passed]


@TABLE.of("ServerNegotiator.send", kind="a 101 of the caller's own")
def _(items: Items) -> Work:
    offered = fields_of(b"Sec-WebSocket-Extensions", items)
    names = [*offered, *in_one_line(b"Sec-WebSocket-Protocol", items)]
    machine = _server(WEBSOCKET, request(names).to_bytes())
    extensions = (b"Sec-WebSocket-Extensions", b", ".join(dict.fromkeys(items)))
    fields = [(b"Sec-WebSocket-Accept", ACCEPT), extensions]
    own = LIBRARY.Accept101(LIBRARY.UpgradeToken("websocket"), headers=fields)
    return tried(machine.send, own)


@TABLE.of("ServerNegotiator.send", kind="a 101 of many layers")
def _(items: Items) -> Work:
    tokens = tokens_of(items)
    upgrade = (b"Upgrade", OF_FIELDS.format_upgrade(tokens))
    machine = _server(LIBRARY.Policy(*offers_of(items)), request([upgrade]).to_bytes())
    own = LIBRARY.Accept101(tokens[-1], tokens=tokens)
    return lambda: machine.send(own)


@TABLE.of("ServerNegotiator.send", kind="a refusal with many fields")
def _(items: Items) -> Work:
    machine = _server(every_offer(), request([]).to_bytes())
    refused = LIBRARY.Reject(503, names_of(items))
    return lambda: machine.send(refused)


@TABLE.of("ServerNegotiator.refuse")
def _(items: Items) -> Work:
    machine = _server(every_offer(), request([]).to_bytes())
    return lambda: machine.refuse(503, *findings_of(items), headers=names_of(items))


@TABLE.of(
    *["ServerNegotiator.receive_data", "ServerNegotiator.next_event"],
    "ServerNegotiator.trailing_data",
)
def _(items: Items) -> Work:
    machine = _server(every_offer())
    octets = b"".join([b"GET /%b HTTP/1.1\r\nHost: a\r\n\r\n" % item for item in items])

    def work() -> None:
        event = fed(machine, octets)
        while event is not LIBRARY.NEED_DATA:
            machine.send(event)
            event = machine.next_event()
        assert machine.trailing_data == b""

    return work


TCP: Final = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"


@TABLE.of("ServerNegotiator.receive_data", kind="a body in chunks")
def _(items: Items) -> Work:
    machine = _server(LIBRARY.Policy(LIBRARY.CustomProtocol("tcp", body="buffer")))
    chunks = [b"%x;a=b\r\n%b\r\n" % (len(item), item) for item in items]
    octets = b"%bTransfer-Encoding: chunked\r\n\r\n%b0\r\n\r\n" % (TCP, b"".join(chunks))
    return lambda: fed(machine, octets)


@TABLE.of("ServerNegotiator.receive_data", families=VALUES, kind="broken lines")
def _(items: Items) -> Work:
    machine = _server(every_offer())
    octets = b"GET / HTTP/1.1\r\nUpgrade: a\r\n%b\r\n\r\n" % b" :\r\n".join(items)
    return lambda: fed(machine, octets)


@TABLE.of("ServerNegotiator.receive_data", families=VALUES, kind="a target")
def _(items: Items) -> Work:
    machine = _server(every_offer())
    return lambda: fed(machine, b"GET /%b HTTP/1.1\r\nUpgrade: a\r\n\r\n" % b"/".join(items))


@TABLE.of("ServerNegotiator.receive_data", families=NUMBERS, kind="blank lines")
def _(items: Items) -> Work:
    machine, octets = _server(REQUIRED), b"\r\n" * len(items) + b"GET / HTTP/1.1\r\n\r\n"
    return lambda: fed(machine, octets)


@TABLE.of(
    *[f"HeadNegotiator.{each}" for each in ("receive_content", "end_content", "next_event", "send")]
)
def _(items: Items) -> Work:
    machine = LIBRARY.HeadNegotiator(REQUIRED)
    head = LIBRARY.RequestHead(b"POST", b"/", [HOST, (b"Transfer-Encoding", b"chunked")])

    def work() -> None:
        for item in items:
            machine.receive_head(head)
            machine.receive_content(item)
            machine.end_content()
        while (event := machine.next_event()) is not LIBRARY.NEED_DATA:
            machine.send(event)

    return work


@TABLE.of(
    *[f"HeadNegotiator.{each}" for each in ("receive_data", "trailing_data", "take_trailing_data")]
)
def _(items: Items) -> Work:
    machine = LIBRARY.HeadNegotiator(WEBSOCKET)
    machine.receive_head(LIBRARY.RequestHead(b"GET", b"/", [HOST]))
    machine.end_content()
    machine.next_event()

    def work() -> None:
        for item in items:
            machine.receive_data(item)
        machine.next_event()
        assert machine.trailing_data == machine.take_trailing_data()

    return work


@TABLE.of("HeadNegotiator.cannot_read", "HeadNegotiator.refuse")
def _(items: Items) -> Work:
    findings = findings_of(items)
    machine = LIBRARY.HeadNegotiator(every_offer())

    def work() -> None:
        machine.cannot_read(*findings)
        machine.next_event()
        machine.refuse(503, *findings)

    return work


test_twice_the_input_is_twice_the_work = TABLE.test()
