"""Bodies of refusals: which kind is sent, and what stands in it."""

import json
from collections.abc import Mapping

import pytest
from feeding import feed, hear_head
from strategies_decide import Field, handshake, request, values

from httpupgrade import (
    CustomProtocol,
    Decision,
    Finding,
    HandshakeFailed,
    HeadNegotiator,
    LocalProtocolError,
    Policy,
    Refusal,
    RefusalReport,
    Reject,
    RequestHead,
    Require426,
    ServerNegotiator,
    UpgradeToken,
    WebSocket,
    decide,
)
from httpupgrade._negotiation import finding_codes as codes
from httpupgrade._negotiation.refusal_response import complete_refusal
from httpupgrade.offers import Offer, OfferResult

TEXT = b"text/plain; charset=utf-8"
JSON = b"application/json"
PROBLEM = b"application/problem+json"

REQUIRED = Policy(WebSocket(), CustomProtocol("irc/6.9"), mode="required")


def refused(head: RequestHead, policy: Policy = REQUIRED) -> Reject | Require426:
    decision = decide(head, policy)
    assert isinstance(decision, Reject | Require426)
    return decision


def content_type(decision: Reject | Require426) -> bytes:
    (value,) = values(decision.headers, b"content-type")
    return value


def read_json(decision: Decision) -> Mapping[str, object]:
    assert isinstance(decision, Reject | Require426)
    body = json.loads(decision.body)
    assert isinstance(body, dict)
    return body


# What clients send, as captured, and what they are to get.
CLIENTS = [
    ("no Accept", [], TEXT),
    ("curl, fetch, Node", [b"*/*"], TEXT),
    (
        "Chromium",
        [
            (
                b"text/html,application/xhtml+xml,application/xml;q=0.9,image/jxl,image/avif,"
                b"image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7"
            ),
        ],
        TEXT,
    ),
    ("Firefox", [b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"], TEXT),
    ("Java", [b"text/html, image/gif, image/jpeg, */*; q=0.2"], TEXT),
    ("axios", [b"application/json, text/plain, */*"], TEXT),
    ("EventSource", [b"text/event-stream"], TEXT),
]

# RFC 9110 12.5.1, 12.4.2.
NEGOTIATION = [
    ("JSON", [b"application/json"], JSON),
    ("problem details", [b"application/problem+json"], PROBLEM),
    ("without case", [b"Application/JSON"], JSON),
    ("any application", [b"application/*"], JSON),
    ("any text", [b"text/*"], TEXT),
    ("JSON before anything", [b"application/json, */*;q=0.1"], JSON),
    ("problem details before JSON", [b"application/json;q=0.5, application/problem+json"], PROBLEM),
    ("JSON before problem details", [b"application/problem+json;q=0.9,application/json"], JSON),
    ("text before JSON", [b"application/json;q=0.8, text/plain;q=0.9"], TEXT),
    ("a weight of one", [b"application/json;q=1.000"], JSON),
    ("a weight with a point alone", [b"application/json;q=1., text/plain;q=0."], JSON),
    ("an empty parameter", [b"application/json; ;q=0.5;"], JSON),
    ("the same weight", [b"application/json;q=0.5, text/plain;q=0.5"], TEXT),
    ("a small weight is a weight", [b"application/json;q=0.001"], JSON),
    ("three digits", [b"text/plain;q=0.998, application/json;q=0.999"], JSON),
    ("text not at all", [b"text/plain;q=0, application/json;q=0.1"], JSON),
    ("anything but text", [b"text/plain;q=0, */*"], JSON),
    ("anything but text and JSON", [b"text/*;q=0, application/json;q=0.0, */*;q=0.3"], PROBLEM),
    ("the narrower range decides", [b"*/*, application/*;q=0.2, application/json;q=0"], TEXT),
    ("nothing at all", [b"*/*;q=0"], TEXT),
    ("nothing we have", [b"image/png"], TEXT),
    ("over two lines", [b"text/plain;q=0.1", b"application/json"], JSON),
    ("with empty elements", [b", ,application/json,"], JSON),
    ("white space around the weight", [b"application/json ;\tq=0.5"], JSON),
    ("a weight in upper case", [b"application/json;Q=0, application/problem+json;Q=0.1"], PROBLEM),
    ("parameters before the weight", [b'application/json;charset="utf-8";q=0, */*'], TEXT),
    ("a comma in quotes", [b'text/plain;x=", application/json"'], TEXT),
    ("a weight in quotes", [b'application/json;x=";q=0;"'], JSON),
    ("empty", [b""], TEXT),
]

# None of these is a list of media ranges, so none says anything.
MALFORMED_ACCEPT = [
    ("no slash", [b"json"]),
    ("no subtype", [b"application/"]),
    ("no type", [b"/json"]),
    ("garbage behind JSON", [b"application/json @"]),
    ("garbage on another line", [b"application/json", b"<>"]),
    ("an open quote", [b'application/json;x="']),
    ("obs-text", [b"application/json\xa0"]),
    ("full-width", [b"application/json;q=\xef\xbc\x91"]),
    ("a weight above 1", [b"application/json;q=2"]),
    ("a weight a little above 1", [b"application/json;q=1.001"]),
    ("a negative weight", [b"application/json;q=-1"]),
    ("a weight with four digits", [b"application/json;q=0.9999"]),
    ("a weight that is no number", [b"application/json;q=high"]),
    ("an empty weight", [b"application/json;q="]),
    ("a quoted weight", [b'application/json;q="1"']),
    ("a weight with an exponent", [b"application/json;q=1e0"]),
    ("a weight that is not a number", [b"application/json;q=nan"]),
    ("a media type in quotes", [b'"application/json"']),
]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [pytest.param(*row[1:], id=row[0]) for row in CLIENTS + NEGOTIATION],
)
def test_the_body_is_text_unless_accept_prefers_json(
    accept: list[bytes], media_type: bytes
) -> None:
    decision = refused(request(*((b"Accept", value) for value in accept)))
    assert content_type(decision) == media_type
    if media_type != TEXT:
        read_json(decision)


@pytest.mark.parametrize(
    "accept", [pytest.param(value, id=name) for name, value in MALFORMED_ACCEPT]
)
def test_a_malformed_accept_is_answered_in_text(accept: list[bytes]) -> None:
    decision = refused(request(*((b"Accept", value) for value in accept)))
    assert content_type(decision) == TEXT


def test_the_accept_of_a_rejection_counts_as_much() -> None:
    decision = refused(handshake((b"Accept", JSON), without=[b"Sec-WebSocket-Key"]))
    assert decision.status_code == 400
    assert content_type(decision) == JSON


def test_a_426_in_text_names_the_protocols_in_order_and_how_to_ask() -> None:
    """Most proxies drop the Upgrade field of a 426 and keep the body."""
    lines = refused(request()).body.decode("ascii").splitlines()
    assert lines[0] == "426 Upgrade Required"
    assert "This resource is served over websocket or irc/6.9 only." in lines
    assert "    Connection: Upgrade" in lines
    assert "    Upgrade: websocket, irc/6.9" in lines
    assert "    Sec-WebSocket-Version: 13" in lines


def test_a_426_of_one_protocol_reads_well() -> None:
    decision = refused(request(), Policy(CustomProtocol("tcp"), mode="required"))
    assert b"\nThis resource is served over tcp only.\n" in decision.body


def test_a_426_of_three_protocols_reads_well() -> None:
    policy = Policy(
        CustomProtocol("a"), CustomProtocol("b/1"), CustomProtocol("c"), mode="required"
    )
    assert b"served over a, b/1 or c only." in refused(request(), policy).body


def test_a_rejection_in_text_says_each_thing_that_was_wrong() -> None:
    head = handshake((b"Sec-WebSocket-Key", b"short"), without=[b"Sec-WebSocket-Version"])
    decision = refused(head)
    text = decision.body.decode("ascii")
    assert text.startswith("400 Bad Request\n\nThis request was refused.\n")
    assert len(decision.findings) == 2
    for finding in decision.findings:
        assert f"* {finding.message} ({finding.clause})\n" in text
        assert f"  {finding.hint}\n" in text
    assert "  received: Sec-WebSocket-Key: short\n" in text


def test_a_426_in_json_is_for_machines() -> None:
    body = read_json(refused(request((b"Accept", JSON))))
    assert body["error"] == "upgrade_required"
    assert body["required"] == ["websocket", "irc/6.9"]
    assert body["status"] == 426
    assert body["message"] == (
        "This resource is served over websocket or irc/6.9 only: there is no Upgrade field."
    )
    assert body["findings"] == [
        {
            "code": "upgrade-missing",
            "field": "Upgrade",
            **{name: getattr(codes.UPGRADE_MISSING, name) for name in _SAID},
        }
    ]


_SAID = ("message", "clause", "hint")


def test_a_rejection_in_json_requires_no_protocol() -> None:
    body = read_json(refused(handshake((b"Accept", JSON), (b"Origin", b"a"), (b"Origin", b"b"))))
    assert (body["error"], body["status"]) == ("bad_request", 400)
    assert "required" not in body
    findings = body["findings"]
    assert isinstance(findings, list)
    assert [finding["code"] for finding in findings] == ["origin-repeated"]
    assert (findings[0]["line"], findings[0]["start"], findings[0]["end"]) == ("Origin: b", 8, 9)
    assert (findings[0]["line_number"], findings[0]["line_count"]) == (2, 2)
    assert "value" not in findings[0]


def parsed(*lines: bytes, version: bytes = b"HTTP/1.1") -> RequestHead:
    return RequestHead.parse(b"\r\n".join((b"GET / " + version, *lines, b"", b"")))


ASKING = (b"Host: a", b"Upgrade: websocket")


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        (
            (b"Connection: keep-alive Upgrade",),
            (
                "  received: Connection: keep-alive Upgrade\n"
                "                                   ^^^^^^^\n"
            ),
        ),
        (
            (b"cONNECTION:a, b\xff, c",),
            "  received: cONNECTION:a, b\\xff, c\n                           ^^^^\n",
        ),
        (
            (b"Connection: Upgrade", b"Connection: a \xff<b> ", b"Connection: a"),
            (
                "  received, line 2 of 3: Connection: a \\xff\\x3cb\\x3e \n"
                "                                       ^^^^^^^^^^^^^\n"
            ),
        ),
        ((b"Connection: Upgrade,@",), "  received: Connection: Upgrade,@\n"),
    ],
)
def test_the_line_at_fault_is_shown_with_the_place_beneath(
    lines: tuple[bytes, ...], shown: str
) -> None:
    decision = refused(parsed(*ASKING, *lines))
    assert shown in decision.body.decode("ascii")


def test_a_value_that_is_wrong_as_a_whole_is_not_marked() -> None:
    body = refused(parsed(*ASKING, b"Connection: close")).body.decode("ascii")
    assert "  received: Connection: close\n  Send Connection: Upgrade." in body
    assert "^" not in body


def test_a_place_in_json_is_one_in_the_escaped_line() -> None:
    head = parsed(*ASKING, b"Connection: <\xff> b", b"Accept: application/json")
    findings = read_json(refused(head))["findings"]
    assert isinstance(findings, list)
    (finding,) = findings
    line, start, end = finding["line"], finding["start"], finding["end"]
    assert line == r"Connection: \x3c\xff\x3e b"
    assert line[start:end] == r"\x3c\xff\x3e"
    assert head.to_bytes()[finding["offset"] :].startswith(b"<\xff>")
    assert not {"value", "times", "line_number", "line_count"} & set(finding)


def test_how_often_a_fault_is_there_is_said_once() -> None:
    octets = b"GET / HTTP/1.1\nHost: a\nUpgrade: a\n\n"
    decision = feed(ServerNegotiator(REQUIRED), octets)
    assert isinstance(decision, Reject)
    assert decision.body.count(b"LF without CR") == 1
    assert b"(RFC 9112 2.2), 4 times\n" in decision.body
    assert [finding.times for finding in decision.findings] == [4]


def as_nginx_forwards_it(*lines: bytes) -> RequestHead:
    """A handshake of which Upgrade and Connection were removed, and the version lowered."""
    key = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    return parsed(b"Host: a", b"Connection: close", key, *lines, version=b"HTTP/1.0")


def test_the_cause_is_told_first_and_what_follows_from_it_once_beneath() -> None:
    assert """\
What was wrong with the request:

* the request was meant as an upgrade, but lacks Upgrade or the upgrade option of Connection \
(RFC 9110 7.6.1)
  received: Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
  Its Sec-WebSocket-Key field shows what it was meant as. Either a proxy on the way removed \
what is missing, or the client did not send it. A proxy has to pass on Upgrade and Connection \
over HTTP/1.1, and to keep Host. How nginx, Apache httpd and others are told to:
      httpupgrade explain hop-by-hop-fields-lost
  Because of this:
  - the request arrived in HTTP/1.0, which cannot upgrade (RFC 9110 7.8): received \
"GET / HTTP/1.0", wrong at "HTTP/1.0"
  - there is no Upgrade field (RFC 9110 7.8)
  - Connection does not list upgrade, without which Upgrade is ignored (RFC 9110 7.6.1): \
received "Connection: close"

Ask for it in HTTP/1.1 by GET with
""" in refused(as_nginx_forwards_it()).body.decode("ascii")


def test_json_has_every_finding_and_what_follows_from_the_cause() -> None:
    body = read_json(refused(as_nginx_forwards_it(b"Accept: application/json")))
    findings = body["findings"]
    assert isinstance(findings, list)
    following = ["upgrade-in-http-1.0", "upgrade-missing", "upgrade-option-missing"]
    assert [each["code"] for each in findings] == ["hop-by-hop-fields-lost", *following]
    assert [each.get("consequences") for each in findings] == [following, None, None, None]


@pytest.mark.parametrize(
    ("lines", "code", "shown"),
    [
        ((b"Upgrade: a", b"Connection:"), "upgrade-option-missing", "Connection:"),
        ((b"Upgrade: ", b"Connection: Upgrade"), "no-common-protocol", "Upgrade:"),
    ],
)
def test_an_empty_field_is_called_empty(lines: tuple[bytes, ...], code: str, shown: str) -> None:
    body = refused(parsed(b"Host: a", *lines)).body.decode("ascii")
    assert f"  received: {shown} (it is empty)\n" in body
    findings = read_json(refused(parsed(b"Host: a", *lines, b"Accept: application/json")))
    assert isinstance(findings["findings"], list)
    assert [(each["code"], each["empty"]) for each in findings["findings"]] == [(code, True)]


def test_a_value_without_a_line_is_not_passed_off_as_one() -> None:
    offer = (b"Sec-WebSocket-Extensions", b"a, permessage-deflate; b, permessage-deflate;c=1")
    body = refused(handshake(offer, (b"Origin", b"a"), (b"Origin", b"a"))).body
    assert b"  received in Sec-WebSocket-Extensions: permessage-deflate; b\n" in body


def test_a_header_of_the_host_that_was_compared_is_shown() -> None:
    policy = Policy(WebSocket(origins="same-host"), mode="required")
    head = handshake((b"Origin", b"https://a"), (b"Host", b"up<stream>:80"), without=[b"Host"])
    assert decide(head, policy).findings[0].code == "host-malformed"
    for host, told in ((b"upstream:80", "upstream:80."), (b"Up'", "up\\x27.")):
        head = handshake((b"Origin", b"https://a"), (b"Host", host), without=[b"Host"])
        decision = refused(head, policy)
        assert decision.status_code == 403
        assert f"compared with the host of the request, {told}" in decision.body.decode("ascii")


def test_a_list_of_origins_is_compared_with_no_host() -> None:
    policy = Policy(WebSocket(origins=["https://b"]), mode="required")
    body = refused(handshake((b"Origin", b"https://a")), policy).body
    assert b"received: Origin: https://a\n  The server's operator can allow this origin." in body


@pytest.mark.parametrize("offered", [(), ((b"Sec-WebSocket-Protocol", b"v4"),)])
def test_the_subprotocols_that_are_spoken_are_named(offered: tuple[Field, ...]) -> None:
    policy = Policy(WebSocket(["v5.a", "v6'"], require_subprotocol=True))
    decision = refused(handshake(*offered), policy)
    assert b"  This server speaks v5.a, v6\\x27. Offer one of this" in decision.body
    unknown = WebSocket(select_subprotocol=lambda offers, head: None, require_subprotocol=True)
    decision = refused(handshake(*offered), Policy(unknown))
    assert b"  Offer one of this server's subprotocols" in decision.body


def test_problem_details_have_the_members_of_rfc_9457() -> None:
    body = read_json(refused(request((b"Accept", PROBLEM))))
    assert (body["type"], body["title"], body["status"]) == ("about:blank", "Upgrade Required", 426)
    assert body["detail"] == (
        "This resource is served over websocket or irc/6.9 only: there is no Upgrade field."
    )
    assert body["required"] == ["websocket", "irc/6.9"]


def test_findings_say_where_in_the_head_they_are() -> None:
    head = RequestHead.parse(handshake((b"Sec-WebSocket-Key", b"x"), (b"Accept", JSON)).to_bytes())
    findings = read_json(refused(head))["findings"]
    assert isinstance(findings, list)
    assert head.to_bytes()[findings[0]["offset"] :].startswith(b"x\r\n")


@pytest.mark.parametrize("accept", [TEXT, JSON, PROBLEM])
@pytest.mark.parametrize("head", [request(), handshake(without=[b"Sec-WebSocket-Key"])])
def test_no_refusal_is_stored_or_sniffed(head: RequestHead, accept: bytes) -> None:
    """RFC 9111 5.2.2.5; a body that reflects is no page, whatever it looks like."""
    decision = refused(RequestHead(b"GET", b"/", (*head.headers, (b"Accept", accept))))
    assert values(decision.headers, b"cache-control") == [b"no-store"]
    assert values(decision.headers, b"x-content-type-options") == [b"nosniff"]


def test_fields_of_a_refusal_take_the_place_of_the_usual_ones() -> None:
    refusal = Refusal([(b"cache-control", b"max-age=60"), (b"Link", b"<a>"), (b"Link", b"<b>")])
    for decision in (
        refused(request(), Policy(WebSocket(), mode="required", refusal=refusal)),
        complete_refusal(Reject(404), refusal, is_head=False, close=False),
    ):
        values = [value for name, value in decision.headers if name.lower() == b"cache-control"]
        assert values == [b"max-age=60"]
        assert [value for name, value in decision.headers if name == b"Link"] == [b"<a>", b"<b>"]


def test_a_media_type_that_cannot_stand_on_the_wire_makes_no_refusal() -> None:
    refusal = Refusal(body=lambda report: (b"text/plain\r\nX-Split: 1", b""))
    with pytest.raises(LocalProtocolError, match=r"media type that cannot stand on the wire"):
        refused(request(), Policy(WebSocket(), mode="required", refusal=refusal))


def test_an_empty_body_has_no_type() -> None:
    policy = Policy(WebSocket(), mode="required", refusal=Refusal([(b"X", b"1")], body="empty"))
    decision = refused(request(), policy)
    assert decision.body == b""
    assert values(decision.headers, b"content-type") == []
    assert values(decision.headers, b"content-length") == [b"0"]
    assert values(decision.headers, b"cache-control") == [b"no-store"]
    assert values(decision.headers, b"x") == [b"1"]
    assert values(decision.headers, b"sec-websocket-version") == [b"13"]


def test_a_renderer_of_ones_own_is_told_everything() -> None:
    told: list[RefusalReport] = []

    def render(report: RefusalReport) -> tuple[bytes, bytes]:
        told.append(report)
        return b"text/html", "<p>\N{SNOWMAN}".encode()

    policy = Policy(WebSocket(), mode="required", refusal=Refusal([(b"X", b"1")], render))
    head = request()
    decision = refused(head, policy)
    assert decision.body == b"<p>\xe2\x98\x83"
    assert content_type(decision) == b"text/html"
    assert values(decision.headers, b"x") == [b"1"]
    assert decision.to_bytes().endswith(b"\r\n\r\n" + decision.body)
    (report,) = told
    assert (report.status_code, report.findings) == (426, decision.findings)
    assert report.tokens == policy.tokens(secure=False)
    assert report.head is head
    assert report.headers == ((b"Sec-WebSocket-Version", b"13"),)


def test_what_a_renderer_raises_reaches_the_caller() -> None:
    def render(report: RefusalReport) -> tuple[bytes, bytes]:
        raise LookupError(str(report.status_code))

    with pytest.raises(LookupError, match="426"):
        decide(request(), Policy(WebSocket(), mode="required", refusal=Refusal(body=render)))


@pytest.mark.parametrize(
    "field",
    [
        (b"X Y", b""),
        (b"", b"a"),
        (b"X:", b"a"),
        (b"X", b"a\r\nY: b"),
        (b"X", b"a\0"),
        # What the decision itself says, and what would say it twice.
        (b"Content-Length", b"3"),
        (b"Transfer-Encoding", b"chunked"),
        (b"Connection", b"keep-alive"),
        (b"Upgrade", b"h2c"),
    ],
)
def test_fields_that_cannot_stand_on_the_wire_make_no_refusal(field: Field) -> None:
    """A policy is checked when it is made, not when the first request is refused."""
    with pytest.raises(ValueError, match=r".+"):
        Refusal([field])


@pytest.mark.parametrize("body", ["html", b"empty", None])
def test_other_kinds_of_bodies_make_no_refusal(body: object) -> None:
    error = ValueError if isinstance(body, str) else TypeError
    with pytest.raises(error, match=r"^body is 'negotiated', 'empty' or a function"):
        Refusal(body=body)  # type: ignore[arg-type]


class Refusing(Offer):
    """An offer that refuses with findings of its own."""

    def __init__(self, *findings: Finding, status_code: int = 400) -> None:
        self._findings = findings
        self._status_code = status_code

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (UpgradeToken("own"),)

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> OfferResult:
        return HandshakeFailed(self._findings, self._status_code)


OWN = ((b"Upgrade", b"own"), (b"Connection", b"Upgrade"))


@pytest.mark.parametrize("accept", [TEXT, JSON, PROBLEM])
def test_findings_of_ones_own_are_rendered_with_what_they_have(accept: bytes) -> None:
    finding = Finding("own-quota", "the quota is used up")
    decision = refused(request(*OWN, (b"Accept", accept)), Policy(Refusing(finding)))
    assert b"the quota is used up" in decision.body
    assert b"None" not in decision.body
    assert b"null" not in decision.body
    assert b"()" not in decision.body


@pytest.mark.parametrize("accept", [TEXT, JSON, PROBLEM])
def test_findings_of_ones_own_may_be_in_any_language(accept: bytes) -> None:
    """``decide`` raises nothing, whatever the head."""
    finding = Finding("own-quota", "Kontingent erschöpft", hint="später", field="X-Größe")
    decision = refused(request(*OWN, (b"Accept", accept)), Policy(Refusing(finding)))
    body = decision.body.decode("utf-8")
    assert "Kontingent ersch" in body
    decision.to_bytes()


@pytest.mark.parametrize(("accept", "member"), [(JSON, "message"), (PROBLEM, "detail")])
def test_the_member_that_readers_of_json_are_shown_gives_the_reason(
    accept: bytes, member: str
) -> None:
    refusal = refused(handshake((b"Accept", accept), without=[b"Sec-WebSocket-Key"]))
    assert json.loads(refusal.body)[member] == (
        "This request was refused: there is no Sec-WebSocket-Key field."
    )
    silent = refused(request(*OWN, (b"Accept", accept)), Policy(Refusing(status_code=403)))
    assert json.loads(silent.body)[member] == "This request was refused."


def test_a_fault_in_a_line_that_is_not_shown_has_its_place() -> None:
    decision = feed(ServerNegotiator(REQUIRED), b"GET / HTTP/1.1\r\nHost: a\r\n5ecre7\r\n\r\n")
    assert isinstance(decision, Reject)
    assert b"(RFC 9112 5)\n  at octet 25 of the head\n  The sender" in decision.body
    assert b"5ecre7" not in decision.body


def test_a_refusal_without_findings_does_not_say_that_something_was_wrong() -> None:
    decision = refused(request(*OWN), Policy(Refusing(status_code=503)))
    assert decision.body == b"503 Service Unavailable\n\nThis request could not be answered.\n"


@pytest.mark.parametrize("status_code", [402, 418, 422, 428, 451, 511, 599])
def test_a_status_without_a_usual_reason_still_names_an_error(status_code: int) -> None:
    policy = Policy(Refusing(Finding("own", "why"), status_code=status_code))
    body = read_json(refused(request(*OWN, (b"Accept", JSON)), policy))
    assert body["error"]
    assert body["status"] == status_code


@pytest.mark.parametrize("status_code", [500, 502, 503, 504])
def test_a_failure_of_the_server_does_not_say_that_the_request_was_wrong(status_code: int) -> None:
    machine = ServerNegotiator(REQUIRED)
    text = machine.refuse(status_code, Finding("own-code", "the disk is full")).body.decode()
    assert "\n\nThis request could not be answered.\n\nWhat went wrong:\n\n* the disk is" in text
    parsed = HeadNegotiator(REQUIRED)
    hear_head(parsed, request((b"Accept", JSON)))
    body = read_json(parsed.refuse(status_code, Finding("own-code", "the disk is full")))
    assert body["message"] == "This request could not be answered: the disk is full."
