"""HTTP archives (HAR), as browsers save them.

Rules for this module: what a browser left out is not held against anyone. Chromium and Firefox
differ: a WebSocket's status may be 101 or 0, its fields those that were sent or a few of them, and
requests in HTTP/2 may have pseudo-header fields or none.
"""

import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from typing import Final, TypeVar
from urllib.parse import urlsplit

from ... import RequestHead, ResponseHead
from ...diagnosis import NoAnswer
from ...fields import Headers
from ..exits import CommandError
from .exchange import MOST_CONTENT, Answer, Exchange
from .heads import with_later_request

_Kind = TypeVar("_Kind")

_VERSIONS: Final = {
    "http/1.1": b"1.1",
    "http/1.0": b"1.0",
    "h2": b"2.0",
    "http/2": b"2.0",
    "http/2.0": b"2.0",
    "h3": b"3.0",
    "http/3": b"3.0",
    "http/3.0": b"3.0",
}
# What every browser sends, and what some leave out of the archive.
_KEY: Final = (b"Sec-WebSocket-Key", b"dGhlIHNhbXBsZSBub25jZQ==")
_ALWAYS_SENT: Final[Headers] = (
    (b"Upgrade", b"websocket"),
    (b"Connection", b"Upgrade"),
    (b"Sec-WebSocket-Version", b"13"),
    _KEY,
)
_CLOSED: Final = ("EMPTY_RESPONSE", "CONNECTION_CLOSED", "CONNECTION_RESET", "SOCKET_NOT_CONNECTED")
_SILENT: Final = ("TIMED_OUT",)
_STATUS: Final = re.compile(r"Unexpected response code: ([1-9][0-9]{2})\Z")
_STATUS_ALONE: Final = "the archive has the status of the response alone, and none of its fields"
# A message of the type "error" tells that there was no WebSocket.
_OF_OPEN: Final = ("send", "receive")


def read_har(name: str, data: bytes, complain: Callable[[str], None]) -> Iterator[Exchange]:
    """The exchanges of an archive. Entries that are not HTTP are left out, and so are those without
    a response that asked for no WebSocket: browsers abort many requests.

    :param complain: is told of each entry that cannot be read.

    Raises :class:`CommandError` for what is no archive.
    """
    try:
        content = json.loads(data)
    except RecursionError:
        raise CommandError(f"{name} is JSON that is nested too deeply") from None
    except ValueError as error:  # of JSON, or of UTF-8
        raise CommandError(f"{name} cannot be read as JSON: {error}") from None
    log: object = content.get("log") if isinstance(content, dict) else None
    if not isinstance(log, dict) or not isinstance(log.get("entries"), list):
        raise CommandError(f"{name} is JSON, but not a HAR: it has no log.entries")
    for number, entry in enumerate(log["entries"], start=1):
        label = f"{name}, entry {number}"
        try:
            exchange = _read_entry(label, entry)
        except ValueError as error:
            complain(f"{label}: {error}")
        else:
            if exchange is not None:
                yield exchange


def _member(whole: object, name: str, default: _Kind) -> _Kind:
    """A member of an object of JSON; the default if there is none of its type."""
    found = whole.get(name) if isinstance(whole, dict) else None
    # Not what is made of it: True would be a number.
    return found if type(found) is type(default) else default


def _read_entry(name: str, entry: object) -> Exchange | None:
    """Raises :class:`ValueError` for what no request and no response can have."""
    asked: dict[str, object] = _member(entry, "request", {})
    answered: dict[str, object] = _member(entry, "response", {})
    url = urlsplit(_member(asked, "url", ""))
    if url.scheme not in ("http", "https", "ws", "wss"):
        return None
    is_websocket = url.scheme in ("ws", "wss") or _member(entry, "_resourceType", "") == "websocket"
    messages: list[object] = _member(entry, "_webSocketMessages", [])
    error = _error_of(entry, answered, messages)
    answer = _answer_of(answered, error)
    if answer is None and not is_websocket:
        return None
    notes: tuple[str, ...] = ()
    if answer is None and (told := _STATUS.search(error)) is not None:
        answer, notes = ResponseHead(int(told[1]), ()), (_STATUS_ALONE,)
    method = _member(asked, "method", "GET")
    host = url.netloc.rpartition("@")[2]
    exchange = Exchange(
        f"{name}: {method} {url.scheme}://{host}{url.path}",
        response=answer,
        content=_content_of(_member(answered, "content", {})),
        secure=url.scheme in ("https", "wss"),
        recorded_by="client",
        opened=any(_member(each, "type", "") in _OF_OPEN for each in messages),
        notes=notes,
    )
    target = _octets(url.path or "/") + (b"?" + _octets(url.query) if url.query else b"")
    headers = _headers_of(asked)
    if not any(field[0].lower() in (b"host", b":authority") for field in headers):
        headers = ((b"Host", _octets(host)), *headers)
    if (version := _version_of(asked, headers)) != b"1.1":
        return with_later_request(exchange, _octets(method), target, headers, version)
    if is_websocket:
        exchange, headers = _with_what_is_always_sent(exchange, headers)
    return exchange._replace(request=RequestHead(_octets(method), target, headers))


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _headers_of(message: dict[str, object]) -> Headers:
    """The field lines of a request or response. Chromium joins those of one name by line ends."""
    found: list[tuple[bytes, bytes]] = []
    headers: list[object] = _member(message, "headers", [])
    for each in headers:
        name, value = _octets(_member(each, "name", "")), _octets(_member(each, "value", ""))
        found += [(name, line.strip(b" \t\r")) for line in value.split(b"\n")]
    return tuple(found)


def _version_of(message: dict[str, object], headers: Headers) -> bytes:
    named = _VERSIONS.get(_member(message, "httpVersion", "").lower())
    if named is not None:
        return named
    return b"2.0" if any(name.startswith(b":") for name, _ in headers) else b"1.1"


def _with_what_is_always_sent(exchange: Exchange, headers: Headers) -> tuple[Exchange, Headers]:
    there = {name.lower() for name, _ in headers}
    added = tuple(field for field in _ALWAYS_SENT if field[0].lower() not in there)
    if not added:
        return exchange, headers
    names = ", ".join(name.decode("ascii") for name, _ in added)
    note = f"the archive leaves out {names}, which every browser sends"
    noted = exchange._replace(has_key=_KEY not in added, notes=(*exchange.notes, note))
    return noted, (*headers, *added)


def _error_of(entry: object, answered: dict[str, object], messages: list[object]) -> str:
    """What failed, as Chromium says it: a sentence that ends in a status or in the name of an
    error, or the name alone: ``net::ERR_EMPTY_RESPONSE``."""
    told = [_member(each, "data", "") for each in messages if _member(each, "type", "") == "error"]
    return next(iter(told), "") or _member(answered, "_error", "") or _member(entry, "_error", "")


def _answer_of(answered: dict[str, object], error: str) -> Answer | None:
    status = _member(answered, "status", 0)
    if status > 0:
        headers = _headers_of(answered)
        version = _version_of(answered, headers)
        fields = [field for field in headers if not field[0].startswith(b":")]
        reason = _octets(_member(answered, "statusText", ""))
        return ResponseHead(status, fields, reason, version)
    if error.endswith(_CLOSED):
        return NoAnswer.CLOSED
    return NoAnswer.SILENT if error.endswith(_SILENT) else None


def _content_of(content: dict[str, object]) -> bytes:
    text = _member(content, "text", "")
    if _member(content, "encoding", "") != "base64":
        return _octets(text[:MOST_CONTENT])
    try:
        return b64decode(text[: MOST_CONTENT // 3 * 4])
    except ValueError:
        return b""
