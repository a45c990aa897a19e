"""Makes tests/captures/*.json of a directory of captures: one entry a line.

Run as ``python tests/support/collect_captures.py DIRECTORY``. The directory has ``index.json`` with
``requests/``, and ``responses/`` and ``server_responses/`` with an ``index.json`` each.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

_CAPTURES: Final = Path(__file__).resolve().parents[1] / "captures"

_OF_REQUESTS: Final = (
    "client",
    "client_version",
    "proxy",
    "proxy_version",
    "config",
    "config_kind",
    "intent",
    "probe",
    "variant",
    "kind",
    "arrived_upgradable",
    "what_was_lost",
)
_OF_RESPONSES: Final = (
    "proxy",
    "proxy_version",
    "config",
    "config_kind",
    "server",
    "server_version",
    "probe",
    "backend_answer",
    "status",
    "arrived_at_backend",
    "arrived_upgradable",
    "body_kept",
    "tunnel_works",
    "closed_by_proxy",
    "closed",
    "notes",
)


def main(directory: Path) -> None:
    """Write both files."""
    _write(_CAPTURES / "requests.json", _entries(directory, "index.json", _OF_REQUESTS))
    probes = json.loads((directory / "server_responses/probes.json").read_text("utf-8"))
    sent = {each["probe"]: each["request"] for each in probes}
    of_servers = [
        {**each, "request": sent[each["probe"]]}
        for each in _entries(directory, "server_responses/index.json", _OF_RESPONSES)
    ]
    of_proxies = _entries(directory, "responses/index.json", _OF_RESPONSES)
    _write(_CAPTURES / "responses.json", [*of_proxies, *of_servers])


def _entries(directory: Path, index: str, kept: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for each in json.loads((directory / index).read_text("utf-8")):
        if each["file"] is None:  # a request that never arrived
            continue
        path = directory / each["file"]
        members = {name: each[name] for name in kept if each.get(name) not in (None, "", [])}
        yield {"name": path.stem, **members, "octets": path.read_bytes().decode("latin-1")}


def _write(path: Path, entries: Iterable[dict[str, Any]]) -> None:
    lines = [json.dumps(each, separators=(",", ":")) for each in entries]
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n", "ascii")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
