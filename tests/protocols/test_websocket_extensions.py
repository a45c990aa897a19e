"""Sec-WebSocket-Extensions: its grammar, and which of several offers is agreed on."""

import pytest
from strategies_decide import codes, handshake, values

from httpupgrade import (
    Accept101,
    LocalProtocolError,
    PerMessageDeflate,
    Policy,
    Reject,
    RequestHead,
    WebSocket,
    WebSocketAgreement,
    decide,
)
from httpupgrade._protocols.websocket.usual_answers import answer_to
from httpupgrade.fields import Extension
from httpupgrade.offers import SupportedExtension

NAME = b"Sec-WebSocket-Extensions"
DEFLATE = "permessage-deflate"


class Scripted:
    """An extension of a user's own: it agrees to offers with one of these parameters."""

    def __init__(self, name: str, *parameters: str) -> None:
        self.name = name
        self._parameters = parameters
        self.seen: list[Extension] = []

    def accept(self, offer: Extension) -> Extension | None:
        self.seen.append(offer)
        known = [each for each in offer.parameters if each[0] in self._parameters]
        return Extension(self.name, tuple(known)) if known or not offer.parameters else None


def offering(*lines: bytes) -> RequestHead:
    return handshake(*((NAME, line) for line in lines))


def agreed(extensions: list[SupportedExtension], *lines: bytes) -> bytes | None:
    """The one field of the 101, which says what the agreement says."""
    decision = decide(offering(*lines), Policy(WebSocket(extensions=extensions)))
    assert isinstance(decision, Accept101)
    assert isinstance(decision.agreement, WebSocketAgreement)
    written = values(decision.headers, NAME)
    expected = ", ".join(map(str, decision.agreement.extensions)).encode("ascii")
    assert written == ([expected] if expected else [])  # RFC 6455 11.3.2: not more than once
    return expected or None


# What is offered, and what a server that supports permessage-deflate alone agrees to.
PLAIN = b"permessage-deflate"
TEN = b"permessage-deflate; server_max_window_bits=10"
OFFERS: list[tuple[str, list[bytes], bytes | None]] = [
    ("alone", [PLAIN], PLAIN),
    ("none", [], None),
    ("as Chromium offers it", [PLAIN + b"; client_max_window_bits"], PLAIN),
    ("an unknown one", [b"x-webkit-deflate-frame"], None),
    ("an unknown one in front", [b"foo; a=1; b, permessage-deflate"], PLAIN),
    ("an unknown one on its own line", [b"foo", PLAIN], PLAIN),
    ("a name that begins alike", [b"permessage-deflate2, permessage-deflat"], None),
    ("without white space", [b"permessage-deflate;server_max_window_bits=10"], TEN),
    ("with white space", [b" permessage-deflate\t; server_max_window_bits =\t10 , foo"], TEN),
    ("quoted", [b'permessage-deflate; server_max_window_bits="10"'], TEN),
    ("quoted pairs", [b'permessage-deflate; server_max_window_bits="\\1\\0"'], TEN),
    ("empty elements", [b", ,permessage-deflate,,"], PLAIN),
    ("an empty line beside it", [b"", PLAIN], PLAIN),
    # RFC 7692 5: the client's order is its preference; at most one of a name is agreed on.
    ("the first of two", [TEN + b", permessage-deflate"], TEN),
    ("the first that is good", [b"permessage-deflate; foo, permessage-deflate"], PLAIN),
    ("the first that zlib can do", [PLAIN + b"; server_max_window_bits=8, " + TEN], TEN),
    (
        "the last of many, over lines",
        [b"permessage-deflate; a, permessage-deflate; server_max_window_bits", TEN + b"0", PLAIN],
        PLAIN,
    ),
    ("none that is good", [b"permessage-deflate; foo, permessage-deflate; bar=1"], None),
]


@pytest.mark.parametrize(
    ("lines", "answer"), [pytest.param(lines, answer, id=name) for name, lines, answer in OFFERS]
)
def test_the_first_offer_that_can_be_accepted_is(lines: list[bytes], answer: bytes | None) -> None:
    assert agreed([PerMessageDeflate()], *lines) == answer


def test_a_declined_offer_is_no_error_but_is_noted() -> None:
    """RFC 7692 5."""
    head = offering(b"permessage-deflate; server_max_window_bits=8, permessage-deflate; a=b, foo")
    decision = decide(head, Policy(WebSocket()))
    assert isinstance(decision, Accept101)
    assert codes(decision) == ("extension-declined", "extension-declined")
    first, second = decision.findings
    assert first.value == b"permessage-deflate; server_max_window_bits=8"
    assert second.value == b"permessage-deflate; a=b"
    assert first.field == "Sec-WebSocket-Extensions"
    assert first.status_code is None


def test_an_offer_behind_the_accepted_one_is_not_looked_at() -> None:
    decision = decide(offering(b"permessage-deflate, permessage-deflate; a=b"), Policy(WebSocket()))
    assert decision.findings == ()


def test_the_notes_are_bounded_however_many_offers_there_are() -> None:
    lines = [b", ".join([b"permessage-deflate;a"] * 1000)] * 3
    decision = decide(offering(*lines), Policy(WebSocket()))
    assert isinstance(decision, Accept101)
    assert 1 <= len(decision.findings) <= 16


# RFC 6455 9.1: whatever does not match the grammar fails the connection.
MALFORMED = [
    ("an empty field", [b""]),
    ("commas alone", [b",,"]),
    ("no name", [b"; a=b"]),
    ("no parameter", [b"foo;"]),
    ("no parameter, and another", [b"foo; ; a"]),
    ("no value", [b"foo; a="]),
    ("no name of a parameter", [b"foo; =a"]),
    ("two values", [b"foo; a=b=c"]),
    ("no comma", [b"foo bar"]),
    ("no semicolon", [b"foo a=b"]),
    ("a slash", [b"foo/1"]),
    ("an open quote", [b'foo; a="b']),
    ("an open quote before a good offer", [b'foo; a="b, permessage-deflate']),
    ("a quote that a backslash keeps open", [b'foo; a="b\\", permessage-deflate']),
    ("a quote inside a token", [b'foo; a=b"c"']),
    ("a quoted name", [b'"foo"']),
    ("text behind a quote", [b'foo; a="b"c']),
    # 9.1: after unescaping, a quoted value MUST be a token.
    ("an empty quoted value", [b'foo; a=""']),
    ("a quoted comma", [b'foo; a="b,permessage-deflate"']),
    ("a quoted space", [b'foo; a="b c"']),
    ("a quoted semicolon", [b'foo; a="b;c"']),
    ("a quoted quote", [b'foo; a="\\""']),
    ("quoted obs-text", [b'foo; a="\xe9"']),
    ("obs-text", [b"foo; a=\xe9"]),
    ("a no-break space", [b"permessage-deflate\xa0"]),
    ("a next line", [b"\x85permessage-deflate"]),
    ("a Kelvin sign", ["\N{KELVIN SIGN}".encode()]),
    ("a fault behind a good offer", [b"permessage-deflate, @"]),
    ("a fault on another line", [b"permessage-deflate", b"@"]),
]


@pytest.mark.parametrize("supported", [[PerMessageDeflate()], []], ids=["deflate", "none"])
@pytest.mark.parametrize("lines", [pytest.param(lines, id=name) for name, lines in MALFORMED])
def test_what_breaks_the_grammar_fails_the_handshake(
    lines: list[bytes], supported: list[SupportedExtension]
) -> None:
    """RFC 6455 9.1; no phantom offer comes out of a quoted comma."""
    decision = decide(offering(*lines), Policy(WebSocket(extensions=supported)))
    assert isinstance(decision, Reject)
    assert decision.status_code == 400
    assert codes(decision) == ("extensions-malformed",)
    (finding,) = decision.findings
    assert finding.field == "Sec-WebSocket-Extensions"
    assert finding.value is not None


@pytest.mark.parametrize(
    "hostile",
    [
        b'foo; a="' + b"\\a" * 8000,
        b'foo; a="' + b" " * 16000,
        b"foo" + b"; a" * 5000 + b";",
        b"foo" + b" " * 16000 + b"!!",
        b"," * 16000 + b"@",
        b"foo; a=" + b"b" * 16000 + b"@",
    ],
    ids=["pairs", "blanks in quotes", "parameters", "blanks", "commas", "token"],
)
def test_hostile_values_are_malformed_and_cost_no_more_than_others(hostile: bytes) -> None:
    """CVE-2020-7662, CVE-2020-7663: an unterminated quote was exponential."""
    decision = decide(offering(hostile), Policy(WebSocket()))
    assert isinstance(decision, Reject)
    assert codes(decision) == ("extensions-malformed",)


def test_without_extensions_none_is_agreed_on() -> None:
    assert agreed([], b"permessage-deflate, foo") is None


def test_an_extension_of_ones_own_sees_its_offers_in_order() -> None:
    own = Scripted("own", "good")
    field = b'own; bad=1, other, own; good="a\\b"; bad, own; good'
    assert agreed([own], field) == b"own; good=ab"
    assert own.seen == [
        Extension("own", (("bad", "1"),)),
        Extension("own", (("good", "ab"), ("bad", None))),
    ]


def test_several_extensions_are_agreed_on_in_the_clients_order() -> None:
    """RFC 6455 9.1: their order is the order in which they are applied."""
    supported: list[SupportedExtension] = [PerMessageDeflate(), Scripted("own")]
    assert agreed(supported, b"own, permessage-deflate") == b"own, permessage-deflate"
    assert agreed(supported, b"permessage-deflate, own") == b"permessage-deflate, own"
    both = b"permessage-deflate, permessage-deflate, own"
    assert agreed(supported, both) == b"permessage-deflate, own"


def test_of_two_that_support_a_name_the_first_that_agrees_wins() -> None:
    supported: list[SupportedExtension] = [
        PerMessageDeflate(server_max_window_bits=9),
        Scripted(DEFLATE, "own"),
    ]
    assert (
        agreed(supported, b"permessage-deflate") == b"permessage-deflate; server_max_window_bits=9"
    )
    assert agreed(supported, b"permessage-deflate; own=1") == b"permessage-deflate; own=1"


@pytest.mark.parametrize(
    "answer",
    [
        Extension("other"),
        Extension("own", (("a", "b, c"),)),
        Extension("own", (("a", "b\r\nX: 1"),)),
        Extension("own, other"),
    ],
)
def test_an_extension_answers_with_its_own_name_and_tokens(answer: Extension) -> None:
    """RFC 6455 4.2.2 item 6: nothing that the client did not list goes out."""

    class Careless:
        name = "own"

        def accept(self, offer: Extension) -> Extension | None:
            return answer

    with pytest.raises(LocalProtocolError, match=r"^extension own(: | answered as other$)"):
        answered(offering(b"own"), WebSocket(extensions=[Careless()]))


def answered(head: RequestHead, offer: WebSocket) -> bytes:
    decision = decide(head, Policy(offer))
    assert isinstance(decision, Accept101)
    return decision.to_bytes()


def test_a_malformed_field_and_a_bad_key_are_both_reported() -> None:
    head = handshake((NAME, b"@"), (b"Sec-WebSocket-Key", b"@"))
    decision = decide(head, Policy(WebSocket()))
    assert sorted(codes(decision)) == ["extensions-malformed", "websocket-key-malformed"]


def test_declined_offers_are_noted_behind_what_is_wrong() -> None:
    head = handshake((NAME, b"permessage-deflate; a"), without=[b"Sec-WebSocket-Key"])
    decision = decide(head, Policy(WebSocket()))
    assert isinstance(decision, Reject)
    assert codes(decision) == ("websocket-key-missing", "extension-declined")


@pytest.mark.parametrize(("octets", "known"), [(256, True), (257, False)])
def test_what_is_remembered_of_offers_is_bounded(octets: int, known: bool) -> None:
    """Anyone can send other offers: what is kept for each is little."""
    offers = PLAIN + b" " * (octets - len(PLAIN) - 2) + b",x"
    assert (answer_to((PerMessageDeflate(),), offers) is not None) is known
    assert agreed([PerMessageDeflate()], offers) == PLAIN
