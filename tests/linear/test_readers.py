"""The command and the conformance kit read files and answers in work that is linear in them."""

import ast
import json
from typing import Any, Final

from core_sources import SOURCES
from counting import counted_library

from linear.families import NAMES, VALUES, Fields, Items
from linear.subjects import Table, Work, answer, names_of, request, tried

TABLE: Final = Table()
KIT: Final = counted_library("testing.conformance")


def _module(name: str) -> Any:
    return counted_library(f"cli.{name}")


def _listed(*named: Any, **more: Any) -> list[Any]:
    reader, *arguments = named
    return list(reader(*arguments, **more))


# --- What explain reads -------------------------------------------------------------------------


@TABLE.of_fields("explain.messages.read_messages")
def _(fields: Fields) -> Work:
    octets = request(fields).to_bytes() + answer(fields, 426).to_bytes()
    reader = _module("explain.messages").read_messages
    return lambda: _listed(reader, "a", octets, secure=False)


@TABLE.of("explain.messages.read_messages", kind="exchanges")
def _(items: Items) -> Work:
    heads = [request(names_of([item])).to_bytes() for item in items]
    octets = b"".join([head + b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na" for head in heads])
    reader = _module("explain.messages").read_messages
    return lambda: _listed(reader, "a", octets, secure=False)


@TABLE.of("explain.messages.read_messages", kind="chunks")
def _(items: Items) -> Work:
    chunks = b"".join([b"%x\r\n%b\r\n" % (len(item), item) for item in items])
    start = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    octets = request([]).to_bytes() + start + chunks + b"0\r\n\r\n"
    reader = _module("explain.messages").read_messages
    return lambda: _listed(reader, "a", octets, secure=False)


@TABLE.of("explain.curl.read_curl")
def _(items: Items) -> Work:
    lines = b"".join([b"> %b: x\r\n" % item for item in items])
    octets = b"* Trying\n> GET / HTTP/1.1\r\n%b> \r\n< HTTP/1.1 200 OK\r\n< \r\nabc\n" % lines
    reader = _module("explain.curl").read_curl
    return lambda: _listed(reader, "a", octets * 2)


@TABLE.of("explain.curl.read_curl", families=VALUES, kind="content")
def _(items: Items) -> Work:
    octets = b"> GET / HTTP/1.1\r\n> \r\n< HTTP/1.1 200 OK\r\n< \r\n%b\n" % b"\n".join(items)
    reader = _module("explain.curl").read_curl
    return lambda: _listed(reader, "a", octets)


@TABLE.of("explain.har.read_har")
def _(items: Items) -> Work:
    headers = [{"name": item.decode(), "value": "x"} for item in items]
    asked = {"method": "GET", "url": "http://a/", "httpVersion": "HTTP/1.1", "headers": headers}
    answered = {"status": 400, "statusText": "", "httpVersion": "HTTP/1.1", "headers": headers}
    entries = [{"request": asked, "response": answered}]
    entries += [
        {"request": {**asked, "headers": []}, "response": answered | {"headers": []}}
    ] * len(items)
    octets = json.dumps({"log": {"entries": entries}}).encode()
    reader = _module("explain.har").read_har
    return lambda: _listed(reader, "a", octets, lambda _: None)


# --- What the audit reads -----------------------------------------------------------------------


@TABLE.of("audit.reading.split_lines", families=VALUES)
def _(items: Items) -> Work:
    octets = b"\n".join(items)
    blocks = [octets, b""]
    return lambda: _listed(_module("audit.reading").split_lines, lambda _: blocks.pop(0))


def _add_lines(name: str, before: bytes, after: bytes) -> None:
    module, reader = name.split(".")

    @TABLE.of(f"audit.{name}", families=VALUES)
    def _(items: Items) -> Work:
        line = before + b" ".join(items) + after
        return lambda: getattr(_module(f"audit.{module}"), reader)(line)


_add_lines(
    "combined.read_combined",
    b'192.0.2.1 - - [21/Nov/2026:10:00:00 +0000] "GET /',
    b' HTTP/1.1" 101 0 "-" "a"',
)
_add_lines("uvicorn_lines.read_uvicorn", b'INFO:     192.0.2.1:1 - "GET /', b' HTTP/1.1" 101')
_add_lines("json_lines.read_json", b'{"status": 101, "request": "GET /', b' HTTP/1.1"}')

# --- What the conformance kit reads -------------------------------------------------------------


@TABLE.of_fields("conformance.read_answers", "conformance.outcome_of", "conformance.judge")
def _(fields: Fields) -> Work:
    octets, vector = answer(fields).to_bytes(), KIT.VECTORS[0]
    conversation = KIT.Conversation(octets, KIT.Ending.CLOSED)

    def work() -> None:
        KIT.read_answers(octets, ended=True)
        KIT.outcome_of(conversation, vector.steps)
        KIT.judge(vector, conversation)

    return work


@TABLE.of("conformance.read_answers", kind="chunks")
def _(items: Items) -> Work:
    chunks = b"".join([b"%x\r\n%b\r\n" % (len(item), item) for item in items])
    octets = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%b0\r\n\r\n" % chunks
    return lambda: KIT.read_answers(octets, ended=True)


@TABLE.of("conformance._frames.messages")
def _(items: Items) -> Work:
    frames = counted_library("testing.conformance._frames")
    octets = b"\x01\x01a" + b"\x00\x01a" * len(b"".join(items)) + b"\x80\x00"
    return lambda: _listed(frames.messages, octets)


@TABLE.of("conformance._client._frames.take_frame")
def _(items: Items) -> Work:
    frames = counted_library("testing.conformance._client._frames")
    buffer = bytearray(b"\x81\x81abcda" * len(b"".join(items)))

    def work() -> None:
        while frames.take_frame(buffer) is not None:
            pass

    return work


@TABLE.of("conformance.read_expectation", families=NAMES)
def _(items: Items) -> Work:
    text = " ".join(["101", *[f"+{item.decode()}" for item in items]])
    return tried(KIT.read_expectation, text)


test_twice_the_input_is_twice_the_work = TABLE.test()


def test_each_function_that_reads_in_the_command_is_measured() -> None:
    readers = {
        f"{room.removeprefix('cli.')}.{node.name}"
        for room, tree in SOURCES.items()
        if room.startswith(("cli.explain", "cli.audit"))
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith(("read_", "split_lines"))
    }
    assert readers <= TABLE.names
