"""What ``curl -v`` prints.

Rules for this module: lines that begin with ``>`` are the request, ``<`` the response, ``*`` what
curl says, and all others, after a response's head, its content.
"""

import re
from collections.abc import Iterator
from typing import Final, final

from ...diagnosis import NoAnswer
from ..exits import CommandError
from .exchange import MOST_CONTENT, Exchange
from .heads import is_tunnel, response_of, with_request

# The time of --trace-time, or the meter of what was transferred.
_FRONT: Final = re.compile(
    rb"\d\d:\d\d:\d\d\.\d{1,9} "
    rb"|\r?[ 0-9.kMGTP]{0,99}(?:[-0-9]{1,9}:[-0-9]{1,2}:[-0-9]{1,2} {1,9}){3}[0-9.kMGTP]{0,9}"
)
LOOKS_LIKE_CURL: Final = re.compile(
    rb"\A(?:[^\n]*\n){0,200}?(?:" + _FRONT.pattern + rb")?(?:> [A-Z]+ |< HTTP/|\* [^\n]|curl: \()"
)
_COUNT: Final = re.compile(rb"[{}] \[\d+ bytes data\]")
_TLS: Final = re.compile(rb"\* (?:SSL connection|ALPN|TLSv|TLS )")
_NEW: Final = re.compile(rb"\* +(?:Trying|Connected to|Established connection)")
_CLOSED: Final = re.compile(
    rb"(?:\*|curl: \(\d+\)).*(?:Empty reply|reset by peer|Recv failure|unexpected eof"
    rb"|closed abruptly)"
)
_SILENT: Final = re.compile(rb"(?:\*|curl: \(\d+\)).*(?:timed out|too slow)")
_FAILED: Final = re.compile(rb"^curl: \(\d+\)[^\r\n]*", re.MULTILINE)
# curl says this right after a content that does not end in a line end.
_AFTER_CONTENT: Final = re.compile(rb"\* (?:Connection #\d+ to host|Closing connection).*\Z")


def read_curl(name: str, data: bytes) -> Iterator[Exchange]:
    """The exchanges that curl shows.

    Raises :class:`CommandError` if there are none.
    """
    reader = _Reader(name)
    number = 0
    for line in data.split(b"\n"):
        for exchange in reader.read(line.rstrip(b"\r")):
            number += 1
            yield exchange._replace(name=f"{name}, exchange {number}")
    for exchange in reader.end():
        number += 1
        yield exchange if number == 1 else exchange._replace(name=f"{name}, exchange {number}")
    if not number:
        failure = _FAILED.search(data)
        said = f": {failure[0].decode('latin-1')}" if failure else ""
        raise CommandError(f"{name} shows no request and no response{said}")


@final
class _Reader:
    def __init__(self, name: str) -> None:
        self._name = name
        self._secure = False
        self._clear()

    def _clear(self) -> None:
        self._asked_securely = False
        self._request: list[bytes] = []
        self._response: list[bytes] = []
        self._content = bytearray()
        self._silence: NoAnswer | None = None

    def read(self, line: bytes) -> Iterator[Exchange]:
        """Take a line. Yields the exchange that it shows to be over."""
        if front := _FRONT.match(line):
            line = line[front.end() :]
        mark, rest = line[:1], line[2:]
        if mark == b">" and line[1:2] in (b" ", b""):
            if self._is_asked and not self._is_open(self._request):
                yield from self.end()
            if rest or self._request:
                self._asked_securely = self._secure
                self._request.append(rest)
        elif mark == b"<" and line[1:2] in (b" ", b""):
            self._read_response_line(rest)
        elif mark == b"*":
            self._read_remark(line)
        elif line.startswith(b"curl: ("):
            self._note_silence(line)
        elif not _COUNT.fullmatch(line):
            self._read_content(line)

    @property
    def _is_asked(self) -> bool:
        return bool(self._request)

    @staticmethod
    def _is_open(lines: list[bytes]) -> bool:
        """Whether a head has begun and not ended."""
        return bool(lines) and lines[-1] != b""

    def _read_response_line(self, line: bytes) -> None:
        if line.startswith(b"HTTP/"):
            self._response = []  # what was before was interim, whose end curl may leave out
        elif not self._is_open(self._response):
            return  # the trailer section
        self._response.append(line)

    def _read_remark(self, line: bytes) -> None:
        if _NEW.match(line):
            self._secure = False
        elif _TLS.match(line):
            self._secure = True
        self._note_silence(line)

    def _note_silence(self, line: bytes) -> None:
        if _CLOSED.match(line):
            self._silence = NoAnswer.CLOSED
        elif _SILENT.match(line):
            self._silence = NoAnswer.SILENT

    def _read_content(self, line: bytes) -> None:
        if not self._response or self._is_open(self._response):
            return
        line = _AFTER_CONTENT.sub(b"", line)
        if len(self._content) < MOST_CONTENT:
            self._content += line + b"\n"

    def end(self) -> Iterator[Exchange]:
        """Yields the exchange that was read, if there is one that is whole.

        Raises :class:`CommandError` for a request that nobody can have sent.
        """
        is_there = bool(self._request or self._response)
        is_cut = self._is_open(self._request) or self._is_open(self._response)
        exchange = Exchange(
            self._name,
            secure=self._asked_securely,
            recorded_by="client",
            notes=("a head has no end, and was read as if it were whole",) if is_cut else (),
        )
        if self._request:
            try:
                exchange = with_request(exchange, _head(self._request))
            except ValueError as error:
                raise CommandError(f"{self._name}: {error}") from None
        if self._response:
            answer, content = response_of(_head(self._response)), bytes(self._content)
            exchange = exchange._replace(response=answer, content=content[:MOST_CONTENT])
        elif self._request:
            exchange = exchange._replace(response=self._silence)
        if is_there and not is_tunnel(exchange.request, exchange.response):
            yield exchange
        self._clear()


def _head(lines: list[bytes]) -> bytes:
    return b"\r\n".join([line for line in lines if line] + [b"", b""])
