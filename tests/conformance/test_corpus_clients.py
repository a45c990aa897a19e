"""What a client makes of every captured response, for the request that drew it.

The captures of ``tests/corpus``, and those of the directory that HTTPUPGRADE_CORPUS names. What is
expected follows from the index, and where that is silent from the octets as regular expressions and
h11 read them; never from the library. ``REFUSED`` says why each 101 that is refused has to be.
"""

import base64
import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final, NamedTuple

import h11
import pytest
from client_wire import Outcome, run
from demo import corpus
from wire import cut

from httpupgrade import (
    H2C,
    TLS,
    ClientNegotiator,
    Content,
    CustomProtocol,
    NothingInCommon,
    OrdinaryResponse,
    PerMessageDeflate,
    Retry,
    Switched,
    UpgradeRequired,
    UseHTTP2,
    UseWebSocketVersion,
    WebSocket,
    WebSocketAgreement,
)
from httpupgrade.offers import ClientOffer

KINDS: Final = ("responses", "server_responses")

# RFC 6455 1.3, and the keys of the browsers whose handshakes were sent through proxies.
EXAMPLE: Final = b"dGhlIHNhbXBsZSBub25jZQ=="
CHROMIUM: Final = b"EMgKt7sPbKXH+me32SxUug=="
FIREFOX: Final = b"msDwd1Hfbzrk2wFN0vMZUg=="
PYTHON: Final = b"oMgr8p6+gktH5j+TzJiXxg=="


class Probe(NamedTuple):
    """A request that was sent, as a client of this library sends it."""

    offers: tuple[ClientOffer, ...] = ()
    asked: tuple[str, ...] = ()
    """The protocols, in lower case."""
    key: bytes = EXAMPLE
    subprotocols: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    version: str = "13"
    method: bytes = b"GET"
    target: bytes = b"/chat"
    body: bytes = b""

    def client(self) -> ClientNegotiator:
        negotiator = ClientNegotiator(
            *self.offers,
            target=self.target,
            host=b"127.0.0.1:29970",
            method=self.method,
            body=self.body,
            key=self.key,
        )
        negotiator.send_request()
        return negotiator


def _plain() -> Probe:
    return Probe()


def _websocket(
    key: bytes = EXAMPLE, *subprotocols: str, deflate: bool = True, version: int = 13
) -> Probe:
    extensions = (PerMessageDeflate(),) if deflate else ()
    offer = WebSocket(subprotocols, extensions=extensions, versions=(version,))
    names = ("permessage-deflate",) if deflate else ()
    return Probe((offer,), ("websocket",), key, subprotocols, names, str(version))


NO_DEFLATE: Final = _websocket(deflate=False)
HTTP2: Final = Probe((H2C(settings=b"AAMAAABkAAQCAAAAAAIAAAAA"),), ("h2c",))

# What was sent, by its name in the index. What no client of this library can send, because it is
# no handshake, is asked in full or not at all: as whoever answered took it.
PROBES: Final[Mapping[str, Probe]] = {
    "plain-get": _plain(),
    "websocket": _websocket(CHROMIUM),
    "chromium-page": _websocket(CHROMIUM),
    "websocket-early": _websocket(PYTHON),
    "websocket-conn-list": _websocket(FIREFOX, "chat.v2", "chat.v1"),
    "h2c": HTTP2,
    "post-tcp": Probe(
        (CustomProtocol("tcp", body="buffer"),),
        ("tcp",),
        method=b"POST",
        target=b"/v1.43/exec/0123456789abcdef/start",
        body=b'{"Tty": true, "Detach": false}',
    ),
    "tls": Probe(
        (TLS("1.2", "1.1", "1.0"),),
        ("tls/1.2", "tls/1.1", "tls/1.0"),
        method=b"OPTIONS",
        target=b"*",
    ),
    "good": NO_DEFLATE,
    "good-subprotocol": _websocket(EXAMPLE, "chat.v2", "chat.v1", deflate=False),
    "good-deflate": _websocket(),
    "version-8": _websocket(deflate=False, version=8),
    "version-99": _websocket(deflate=False, version=99),
    "no-version": NO_DEFLATE,
    "no-key": NO_DEFLATE,
    "short-key": NO_DEFLATE,
    "http10": NO_DEFLATE,
    "post": NO_DEFLATE,
    "no-upgrade": _plain(),
    "no-connection": _plain(),
    "connection-close": _plain(),
    "nginx-default": _plain(),
}


class Capture(NamedTuple):
    """What a client got, and what the index says of it."""

    name: str
    octets: bytes
    probe: str
    status: int | None
    """None where nothing came."""
    upgrade: tuple[str, ...]
    """Members of the Upgrade field, in lower case."""
    options: tuple[str, ...]
    """Members of the Connection field, in lower case."""
    more: int
    """Octets of a further response behind the first."""
    websockets: str
    """What Python's websockets said of the same server behind the same proxy, if it was tried."""

    @property
    def head(self) -> bytes:
        return self.octets.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"

    @property
    def asked(self) -> Probe:
        return PROBES[self.probe]

    def values(self, name: bytes) -> list[bytes]:
        """The values of all lines of a field, by a regular expression."""
        return re.findall(rb"(?i)\r\n" + name + rb":[ \t]*(.*?)[ \t]*(?=\r\n)", self.head)


def _members(values: list[str]) -> tuple[str, ...]:
    return tuple(each.strip().lower() for each in ",".join(values).split(",") if each.strip())


def load(directory: Path) -> list[Capture]:
    """The captures of HTTP/1 responses, and of connections on which nothing came."""
    captures = []
    for kind in KINDS:
        index = directory / kind / "index.json"
        for entry in json.loads(index.read_bytes()) if index.is_file() else ():
            file = entry["file"]
            if file is None or not file.endswith(".bin"):
                continue
            captures.append(
                Capture(
                    name=Path(file).stem,
                    octets=(directory / file).read_bytes(),
                    probe=entry["probe"],
                    status=entry.get("status"),
                    upgrade=_members(entry.get("upgrade", [])),
                    options=_members(entry.get("connection", [])),
                    more=entry.get("more_after_body", 0),
                    websockets=entry.get("python_websockets_sees", ""),
                )
            )
    return captures


HERE = load(corpus.DEFAULT)
NAMED = os.environ.get("HTTPUPGRADE_CORPUS")
CAPTURES = HERE + (load(Path(NAMED)) if NAMED else [])

each_way = pytest.mark.parametrize("step", [65536, 1], ids=["whole", "octet by octet"])


def each_of(wanted: Callable[[Capture], bool]) -> pytest.MarkDecorator:
    chosen = [each for each in CAPTURES if wanted(each)]
    return pytest.mark.parametrize("capture", chosen, ids=[each.name for each in chosen])


def outcome_of(capture: Capture, step: int = 65536) -> Outcome:
    return run(capture.asked.client(), cut(capture.octets, step), ends=True)


# --- What each calls for --------------------------------------------------------------------------


class Expected(NamedTuple):
    """What a client says, and the codes of all findings."""

    said: str
    codes: frozenset[str]


def expect(capture: Capture) -> Expected:
    """What a capture calls for."""
    if capture.status is None:
        return Expected("left", frozenset(("response-missing",)))
    if capture.status == 101:
        return _expect_of_a_101(capture)
    if capture.status == 426:
        return _expect_of_a_426(capture)
    return Expected(str(capture.status), frozenset())


def _expect_of_a_101(capture: Capture) -> Expected:
    asked = capture.asked
    if not asked.asked:
        return Expected("refused", frozenset(("switch-unasked",)))
    faults = set()
    if capture.octets.startswith(b"HTTP/1.0"):
        faults.add("switch-in-http-1.0")
    if not capture.upgrade:
        faults.add("switch-upgrade-missing")
    elif not set(asked.asked).intersection(capture.upgrade):
        faults.add("switch-not-asked-for")
    elif len(capture.upgrade) > 1:
        faults.add("switch-names-several")
    if "upgrade" not in capture.options:
        faults.add("switch-option-missing")
    if capture.upgrade == ("websocket",) == asked.asked:
        faults |= _faults_of_a_handshake(capture)
    if faults:
        return Expected("refused", frozenset(faults))
    framed = capture.values(b"content-length") or capture.values(b"transfer-encoding")
    return Expected("101", frozenset(("interim-announces-content",) if framed else ()))


def _faults_of_a_handshake(capture: Capture) -> set[str]:
    faults = set()
    digest = hashlib.sha1(capture.asked.key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    accepts = capture.values(b"sec-websocket-accept")
    if not accepts:
        faults.add("websocket-accept-missing")
    elif accepts != [base64.b64encode(digest)]:
        faults.add("websocket-accept-wrong" if len(accepts) == 1 else "websocket-accept-repeated")
    chosen = [each.decode() for each in capture.values(b"sec-websocket-protocol")]
    if not set(chosen).issubset(capture.asked.subprotocols):
        faults.add("subprotocol-not-offered")
    agreed = b",".join(capture.values(b"sec-websocket-extensions")).decode()
    names = {each.partition(";")[0].strip() for each in agreed.split(",") if each.strip()}
    if not names.issubset(capture.asked.extensions):
        faults.add("extension-not-offered")
    return faults


def _expect_of_a_426(capture: Capture) -> Expected:
    codes = set()
    if not capture.upgrade:
        codes.add("upgrade-list-missing")
    elif "upgrade" not in capture.options:
        codes.add("upgrade-list-without-option")
    if capture.more:  # the answer to a frame that was sent too early
        return Expected("426, refused", frozenset((*codes, "response-unasked")))
    return Expected("426", frozenset(codes))


@each_of(lambda capture: True)
@each_way
def test_a_capture_is_taken_for_what_its_index_says(capture: Capture, step: int) -> None:
    outcome = outcome_of(capture, step)
    assert Expected(outcome.said, frozenset(outcome.noted)) == expect(capture)


BY_HAND: Final = (
    ("apache2__default__websocket__101", "502", ()),
    ("apache2__upgrade-any__plain-get__200adv", "200", ()),
    ("apache2__upgrade-any__plain-get__426", "426", ()),
    ("aiohttp__http10", "refused", ("switch-in-http-1.0",)),
    ("caddy__default__post-tcp__101", "101", ("interim-announces-content",)),
    ("h2o__default__websocket__101", "refused",
     ("switch-upgrade-missing", "switch-option-missing")),
    ("h2o__default__h2c__426", "101", ()),
    ("http-proxy-middleware__no-ws__h2c__101", "left", ("response-missing",)),
    ("hypercorn__good", "101", ()),
    ("hypercorn__h2c", "101", ()),
    ("lighttpd__default__websocket__101", "refused", ("switch-option-missing",)),
    ("nginx__cache-valid-any__websocket__101", "refused", ("websocket-accept-missing",)),
    ("nginx__correct__websocket__101", "101", ()),
    ("nginx__correct__websocket-early__426", "426, refused",
     ("upgrade-list-without-option", "response-unasked")),
    ("nginx__default__h2c__101", "refused", ("switch-not-asked-for",)),
    ("nginx__default__plain-get__426", "426", ("upgrade-list-without-option",)),
    ("nginx__return-426-add-header-always__plain-get__426", "426", ()),
    ("nginx__return-426-bare__plain-get__426", "426", ("upgrade-list-missing",)),
    ("python-websockets__plain-get", "426", ("upgrade-list-without-option",)),
    ("tinyproxy__reverse-default__tls__426", "400", ()),
    ("tornado__short-key", "refused", ("websocket-accept-wrong",)),
    ("tornado__version-8", "426", ("upgrade-list-missing",)),
)  # fmt: skip


@pytest.mark.parametrize(("name", "said", "codes"), BY_HAND, ids=[row[0] for row in BY_HAND])
def test_what_is_derived_is_what_a_person_would_expect(
    name: str, said: str, codes: tuple[str, ...]
) -> None:
    (capture,) = (each for each in HERE if each.name == name)
    assert expect(capture) == Expected(said, frozenset(codes))


# --- Bodies, and what follows a switch ---------------------------------------------------


def _body_by_h11(capture: Capture) -> bytes:
    peer = h11.Connection(h11.CLIENT)
    peer.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
    peer.send(h11.EndOfMessage())
    peer.receive_data(capture.octets[: len(capture.octets) - capture.more])
    peer.receive_data(b"")
    assert isinstance(peer.next_event(), h11.Response)
    content = b""
    while isinstance(event := peer.next_event(), h11.Data):
        content += event.data
    assert isinstance(event, h11.EndOfMessage)
    return content


@each_of(lambda capture: capture.status not in (None, 101))
@each_way
def test_a_body_is_what_another_parser_reads(capture: Capture, step: int) -> None:
    events = outcome_of(capture, step).events
    first = events[0]
    if isinstance(first, UpgradeRequired):
        assert first.body == _body_by_h11(capture)
    else:
        assert isinstance(first, OrdinaryResponse)
        assert first.head.status_code == capture.status
        assert events[1] == Content(_body_by_h11(capture), end=True)


@each_of(lambda capture: expect(capture).said == "101")
@each_way
def test_what_follows_a_101_is_the_new_protocols(capture: Capture, step: int) -> None:
    outcome = outcome_of(capture, step)
    (switched,) = outcome.events
    assert isinstance(switched, Switched)
    assert str(switched.token).lower() in capture.asked.asked
    assert switched.head.to_bytes() + outcome.trailing_data == capture.octets
    if isinstance(switched.agreement, WebSocketAgreement):
        chosen = [each.decode() for each in capture.values(b"sec-websocket-protocol")]
        assert switched.agreement.subprotocol == (chosen[0] if chosen else None)
        agreed = b",".join(capture.values(b"sec-websocket-extensions")).decode()
        assert bool(switched.agreement.extensions) == bool(agreed)


@each_of(lambda capture: capture.status == 426)
def test_a_426_says_what_its_index_does_and_leads_on(capture: Capture) -> None:
    required = outcome_of(capture).events[0]
    assert isinstance(required, UpgradeRequired)
    assert tuple(str(each).lower() for each in required.tokens) == capture.upgrade
    versions = b",".join(capture.values(b"sec-websocket-version")).decode()
    assert required.versions == tuple(int(each) for each in versions.split(",") if each)
    socket, http2 = WebSocket(), H2C(settings=b"AAMAAABk")
    step = required.next_step([socket, http2])
    if "websocket" in capture.upgrade or required.versions:
        _check_step_to_a_websocket(capture, step)
    elif "h2c" in capture.upgrade:
        assert isinstance(step, UseHTTP2)
    else:
        assert isinstance(step, NothingInCommon)
        silent = "asked-in-vain" if capture.asked.asked else "upgrade-list-missing"
        assert step.finding.code == ("nothing-in-common" if capture.upgrade else silent)


def _check_step_to_a_websocket(capture: Capture, step: object) -> None:
    if "websocket" not in capture.asked.asked:
        assert isinstance(step, Retry)
        assert str(step.token) == "websocket"
    elif capture.asked.version != "13":
        assert isinstance(step, UseWebSocketVersion)
        assert step.version == 13
    else:  # it asked for what it is told to ask for: something on the way took that off
        assert isinstance(step, NothingInCommon)
        assert step.finding.code == "asked-in-vain"


# --- What is refused, and why ------------------------------------------------------------

BOTH_LOST: Final = ("switch-upgrade-missing", "switch-option-missing")

# A 101 that no client may take, and who is to blame. The server behind all of the proxies says 101
# to whatever arrives, which no good one does: in most of these, a proxy had taken off the request
# what would have asked for it.
REFUSED: Final = (
    # They take Upgrade and its option off the 101 as well, and pass it on.
    ("h2o__default__[pw]*__101", BOTH_LOST),
    ("h2o__preserve-host__[pw]*__101", BOTH_LOST),
    ("h2o__websocket-on__post-tcp__101", BOTH_LOST),
    ("tinyproxy__*__101", BOTH_LOST),
    ("trafficserver__*__101", BOTH_LOST),
    # It takes the option off alone, and Upgrade without it is none.
    ("lighttpd__*__websocket*__101", ("switch-option-missing",)),
    # What was asked for did not arrive, and the server switched to what it has.
    ("lighttpd__*__post-tcp__101", ("switch-not-asked-for", "switch-option-missing")),
    ("nginx__default*__h2c__101", ("switch-not-asked-for",)),
    ("nginx__default*__post-tcp__101", ("switch-not-asked-for",)),
    # Told to hide the field; told to keep the key from the server; answered from a cache.
    ("nginx__hide-upgrade__*__101", ("switch-upgrade-missing",)),
    ("nginx__pass-request-headers-off__*__101", ("websocket-accept-missing",)),
    ("nginx__cache-valid-any__*__101", ("websocket-accept-missing",)),
    # A server that says the version of the request, which was HTTP/1.0.
    ("aiohttp__http10", ("switch-in-http-1.0",)),
    # Servers that answer what is no key, and so not the key of this client.
    ("*__short-key", ("websocket-accept-wrong",)),
)


@each_of(lambda capture: capture.status == 101)
def test_a_101_is_taken_unless_there_is_a_reason(capture: Capture) -> None:
    outcome = outcome_of(capture)
    if outcome.codes:
        reasons = [codes for name, codes in REFUSED if fnmatchcase(capture.name, name)]
        assert reasons == [outcome.codes]
    else:
        assert outcome.said == "101"


@each_of(lambda capture: capture.probe.startswith("good") and capture.status == 101)
def test_no_good_handshake_of_a_server_of_today_is_refused(capture: Capture) -> None:
    assert outcome_of(capture).said == "101"
    assert outcome_of(capture).noted == ()


@each_of(lambda capture: capture.status == 101 and capture.websockets != "")
def test_another_client_takes_and_refuses_the_same(capture: Capture) -> None:
    said = "101" if capture.websockets.startswith("open") else "refused"
    assert outcome_of(capture).said == said


# --- What the small corpus has -----------------------------------------------------------


def test_the_small_corpus_has_each_way_to_be_answered() -> None:
    expected = {expect(each) for each in HERE}
    assert {each.said for each in expected} >= {"101", "426", "426, refused", "refused", "left"}
    assert {each.said for each in expected} >= {"200", "400", "404", "502", "505"}
    assert {code for each in expected for code in each.codes} >= {
        "interim-announces-content",
        "response-missing",
        "response-unasked",
        "switch-in-http-1.0",
        "switch-not-asked-for",
        "switch-option-missing",
        "switch-upgrade-missing",
        "upgrade-list-missing",
        "upgrade-list-without-option",
        "websocket-accept-missing",
        "websocket-accept-wrong",
    }
    assert {each.probe for each in HERE} >= {
        "good",
        "good-deflate",
        "good-subprotocol",
        "h2c",
        "plain-get",
        "post-tcp",
        "tls",
        "version-8",
        "websocket",
        "websocket-early",
    }
