"""Every captured response is read: its head, where its body ends, and what the body holds.

The captures of ``tests/corpus``, and those of the directory that HTTPUPGRADE_CORPUS names. What is
expected comes from the index that was written with them, and from h11; never from the library.
"""

import json
import os
from pathlib import Path
from typing import NamedTuple

import h11
import pytest
from demo import corpus
from feeding import read_pieces, scan_response_pieces, singly

from httpupgrade import Limits, ResponseHead
from httpupgrade._http1.body_reader import read_body
from httpupgrade._http1.framing import NO_CONTENT, UNTIL_CLOSE, frame_response
from httpupgrade._http1.heads import response_from_parts
from httpupgrade._http1.response_scan import ResponseParts

KINDS = ("responses", "server_responses")


class Capture(NamedTuple):
    """What a client got, and what the index says of it."""

    name: str
    octets: bytes
    status: int
    upgrade: tuple[str, ...]
    connection: tuple[str, ...]
    head_size: int | None
    more: int
    """Octets of a further response behind the first."""


def load(directory: Path) -> list[Capture]:
    """The captures of HTTP/1 responses; where nothing came there is none."""
    captures = []
    for kind in KINDS:
        index = directory / kind / "index.json"
        entries = json.loads(index.read_bytes()) if index.is_file() else []
        captures += [
            Capture(
                name=Path(entry["file"]).stem,
                octets=(directory / entry["file"]).read_bytes(),
                status=entry["status"],
                upgrade=tuple(entry.get("upgrade", ())),
                connection=tuple(entry.get("connection", ())),
                head_size=entry.get("head_len"),
                more=entry.get("more_after_body", 0),
            )
            for entry in entries
            if entry.get("status") is not None
        ]
    return captures


HERE = load(corpus.DEFAULT)
NAMED = os.environ.get("HTTPUPGRADE_CORPUS")
CAPTURES = HERE + (load(Path(NAMED)) if NAMED else [])
each_capture = pytest.mark.parametrize(
    "capture", CAPTURES, ids=[capture.name for capture in CAPTURES]
)


def parts_of(capture: Capture) -> ResponseParts:
    parts, _ = scan_response_pieces([capture.octets], Limits())
    assert isinstance(parts, ResponseParts)
    return parts


def head_of(capture: Capture) -> ResponseHead:
    return response_from_parts(parts_of(capture))


def texts(head: ResponseHead, name: bytes) -> tuple[str, ...]:
    return tuple(value.decode("ascii") for value in head.get_all(name))


def body_of(capture: Capture) -> bytes:
    """The octets behind the head that are no further response."""
    return capture.octets[parts_of(capture).size : len(capture.octets) - capture.more]


@each_capture
def test_a_head_is_what_the_index_says(capture: Capture) -> None:
    head = head_of(capture)
    assert head.raw is not None
    assert head.status_code == capture.status
    assert texts(head, b"upgrade") == capture.upgrade
    assert texts(head, b"connection") == capture.connection
    assert capture.head_size in (None, len(head.raw))
    assert ResponseHead.parse(head.raw) == head


@each_capture
def test_a_head_is_found_at_its_last_octet(capture: Capture) -> None:
    parts = parts_of(capture)
    assert scan_response_pieces(singly(capture.octets), Limits()) == (parts, parts.size)


@each_capture
def test_a_body_ends_where_the_response_does(capture: Capture) -> None:
    framing, findings = frame_response(head_of(capture), b"GET")
    assert findings == ()
    if capture.status == 101:
        assert framing is NO_CONTENT
        return
    body = body_of(capture)
    more = capture.octets[len(capture.octets) - capture.more :]
    for pieces in ([body + more], singly(body + more)):
        read = read_pieces(read_body(framing), pieces)
        assert (read.wire, read.rest) == (body, more)
        assert read.state == ("incomplete" if framing is UNTIL_CLOSE else "complete")


@each_capture
def test_h11_reads_the_same(capture: Capture) -> None:
    peer = h11.Connection(h11.CLIENT)
    fields = [("Host", "a"), ("Upgrade", "any"), ("Connection", "upgrade")]
    peer.send(h11.Request(method="GET", target="/", headers=fields))
    peer.send(h11.EndOfMessage())
    peer.receive_data(capture.octets)
    started = peer.next_event()
    assert isinstance(started, h11.Response | h11.InformationalResponse)
    head = head_of(capture)
    assert (started.status_code, started.reason) == (head.status_code, head.reason)
    assert started.http_version == head.http_version
    assert list(started.headers) == [(name.lower(), value) for name, value in head.headers]
    if isinstance(started, h11.InformationalResponse):
        assert peer.trailing_data[0] == body_of(capture)
        return
    content = b""
    while isinstance(event := peer.next_event(), h11.Data):
        content += event.data
    framing, _ = frame_response(head, b"GET")
    assert (framing is UNTIL_CLOSE) is (event is h11.NEED_DATA)
    assert read_pieces(read_body(framing), [body_of(capture)]).content == content


@pytest.mark.parametrize(
    "capture", [each for each in CAPTURES if each.more], ids=lambda capture: capture.name
)
def test_a_response_to_early_data_stands_behind_the_one_to_the_request(capture: Capture) -> None:
    rest = capture.octets[len(capture.octets) - capture.more :]
    parts, _ = scan_response_pieces([rest], Limits())
    assert isinstance(parts, ResponseParts)
    assert (capture.status, parts.status_code) == (426, 400)


# --- What the small corpus has ------------------------------------------------------------------


def test_the_small_corpus_has_each_way_to_end_and_what_servers_do_with_status_lines() -> None:
    heads = [head_of(capture) for capture in HERE]
    ends = {frame_response(head, b"GET")[0].replace(length=None) for head in heads}
    assert len(ends) == 2, "length or chunks, and the close"
    assert any(head.has(b"transfer-encoding") for head in heads)
    assert any(head.status_code == 101 and head.has(b"content-length") for head in heads)
    assert any(head.status_code == 101 and not head.has(b"upgrade") for head in heads)
    assert {b"", b"Upgrade Required"} <= {head.reason for head in heads}
    assert {(101, b"1.0"), (101, b"1.1"), (404, b"1.0")} <= {
        (head.status_code, head.http_version) for head in heads
    }
    assert any(len(capture.connection) > 1 for capture in HERE)
    assert any(capture.more for capture in HERE)


def test_every_file_of_the_small_corpus_is_in_an_index() -> None:
    for kind in KINDS:
        entries = json.loads((corpus.DEFAULT / kind / "index.json").read_bytes())
        listed = {entry["file"] for entry in entries}
        files = (corpus.DEFAULT / kind).glob("*.bin")
        assert listed == {f"{kind}/{path.name}" for path in files}
