"""What a client makes of responses that do not switch: their heads, bodies and ends."""

import pytest
from client_wire import (
    FRAME,
    Outcome,
    asking,
    asking_nothing,
    refused,
    response,
    run,
    sized,
    switch,
)
from feeding import feed
from wire import splits

from httpupgrade import (
    NEED_DATA,
    PAUSED,
    ClientNegotiator,
    ClientState,
    ConnectionClosed,
    Content,
    Interim,
    Limits,
    LocalProtocolError,
    OrdinaryResponse,
    RemoteProtocolError,
    Switched,
    UpgradeRequired,
)

CHUNKED = b"Transfer-Encoding: chunked"


def statuses(outcome: Outcome) -> list[int]:
    return [each.head.status_code for each in outcome.events if isinstance(each, OrdinaryResponse)]


# --- A final response ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "line"),
    [
        (b"200 OK", b"Upgrade: websocket"),  # CVE-2024-23326: Envoy took it for success
        (b"204 No Content", b"Upgrade: websocket"),
        (b"302 Found", b"Location: /elsewhere"),
        (b"401 Unauthorized", b'WWW-Authenticate: Basic realm="x"'),
        (b"407 Proxy Authentication Required", b'Proxy-Authenticate: Basic realm="x"'),
        (b"503 Service Unavailable", b"Retry-After: 120"),
        (b"099 Odd", b"X: y"),
        (b"600 Odd", b"X: y"),
        (b"999", b"X: y"),
    ],
)
def test_every_other_status_declines_with_its_head(status: bytes, line: bytes) -> None:
    octets = response(line, b"Content-Length: 0", status=status)
    event, content = run(asking(), [octets]).events
    assert isinstance(event, OrdinaryResponse)
    assert event.head.status_code == int(status[:3])
    assert event.head.get(line.partition(b":")[0]) == line.partition(b": ")[2]
    assert event.head.raw == octets
    assert content == Content(b"", end=True)


def test_a_200_with_all_the_fields_of_a_switch_is_none() -> None:
    outcome = run(asking(), [switch(b"Content-Length: 7", status=b"200 OK", body=FRAME)])
    assert statuses(outcome) == [200]
    assert outcome.events[1] == Content(FRAME, end=True)


BODIES = [
    ((b"Content-Length: 5",), b"hello", b"hello", False),
    ((b"Content-Length: 5", b"Content-Length: 5"), b"hello", b"hello", False),
    ((b"Content-Length: 5, 5",), b"hello", b"hello", False),
    ((CHUNKED,), b"5\r\nhello\r\n0\r\n\r\n", b"hello", False),
    ((CHUNKED,), b"2;a=b\r\nhe\r\n3\r\nllo\r\n0\r\nX: y\r\n\r\n", b"hello", False),
    ((), b"hello", b"hello", True),
    ((b"Content-Length: 5", b"Connection: close"), b"hello", b"hello", True),
    ((b"Content-Length: 5", b"Connection: @"), b"hello", b"hello", True),
]
# RFC 9112 6.3, item 4: what follows is read to its last chunk, or to the close.
CODED = [
    ((b"Transfer-Encoding: identity",), b"hello", b"hello", True),
    ((b"Transfer-Encoding: gzip",), b"\x1f\x8b\x08", b"\x1f\x8b\x08", True),
    ((b"Transfer-Encoding: chunked, deflate",), b"\x78\x9c", b"\x78\x9c", True),
    ((b"Transfer-Encoding: chunked, gzip",), b"0\r\n\r\n", b"0\r\n\r\n", True),
    ((b"Transfer-Encoding: gzip, chunked",), b"2\r\n\x1f\x8b\r\n0\r\n\r\n", b"\x1f\x8b", False),
    ((b"Transfer-Encoding: gzip", CHUNKED), b"0\r\n\r\n", b"", False),
]


@pytest.mark.parametrize(("lines", "wire", "content", "close"), BODIES)
def test_the_body_is_framed_and_handed_on(
    lines: tuple[bytes, ...], wire: bytes, content: bytes, close: bool
) -> None:
    negotiator = asking()
    outcome = run(negotiator, [response(*lines, body=wire)], ends=True)
    declined = outcome.events[0]
    assert isinstance(declined, OrdinaryResponse)
    assert declined.close is close
    assert declined.findings == ()
    assert outcome.events[1:] == (Content(content, end=True), ConnectionClosed())
    assert outcome.codes == ()


@pytest.mark.parametrize(("lines", "wire", "content", "close"), CODED)
@pytest.mark.parametrize("status", [b"200 OK", b"404 Not Found", b"503 Service Unavailable"])
def test_content_with_other_codings_is_handed_on_as_it_is_coded(
    lines: tuple[bytes, ...], wire: bytes, content: bytes, close: bool, status: bytes
) -> None:
    octets = response(*lines, body=wire, status=status)
    for pieces in splits(octets):
        outcome = run(asking(), pieces, ends=True)
        declined = outcome.events[0]
        assert isinstance(declined, OrdinaryResponse)
        assert (declined.head.status_code, declined.close) == (int(status[:3]), close)
        (finding,) = declined.findings
        assert (finding.code, finding.field) == ("transfer-coding-kept", "Transfer-Encoding")
        assert finding.value is not None
        assert finding.offset == octets.index(finding.value)
        assert outcome.events[1:] == (Content(content, end=True), ConnectionClosed())


@pytest.mark.parametrize(("lines", "wire", "content", "close"), CODED)
def test_the_content_of_a_426_is_kept_as_it_is_coded(
    lines: tuple[bytes, ...], wire: bytes, content: bytes, close: bool
) -> None:
    listed = (b"Upgrade: websocket", b"Connection: upgrade")
    octets = response(*listed, *lines, status=b"426 Upgrade Required", body=wire)
    event = run(asking(), [octets], ends=True).events[0]
    assert isinstance(event, UpgradeRequired)
    assert (event.body, event.close) == (content, close)
    assert [finding.code for finding in event.findings] == ["transfer-coding-kept"]


@pytest.mark.parametrize(("method", "status"), [(b"HEAD", b"200 OK"), (b"GET", b"204 No Content")])
def test_without_content_no_coding_is_left_on_it(method: bytes, status: bytes) -> None:
    octets = response(b"Transfer-Encoding: gzip, chunked", status=status)
    declined = run(asking_nothing(method=method), [octets]).events[0]
    assert isinstance(declined, OrdinaryResponse)
    assert declined.findings == ()


CONTROLS = (b"\x01", b"\x08", b"\x0b", b"\x0c", b"\x0e", b"\x1b", b"\x1f", b"\x7f")


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize("status", [b"103 Early Hints", b"200 OK", b"426 Upgrade Required"])
def test_a_control_in_a_value_is_kept_and_noted(control: bytes, status: bytes) -> None:
    """RFC 9110 5.5: recipients MAY retain controls other than CR, LF and NUL."""
    lines = (b"X-Name: a", b"X-Name: b" + control + b"c " + control, b"Content-Length: 0")
    octets = response(b"Upgrade: websocket", b"Connection: upgrade", *lines, status=status)
    for pieces in splits(octets):
        event = run(asking(), pieces).events[0]
        assert isinstance(event, Interim | OrdinaryResponse | UpgradeRequired)
        assert event.head.get_all(b"x-name")[1] == b"b" + control + b"c " + control
        finding = next(each for each in event.findings if each.code == "field-value-control")
        assert (finding.field, finding.value) == ("X-Name", b"b" + control + b"c " + control)
        assert finding.offset == octets.index(control)


def test_a_control_in_a_line_that_goes_on_is_kept_and_noted() -> None:
    octets = response(b"X-Name: a\r\n b\x0bc", b"Content-Length: 0")
    event = run(asking(), [octets]).events[0]
    assert isinstance(event, OrdinaryResponse)
    assert event.head.get(b"x-name") == b"a b\x0bc"
    (finding,) = event.findings
    assert finding.offset == octets.index(b"\x0b")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"Content-Length: 5\x0b", "content-length-malformed"),
        (b"Transfer-Encoding: chunked\x0b", "transfer-encoding-malformed"),
        (b"Transfer-Encoding: \x01chunked", "transfer-encoding-malformed"),
        (b"X-Name: a\x0b\x00", "field-value-malformed"),
        (b"X-Name\x0b: a", "field-line-malformed"),
    ],
)
def test_a_control_in_what_frames_a_response_is_an_error(line: bytes, code: str) -> None:
    assert refused(response(line)) == (code,)


def test_a_control_in_connection_closes() -> None:
    octets = response(b"Connection: keep-alive\x0b", b"Content-Length: 0")
    event = run(asking(), [octets]).events[0]
    assert isinstance(event, OrdinaryResponse)
    assert event.close


def test_sixteen_values_with_controls_are_noted_at_most() -> None:
    octets = response(*[b"X-Name: \x01"] * 100, b"Content-Length: 0")
    event = run(asking(), [octets]).events[0]
    assert isinstance(event, OrdinaryResponse)
    assert len(event.findings) == 16


@pytest.mark.parametrize(
    ("method", "status"),
    [
        (b"HEAD", b"200 OK"),
        (b"GET", b"204 No Content"),
        (b"GET", b"304 Not Modified"),
    ],
)
def test_some_responses_have_no_body_whatever_they_say(method: bytes, status: bytes) -> None:
    negotiator = asking_nothing(method=method)
    octets = response(b"Content-Length: 5", status=status)
    assert run(negotiator, [octets]).events[1:] == (Content(b"", end=True),)
    assert negotiator.state is ClientState.DONE


CONTENT_LENGTH_TOO = "content-length-and-transfer-encoding"
UNCLEAR = [
    ((b"Content-Length: five",), "content-length-malformed"),
    ((b"Content-Length: -1",), "content-length-malformed"),
    ((b"Content-Length: +5",), "content-length-malformed"),
    ((b"Content-Length: 5", b"Content-Length: 6"), "content-length-repeated"),
    ((b"Content-Length: " + b"9" * 5000,), "content-length-too-large"),
    ((b"Content-Length: 5", CHUNKED), "content-length-and-transfer-encoding"),
    ((b"Transfer-Encoding: chunked, chunked",), "transfer-encoding-not-final"),
    ((b"Transfer-Encoding: gzip; chunked",), "transfer-encoding-malformed"),
    ((b"Transfer-Encoding: gzip, chunked", b"Content-Length: 5"), CONTENT_LENGTH_TOO),
]


@pytest.mark.parametrize(("lines", "code"), UNCLEAR)
def test_a_body_whose_end_is_unclear_is_an_error(lines: tuple[bytes, ...], code: str) -> None:
    assert refused(response(*lines)) == (code,)


@pytest.mark.parametrize(("lines", "code"), UNCLEAR)
def test_of_a_426_whose_end_is_unclear_the_list_is_read(
    lines: tuple[bytes, ...], code: str
) -> None:
    listed = (b"Upgrade: websocket", b"Connection: upgrade")
    octets = response(*listed, *lines, status=b"426 Upgrade Required", body=b"whatever")
    event, closed = run(asking_nothing(), [octets], ends=True).events
    assert isinstance(event, UpgradeRequired)
    assert (event.close, event.body) == (True, b"")
    assert list(map(str, event.tokens)) == ["websocket"]
    assert [finding.code for finding in event.findings] == [code]
    assert closed == ConnectionClosed()


def test_either_hand_it_to_a_parser_or_stay() -> None:
    octets = sized(body=b"hello")
    negotiator = asking()
    event = feed(negotiator, octets[:-2])
    assert isinstance(event, OrdinaryResponse)
    assert event.head.raw is not None
    assert event.head.raw + negotiator.trailing_data == octets[:-2]
    assert negotiator.next_event() == Content(b"hel", end=False)
    assert negotiator.next_event() is NEED_DATA
    assert feed(negotiator, b"lo") == Content(b"lo", end=True)
    assert negotiator.next_event() is PAUSED


def test_a_body_of_any_length_is_never_held() -> None:
    negotiator = asking()
    feed(negotiator, response(b"Content-Length: 1000000000000"))
    for _ in range(8):
        assert feed(negotiator, b"x" * 65536) == Content(b"x" * 65536, end=False)
        assert negotiator.trailing_data == b""


def test_a_broken_chunk_is_an_error_behind_what_was_whole() -> None:
    outcome = run(asking(), [response(CHUNKED, body=b"3\r\nabc\r\nzz\r\n")])
    assert outcome.events[1:] == (Content(b"abc", end=False),)
    assert outcome.codes == ("chunk-malformed",)


def test_an_error_in_a_body_shows_the_head_in_front_of_it() -> None:
    negotiator = asking()
    feed(negotiator, response(CHUNKED, body=b"zz\r\n"))
    with pytest.raises(RemoteProtocolError) as raised:
        negotiator.next_event()
    assert raised.value.raw == response(CHUNKED)


def test_a_2xx_to_connect_leaves_the_connection_to_the_tunnel() -> None:
    negotiator = ClientNegotiator(method=b"CONNECT", target=b"a:25", host=b"a:25")
    negotiator.send_request()
    event = feed(negotiator, response(b"Content-Length: 3", body=b"220 ready"))
    assert isinstance(event, OrdinaryResponse)
    assert negotiator.trailing_data == b"220 ready"
    assert negotiator.next_event() is PAUSED
    assert negotiator.state is ClientState.SWITCHED


@pytest.mark.parametrize(
    ("status", "is_tunnel"), [(200, True), (299, True), (300, False), (404, False)]
)
def test_a_2xx_alone_opens_a_tunnel(status: int, is_tunnel: bool) -> None:
    negotiator = ClientNegotiator(method=b"CONNECT", target=b"a:25", host=b"a:25")
    negotiator.send_request()
    feed(negotiator, response(b"Content-Length: 5", status=b"%d" % status))
    assert (negotiator.state is ClientState.SWITCHED) is is_tunnel


# --- Interim responses --------------------------------------------------------------------------


def test_any_number_of_interim_responses_come_before_the_final_one() -> None:
    interim = [
        response(status=b"100 Continue"),
        response(status=b"102 Processing"),
        response(b"Link: </a.css>", b"Upgrade: h2c", status=b"103 Early Hints"),
        response(b"Sec-WebSocket-Accept: x", status=b"199 Whatever"),
    ]
    negotiator = asking()
    outcome = run(negotiator, [b"".join(interim) + switch(body=FRAME)])
    *before, last = outcome.events
    assert [each.head.status_code for each in before if isinstance(each, Interim)] == [
        100,
        102,
        103,
        199,
    ]
    # Nothing of them is mixed into the final one.
    assert isinstance(last, Switched)
    assert len(last.head.headers) == 3
    assert outcome.trailing_data == FRAME


def test_an_interim_response_ends_at_its_empty_line_whatever_it_says() -> None:
    octets = response(b"Content-Length: 5", status=b"103 Early Hints")
    interim, declined, _ = run(asking(), [octets + sized()]).events
    assert isinstance(interim, Interim)
    assert [finding.code for finding in interim.findings] == ["interim-announces-content"]
    assert isinstance(declined, OrdinaryResponse)


def test_interim_responses_without_end_are_said_one_by_one_and_not_held() -> None:
    negotiator = asking()
    octets = response(status=b"102 Processing")
    for _ in range(1000):
        assert isinstance(feed(negotiator, octets), Interim)
        assert negotiator.trailing_data == b""


# --- The end, and what belongs to nothing -------------------------------------------------------


def test_a_server_that_says_nothing_is_named() -> None:
    (closed,) = run(asking(), [], ends=True).events
    assert isinstance(closed, ConnectionClosed)
    assert [finding.code for finding in closed.findings] == ["response-missing"]


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (b"HTTP/1.1 200 O", "head-incomplete"),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n", "head-incomplete"),
        (response(status=b"100 Continue"), "response-missing"),
        (response(b"Content-Length: 5", body=b"hel"), "body-incomplete"),
        (response(CHUNKED, body=b"5\r\nhel"), "body-incomplete"),
        (response(CHUNKED, body=b"5\r\nhello\r\n0\r\n"), "body-incomplete"),
    ],
)
def test_what_is_cut_off_is_said_to_be(octets: bytes, code: str) -> None:
    outcome = run(asking(), [octets], ends=True)
    closed = outcome.events[-1]
    assert isinstance(closed, ConnectionClosed)
    assert [finding.code for finding in closed.findings] == [code]
    assert not any(isinstance(each, Content) and each.end for each in outcome.events)


def test_octets_before_any_request_are_an_error() -> None:
    # CVE-2026-48931: a response that waits on an idle connection answers nothing.
    negotiator = ClientNegotiator(host=b"a")
    with pytest.raises(RemoteProtocolError) as raised:
        feed(negotiator, sized())
    assert raised.value.finding.code == "response-unasked"
    assert raised.value.raw == sized()
    with pytest.raises(LocalProtocolError, match="or is not to be"):
        negotiator.send_request()


@pytest.mark.parametrize("cut", [0, 3])
def test_octets_behind_a_response_are_an_error_however_they_arrive(cut: int) -> None:
    negotiator = asking()
    octets = sized()
    more = switch()
    outcome = run(negotiator, [octets + more[:cut], more[cut:]])
    assert isinstance(outcome.events[-1], Content)
    assert outcome.codes == ("response-unasked",)


def test_octets_behind_the_last_response_of_a_connection_are_dropped() -> None:
    outcome = run(asking(), [sized(b"Connection: close") + switch(), switch()])
    assert outcome.events[-1] == ConnectionClosed()
    assert outcome.codes == ()
    assert outcome.trailing_data == b""


def test_a_connection_may_close_before_its_request_and_behind_its_response() -> None:
    idle = ClientNegotiator(host=b"a")
    assert idle.next_event() is NEED_DATA
    assert feed(idle, b"") == ConnectionClosed()
    served = asking()
    assert run(served, [sized()], ends=True).events[-1] == ConnectionClosed()
    assert served.state is ClientState.CLOSED


NO_RESPONSE = [
    (b"\x15\x03\x01\x00\x02", "response-is-tls"),
    (b"\x00\x00\x12\x04\x00", "response-is-http2"),
    (b"SSH-2.0-OpenSSH", "response-not-http"),
    (b"\r\nHTTP/1.1 200 OK\r\n", "response-not-http"),
    (b"ICY 200 OK\r\n\r\n", "response-not-http"),
    (b"HTTP/2.0 101 Switching Protocols\r\n", "response-version-unsupported"),
    (b"HTTP/1.1 20 OK\r\n\r\n", "status-line-malformed"),
    (b"HTTP/1.1  101\r\n\r\n", "status-line-malformed"),
    (b"HTTP/1.1 101 a\r\n b\r\n\r\n", "leading-whitespace"),
    (b"HTTP/1.1 101\r\nUpgrade : x\r\n\r\n", "field-name-space"),
    (b"HTTP/1.1 101\r\nUpgrade\r\n\r\n", "field-line-malformed"),
    (b"HTTP/1.1 101\r\n: x\r\n\r\n", "field-line-malformed"),
    (b"HTTP/1.1 101\r\nA: b\nC: d\r\n\r\n", "bare-lf"),
    (b"HTTP/1.1 101\r\nA: b\rC: d\r\n\r\n", "bare-cr"),
    (b"HTTP/1.1 101\r\nA: \0\r\n\r\n", "field-value-malformed"),
]


@pytest.mark.parametrize(("octets", "code"), NO_RESPONSE)
def test_what_is_no_response_is_an_error_that_says_what_it_is(octets: bytes, code: str) -> None:
    with pytest.raises(RemoteProtocolError) as raised:
        feed(asking(), octets)
    assert [finding.code for finding in raised.value.findings] == [code]
    assert raised.value.raw == octets


def test_an_error_keeps_no_more_than_a_head_may_have() -> None:
    with pytest.raises(RemoteProtocolError) as raised:
        feed(asking(limits=Limits(max_head_bytes=64)), b"HTTP/1.1 101\r\n" * 100)
    assert len(raised.value.raw) == 64


# --- Misuse -------------------------------------------------------------------------------------


def test_octets_alone_are_fed() -> None:
    for wrong in ("", None, 1):
        with pytest.raises(TypeError, match=r"^data is bytes, not "):
            asking().receive_data(wrong)  # type: ignore[arg-type]
    for kind in (bytearray, memoryview):
        negotiator = asking()
        negotiator.receive_data(kind(sized()))  # type: ignore[arg-type]
        assert isinstance(negotiator.next_event(), OrdinaryResponse)


def test_nothing_comes_behind_the_end_of_file() -> None:
    negotiator = asking()
    feed(negotiator, b"")
    assert feed(negotiator, b"") == negotiator.next_event()
    with pytest.raises(LocalProtocolError, match="after the end of file"):
        feed(negotiator, b"x")


def test_the_end_of_file_behind_a_switch_is_the_new_protocols() -> None:
    negotiator = asking()
    feed(negotiator, switch())
    with pytest.raises(LocalProtocolError, match="belongs to the new protocol"):
        feed(negotiator, b"")
