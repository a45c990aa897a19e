"""The cases: octets, and the job they ask for.

The law of this file: octets come from real clients, untouched; or they are derived from those by
``derive.py``, and then the case's title says so.
"""

from collections.abc import Callable, Iterator
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple, final

from . import derive
from .contender import Job

CAPTURES: Final = Path(__file__).resolve().parent.parent / "tests" / "corpus" / "requests"

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
    VALUES = "Values of fields"


@final
class Case(NamedTuple):
    """One job on one request."""

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


_CHROMIUM: Final = "direct__chromium__websocket.bin"
_FIREFOX: Final = "direct__firefox-esr__websocket.bin"
_WEBSOCKETS: Final = "direct__python-websockets__websocket.bin"
_CURL: Final = "direct__curl__websocket__manual-headers.bin"
_CHROMIUM_GET: Final = "direct__chromium__plain-get__fetch.bin"
_CURL_GET: Final = "direct__curl__plain-get.bin"
_CURL_POST: Final = "direct__curl__h2c__post.bin"
_CUPS: Final = "direct__cups-lpstat-e__tls.bin"

_SOUND_KEY: Final = b"dGhlIHNhbXBsZSBub25jZQ=="  # that of RFC 6455 1.3
_BROKEN_KEY: Final = b"AAAAAAAAAAAAAA=="


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
        partial(derive.with_key, key=_SOUND_KEY),
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
        partial(derive.with_key, key=_BROKEN_KEY),
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
    *_values(),
)
