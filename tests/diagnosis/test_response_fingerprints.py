"""Each row recognises what its source shows, and every remedy that it names is there."""

import re
from typing import Final

import pytest
from captured_exchanges import Exchange, exchanges

from httpupgrade import RequestHead, ResponseHead
from httpupgrade.diagnosis import Diagnosis, NoAnswer, diagnose_response
from httpupgrade.diagnosis._diagnosis import CONFIDENCES
from httpupgrade.diagnosis._remedies import REMEDIES
from httpupgrade.diagnosis._response_fingerprints import (
    IDLE_FINGERPRINTS,
    NO_ANSWER_FINGERPRINTS,
    RESPONSE_FINGERPRINTS,
    NoAnswerFingerprint,
    ResponseFingerprint,
)

BY_NAME: Final = {each.capture.name: each for each in exchanges()}
WEBSOCKET: Final = BY_NAME["nginx__default__websocket__426"].request
PLAIN: Final = BY_NAME["nginx__default__plain-get__426"].request
ROWS: Final[tuple[ResponseFingerprint | NoAnswerFingerprint, ...]] = (
    *RESPONSE_FINGERPRINTS,
    *NO_ANSWER_FINGERPRINTS,
)
HTML: Final = (b"Content-Type", b"text/html")
JSON: Final = (b"Content-Type", b"application/json")


def made(status: int, *fields: tuple[bytes, bytes], content: bytes = b"") -> Diagnosis:
    """What is said of a response that a document describes."""
    return diagnose_response(WEBSOCKET, ResponseHead(status, fields), content=content)


NGINX: Final = (b"Server", b"nginx/1.28.0")
APACHE: Final = (b"Server", b"Apache/2.4.66")
ENVOY: Final = (b"server", b"envoy")
CLOUDFLARE: Final = (b"Server", b"cloudflare")
CLOUDFRONT: Final = (b"X-Amz-Cf-Id", b"abc")
ALB: Final = (b"Server", b"awselb/2.0")
VIA_GOOGLE: Final = (b"Via", b"1.1 google")
HTTP2: Final = RequestHead.from_parser(b"GET", b"/", ((b"host", b"a"),), b"2.0")

# Of rows whose source is not the capture of a response: what their document describes.
AS_DESCRIBED: Final = {
    "nginx-http10": made(505, NGINX),
    "nginx-slash": made(301, NGINX, (b"Location", b"http://a.example/chat/")),
    "nginx-tls-expected": made(
        400, NGINX, HTML, content=b"<center>The plain HTTP request was sent to HTTPS port</center>"
    ),
    "nginx-gateway": made(502, NGINX, HTML),
    "nginx-in-doubt": made(404, NGINX, HTML),
    "nginx-http2-upgrade": diagnose_response(
        HTTP2,
        ResponseHead(426, ((b"server", b"nginx"), (b"upgrade", b"websocket")), b"", b"2.0"),
    ),
    "apache-in-doubt": made(404, APACHE, HTML),
    "apache-http10": made(505, APACHE),
    "lighttpd-http10": made(
        426,
        (b"Server", b"lighttpd/1.4.69"),
        content=b"What was wrong with the request:\n\n"
        b"* the request arrived in HTTP/1.0, which cannot upgrade\n",
    ),
    "nginx-without-fields": made(
        400,
        (b"Server", b"nginx/1.22.1"),
        content=b"What was wrong with the request:\n\n* there is no Sec-WebSocket-Key field\n",
    ),
    "apache-tls-expected": made(
        400,
        APACHE,
        HTML,
        content=b"Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />",
    ),
    "haproxy-503": made(
        503, HTML, content=b"<h1>503</h1>\nNo server is available to handle this request.\n"
    ),
    "express-no-route": made(
        404, (b"X-Powered-By", b"Express"), HTML, content=b"<pre>Cannot GET /chat</pre>"
    ),
    "varnish-own-426": made(426, (b"X-Varnish", b"1"), HTML, content=b"<h3>Guru Meditation:</h3>"),
    "traefik-404": made(404, (b"Content-Type", b"text/plain"), content=b"404 page not found\n"),
    "api-gateway-403": made(403, JSON, content=b'{"message":"Missing Authentication Token"}'),
    "iis-dropped": made(200, (b"Server", b"Microsoft-IIS/10.0"), HTML),
    "envoy-403": made(403, ENVOY, (b"date", b"Tue, 25 Feb 2020 06:13:26 GMT")),
    "http-proxy-3-without-ws": made(200, (b"connection", b"Upgrade")),
    "httpxy-without-ws": made(200, (b"connection", b"Upgrade")),
    "http-proxy-3-silent": diagnose_response(WEBSOCKET, NoAnswer.SILENT),
    "httpxy-silent": diagnose_response(WEBSOCKET, NoAnswer.SILENT),
    "vite-silent": diagnose_response(WEBSOCKET, NoAnswer.SILENT),
    "webpack-dev-server-silent": diagnose_response(WEBSOCKET, NoAnswer.SILENT),
    "envoy-502": made(
        502,
        ENVOY,
        (b"content-type", b"text/plain"),
        content=b"upstream connect error or disconnect/reset before headers. reset reason:"
        b" protocol error",
    ),
    "go-502": made(502, (b"Date", b"Mon, 30 Nov 2026 09:13:21 GMT"), (b"Content-Length", b"0")),
    "envoy-503": made(503, ENVOY, (b"content-type", b"text/plain")),
    "http10-before-envoy": made(426, (b"server", b"istio-envoy"), (b"content-length", b"0")),
    "nghttpx-502": made(502, (b"Server", b"nghttpx"), HTML),
    "cloudflared-502": made(502, CLOUDFLARE),
    "cloudflare-1xxx": made(403, CLOUDFLARE, content=b"error code: 1020"),
    "cloudflare-dropped": made(404, CLOUDFLARE),
    **{f"cloudflare-{each}": made(each, CLOUDFLARE) for each in (*range(520, 527), 530)},
    "cloudfront-dropped": made(400, CLOUDFRONT),
    "alb-464": made(464, ALB),
    "alb-5xx": made(502, ALB, HTML),
    "alb-4xx": made(403, ALB, HTML),
    "fastly-dropped": made(400, (b"X-Served-By", b"cache-fra-etou8220001-FRA")),
    "akamai-dropped": made(403, (b"Server", b"AkamaiGHost")),
    "front-door-dropped": made(400, (b"x-azure-ref", b"0abc")),
    "google-5xx": made(502, VIA_GOOGLE, HTML),
    "engine-io-revision": made(
        400, JSON, content=b'{"code":5,"message":"Unsupported protocol version"}'
    ),
    "engine-io-session": made(400, JSON, content=b'{"code":1,"message":"Session ID unknown"}'),
    "engine-io-other": made(400, JSON, content=b'{"code":0,"message":"Transport unknown"}'),
    "page-of-an-application": made(
        200, HTML, content=b'<!doctype html><body><div id="root"></div></body>'
    ),
    "any-page": made(200, HTML, content=b"<h1>It works!</h1>"),
}


def of_source(row: ResponseFingerprint | NoAnswerFingerprint) -> Diagnosis:
    """What is said of what the source of a row shows."""
    if row.name in AS_DESCRIBED:
        return AS_DESCRIBED[row.name]
    return BY_NAME[row.source].diagnose()


@pytest.mark.parametrize("row", ROWS, ids=[each.name for each in ROWS])
def test_a_row_recognises_its_source(row: ResponseFingerprint | NoAnswerFingerprint) -> None:
    found = {each.fingerprint: each for each in of_source(row).suspects}
    assert row.name in found
    assert found[row.name].source == row.source
    assert found[row.name].product == row.product
    assert found[row.name].confidence == row.confidence


@pytest.mark.parametrize("row", ROWS, ids=[each.name for each in ROWS])
def test_a_row_is_well_formed(row: ResponseFingerprint | NoAnswerFingerprint) -> None:
    assert set(row.remedies) <= REMEDIES.keys()
    assert row.confidence in CONFIDENCES
    assert re.fullmatch(r"[a-z0-9-]+", row.name)
    for text in (row.product, row.setting, row.source):
        assert text
        assert text.isascii()
        assert text.isprintable()
    assert not row.setting.endswith(".")
    if "__" in row.source and ":" not in row.source:
        assert row.source in BY_NAME or row.source.startswith("nginx__tls-h2-front")


def test_no_two_rows_have_the_same_name() -> None:
    names = [each.name for each in ROWS] + [each.name for each in IDLE_FINGERPRINTS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("field", "says"),
    [
        (NGINX, "60 s"),
        (VIA_GOOGLE, "30 s"),
        (CLOUDFLARE, "Cloudflare closes a WebSocket"),
        (CLOUDFRONT, "10 minutes"),
        ((b"X-Azure-Ref", b"0zxV"), "5 minutes"),
        ((b"Set-Cookie", b"AWSALB=abc; Path=/"), "idle_timeout.timeout_seconds"),
    ],
)
def test_what_ends_a_switched_connection_is_told_and_is_no_fault(
    field: tuple[bytes, bytes], says: str
) -> None:
    right = BY_NAME["haproxy__default__websocket__101"]
    assert isinstance(right.response, ResponseHead)
    head = ResponseHead(101, (*right.response.headers, field))
    diagnosis = diagnose_response(right.request, head)
    assert diagnosis.verdict == "healthy"
    assert any(says in each for each in diagnosis.next_steps)
    assert not diagnosis.suspects


def test_an_ordinary_request_accuses_nobody_of_dropping_an_upgrade() -> None:
    for name, exchange in BY_NAME.items():
        if "__plain-get__" not in name or not isinstance(exchange.response, ResponseHead):
            continue
        for suspect in exchange.diagnose().suspects:
            assert "proxy_set_header" not in suspect.setting, name
            assert "upgrade=websocket" not in suspect.setting, name


def test_the_surest_suspect_comes_first_and_its_remedy_too() -> None:
    def sureness(exchange: Exchange) -> list[int]:
        return [CONFIDENCES.index(each.confidence) for each in exchange.diagnose().suspects]

    for exchange in BY_NAME.values():
        assert sureness(exchange) == sorted(sureness(exchange))
    diagnosis = BY_NAME["nginx__hide-upgrade__websocket__101"].diagnose()
    assert diagnosis.remedies[0].name == "nginx-keep-upgrade-of-101"


def test_without_an_answer_a_plain_request_names_nobody() -> None:
    assert not diagnose_response(PLAIN, NoAnswer.SILENT).suspects
