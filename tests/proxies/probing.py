"""``httpupgrade probe``, run as its users run it.

Rules for this module: what it says is read, and not judged.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from demo.server import HOST
from interop.install import ROOT, environment_of_clients
from interop.processes import LateError, run

from httpupgrade.diagnosis import Diagnosis, Evidence, Paste, Remedy, Suspect

from .origin import CHAT

_SECONDS: Final = 60.0
_OF_A_STEP: Final = "4"
"""Seconds. HAProxy tries for 3 s before it answers with 503."""


class ProbeError(Exception):
    """The command did not say anything of use; the message has what it did say."""


async def probe(port: int, authority: Path | None) -> Diagnosis:
    """What it says of a proxy. Raises :class:`ProbeError`.

    :param authority: the certificate that vouches for the proxy's, where it speaks TLS.
    """
    scheme = "wss" if authority else "ws"
    trusting = ("--cacert", str(authority)) if authority else ()
    url = f"{scheme}://{HOST}:{port}{CHAT.decode('ascii')}"
    options = ("--format", "json", "--timeout", _OF_A_STEP, *trusting)
    argv = (sys.executable, "-m", "httpupgrade", "probe", *options, url)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        environment = environment_of_clients(home)
        try:
            ran = await run(argv, seconds=_SECONDS, environment=environment, where=ROOT)
        except LateError as error:
            raise ProbeError(f"probe: {error}") from None
    try:
        return read(json.loads(ran.stdout)["diagnosis"])
    except (ValueError, KeyError, TypeError):
        raise ProbeError(f"probe: {ran.complaint}") from None


def read(said: dict[str, Any]) -> Diagnosis:
    """A diagnosis from what ``to_json`` made of it."""
    return Diagnosis(
        **_frozen(said)
        | {
            "evidence": tuple(Evidence(**_frozen(each)) for each in said["evidence"]),
            "suspects": tuple(Suspect(**_frozen(each)) for each in said["suspects"]),
            "remedies": tuple(map(_remedy, said["remedies"])),
        }
    )


def _remedy(said: dict[str, Any]) -> Remedy:
    pastes = tuple(Paste(**_frozen(each)) for each in said["pastes"])
    return Remedy(**_frozen(said) | {"pastes": pastes})


def _frozen(said: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(each) if isinstance(each, list) else each for name, each in said.items()}
