"""diagnose(): each row of the table, what the captures are, and what is never said."""

from collections.abc import Iterable
from typing import Final

import pytest
from capture_score import decided, diagnoses, is_healthy, request_scores
from captures import CapturedRequest, captured_requests

from httpupgrade import (
    TLS,
    Code,
    Policy,
    Reject,
    RequestHead,
    RequestInfo,
    Require426,
    UpgradeToken,
    WebSocket,
    decide,
    finding,
)
from httpupgrade.diagnosis import Diagnosis, diagnose
from httpupgrade.diagnosis._fingerprint import Fingerprint
from httpupgrade.diagnosis._remedies import REMEDIES
from httpupgrade.diagnosis._request_fingerprints import REQUEST_FINGERPRINTS

CAPTURES: Final = {each.name: each for each in captured_requests()}
REQUIRED: Final = Policy(WebSocket(), mode="required")
Fields = Iterable[tuple[bytes, bytes]]
KEY: Final = (b"Sec-WebSocket-Key", b"dGhlIHNhbXBsZSBub25jZQ==")
VERSION: Final = (b"Sec-WebSocket-Version", b"13")
UPGRADE: Final = ((b"Upgrade", b"websocket"), (b"Connection", b"Upgrade"))


def request(*fields: tuple[bytes, bytes], target: bytes = b"/chat") -> RequestHead:
    return RequestHead(b"GET", target, ((b"Host", b"a"), *fields))


def capture_of(row: Fingerprint) -> CapturedRequest | None:
    return CAPTURES.get(row.source.partition(",")[0])


BY_CAPTURE: Final = [
    row
    for row in REQUEST_FINGERPRINTS
    if row.about in ("lost", "keyless", "preface") and row.source in CAPTURES
]
BY_DOCUMENT: Final = {
    # As they arrived.
    "tinyproxy-without-via": request((b"Connection", b"close"), KEY, VERSION),
    "privoxy-closes": RequestHead(
        b"GET",
        b"http://a/chat",
        ((b"Host", b"a"), (b"Upgrade", b"websocket"), (b"Connection", b"close"), VERSION, KEY),
    ),
    "envoy-no-upgrade": request(KEY, VERSION, (b"x-envoy-expected-rq-timeout-ms", b"15000")),
    "traefik": request(
        (b"Sec-Websocket-Key", KEY[1]),
        (b"X-Forwarded-Port", b"80"),
        (b"X-Forwarded-Server", b"traefik"),
    ),
    "cloudflare": request(KEY, VERSION, (b"Cf-Ray", b"67c9a6e45dff34c6-DUB")),
    # As its source writes it, in the order of Go.
    "cloudflared": request(
        (b"User-Agent", b"Mozilla/5.0"),
        (b"Cdn-Loop", b"cloudflare; loops=1"),
        (b"Cf-Ray", b"8173fa0bd1e6b397-MUC"),
        (b"Connection", b"keep-alive"),
        (b"Sec-Websocket-Key", KEY[1]),
        (b"Sec-Websocket-Version", b"13"),
    ),
    "nginx-proxy-manager": request(
        (b"X-Forwarded-Scheme", b"https"),
        (b"X-Forwarded-Proto", b"https"),
        (b"X-Forwarded-For", b"b"),
        (b"X-Real-IP", b"b"),
        (b"Connection", b"close"),
        KEY,
        VERSION,
    ),
    "ingress-nginx": request(
        (b"X-Request-ID", b"c"),
        (b"X-Real-IP", b"b"),
        (b"X-Forwarded-For", b"b"),
        (b"X-Forwarded-Host", b"a"),
        (b"X-Forwarded-Scheme", b"https"),
        (b"X-Scheme", b"https"),
        KEY,
        VERSION,
    ),
    "front-door": request(KEY, VERSION, (b"X-Azure-FDID", b"55ce4ed1-4b06-4bf1")),
    "azure-application-gateway": request(KEY, VERSION, (b"x-appgw-trace-id", b"ac882cd65a2712a0")),
    "iis-arr": request(KEY, VERSION, (b"X-ARR-LOG-ID", b"f53feb81-d121-4f96")),
    "kong": request(KEY, VERSION, (b"X-Kong-Request-Id", b"7785df59404ddf6d")),
    "cloudfront": request(KEY, VERSION, (b"X-Amz-Cf-Id", b"x==")),
    "cloudfront-no-key": request(*UPGRADE, (b"X-Amz-Cf-Id", b"x==")),
    "fastly": request(KEY, VERSION, (b"Fastly-Client", b"1")),
    "akamai": request(KEY, VERSION, (b"X-Akamai-CONFIG-LOG-DETAIL", b"true")),
    "aws-alb": request(KEY, VERSION, (b"X-Amzn-Trace-Id", b"Root=1-67891233-abcdef01234567891234")),
    "google-lb": request(KEY, VERSION, (b"Via", b"1.1 google")),
    # What Envoy sent in the report of its issue.
    "envoy-no-key": RequestHead(
        b"GET",
        b"/echo",
        (
            (b"host", b"a"),
            (b"sec-websocket-version", b"13"),
            (b"origin", b"https://a"),
            (b"content-length", b"0"),
            (b"upgrade", b"websocket"),
            (b"connection", b"upgrade"),
            (b"x-forwarded-proto", b"https"),
            (b"x-request-id", b"e0ff4c92-ccc8-4007-83eb-ee0e391db73e"),
            (b"x-envoy-expected-rq-timeout-ms", b"15000"),
        ),
    ),
    "http2-bridge": request(*UPGRADE, VERSION),
    "http2-edge": request(VERSION),
    "go-reverseproxy": request((b"Sec-Websocket-Key", KEY[1]), (b"X-Forwarded-For", b"b")),
    "node-proxy": RequestHead(b"GET", b"/", ((b"host", b"a"), (b"sec-websocket-key", KEY[1]))),
    "vinyl-cache-default": request(KEY, (b"Accept-Encoding", b"gzip"), (b"X-Vinyl", b"1")),
    "vinyl-cache-pass": request(KEY, (b"X-Vinyl", b"1")),
    "vinyl-cache-pipe-without-fields": request(KEY, (b"X-Vinyl", b"1"), (b"Connection", b"close")),
    "vinyl-cache-pipe-upgrade-alone": request(
        KEY, (b"X-Vinyl", b"1"), (b"Connection", b"close"), UPGRADE[0]
    ),
    "trafficserver-http-map": request(KEY, (b"Via", b"http/1.1 a[b] (ApacheTrafficServer/9.2.5)")),
    "nginx-1.29.7-default": request(KEY, VERSION),
    "nginx-1.29.7-upgrade-without-connection": RequestHead(
        b"GET", b"/", (UPGRADE[0], (b"Host", b"a"), KEY, VERSION)
    ),
    "hixie-76": request(
        *UPGRADE,
        (b"Sec-WebSocket-Key1", b"4 @1  46546xW%0l 1 5"),
        (b"Sec-WebSocket-Key2", b"12998"),
    ),
    "hybi-draft": request(*UPGRADE, KEY, (b"Sec-WebSocket-Version", b"8")),
    "engine.io-3": request(
        *UPGRADE, KEY, (b"Sec-WebSocket-Version", b"8"), target=b"/socket.io/?EIO=3"
    ),
}
# An Origin that is not Host, as it is where a proxy replaced Host.
ORIGIN: Final = (b"Origin", b"https://public.example")
OF_HOSTS: Final = {
    "nginx-host": RequestHead(b"GET", b"/", (*UPGRADE, (b"Host", b"up"), KEY, VERSION, ORIGIN)),
    "apache-host": request(
        *UPGRADE,
        KEY,
        VERSION,
        ORIGIN,
        (b"X-Forwarded-For", b"b"),
        (b"X-Forwarded-Host", b"public.example"),
        (b"X-Forwarded-Server", b"c"),
    ),
    "h2o-host": RequestHead(
        b"GET",
        b"/",
        (
            (b"connection", b"upgrade"),
            (b"upgrade", b"websocket"),
            (b"host", b"a"),
            KEY,
            VERSION,
            ORIGIN,
        ),
    ),
    "cloudflared-host": request(
        *UPGRADE,
        (b"Sec-Websocket-Key", KEY[1]),
        (b"Sec-Websocket-Version", b"13"),
        ORIGIN,
        (b"Cf-Ray", b"8173fa0bd1e6b397-MUC"),
    ),
    "trafficserver-host": request(
        *UPGRADE, KEY, VERSION, ORIGIN, (b"Via", b"http/1.1 a[b] (ApacheTrafficServer/9.2.5)")
    ),
}


def found_in(diagnosis: Diagnosis) -> list[str]:
    return [each.fingerprint for each in diagnosis.suspects]


@pytest.mark.parametrize("row", BY_CAPTURE, ids=lambda row: row.name)
def test_a_row_recognises_its_capture(row: Fingerprint) -> None:
    for diagnosis in diagnoses(CAPTURES[row.source]):
        assert diagnosis.verdict == "broken"
        assert row.name in found_in(diagnosis)


@pytest.mark.parametrize("name", BY_DOCUMENT)
def test_a_row_recognises_what_its_document_says(name: str) -> None:
    head = BY_DOCUMENT[name]
    diagnosis = diagnose(RequestInfo(head), decide(head, REQUIRED))
    assert name in found_in(diagnosis)
    assert diagnosis.verdict in ("broken", "refused")


@pytest.mark.parametrize("name", OF_HOSTS)
def test_a_proxy_that_replaces_host_is_recognised_by_a_refused_origin(name: str) -> None:
    policy = Policy(WebSocket(origins=("same-host",)))
    head = OF_HOSTS[name]
    refused = diagnose(RequestInfo(head), decide(head, policy))
    assert (refused.verdict, refused.code) == ("refused", "origin-not-allowed")
    assert found_in(refused)[0] == name
    # Where Origin names Host, nobody replaced it.
    same = [
        (n, b"https://" + (head.get(b"host") or b"")) if n == b"Origin" else (n, v)
        for n, v in head.headers
    ]
    other = RequestHead(b"GET", b"/", same)
    allowed_elsewhere = Policy(WebSocket(origins=("https://other.example",)))
    assert diagnose(other, decide(other, allowed_elsewhere)).suspects == ()


def test_each_row_is_recognised_in_a_test() -> None:
    tested = {row.name for row in BY_CAPTURE} | BY_DOCUMENT.keys() | OF_HOSTS.keys()
    elsewhere = {"envoy-h2", "aws-nlb-proxy-protocol", "haproxy-send-proxy", "engine.io-polling"}
    assert {row.name for row in REQUEST_FINGERPRINTS} == tested | elsewhere


@pytest.mark.parametrize("name", ["cloudflared", "nginx-proxy-manager", "ingress-nginx"])
def test_what_is_built_on_another_product_is_named_before_it(name: str) -> None:
    diagnosis = diagnose(BY_DOCUMENT[name])
    assert found_in(diagnosis)[0] == name
    assert diagnosis.remedies[0].name in REMEDIES
    assert diagnosis.remedies[0].product == diagnosis.suspects[0].product


def test_cloudflare_without_a_tunnel_is_not_taken_for_cloudflared() -> None:
    head = request(KEY, VERSION, (b"Connection", b"Keep-Alive"), (b"Cf-Ray", b"1-MUC"))
    assert "cloudflared" not in found_in(diagnose(head))


def test_names_of_rows_and_remedies_are_unique_and_known() -> None:
    names = [row.name for row in REQUEST_FINGERPRINTS]
    assert len(set(names)) == len(names)
    assert {name for row in REQUEST_FINGERPRINTS for name in row.remedies} <= REMEDIES.keys()


def test_each_source_that_names_a_capture_names_one_that_there_is() -> None:
    for row in REQUEST_FINGERPRINTS:
        if "__" in row.source and "captured as" not in row.source:
            assert capture_of(row) is not None, row.source


# --- All captures --------------------------------------------------------------------------------


def test_nearly_all_mangled_requests_are_named_and_no_healthy_one_is_accused() -> None:
    scores = request_scores()
    assert [each.total for each in scores] == [100, 311, 65]
    assert [each.wrong for each in scores] == [(), (), ()]


@pytest.mark.parametrize(
    "capture",
    [each for each in CAPTURES.values() if each.proxy is None and not is_healthy(each)],
    ids=lambda each: each.name,
)
def test_no_product_is_held_likely_where_the_client_is_at_fault(capture: CapturedRequest) -> None:
    for diagnosis in diagnoses(capture):
        assert diagnosis.verdict == "broken"
        assert all(each.confidence == "low" for each in diagnosis.suspects)


@pytest.mark.parametrize(
    "capture",
    [each for each in CAPTURES.values() if each.arrived_upgradable and each.intent == "websocket"],
    ids=lambda each: each.name,
)
def test_a_handshake_that_arrives_whole_is_healthy(capture: CapturedRequest) -> None:
    assert [each.verdict for each in diagnoses(capture)] == ["healthy"] * 3


@pytest.mark.parametrize(
    "capture",
    [each for each in CAPTURES.values() if not each.arrived_upgradable],
    ids=lambda each: each.name,
)
def test_where_no_upgrade_can_be_sent_a_request_is_diagnosed_as_everywhere(
    capture: CapturedRequest,
) -> None:
    head, decision = decided(capture, REQUIRED)
    if head is None or not isinstance(decision, Require426):
        return
    usual = diagnose(head, decision)
    other = diagnose(head, decide(head, REQUIRED, can_send_upgrade=False))
    parts = ("verdict", "code", "cause", "suspects", "remedies", "next_steps")
    for part in parts:
        assert getattr(other, part) == getattr(usual, part)


# --- What is said --------------------------------------------------------------------------------


def of_capture(name: str) -> Diagnosis:
    head, decision = decided(CAPTURES[name], REQUIRED)
    return diagnose(None if head is None else RequestInfo(head), decision)


def test_the_cause_comes_first_and_what_follows_from_it_is_a_consequence() -> None:
    diagnosis = of_capture("nginx__default__websocket")
    assert diagnosis.code == "hop-by-hop-fields-lost"
    assert diagnosis.summary == (
        "A WebSocket handshake arrived without Upgrade and without the upgrade option of"
        " Connection."
    )
    assert diagnosis.cause == (
        "A proxy between the client and this server removed what is missing. The request looks as"
        " nginx before 1.29.7 sends it: proxy_pass alone, which passes on neither Upgrade nor"
        " Connection and speaks HTTP/1.0."
    )
    assert diagnosis.consequences == (
        "the request line says HTTP/1.0, in which nothing can be upgraded",
        "the request is answered with 426",
    )
    assert [(each.place, each.line) for each in diagnosis.evidence] == [
        ("field line 10", "Sec-WebSocket-Key: EMgKt7sPbKXH+me32SxUug=="),
        ("", ""),
        ("field line 2", "Connection: close"),
        ("request line", "GET /chat?... HTTP/1.0"),
    ]
    assert diagnosis.remedies[0].name == "nginx-pass-upgrade"


def test_what_cannot_be_told_apart_is_named_together() -> None:
    diagnosis = of_capture("nginx__keepalive-upstream__websocket")
    assert [(each.generation, each.confidence) for each in diagnosis.suspects] == [
        ("1.29.7 and later", "medium"),
        ("", "medium"),
    ]
    assert "The same comes from nginx with this" in diagnosis.cause


def test_a_handshake_in_http_1_0_is_told_from_one_that_lost_its_fields() -> None:
    diagnosis = of_capture("nginx__no-http11__websocket")
    assert diagnosis.code == "upgrade-in-http-1.0"
    assert diagnosis.consequences == ("the request is answered with 426",)


def test_a_lost_hop_without_a_known_product_says_so() -> None:
    head = RequestHead(b"GET", b"/", (KEY, (b"Host", b"a"), (b"Connection", b"close")))
    diagnosis = diagnose(head)
    assert (diagnosis.verdict, diagnosis.suspects, diagnosis.remedies) == ("broken", (), ())
    assert "does not tell which product" in diagnosis.cause
    assert "the request passes as an ordinary one, and no upgrade takes place" in (
        diagnosis.consequences
    )


def test_a_lost_hop_of_another_protocol_is_told_by_the_decision() -> None:
    head = RequestHead(
        b"GET", b"/.well-known/masque/udp/b/1/", ((b"Host", b"a"), (b"Capsule-Protocol", b"?1"))
    )
    diagnosis = diagnose(head)
    assert diagnosis.code == "hop-by-hop-fields-lost"
    assert diagnosis.summary.startswith("A request for an upgrade arrived without Upgrade")


def test_a_plain_request_where_a_websocket_is_required_is_refused_and_nobody_is_accused() -> None:
    head = request()
    diagnosis = diagnose(head, decide(head, REQUIRED))
    assert (diagnosis.verdict, diagnosis.code) == ("refused", "upgrade-missing")
    assert diagnosis.summary.startswith("This is served over websocket only")
    assert diagnosis.suspects == diagnosis.remedies == ()


def test_a_plain_request_that_is_refused_otherwise() -> None:
    diagnosis = diagnose(request(), Reject(503))
    assert (diagnosis.verdict, diagnosis.suspects) == ("refused", ())
    assert "503" in diagnosis.summary


def test_a_client_of_engine_io_that_polls_is_told_what_to_set() -> None:
    diagnosis = of_capture("direct__engine.io-client__plain-get__polling")
    assert diagnosis.verdict == "refused"
    assert "transports are set to websocket alone" in diagnosis.cause
    assert diagnosis.suspects == ()


def test_a_handshake_that_the_server_refuses_without_a_finding() -> None:
    diagnosis = diagnose(request(*UPGRADE, KEY, VERSION), Reject(503))
    assert (diagnosis.verdict, diagnosis.code) == ("refused", "")
    assert diagnosis.summary == "The server answered with 503."


@pytest.mark.parametrize(
    ("fields", "policy", "verdict", "code"),
    [
        (
            (*UPGRADE, KEY, VERSION, (b"Origin", b"https://b")),
            WebSocket(origins=("https://c",)),
            "refused",
            "origin-not-allowed",
        ),
        (
            (*UPGRADE, KEY, VERSION, (b"Sec-WebSocket-Protocol", b"secret")),
            WebSocket(("chat",), require_subprotocol=True),
            "broken",
            "no-common-subprotocol",
        ),
        ((*UPGRADE, KEY, (b"Sec-WebSocket-Version", b"8")), WebSocket(), "refused", None),
        ((*UPGRADE, (b"Sec-WebSocket-Key", b"x"), VERSION), WebSocket(), "broken", None),
        (
            ((b"Upgrade", b"websocket"), VERSION, (b"Connection", b"keep-alive Upgrade"), KEY),
            WebSocket(),
            "broken",
            "connection-malformed",
        ),
    ],
)
def test_a_refusal_for_another_reason(
    fields: Fields, policy: WebSocket, verdict: str, code: str | None
) -> None:
    head = request(*fields)
    decision = decide(head, Policy(policy, mode="required"))
    diagnosis = diagnose(head, decision)
    assert (diagnosis.verdict, diagnosis.suspects[1:]) == (verdict, ())
    assert code in (diagnosis.code, None)
    assert "secret" not in repr(diagnosis)


def test_an_offer_of_a_websocket_without_the_option_is_broken_even_where_it_passes() -> None:
    diagnosis = diagnose(request((b"Upgrade", b"websocket")))
    assert (diagnosis.verdict, diagnosis.code) == ("broken", "upgrade-option-missing")


def test_an_offer_that_is_not_spoken_here_is_an_ordinary_request() -> None:
    diagnosis = diagnose(request((b"Upgrade", b"foo"), (b"Connection", b"Upgrade")))
    assert (diagnosis.verdict, diagnosis.code) == ("healthy", "")


# --- What could not be read ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("octets", "code", "says", "suspects"),
    [
        (b"\x16\x03\x01\x02\x00\x01", "tls-client-hello", "https:// or wss://", []),
        (
            b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET / HTTP/1.1\r\n\r\n",
            "proxy-protocol",
            "load balancer",
            ["aws-nlb-proxy-protocol", "haproxy-send-proxy"],
        ),
        (
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "http2-preface",
            "HTTP/2 towards this server",
            ["haproxy-proto-h2", "caddy-h2c", "nghttpx-h2", "envoy-h2"],
        ),
        (b"\x05\x01\x00", "not-http", "another protocol", []),
        (b"GET / undefined\r\n\r\n", "not-http", "Developer tools", []),
    ],
)
def test_octets_that_are_no_request(
    octets: bytes, code: str, says: str, suspects: list[str]
) -> None:
    capture = CAPTURES["direct__curl__plain-get"]._replace(octets=octets)
    head, decision = decided(capture, REQUIRED)
    assert head is None
    diagnosis = diagnose(None, decision)
    assert (diagnosis.verdict, diagnosis.code, found_in(diagnosis)) == ("broken", code, suspects)
    assert says in diagnosis.cause
    assert diagnosis.evidence[0].place == "first octets"


def test_nothing_at_all_is_unclear() -> None:
    assert diagnose(None).verdict == "unclear"
    assert diagnose(None, Reject(408)).verdict == "unclear"


@pytest.mark.parametrize("arguments", [(b"GET",), (request(), "426"), (request(), 426)])
def test_arguments_of_other_types_raise_a_type_error(arguments: tuple[object, ...]) -> None:
    with pytest.raises(TypeError):
        diagnose(*arguments)  # type: ignore[arg-type]


def test_texts_of_an_author_of_an_offer_are_escaped() -> None:
    found = (
        decide(request(), REQUIRED)
        .findings[0]
        .replace(code="x", message="caf\xe9\n", hint="\x1b[1m", status_code=400, line=None)
    )
    diagnosis = diagnose(request(*UPGRADE), Require426([UpgradeToken("x")], findings=[found]))
    assert diagnosis.summary == "The request is refused: caf\\xe9 ."
    assert diagnosis.next_steps == (" [1m",)


def test_a_finding_without_its_line_is_shown_by_its_value_if_that_is_no_secret() -> None:
    code = Code("x-wrong", 400, "", "it is wrong")
    found = [
        finding(code, field="Host", value=b"a"),
        finding(code, field="Cookie", value=b"secret"),
    ]
    diagnosis = diagnose(request(), Reject(400, findings=found))
    assert [(each.place, each.line) for each in diagnosis.evidence] == [
        ("field line 1", "a"),
        ("", ""),
    ]


def test_an_offer_of_h2c_that_a_proxy_took_away_leaves_an_ordinary_request() -> None:
    diagnosis = diagnose(request((b"HTTP2-Settings", b"AAMAAABkAAQAoAAAAAIAAAAA")))
    assert (diagnosis.verdict, diagnosis.suspects) == ("healthy", ())
    assert "HTTP2-Settings without Upgrade" in diagnosis.summary


def test_a_proxy_that_kept_host_is_not_accused_of_a_refused_origin() -> None:
    apache = OF_HOSTS["apache-host"]
    fields = [
        (name, b"a") if name == b"X-Forwarded-Host" else (name, value)
        for name, value in apache.headers
    ]
    head = RequestHead(b"GET", b"/", fields)
    policy = Policy(WebSocket(origins=("same-host",)))
    assert diagnose(head, decide(head, policy)).suspects == ()


def test_nobody_is_accused_where_the_origin_is_a_name_that_no_site_has() -> None:
    origin = (b"Origin", b"https://foreign.invalid")
    head = RequestHead(b"GET", b"/", (*UPGRADE, (b"Host", b"up"), KEY, VERSION, origin))
    policy = Policy(WebSocket(origins=("same-host",)))
    diagnosis = diagnose(head, decide(head, policy))
    assert diagnosis.code == "origin-not-allowed"
    assert diagnosis.suspects == ()


def test_the_order_of_fields_alone_does_not_tell_that_nginx_replaced_host() -> None:
    head = OF_HOSTS["nginx-host"]
    policy = Policy(WebSocket(origins=("same-host",)))
    assert [each.confidence for each in diagnose(head, decide(head, policy)).suspects] == ["low"]


def test_what_introduces_lines_to_paste_is_left_out_with_them() -> None:
    head = OF_HOSTS["nginx-host"]
    refused = diagnose(head, decide(head, Policy(WebSocket(origins=("same-host",)))))
    assert refused.next_steps[0].endswith("it has to keep Host as it came.")
    code = Code("x-wrong", 400, "", "it is wrong", "nginx:\n    x;\nThen reload.")
    assert diagnose(head, Reject(400, findings=[finding(code)])).next_steps == ("Then reload.",)


def test_nobody_is_told_to_reload_a_proxy_that_is_not_known() -> None:
    head = RequestHead(b"GET", b"/", (KEY, (b"Host", b"a"), (b"Connection", b"close")))
    assert not any("Reload" in step for step in diagnose(head).next_steps)


def test_what_was_just_refused_is_not_named_as_what_is_wanted() -> None:
    head = RequestHead(b"GET", b"/", [(b"Host", b"example.com")])
    policy = Policy(TLS("1.3"), mode="required")
    summary = diagnose(head, decide(head, policy)).summary
    assert summary == "This is served over TLS/1.3 only, and the request asks for no upgrade."
