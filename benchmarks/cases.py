"""The cases: octets, and the job they ask for.

The law of this file: octets come from real clients and servers, untouched; or they are derived from
those by ``derive.py``, and then the case's title says so.
"""

from collections.abc import Callable, Iterator
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple, final

from . import derive
from .contender import Job

CAPTURES: Final = Path(__file__).resolve().parent.parent / "tests" / "corpus"

PIPELINED: Final = 64
SIZES: Final = {"0.2": 205, "1": 1024, "4": 4096, "16": 16384, "64": 65536}
"""In octets, by what they are called in KiB."""


@final
class Section(Enum):
    """Kinds of cases, in the order of the report."""

    SWITCH = "Octets to 101"
    REFUSE = "Octets to a refusal"
    PASSING = "Octets to Passthrough"
    PARSED = "A head that is parsed already"
    WIDTH = "Heads by their number of fields"
    SIZE = "Heads by their size"
    PIPELINE = "Pipelined requests"
    OPEN = "A client's opening handshake"
    VALUES = "Values of fields"


@final
class Case(NamedTuple):
    """One job on one request, or on the response to a client's own."""

    name: str
    """Short and stable: the name in recorded files."""
    title: str
    section: Section
    capture: str
    job: Job
    change: Callable[[bytes], bytes] | None = None
    """What is derived from the capture, if it is not taken as it is."""

    def octets(self) -> bytes:
        """What arrives."""
        captured = (CAPTURES / self.capture).read_bytes()
        return captured if self.change is None else self.change(captured)


_CHROMIUM: Final = "requests/direct__chromium__websocket.bin"
_FIREFOX: Final = "requests/direct__firefox-esr__websocket.bin"
_WEBSOCKETS: Final = "requests/direct__python-websockets__websocket.bin"
_CURL: Final = "requests/direct__curl__websocket__manual-headers.bin"
_CHROMIUM_GET: Final = "requests/direct__chromium__plain-get__fetch.bin"
_CURL_GET: Final = "requests/direct__curl__plain-get.bin"
_CURL_POST: Final = "requests/direct__curl__h2c__post.bin"
_CUPS: Final = "requests/direct__cups-lpstat-e__tls.bin"

# Responses to handshakes with the key of RFC 6455 1.3.
_WS: Final = "server_responses/ws-npm-websocketserver-port__good-subprotocol.bin"
_AIOHTTP: Final = "server_responses/aiohttp__good.bin"
_AIOHTTP_1_0: Final = "server_responses/aiohttp__http10.bin"
_HYPERCORN: Final = "server_responses/hypercorn__good.bin"
_WEBSOCKETS_DEFLATE: Final = "server_responses/python-websockets__good-deflate.bin"
_BEHIND_APACHE: Final = "responses/apache2__upgrade-any__plain-get__426.bin"

_SOUND_KEY: Final = b"dGhlIHNhbXBsZSBub25jZQ=="  # that of RFC 6455 1.3
_BROKEN_KEY: Final = b"AAAAAAAAAAAAAA=="
_OTHER_ACCEPT: Final = b"3tR/YQeH2pBV3OIPPtQKDouX+HI="  # that of the key in Chromium's handshake


def _switches() -> Iterator[Case]:
    for client, capture, called in (
        ("chromium", _CHROMIUM, "Chromium's handshake"),
        ("firefox", _FIREFOX, "Firefox's handshake"),
        ("websockets", _WEBSOCKETS, "python-websockets' handshake"),
    ):
        yield Case(f"101-{client}", f"101 to {called}", Section.SWITCH, capture, Job.SWITCH)
    yield Case(
        "101-curl",
        "101 to curl's handshake (derived: with a key of 16 octets)",
        Section.SWITCH,
        _CURL,
        Job.SWITCH,
        partial(derive.with_value, name=b"Sec-WebSocket-Key", value=_SOUND_KEY),
    )
    yield Case(
        "101-minimal",
        "101 to a minimal handshake (derived from Chromium's)",
        Section.SWITCH,
        _CHROMIUM,
        Job.SWITCH,
        derive.minimal,
    )
    yield Case(
        "101-chromium-deflate",
        "101 with permessage-deflate to Chromium's handshake",
        Section.SWITCH,
        _CHROMIUM,
        Job.SWITCH_DEFLATE,
    )


def _refusals() -> Iterator[Case]:
    yield Case(
        "426-chromium-get",
        "426 to Chromium's plain GET",
        Section.REFUSE,
        _CHROMIUM_GET,
        Job.REQUIRE,
    )
    yield Case(
        "400-curl-key",
        "400 to curl's handshake, whose key is one of 13 octets",
        Section.REFUSE,
        _CURL,
        Job.REFUSE,
    )
    yield Case(
        "400-chromium-key",
        "400 to Chromium's handshake (derived: with a key of 10 octets)",
        Section.REFUSE,
        _CHROMIUM,
        Job.REFUSE,
        partial(derive.with_value, name=b"Sec-WebSocket-Key", value=_BROKEN_KEY),
    )


def _passes() -> Iterator[Case]:
    requests = (
        ("chromium-get", _CHROMIUM_GET, "Chromium's plain GET"),
        ("curl-get", _CURL_GET, "curl's plain GET"),
        ("curl-h2c-post", _CURL_POST, "curl's POST with Upgrade: h2c"),
    )
    for name, capture, called in requests:
        yield Case(
            f"let-go-{name}", f"letting go of {called}", Section.PASSING, capture, Job.LET_GO
        )
    for name, capture, called in requests:
        yield Case(
            f"pass-{name}", f"handing on {called}, with body", Section.PASSING, capture, Job.HAND_ON
        )


def _parsed() -> Iterator[Case]:
    yield Case(
        "parsed-chromium",
        "101 to Chromium's handshake, parsed by others outside of the clock",
        Section.PARSED,
        _CHROMIUM,
        Job.SWITCH_PARSED,
    )


def _widths() -> Iterator[Case]:
    for count in (1, 10, 100, 500):
        yield Case(
            f"fields-{count}",
            f"letting go of a GET with {count} {'field' if count == 1 else 'fields'}"
            " (derived from Chromium's)",
            Section.WIDTH,
            _CHROMIUM_GET,
            Job.READ,
            partial(derive.with_fields, count=count),
        )


def _sizes() -> Iterator[Case]:
    for job, way, how in (
        (Job.READ, "whole", "whole"),
        (Job.READ_SLOWLY, "octets", "one octet at a time"),
    ):
        for kib, size in SIZES.items():
            yield Case(
                f"{way}-{kib}k",
                f"letting go of a GET of {kib} KiB, {how} (derived from curl's)",
                Section.SIZE,
                _CURL_GET,
                job,
                partial(derive.padded, size=size),
            )


def _pipelines() -> Iterator[Case]:
    repeat = partial(derive.repeated, count=PIPELINED)
    for name, title, job in (
        ("pass", f"handing on {PIPELINED} GETs", Job.HAND_ON_MANY),
        ("426", f"426 to {PIPELINED} GETs", Job.REQUIRE_MANY),
    ):
        yield Case(
            f"pipelined-{name}",
            f"{title}, on one connection (derived from Chromium's)",
            Section.PIPELINE,
            _CHROMIUM_GET,
            job,
            repeat,
        )


def _openings() -> Iterator[Case]:
    for server, capture, called in (
        ("ws", _WS, "ws', which takes a subprotocol"),
        ("aiohttp", _AIOHTTP, "aiohttp's"),
        ("hypercorn", _HYPERCORN, "Hypercorn's"),
    ):
        title = f"asking, and verifying a 101 of {called}"
        yield Case(f"open-{server}", title, Section.OPEN, capture, Job.OPEN)
    yield Case(
        "open-websockets-deflate",
        "asking with permessage-deflate, and verifying a 101 of python-websockets'",
        Section.OPEN,
        _WEBSOCKETS_DEFLATE,
        Job.OPEN_DEFLATE,
    )
    for fault, name, value, called in (
        ("accept", b"Sec-WebSocket-Accept", _OTHER_ACCEPT, "for another key"),
        ("subprotocol", b"Sec-WebSocket-Protocol", b"chat.v3", "with a subprotocol not asked for"),
    ):
        yield Case(
            f"open-wrong-{fault}",
            f"asking, and refusing a 101 {called} (derived from one of ws')",
            Section.OPEN,
            _WS,
            Job.OPEN_REFUSE,
            partial(derive.with_value, name=name, value=value),
        )
    yield Case(
        "open-wrong-version",
        "asking, and refusing a 101 of HTTP/1.0, which is aiohttp's",
        Section.OPEN,
        _AIOHTTP_1_0,
        Job.OPEN_REFUSE,
    )
    yield Case(
        "read-426",
        "asking, and reading a 426 from behind Apache (derived: with a list of two protocols)",
        Section.OPEN,
        _BEHIND_APACHE,
        Job.OPEN_REQUIRED,
        partial(derive.with_value, name=b"Upgrade", value=b"h2c, websocket"),
    )


def _values() -> Iterator[Case]:
    upgrade = partial(derive.value_of, name=b"upgrade")
    extensions = partial(derive.value_of, name=b"sec-websocket-extensions")
    for name, title, capture, job, change in (
        ("parse-upgrade", "reading Chromium's Upgrade", _CHROMIUM, Job.PARSE_UPGRADE, upgrade),
        ("parse-upgrade-list", "reading CUPS' Upgrade", _CUPS, Job.PARSE_UPGRADE, upgrade),
        ("write-upgrade-list", "writing CUPS' Upgrade", _CUPS, Job.WRITE_UPGRADE, upgrade),
        (
            "parse-extensions",
            "reading Chromium's Sec-WebSocket-Extensions",
            _CHROMIUM,
            Job.PARSE_EXTENSIONS,
            extensions,
        ),
        (
            "write-extensions",
            "writing Chromium's Sec-WebSocket-Extensions",
            _CHROMIUM,
            Job.WRITE_EXTENSIONS,
            extensions,
        ),
        (
            "answer-extensions",
            "answering Chromium's Sec-WebSocket-Extensions",
            _CHROMIUM,
            Job.ANSWER_EXTENSIONS,
            extensions,
        ),
    ):
        yield Case(name, f"{title} (its value alone)", Section.VALUES, capture, job, change)


CASES: Final = (
    *_switches(),
    *_refusals(),
    *_passes(),
    *_parsed(),
    *_widths(),
    *_sizes(),
    *_pipelines(),
    *_openings(),
    *_values(),
)
