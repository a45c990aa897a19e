"""What ``httpupgrade probe`` says of the servers of others. Data, and how its document is read.

The law of this file: each server of ``foreign.py`` is probed once; an entry says what its answers
are and what is concluded from them. Why they are as they are is in docs/interop.md.
"""

import json
import sys
from dataclasses import dataclass
from typing import Final, final

from .foreign import FOREIGN, Foreign
from .hosting import Setup
from .install import Recipe
from .judge import Expected
from .processes import Ran
from .readers import Said, UnreadableError
from .servers import Seen

_PROBE: Final = (sys.executable, "-m", "httpupgrade", "probe")
_COMMAND: Final = (*_PROBE, "--format", "json", "--subprotocol", "chat")


@final
@dataclass(frozen=True)
class Probed:
    """A server, and what a probe is to say of it."""

    foreign: Foreign
    expected: Expected

    @property
    def name(self) -> str:
        return f"probe-{self.foreign.name}"

    @property
    def recipe(self) -> Recipe:
        return self.foreign.recipe

    @property
    def setup(self) -> Setup:
        return self.foreign.setup

    @property
    def asks_version(self) -> tuple[str, ...]:
        return self.foreign.asks_version

    @property
    def command(self) -> tuple[str, ...]:
        return (*_COMMAND, "{ws}")


def read_probe(ran: Ran) -> tuple[Said, tuple[Seen, ...]]:
    """What a probe says, and what each of its steps was answered."""
    try:
        document = json.loads(ran.stdout)
        diagnosis = document["diagnosis"]
        code = f" {diagnosis['code']}" if diagnosis["code"] else ""
        seen = tuple(
            Seen(step["name"], str(step["status"] or step["says"]), secure=False)
            for step in document["steps"]
        )
    except (ValueError, KeyError, TypeError):
        raise UnreadableError(ran.complaint) from None
    return Said(f"exit {ran.status}, {diagnosis['verdict']}{code}"), seen


_LAX: Final = "101, which HTTP/1.0 does not have"
_OTHER_TOKEN: Final = "101, which is wrong: the 101 names a protocol that was not asked for"


def _opens(*answers: str) -> Expected:
    return Expected(answers, "exit 0, healthy")


# These want a subprotocol; curl offers none, and neither does Chromium in its first step.
_WANTS_SUBPROTOCOL: Final = ("400", "101", "400")

# By the names in foreign.py: what the steps are answered, in order, the same in a row once.
_EXPECTED: Final = {
    "websockets-server": _opens("426", *_WANTS_SUBPROTOCOL, "505"),
    "aiohttp-server": _opens("400", "101", _LAX),
    "uvicorn": _opens("200", "101", _LAX),
    "uvicorn-wsproto": _opens("200", "101", _LAX),
    "hypercorn": _opens("200", "101", "400"),
    "tornado": _opens("400", "101", "403", "101", _LAX),
    "ws-server": _opens("426", "101", _LAX),
    "nginx": _opens("426", *_WANTS_SUBPROTOCOL),
    "apache-h2c": Expected(("404",), "exit 1, refused upgrade-not-found"),
    "apache-proxy": _opens("426", *_WANTS_SUBPROTOCOL),
    "apache-wstunnel": _opens("404", *_WANTS_SUBPROTOCOL),
    "nghttpx": _opens("200", "101", "200"),
    "cupsd": Expected(("426", _OTHER_TOKEN, _LAX), "exit 1, broken switch-not-asked-for"),
    "proxy-websockets": _opens("426", *_WANTS_SUBPROTOCOL, "426"),
    "proxy-uvicorn": _opens("200", "101", "200"),
}

PROBED: Final[tuple[Probed, ...]] = tuple(
    Probed(foreign, _EXPECTED[foreign.name]) for foreign in FOREIGN if foreign.name in _EXPECTED
)
