"""Values: their constructors, attributes, copies and patterns; findings, heads, field values."""

from typing import assert_type

from httpupgrade import (
    Accept101,
    Code,
    Content,
    Decision,
    Finding,
    Forward,
    Limits,
    Passthrough,
    Reject,
    RemoteProtocolError,
    RequestHead,
    Require426,
    ResponseHead,
    Signal,
    UpgradeToken,
    finding,
)
from httpupgrade.fields import (
    Extension,
    Headers,
    accept_key,
    end_to_end_headers,
    escape_octets,
    format_extensions,
    format_upgrade,
    generate_key,
    parse_connection,
    parse_extensions,
    parse_upgrade,
)
from httpupgrade.framing import BodyPiece, BodyReader, Framing

HOST = [(b"Host", b"a.example")]
NO_TICKET = Code("echo-ticket-missing", 403, "", "there is no ticket", hint="Send one.")


def made(head: RequestHead) -> None:
    assert_type(Forward(b"octets", True), Forward)
    assert_type(Passthrough(head, b"octets").replace(data=b"others"), Passthrough)
    assert_type(Accept101(UpgradeToken("echo"), head=head).replace(reason=b"ok"), Accept101)
    assert_type(Reject(403, HOST, b"no", close=True).closing(), Reject)
    assert_type(Limits(max_head_bytes=8192).replace(max_drain=0), Limits)
    assert_type({Forward(b"", True): 1}, dict[Forward, int])


def read(limits: Limits, content: Content, found: Finding) -> None:
    assert_type(limits.max_head_bytes, int)
    assert_type(content.data, bytes)
    assert_type(found.code, str)
    assert_type(found.status_code, int | None)
    assert_type(found.line, bytes | None)


def findings() -> tuple[Finding, ...]:
    assert_type(finding(NO_TICKET), Finding)
    assert_type(NO_TICKET.status_code, int | None)
    try:
        RequestHead.parse(b"")
    except RemoteProtocolError as error:
        assert_type(error.finding, Finding)
        assert_type(error.raw, bytes)
        return error.findings
    return (finding(NO_TICKET, field="Echo-Ticket", value=b"", detail="Of 21 octets."),)


def heads(octets: bytes) -> None:
    request = RequestHead.parse(octets)
    assert_type(request, RequestHead)
    assert_type(request.method, bytes)
    assert_type(request.http_version, bytes)
    assert_type(request.path, bytes)
    assert_type(request.headers, Headers)
    assert_type(request.get(b"host"), bytes | None)
    assert_type(request.get_all(b"host"), tuple[bytes, ...])
    assert_type(request.has(b"host"), bool)
    assert_type(ResponseHead.parse(octets).status_code, int)
    for name, value in request.headers:
        assert_type(name, bytes)
        assert_type(value, bytes)


def bodies(request: RequestHead, response: ResponseHead) -> bytes:
    assert_type(request.framing, Framing)
    assert_type(request.persists, bool)
    assert_type(response.framing(request.method), Framing)
    assert_type(request.framing.length, int | None)
    parsed = RequestHead.from_parser(b"GET", b"/", [(b"Host", b"a")], b"1.1")
    assert_type(parsed, RequestHead)
    reader = BodyReader(parsed.framing)
    reader.receive_data(b"octets")
    while (piece := reader.next_piece()) is not None:
        assert_type(piece, BodyPiece)
        assert_type(piece.content, bytes)
    assert_type(reader.complete, bool)
    return reader.trailing_data


def fields(head: RequestHead) -> None:
    assert_type(parse_upgrade(head.get_all(b"upgrade")), tuple[UpgradeToken, ...])
    assert_type(parse_connection(head.get_all(b"connection")), tuple[bytes, ...])
    assert_type(parse_extensions([b"permessage-deflate"]), tuple[Extension, ...])
    assert_type(format_upgrade([UpgradeToken.parse(b"echo/1")]), bytes)
    assert_type(format_extensions([Extension("permessage-deflate")]), bytes)
    assert_type(accept_key(generate_key()), bytes)
    assert_type(end_to_end_headers(head.headers), Headers)
    assert_type(escape_octets(b"\x00"), str)


def must_fail(content: Content, decision: Decision, head: RequestHead) -> None:
    content.data = b""  # type: ignore[misc]
    decision.findings = ()  # type: ignore[misc]
    head.headers = ()  # type: ignore[misc]
    print(content.octets)  # type: ignore[attr-defined]
    Content(b"")  # type: ignore[call-arg]
    Content("", True)  # type: ignore[arg-type]
    Limits(max_head_byte=1)  # type: ignore[call-arg]
    Limits(max_head_bytes="1")  # type: ignore[arg-type]
    Require426(["websocket"])  # type: ignore[list-item]
    RequestHead("GET", b"/", HOST)  # type: ignore[arg-type]
    RequestHead(b"GET", b"/", {b"Host": b"a"})  # type: ignore[dict-item]
    RequestHead(b"GET", b"/", [("Host", "a")])  # type: ignore[list-item]
    RequestHead.from_parser(b"GET", b"/", HOST, "1.1")  # type: ignore[arg-type]
    BodyReader(head)  # type: ignore[arg-type]
    head.get("host")  # type: ignore[arg-type]
    UpgradeToken(b"echo")  # type: ignore[arg-type]
    parse_upgrade(["echo"])  # type: ignore[list-item]
    finding("echo-ticket-missing")  # type: ignore[arg-type]
    finding(NO_TICKET, value="")  # type: ignore[arg-type]
    Signal("need-data").value = ""  # type: ignore[misc]


def must_fail_in_a_pattern(decision: Decision) -> bytes:
    """Fields are named, but for those of Forward, Content, Interim and OrdinaryResponse."""
    match decision:
        case Passthrough(data=data):
            return data
        case Accept101(b"websocket"):  # type: ignore[misc]
            return b""
        case _:
            return b""
