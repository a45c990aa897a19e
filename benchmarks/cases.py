"""The cases: captured octets, and the job they ask for.

The law of this file: octets come from real clients, untouched. Nothing is measured on a request
that somebody made up.
"""

from pathlib import Path
from typing import Final, NamedTuple, final

from .contender import Job

CAPTURES: Final = Path(__file__).resolve().parent.parent / "tests" / "corpus" / "requests"


@final
class Case(NamedTuple):
    """One job on one captured request."""

    name: str
    """Short and stable: the name in recorded files."""
    title: str
    capture: str
    job: Job

    def octets(self) -> bytes:
        """The request as it arrived."""
        return (CAPTURES / self.capture).read_bytes()


_CHROMIUM: Final = "direct__chromium__websocket.bin"
_CHROMIUM_FETCH: Final = "direct__chromium__plain-get__fetch.bin"

CASES: Final = (
    Case("101-chromium", "101 to Chromium's handshake", _CHROMIUM, Job.SWITCH),
    Case(
        "101-firefox",
        "101 to Firefox's handshake",
        "direct__firefox-esr__websocket.bin",
        Job.SWITCH,
    ),
    Case(
        "101-chromium-deflate",
        "101 with permessage-deflate to Chromium's handshake",
        _CHROMIUM,
        Job.SWITCH_DEFLATE,
    ),
    Case("426-chromium-get", "426 to Chromium's plain GET", _CHROMIUM_FETCH, Job.REQUIRE),
    Case("pass-chromium-get", "Passthrough of Chromium's plain GET", _CHROMIUM_FETCH, Job.HAND_ON),
    Case(
        "pass-curl-get",
        "Passthrough of curl's plain GET",
        "direct__curl__plain-get.bin",
        Job.HAND_ON,
    ),
    Case(
        "pass-curl-h2c-post",
        "Passthrough of curl's POST with Upgrade: h2c",
        "direct__curl__h2c__post.bin",
        Job.HAND_ON,
    ),
)
