"""Which Upgrade and Connection fields ask for an offer: whole tokens, ASCII case, all lines."""

from collections.abc import Iterable

import pytest
from strategies_decide import codes, handshake, values

from httpupgrade import (
    Accept101,
    CustomProtocol,
    Decision,
    Passthrough,
    Policy,
    RequestHead,
    Require426,
    UpgradeToken,
    WebSocket,
    decide,
)

OPTIONAL = Policy(WebSocket())
REQUIRED = Policy(WebSocket(), mode="required")

KELVIN = "\N{KELVIN SIGN}".encode()
LONG_S = "\N{LATIN SMALL LETTER LONG S}".encode()


def asking(
    upgrade: Iterable[bytes] = (b"websocket",), connection: Iterable[bytes] = (b"Upgrade",)
) -> RequestHead:
    lines = [(b"Upgrade", value) for value in upgrade]
    lines += [(b"Connection", value) for value in connection]
    return handshake(*lines, without=[b"Upgrade", b"Connection"])


# Lines of Upgrade that name websocket, beside whatever else.
NAMING = [
    ("alone", [b"websocket"]),
    ("as the registry also has it", [b"WebSocket"]),
    ("in upper case", [b"WEBSOCKET"]),
    ("first of two", [b"websocket, h2c"]),
    ("last of two", [b"h2c, websocket"]),
    ("twice, as a new nginx joins them", [b"websocket, websocket"]),
    ("twice, on two lines", [b"websocket", b"websocket"]),
    ("on the first line", [b"websocket", b"h2c"]),
    ("on the last line", [b"h2c", b"websocket"]),
    ("beside a version of itself", [b"websocket/13, websocket"]),
    ("beside TLS", [b"TLS/1.2, websocket"]),
    ("without white space", [b"h2c,websocket,foo/1"]),
    ("with tabulators", [b"\th2c\t,\twebsocket\t"]),
    ("with empty elements", [b", ,websocket,,"]),
    ("beside an empty line", [b"", b"websocket"]),
    ("behind many others", [b", ".join(b"x%d" % number for number in range(500)), b"websocket"]),
]


@pytest.mark.parametrize("lines", [pytest.param(lines, id=name) for name, lines in NAMING])
def test_a_list_that_names_websocket_asks_for_it(lines: list[bytes]) -> None:
    """RFC 9110 7.8, 5.3."""
    decision = decide(asking(upgrade=lines), OPTIONAL)
    assert isinstance(decision, Accept101)
    assert values(decision.headers, b"upgrade") == [b"websocket"]
    assert decision.findings == ()


# Lines that name something else, however alike.
OTHERS = [
    ("h2c", [b"h2c"]),
    ("a prefix of a name", [b"madam-websocket"]),
    ("a suffix of a name", [b"websocket-madam"]),
    ("another suffix", [b"websockets"]),
    ("a shorter name", [b"websocke"]),
    ("with a version", [b"websocket/13"]),
    ("with a name in front", [b"x/websocket"]),
    ("h2c, and with a version", [b"h2c, websocket/13"]),
    ("an underscore", [b"web_socket"]),
    ("an apostrophe", [b"'websocket'"]),
]
# Lines that are no list of protocols.
NO_LISTS = [
    ("a Kelvin sign", [b"websoc" + KELVIN + b"et"]),
    ("a long s", [b"web" + LONG_S + b"ocket"]),
    ("full-width", ["\N{FULLWIDTH LATIN SMALL LETTER W}ebsocket".encode()]),
    ("a no-break space behind", [b"websocket\xa0"]),
    ("a no-break space in UTF-8", [b"websocket\xc2\xa0"]),
    ("a next line in front", [b"\x85websocket"]),
    ("a zero-width space", ["websocket\N{ZERO WIDTH SPACE}".encode()]),
    ("a good name beside a Kelvin sign", [b"websocket, " + KELVIN]),
    ("a good name beside a no-break space", [b"websocket, \xa0"]),
    ("a good name on another line", [b"websocket", b"\xff"]),
    ("an empty version", [b"websocket/"]),
    ("an empty name", [b"/13, websocket"]),
    ("two versions", [b"websocket/1/3"]),
    ("white space before the version", [b"websocket /13"]),
    ("two names without a comma", [b"h2c websocket"]),
    ("a semicolon", [b"h2c; websocket"]),
    ("a parameter", [b"websocket;q=1"]),
    ("quotes", [b'"websocket"']),
    ("a comment", [b"websocket (13)"]),
    ("a colon", [b"websocket: yes"]),
]


@pytest.mark.parametrize(
    ("lines", "code"),
    [pytest.param(lines, "no-common-protocol", id=name) for name, lines in OTHERS]
    + [pytest.param(lines, "upgrade-malformed", id=name) for name, lines in NO_LISTS],
)
def test_nothing_else_asks_for_websocket(lines: list[bytes], code: str) -> None:
    """RFC 9110 7.8: whole tokens, octets, ASCII case. aiohttp upgraded on a Kelvin sign."""
    _ignored(asking(upgrade=lines), "Upgrade", code)


# Lines of Connection that have the option.
OPTING = [
    ("alone", [b"Upgrade"]),
    ("in lower case", [b"upgrade"]),
    ("in upper case", [b"UPGRADE"]),
    ("as Firefox sends it", [b"keep-alive, Upgrade"]),
    ("first of two", [b"Upgrade, keep-alive"]),
    ("beside close", [b"close, upgrade"]),
    ("on the first line", [b"Upgrade", b"keep-alive"]),
    ("on the last line", [b"keep-alive", b"Upgrade"]),
    ("twice", [b"upgrade, Upgrade"]),
    ("beside other fields of the hop", [b"Upgrade, HTTP2-Settings, TE"]),
    ("with empty elements", [b",, upgrade ,"]),
    ("without white space", [b"keep-alive,upgrade,x"]),
    ("with tabulators", [b"\tkeep-alive\t,\tupgrade\t"]),
]


@pytest.mark.parametrize("lines", [pytest.param(lines, id=name) for name, lines in OPTING])
def test_the_option_counts_wherever_it_stands(lines: list[bytes]) -> None:
    """RFC 9110 7.6.1."""
    decision = decide(asking(connection=lines), OPTIONAL)
    assert isinstance(decision, Accept101)
    assert decision.findings == ()


NO_OPTION = [
    ("no Connection", []),
    ("empty", [b""]),
    ("keep-alive", [b"keep-alive"]),
    ("close", [b"close"]),
    ("a name that holds it", [b"not-upgrade-lol"]),
    ("a name that ends in it", [b"notupgrade"]),
    ("a name that begins with it", [b"upgrade-insecure-requests"]),
    ("half of it", [b"upgr, ade"]),
    ("apostrophes", [b"'upgrade'"]),
    ("websocket", [b"websocket"]),
    ("the name of another field", [b"Sec-WebSocket-Key, x-upgrade"]),
]
NO_OPTIONS = [
    ("a no-break space", [b"upgrade\xa0"]),
    ("a next line", [b"upgrade, \x85"]),
    ("a next line in front", [b"\x85upgrade"]),
    ("full-width", ["\N{FULLWIDTH LATIN SMALL LETTER U}pgrade".encode()]),
    ("a good option on another line", [b"upgrade", b"\xff"]),
    ("quotes", [b'"upgrade"']),
    ("no comma", [b"keep-alive upgrade"]),
    ("a semicolon", [b"keep-alive; upgrade"]),
    ("a slash", [b"upgrade/1"]),
    ("a parameter", [b"upgrade=1;"]),
]


@pytest.mark.parametrize(
    ("lines", "code"),
    [pytest.param(lines, "upgrade-option-missing", id=name) for name, lines in NO_OPTION]
    + [pytest.param(lines, "connection-malformed", id=name) for name, lines in NO_OPTIONS],
)
def test_without_the_option_upgrade_does_not_count(lines: list[bytes], code: str) -> None:
    """RFC 9110 7.6.1, 7.8. aiohttp's substring test upgraded on notupgrade."""
    _ignored(asking(connection=lines), "Connection", code)


def test_the_option_without_the_field_asks_for_nothing() -> None:
    decision = decide(asking(upgrade=[]), REQUIRED)
    assert isinstance(decision, Require426)
    assert codes(decision) == ("hop-by-hop-fields-lost", "upgrade-missing")


def test_http_1_0_cannot_ask() -> None:
    """RFC 9110 7.8: Upgrade in an HTTP/1.0 request MUST be ignored."""
    head = RequestHead(b"GET", b"/chat", handshake().headers, b"1.0")
    for policy in (OPTIONAL, REQUIRED):
        (finding,) = decide(head, policy).findings
        assert (finding.code, finding.field) == ("upgrade-in-http-1.0", None)
        assert (finding.value, finding.offset) == (b"1.0", len("GET /chat HTTP/"))
        assert finding.line == b"GET /chat HTTP/1.0"
        assert finding.line[finding.start : finding.end] == b"HTTP/1.0"


def test_a_plain_request_in_http_1_0_is_told_first_what_cannot_work() -> None:
    head = RequestHead(b"GET", b"/chat", [(b"Host", b"a")], b"1.0")
    decision = decide(head, REQUIRED)
    assert isinstance(decision, Require426)
    assert codes(decision) == ("upgrade-in-http-1.0", "upgrade-missing")
    assert b"\nAsk for it in HTTP/1.1 by GET with\n" in decision.body
    assert codes(decide(head, OPTIONAL)) == ()


def test_all_reasons_not_to_count_are_found() -> None:
    head = RequestHead(b"GET", b"/", [(b"Upgrade", b"@"), (b"Connection", b"close")], b"1.0")
    assert codes(decide(head, REQUIRED)) == (
        "upgrade-in-http-1.0",
        "upgrade-option-missing",
        "upgrade-malformed",
    )


def test_a_finding_shows_the_line_and_the_place_of_the_fault() -> None:
    octets = asking(upgrade=[b"h2c", b"tcp, web socket"], connection=[b"upgrade, @"]).to_bytes()
    decision = decide(RequestHead.parse(octets), REQUIRED)
    connection, upgrade = decision.findings
    assert (connection.field, connection.value) == ("Connection", b"@")
    assert connection.offset == octets.index(b"@")
    assert (upgrade.field, upgrade.value) == ("Upgrade", b"socket")
    assert upgrade.offset == octets.index(b" socket") + 1


LOST = [
    ("Upgrade", asking(upgrade=[]), True),
    ("the option", asking(connection=[b"close"]), True),
    ("Connection", asking(connection=[]), True),
    ("both", asking([], []), True),
    ("nothing, but the key is gone too", handshake(without=[b"Sec-WebSocket-Key"]), False),
    ("nothing", handshake(), False),
]


@pytest.mark.parametrize(("head", "lost"), [pytest.param(*row[1:], id=row[0]) for row in LOST])
def test_a_key_without_the_fields_of_its_hop_tells_of_a_proxy(
    head: RequestHead, lost: bool
) -> None:
    """In 54 of 56 captured misconfigurations the key still arrives."""
    for policy in (OPTIONAL, REQUIRED):
        assert ("hop-by-hop-fields-lost" in codes(decide(head, policy))) is lost


@pytest.mark.parametrize(
    ("upgrade", "token"),
    [
        (b"irc/6.9", "irc/6.9"),
        (b"IRC/6.9", "irc/6.9"),
        (b"irc", None),
        (b"irc/6.10", None),
        (b"irc/6.9, tcp", "irc/6.9"),
        (b"irc/7, TCP", "tcp"),
        (b"tcp/1, irc/7", None),
    ],
)
def test_names_match_without_case_and_versions_exactly(upgrade: bytes, token: str | None) -> None:
    decision = decide(
        asking(upgrade=[upgrade]), Policy(CustomProtocol("irc/6.9"), CustomProtocol("tcp"))
    )
    if token is None:
        assert isinstance(decision, Passthrough)
    else:
        assert isinstance(decision, Accept101)
        assert decision.token == UpgradeToken.parse(token)


def _ignored(head: RequestHead, field: str, code: str) -> None:
    """The field is as good as absent; the request passes, or draws a 426 that says why."""
    passed: Decision = decide(head, OPTIONAL)
    assert isinstance(passed, Passthrough)
    assert passed.head is head
    required = decide(head, REQUIRED)
    assert isinstance(required, Require426)
    for decision in (passed, required):
        finding = next(each for each in decision.findings if each.code == code)
        # The cause, where there is one, is before it.
        assert codes(decision) in ((code,), ("hop-by-hop-fields-lost", code))
        assert finding.field == field
        if "malformed" not in code:
            lines = values(head.headers, field.encode("ascii"))
            assert finding.value == (lines[0][:128] if lines else None)
        assert decision.findings[0].clause.startswith("RFC 9110 7.")
