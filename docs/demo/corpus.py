"""Captured requests and the index that says what each is.

The law of this file: what it says of a capture comes from the index alone, never from the library.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple, final

DEFAULT: Final = Path(__file__).resolve().parents[2] / "tests" / "corpus"


class CorpusError(Exception):
    """The directory is no corpus; the message says why."""


@final
class Capture(NamedTuple):
    """A request as it arrived, and what the index says of it."""

    name: str
    client: str
    """Name and version."""
    via: str
    """Proxy, its version and its configuration; "direct" without one."""
    intent: str
    """What the client wanted: "websocket", "plain-get", "h2c" …"""
    kind: str | None
    """What it is if it is no HTTP/1 request: "h2-preface", "tls-clienthello"."""
    http_version: str | None
    method: str | None
    upgrade: tuple[str, ...]
    """Tokens of the Upgrade field as it arrived, in lower case."""
    options: tuple[str, ...]
    """Options of the Connection field as it arrived, in lower case."""
    upgradable: bool
    """Whether what the client wanted could be switched to, if the server has it."""
    why_not: tuple[str, ...]
    lost: tuple[str, ...]
    """What the client sent and a proxy removed."""
    variant: str | None
    head: bytes
    rest: bytes
    """Octets that arrived after the head: a body, or data in advance of the 101."""
    after_101: bytes
    """What the client sent after it had got a 101."""

    @property
    def data(self) -> bytes:
        """All octets, as they arrived."""
        return self.head + self.rest


def load(directory: Path) -> list[Capture]:
    """The captures of a directory that holds ``index.json`` and the files it names.

    Raises :class:`CorpusError`. Entries without a file, of requests that never arrived behind
    their proxy, are left out.
    """
    index = directory / "index.json"
    if not index.is_file():
        found = "is no directory" if not directory.is_dir() else "holds no index.json"
        raise CorpusError(f"{directory} {found}")
    try:
        entries = json.loads(index.read_bytes())
    except ValueError as error:
        raise CorpusError(f"{index} is no JSON: {error}") from error
    if not isinstance(entries, list) or not entries:
        raise CorpusError(f"{index} holds no list of captures")
    captures = []
    for number, entry in enumerate(entries):
        try:
            if entry["file"] is not None:
                captures.append(_capture(directory, entry))
        except (KeyError, TypeError, ValueError) as error:
            fault = f"{type(error).__name__}: {error}"
            raise CorpusError(f"{index}, entry {number}, is no capture: {fault}") from error
        except OSError as error:
            raise CorpusError(f"{index}, entry {number}: {error}") from error
    return captures


def _capture(directory: Path, entry: Mapping[str, object]) -> Capture:
    file = _text(entry, "file")
    data = (directory / file).read_bytes()
    after = _text(entry, "after_101_file", "")
    head_size = len(data) - _number(entry, "bytes_after_head", 0)
    if _number(entry, "head_len", head_size) != head_size:
        raise ValueError(f"{file} has not the length that head_len and bytes_after_head say")
    return Capture(
        name=Path(file).stem,
        client=_named(entry, "client"),
        via=_via(entry),
        intent=_text(entry, "intent"),
        kind=_text(entry, "kind", "") or None,
        http_version=_text(entry, "http_version", "") or None,
        method=_text(entry, "method", "") or None,
        upgrade=_members(entry, "upgrade"),
        options=_members(entry, "connection"),
        upgradable=entry["arrived_upgradable"] is True,
        why_not=_texts(entry, "why_not"),
        lost=_texts(entry, "what_was_lost"),
        variant=_text(entry, "variant", "") or None,
        head=data[:head_size],
        rest=data[head_size:],
        after_101=(directory / after).read_bytes() if after else b"",
    )


def _via(entry: Mapping[str, object]) -> str:
    if not entry["proxy"]:
        return "direct"
    return f"{_named(entry, 'proxy')}, {_text(entry, 'config')}"


def _named(entry: Mapping[str, object], key: str) -> str:
    # A distribution's revision says nothing here.
    version = _text(entry, f"{key}_version", "").partition("-")[0].partition("+")[0]
    return f"{_text(entry, key)} {version}".rstrip()


def _text(entry: Mapping[str, object], key: str, default: str | None = None) -> str:
    value = entry[key] if default is None else entry.get(key) or default
    if not isinstance(value, str):
        raise ValueError(f"{key} is no text: {value!r}")
    return value


def _texts(entry: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = entry.get(key) or ()
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise ValueError(f"{key} is no list of texts: {value!r}")
    return tuple(value)


def _number(entry: Mapping[str, object], key: str, default: int) -> int:
    value = entry.get(key, default)
    if type(value) is not int or value < 0:
        raise ValueError(f"{key} is no length: {value!r}")
    return value


def _members(entry: Mapping[str, object], key: str) -> tuple[str, ...]:
    """The members of a list field, in lower case, over all its lines."""
    members = ",".join(_texts(entry, key)).split(",")
    return tuple(each.strip().lower() for each in members if each.strip())
