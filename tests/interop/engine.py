"""A Docker engine, as far as ``docker exec`` and ``docker attach`` need one.

The law of this file: it knows the engine's API; how the connection is switched is the library's.
"""

import json
import re
from collections.abc import Mapping
from typing import Final, final

from httpupgrade import Accept101, CustomProtocol, UpgradeToken
from httpupgrade.cli.serve.roles import Connection, Request, Response

TOKEN: Final = UpgradeToken("tcp")
HIJACK: Final = CustomProtocol(
    TOKEN,
    methods=(b"POST",),
    body="buffer",
    headers=((b"Content-Type", b"application/vnd.docker.raw-stream"),),
    reason=b"UPGRADED",
)
"""What the engine's API calls hijacking: the connection becomes the program's input and output."""

_API_VERSION: Final = b"1.43"
_STDOUT: Final = 1


@final
class Shout:
    """A program that prints in upper case what it reads, until there is no more.

    :param tty: whether its output goes out as it is; otherwise each piece says which stream it is
        of, and how long it is.
    """

    def __init__(self, trailing_data: bytes, *, tty: bool) -> None:
        self._trailing_data = trailing_data
        self._tty = tty
        self._ended = False

    @property
    def closed(self) -> bool:
        """Whether the program has ended."""
        return self._ended

    def begin(self) -> bytes:
        """What it prints for what was typed too early."""
        return self.receive(self._trailing_data) if self._trailing_data else b""

    def receive(self, octets: bytes) -> bytes:
        """What it prints; ``b""`` ends it."""
        self._ended = not octets
        if self._tty or not octets:
            return octets.upper()
        return bytes((_STDOUT, 0, 0, 0)) + len(octets).to_bytes(4, "big") + octets.upper()


def run(accept: Accept101, trailing_data: bytes) -> Connection:
    """The program behind a switch: with a terminal if ``exec`` asks for one."""
    asked = json.loads(accept.request_body or b"{}")
    return Shout(trailing_data, tty=asked.get("Tty", False))


def answer(request: Request) -> Response:
    """The answer to what is no request to switch, for whatever container it names."""
    path = request.target.partition(b"?")[0]
    for methods, pattern, response in _ROUTES:
        if request.method in methods and re.fullmatch(rb"(/v[0-9.]+)?" + pattern, path):
            return response
    return _json({"message": f"no such route: {path!r}"}, 404)


def _json(content: Mapping[str, object], status_code: int = 200) -> Response:
    fields = ((b"Content-Type", b"application/json"), (b"Api-Version", _API_VERSION))
    return Response(status_code, fields, json.dumps(content).encode())


_RUNNING: Final = {"Status": "running", "Running": True, "Paused": False, "Restarting": False}
_CONTAINER: Final = {
    "Id": "c1",
    "Name": "/c1",
    "State": _RUNNING,
    "Config": {"Tty": False, "OpenStdin": True, "StdinOnce": True, "AttachStdin": True},
}
_ENDED: Final = {"ID": "e1", "ContainerID": "c1", "Running": False, "ExitCode": 0}
_VERSION: Final = {
    "Version": "0.0.0",
    "ApiVersion": _API_VERSION.decode("ascii"),
    "MinAPIVersion": "1.24",
    "Os": "linux",
    "Arch": "amd64",
}

_ROUTES: Final = (
    ((b"GET", b"HEAD"), rb"/_ping", Response(200, ((b"Api-Version", _API_VERSION),), b"OK")),
    ((b"GET",), rb"/version", _json(_VERSION)),
    ((b"GET",), rb"/info", _json({"ID": "engine", "Containers": 1, "OSType": "linux"})),
    ((b"GET",), rb"/containers/[^/]+/json", _json(_CONTAINER)),
    ((b"POST",), rb"/containers/[^/]+/exec", _json({"Id": "e1"}, 201)),
    ((b"POST",), rb"/containers/[^/]+/wait", _json({"StatusCode": 0})),
    ((b"GET",), rb"/exec/[^/]+/json", _json(_ENDED)),
)
