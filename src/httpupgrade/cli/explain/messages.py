"""Octets of messages that follow one another, as a capture, ``curl -i`` or an editor has them.

Rules for this module: it finds where each message begins and ends, and guesses where it must: what
was pasted may lack its last line and its carriage returns, and curl decodes what it prints.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple, final

from ... import RemoteProtocolError, RequestHead, ResponseHead
from ...fields import escape_octets
from ...framing import BodyReader, Framing
from ..exits import CommandError
from .exchange import MOST_CONTENT, Answer, Exchange
from .heads import is_interim, is_tunnel, response_of, with_request

_HEAD_END: Final = re.compile(rb"\r?\n\r?\n")
_VERSION: Final = b"HTTP/"
_STATUS: Final = re.compile(rb"HTTP/\d(?:\.\d)? \d{3}(?=[ \r\n])")
_STATUS_LINE: Final = re.compile(rb"^" + _STATUS.pattern, re.MULTILINE)
_REQUEST: Final = re.compile(
    rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+ [^\r\n]*HTTP/\d|[A-Z]+ [/*][^\r\n]*\r?\n"
)
LOOKS_LIKE_A_MESSAGE: Final = re.compile(rb"[\r\n]*(?:HTTP/|" + _REQUEST.pattern + rb")")
# Octets of something else that has a name. Of all else that is no message there is nothing to say.
_NAMED: Final = ("tls-client-hello", "http2-preface", "proxy-protocol")
_FIRST_OCTETS: Final = 4096
_BLOCK: Final = 65536
_LF: Final = "its lines end in LF, and were read as if they ended in CR LF"


@final
class _Head(NamedTuple):
    octets: bytes
    """With the empty line at its end."""
    end: int
    """Where what follows it begins in the input."""
    notes: tuple[str, ...]


def read_messages(name: str, data: bytes, *, secure: bool) -> Iterator[Exchange]:
    """The exchanges of an input, each a request, a response or a pair.

    Raises :class:`CommandError` for what is neither, and for a head that is cut off.
    """
    number, place = 0, _skip_empty_lines(data, 0)
    while place < len(data):
        number += 1
        exchange, place = _read_exchange(Exchange(name, secure=secure), data, place)
        place = _skip_empty_lines(data, place)
        is_alone = number == 1 and place == len(data)
        if not is_tunnel(exchange.request, exchange.response):
            yield exchange if is_alone else exchange._replace(name=f"{name}, exchange {number}")


def _skip_empty_lines(data: bytes, place: int) -> int:
    while data.startswith((b"\r", b"\n"), place):
        place += 1
    return place


def _read_exchange(exchange: Exchange, data: bytes, place: int) -> tuple[Exchange, int]:
    if data.startswith(_VERSION, place):
        return _read_response(exchange._replace(recorded_by="client"), data, place)
    exchange, place = _read_request(exchange, data, place)
    after = _skip_empty_lines(data, place)
    if data.startswith(_VERSION, after):
        return _read_response(exchange, data, after)
    return exchange._replace(recorded_by="server"), place


def _read_request(exchange: Exchange, data: bytes, place: int) -> tuple[Exchange, int]:
    if _is_named(exchange.name, data, place):
        return exchange._replace(octets=data[place : place + _FIRST_OCTETS]), len(data)
    head = _cut_head(exchange.name, data, place)
    try:
        exchange = with_request(exchange._replace(notes=head.notes), head.octets)
    except ValueError as error:
        raise CommandError(f"{exchange.name}: {error}") from None
    return exchange, _after_request(exchange.request, data, head.end)


def _is_named(name: str, data: bytes, place: int) -> bool:
    """Whether this is no request and has a name.

    Raises :class:`CommandError` for what has none.
    """
    try:
        RequestHead.parse(data[place : place + _FIRST_OCTETS])
    except RemoteProtocolError as error:
        if error.finding.code in _NAMED:
            return True
    except ValueError:  # more than one message
        return False
    if _REQUEST.match(data, place) is None:
        begins = escape_octets(data[place : place + 8])
        raise CommandError(f"{name} holds no HTTP message at octet {place}: there is {begins}")
    return False


def _cut_head(name: str, data: bytes, place: int) -> _Head:
    match = _HEAD_END.search(data, place)
    if match is not None:
        octets, end, notes = data[place : match.end()], match.end(), ()
    elif data.find(b"\r\n", place) < 0:  # pasted
        octets, end, notes = data[place:].rstrip(b"\r\n") + b"\n\n", len(data), ()
    else:
        raise CommandError(
            f"{name} ends inside a head, after {len(data)} octets: an empty line has to end it;"
            " if it was lost when this was pasted, add it"
        )
    if b"\r\n" not in octets:
        return _Head(octets.replace(b"\n", b"\r\n"), end, (_LF,))
    return _Head(octets, end, notes)


def _after_request(request: RequestHead | None, data: bytes, place: int) -> int:
    """Where the next message begins: after the body, or after whatever was sent too early."""
    try:
        framing = Framing(0) if request is None else request.framing
    except RemoteProtocolError:
        framing = Framing(0)
    if not data.startswith(_VERSION, place):
        _, place = _content(framing, data, place)
    after = _skip_empty_lines(data, place)
    is_message = data.startswith(_VERSION, after) or _REQUEST.match(data, after)
    if after == len(data) or is_message:
        return after
    return _next_status_line(data, place)


def _next_status_line(data: bytes, place: int) -> int:
    found = _STATUS_LINE.search(data, place)
    return len(data) if found is None else found.start()


def _read_response(exchange: Exchange, data: bytes, place: int) -> tuple[Exchange, int]:
    answer, head, after = _read_response_head(exchange.name, data, place)
    while is_interim(answer) and _STATUS.match(data, after):
        answer, head, after = _read_response_head(exchange.name, data, after)
    notes = tuple(dict.fromkeys((*exchange.notes, *head.notes)))
    exchange = exchange._replace(response=answer, notes=notes)
    if isinstance(answer, ResponseHead) and answer.status_code == 101:
        return exchange, len(data)  # the rest is the new protocol's
    if _STATUS.match(data, after):
        return exchange, after
    method = b"GET" if exchange.request is None else exchange.request.method
    try:
        framing = answer.framing(method) if isinstance(answer, ResponseHead) else None
    except RemoteProtocolError:
        framing = None
    content, end = _content(framing or Framing(None, until_close=True), data, head.end)
    return exchange._replace(content=content), end


def _read_response_head(name: str, data: bytes, place: int) -> tuple[Answer, _Head, int]:
    """The head of a response, and where what follows it begins, empty lines left out."""
    head = _cut_head(name, data, place)
    return response_of(head.octets), head, _skip_empty_lines(data, head.end)


def _content(framing: Framing, data: bytes, place: int) -> tuple[bytes, int]:
    """The beginning of a content, and where it ends. Of a chunked one that was decoded, or that
    ends with its connection, that is at the next status line."""
    if framing.length is not None:
        end = min(place + framing.length, len(data))
        return data[place : min(end, place + MOST_CONTENT)], end
    if framing.chunked and (found := _chunked(framing, data, place)) is not None:
        return found
    end = _next_status_line(data, place)
    return data[place : min(end, place + MOST_CONTENT)], end


def _chunked(framing: Framing, data: bytes, place: int) -> tuple[bytes, int] | None:
    """The same of a chunked one; None if it is not, for curl decodes what it prints."""
    reader, content = BodyReader(framing), bytearray()
    while place < len(data) and not reader.complete:
        if len(content) == MOST_CONTENT:
            return bytes(content), _next_status_line(data, place)
        block = data[place : place + _BLOCK]
        place += len(block)
        reader.receive_data(block)
        try:
            while (piece := reader.next_piece()) is not None:
                content += piece.content[: MOST_CONTENT - len(content)]
        except RemoteProtocolError:
            return None
    if not reader.complete:
        return None
    return bytes(content), place - len(reader.trailing_data)
