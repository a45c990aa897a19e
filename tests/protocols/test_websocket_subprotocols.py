"""Which subprotocol is agreed on, and who chooses it (RFC 6455 1.9, 4.2.2 item 5)."""

from collections.abc import Sequence
from typing import Literal

import pytest
from strategies_decide import codes, handshake, values

from httpupgrade import (
    Accept101,
    LocalProtocolError,
    Policy,
    Reject,
    RequestHead,
    WebSocket,
    WebSocketAgreement,
    decide,
)

Order = Literal["server", "client"]
NAME = b"Sec-WebSocket-Protocol"


def offering(*lines: bytes) -> RequestHead:
    return handshake(*((NAME, line) for line in lines))


def agreed(offer: WebSocket, *lines: bytes) -> str | None:
    """The subprotocol that both the 101 and the agreement have."""
    decision = decide(offering(*lines), Policy(offer))
    assert isinstance(decision, Accept101)
    assert isinstance(decision.agreement, WebSocketAgreement)
    chosen = decision.agreement.subprotocol
    written = values(decision.headers, NAME)
    assert written == ([] if chosen is None else [chosen.encode("ascii")])
    return chosen


ALL_SIGNS = "v1.~!#$%&'*+-^_`|x"

# What the server speaks, who chooses, what the client offers, and what is agreed on.
CHOICES: list[tuple[str, Sequence[str], Order, list[bytes], str | None]] = [
    ("the server's first", ["chat", "mqtt"], "server", [b"mqtt, chat"], "chat"),
    ("the client's first", ["chat", "mqtt"], "client", [b"mqtt, chat"], "mqtt"),
    ("the client's first common", ["chat", "mqtt"], "client", [b"soap, mqtt, chat"], "mqtt"),
    ("the only common one", ["soap", "mqtt"], "server", [b"chat, mqtt"], "mqtt"),
    ("none common, server", ["soap"], "server", [b"chat, mqtt"], None),
    ("none common, client", ["soap"], "client", [b"chat, mqtt"], None),
    ("none spoken", [], "server", [b"chat"], None),
    ("none offered", ["chat"], "server", [], None),
    ("over two lines, server", ["chat", "mqtt"], "server", [b"mqtt", b"chat"], "chat"),
    ("over two lines, client", ["chat", "mqtt"], "client", [b"mqtt", b"chat"], "mqtt"),
    ("an empty line beside one", ["chat"], "server", [b"", b"chat"], "chat"),
    ("empty elements", ["chat"], "server", [b", ,chat,"], "chat"),
    ("white space", ["chat"], "server", [b"\tmqtt ,\tchat\t"], "chat"),
    ("the same twice", ["chat"], "server", [b"chat, chat"], "chat"),
    ("the same on two lines", ["chat"], "client", [b"chat", b"chat"], "chat"),
    # Names are compared with case: the registry has no rule that folds them.
    ("other case", ["chat"], "server", [b"Chat, CHAT"], None),
    ("a prefix", ["chat"], "server", [b"cha, chats, superchat, chat.v2"], None),
    ("all that a token has", [ALL_SIGNS], "server", [ALL_SIGNS.encode()], ALL_SIGNS),
]


@pytest.mark.parametrize(
    ("spoken", "order", "lines", "chosen"), [pytest.param(*row[1:], id=row[0]) for row in CHOICES]
)
def test_the_order_says_who_chooses(
    spoken: Sequence[str], order: Order, lines: list[bytes], chosen: str | None
) -> None:
    assert agreed(WebSocket(spoken, select_subprotocol=order), *lines) == chosen


def test_a_connection_without_common_subprotocol_has_none() -> None:
    """RFC 6455 4.2.2 item 5: the field is absent then; an empty one is illegal."""
    assert agreed(WebSocket(["soap"]), b"chat") is None


@pytest.mark.parametrize("order", ["server", "client"])
@pytest.mark.parametrize(
    ("lines", "wrong"), [([], None), ([b"chat"], b"chat"), ([b"A, b"], b"A, b")]
)
def test_a_subprotocol_may_be_required(
    order: Order, lines: list[bytes], wrong: bytes | None
) -> None:
    offer = WebSocket(["soap"], select_subprotocol=order, require_subprotocol=True)
    decision = decide(offering(*lines), Policy(offer))
    assert isinstance(decision, Reject)
    assert decision.status_code == 400
    (finding,) = decision.findings
    assert (finding.code, finding.field) == ("no-common-subprotocol", "Sec-WebSocket-Protocol")
    assert finding.value == wrong


def test_a_required_subprotocol_that_is_common_is_agreed_on() -> None:
    assert agreed(WebSocket(["soap"], require_subprotocol=True), b"chat, soap") == "soap"


MALFORMED = [
    ("an empty field", [b""]),
    ("two empty fields", [b"", b""]),
    ("commas alone", [b", ,"]),
    ("a space inside", [b"chat room"]),
    ("quotes", [b'"chat"']),
    ("a slash", [b"chat/2"]),
    ("a parameter", [b"chat; v=2"]),
    ("a tag", [b"<chat>"]),
    ("a bad one behind a good one", [b"chat, @"]),
    ("a bad one on another line", [b"chat", b"@"]),
    ("a no-break space", [b"chat\xa0"]),
    ("a next line", [b"\x85chat"]),
    ("obs-text", [b"ch\xe4t"]),
    ("a Kelvin sign", ["mo\N{KELVIN SIGN}o".encode()]),
    ("a vertical line in place of a comma", [b"chat mqtt"]),
]


@pytest.mark.parametrize("required", [False, True])
@pytest.mark.parametrize("lines", [pytest.param(lines, id=name) for name, lines in MALFORMED])
def test_what_is_no_list_of_tokens_is_rejected(lines: list[bytes], required: bool) -> None:
    """RFC 6455 4.2.1, 4.3: violations of the ABNF MUST draw an error."""
    decision = decide(offering(*lines), Policy(WebSocket(["chat"], require_subprotocol=required)))
    assert isinstance(decision, Reject)
    assert decision.status_code == 400
    assert codes(decision) == ("subprotocols-malformed",)
    (finding,) = decision.findings
    assert finding.field == "Sec-WebSocket-Protocol"
    assert finding.value is not None


def test_a_callable_chooses_knowing_the_whole_request() -> None:
    asked: list[tuple[tuple[str, ...], RequestHead]] = []

    def choose(offered: tuple[str, ...], head: RequestHead) -> str | None:
        asked.append((offered, head))
        return offered[-1] if head.target == b"/chat" else None

    offer = WebSocket(select_subprotocol=choose)
    assert agreed(offer, b"soap, chat", b"mqtt") == "mqtt"
    assert asked == [(("soap", "chat", "mqtt"), offering(b"soap, chat", b"mqtt"))]


def test_a_callable_may_choose_none() -> None:
    assert agreed(WebSocket(select_subprotocol=lambda offered, head: None), b"chat") is None


def test_a_callable_that_must_choose_and_does_not_refuses() -> None:
    offer = WebSocket(select_subprotocol=lambda offered, head: None, require_subprotocol=True)
    decision = decide(offering(b"chat"), Policy(offer))
    assert codes(decision) == ("no-common-subprotocol",)


@pytest.mark.parametrize("lines", [[], [b""], [b"@"]])
def test_a_callable_is_not_asked_where_nothing_is_offered(lines: list[bytes]) -> None:
    def choose(offered: tuple[str, ...], head: RequestHead) -> str | None:
        raise AssertionError(offered)

    decide(offering(*lines), Policy(WebSocket(select_subprotocol=choose)))


@pytest.mark.parametrize("chosen", ["soap", "Chat", "", "chat\r\nX: 1"])
def test_a_callable_chooses_from_what_is_offered(chosen: str) -> None:
    """RFC 6455 4.2.2 item 5; wsproto, jetty and hypercorn refuse it, too."""
    offer = WebSocket(select_subprotocol=lambda offered, head: chosen)
    with pytest.raises(LocalProtocolError, match="did not offer"):
        decide(offering(b"chat"), Policy(offer))


def test_what_a_callable_raises_reaches_the_caller() -> None:
    def choose(offered: tuple[str, ...], head: RequestHead) -> str | None:
        raise LookupError(offered[0])

    with pytest.raises(LookupError, match="chat"):
        decide(offering(b"chat"), Policy(WebSocket(select_subprotocol=choose)))


def test_a_bearer_token_is_read_from_one_value_and_another_is_chosen() -> None:
    """The idiom of Kubernetes: a browser can send a token nowhere else."""
    prefix = "base64url.bearer.authorization.k8s.io."
    tokens: list[str] = []

    def choose(offered: tuple[str, ...], head: RequestHead) -> str | None:
        tokens.extend(each.removeprefix(prefix) for each in offered if each.startswith(prefix))
        return next((each for each in offered if not each.startswith(prefix)), None)

    line = prefix.encode() + b"bXl0b2tlbg, base64.binary.k8s.io"
    assert agreed(WebSocket(select_subprotocol=choose), line) == "base64.binary.k8s.io"
    assert tokens == ["bXl0b2tlbg"]
    assert agreed(WebSocket(["base64.binary.k8s.io"]), line) == "base64.binary.k8s.io"


@pytest.mark.parametrize(
    "subprotocol", ["", "a b", "chat,", "a/b", "\N{KELVIN SIGN}", "a\r\n", "a;"]
)
def test_what_is_no_token_cannot_be_spoken(subprotocol: str) -> None:
    with pytest.raises(ValueError, match=r"^subprotocols\[1\] is not a token"):
        WebSocket(["chat", subprotocol])


def test_one_subprotocol_is_a_list_of_one() -> None:
    with pytest.raises(TypeError, match=r"^subprotocols is a sequence of strings, not str$"):
        WebSocket("chat")


@pytest.mark.parametrize("chosen", ["first", None, 1])
def test_the_server_the_client_or_a_callable_chooses(chosen: object) -> None:
    error = ValueError if isinstance(chosen, str) else TypeError
    with pytest.raises(error, match="'server', 'client' or a function"):
        WebSocket(select_subprotocol=chosen)  # type: ignore[arg-type]
