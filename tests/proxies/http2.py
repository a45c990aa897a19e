"""Clients of HTTP/2 in front of a proxy: curl, which is strict, and Chromium.

Rules for this module: what came of it is told as a value, and not judged.
"""

import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Final

from demo.server import HOST
from interop.install import ROOT, environment_of_clients
from interop.processes import LateError, Ran, run

from .client import TALKED
from .origin import CHAT

_SECONDS: Final = 40.0
_WROTE: Final = "%{http_code} by HTTP/%{http_version}"
_CURL: Final = "426 by HTTP/2"
_CHROMIUM: Final = re.compile(
    "page '426 Upgrade Required', fetch\\(\\) saw 426, then echoed 'hello' as text, .*"
)


async def talk_by_http2(port: int, authority: Path) -> str:
    """:data:`TALKED` if both get the 426 by HTTP/2, and Chromium a WebSocket after it; or why not.

    :param authority: the certificate that vouches for the proxy's.
    """
    url = f"https://{HOST}:{port}{CHAT.decode('ascii')}"
    curl = await _run(
        *("curl", "--http2", "--silent", "--show-error", "--cacert", str(authority)),
        *("--output", "/dev/null", "--write-out", _WROTE, url),
    )
    if not isinstance(curl, Ran) or curl.stdout != _CURL:
        return f"curl: {_complaint(curl).removeprefix('curl: ')}"
    chromium = await _run(sys.executable, "-m", "proxies.chromium", url)
    if not isinstance(chromium, Ran) or chromium.status != 0:
        return f"Chromium: {_complaint(chromium)}"
    outcome = str(json.loads(chromium.stdout)["outcome"])
    return TALKED if _CHROMIUM.fullmatch(outcome) else f"Chromium: {outcome}"


async def _run(*argv: str) -> Ran | str:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        environment = environment_of_clients(home)
        try:
            return await run(argv, seconds=_SECONDS, environment=environment, where=ROOT)
        except LateError as error:
            return str(error)


def _complaint(ran: Ran | str) -> str:
    if isinstance(ran, str):
        return ran
    return ran.complaint if ran.stderr.strip() else ran.stdout
