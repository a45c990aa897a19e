"""The vectors as JSON are the vectors, and are what their schema says."""

import json
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

from httpupgrade.testing.conformance import (
    CALIBRATION,
    CLIENT_VECTORS,
    HANDSHAKE,
    MARKS,
    VECTORS,
    AwaitAnswer,
    ClientVector,
    Delivery,
    HalfClose,
    Reply,
    Send,
    Severity,
    Step,
    Then,
    Vector,
)
from httpupgrade.testing.conformance._as_json import FORMAT, vectors_as_json, write_json
from httpupgrade.testing.conformance._expectation import PATTERN
from httpupgrade.testing.conformance._target import QUIET

Check: TypeAlias = Callable[[Any, Any, Any, str], list[str]]
"""What a value, what a word of a schema says, that schema and a place make in faults."""

FOLDER: Final = files("httpupgrade.testing.conformance")
DOCUMENT: Final = json.loads(FOLDER.joinpath("vectors.json").read_text("ascii"))
SCHEMA: Final = json.loads(FOLDER.joinpath("vectors.schema.json").read_text("ascii"))


def test_the_file_is_what_the_tables_say() -> None:
    text = FOLDER.joinpath("vectors.json").read_text("ascii")
    assert text == write_json(vectors_as_json()), "run python docs/generate.py"


def step_of(written: dict[str, str]) -> Step:
    match written["do"]:
        case "send":
            return Send(written["octets"].encode("latin-1"))
        case "await-answer":
            return AwaitAnswer()
        case _:
            assert written == {"do": "half-close"}
            return HalfClose()


def server(written: dict[str, Any]) -> Vector:
    """A vector, as a reader in another language would make it."""
    return Vector(
        written["id"],
        Severity(written["severity"]),
        written["why"],
        tuple(map(step_of, written["steps"])),
        tuple(written["acceptable"]),
        tuple(written["forbidden"]),
        tuple(written["needs"]),
    )


def client(written: dict[str, Any]) -> ClientVector:
    reply = None
    if written["reply"] is not None:
        octets = written["reply"]["octets"].encode("latin-1")
        delivery = Delivery(written["reply"]["delivery"])
        reply = Reply(octets, delivery, Then(written["reply"]["then"]))
    return ClientVector(
        written["id"],
        Severity(written["severity"]),
        written["why"],
        reply,
        tuple(written["acceptable"]),
        tuple(written["forbidden"]),
        tuple(written["needs"]),
    )


def test_nothing_is_lost() -> None:
    assert tuple(map(server, DOCUMENT["servers"])) == VECTORS
    assert tuple(map(client, DOCUMENT["clients"])) == CLIENT_VECTORS
    assert server(DOCUMENT["handshake"]) == HANDSHAKE
    assert {name: server(each) for name, each in DOCUMENT["calibration"].items()} == CALIBRATION
    assert DOCUMENT["marks"] == MARKS


# As much of JSON Schema as this one uses; a word that is not here is a KeyError.
TYPES: Final[dict[str, type]] = {"object": dict, "array": list, "string": str, "null": type(None)}


def other_members(value: Any, said: Any, schema: Any, at: str) -> list[str]:
    names = value.keys() - schema.get("properties", {}).keys()
    if said is False:
        return [f"{at}.{name}" for name in names]
    return [fault for name in names for fault in faults(value[name], said, f"{at}.{name}")]


def members(value: Any, said: Any, schema: Any, at: str) -> list[str]:
    names = value.keys() & said.keys()
    return [fault for name in names for fault in faults(value[name], said[name], f"{at}.{name}")]


def items(value: Any, said: Any, schema: Any, at: str) -> list[str]:
    listed = enumerate(value)
    return [fault for number, each in listed for fault in faults(each, said, f"{at}[{number}]")]


def holds(true: Callable[[Any, Any], bool]) -> Check:
    return lambda value, said, schema, at: [] if true(value, said) else [f"{at}: not {said}"]


anything: Final = holds(lambda value, said: True)
CHECKS: Final[dict[str, Check]] = {
    "$defs": anything,
    "$ref": lambda value, said, schema, at: faults(value, definition(said), at),
    "$schema": anything,
    "additionalProperties": other_members,
    "const": holds(lambda value, said: value == said),
    "description": anything,
    "enum": holds(lambda value, said: value in said),
    "items": items,
    "minItems": holds(lambda value, said: len(value) >= said),
    "oneOf": holds(lambda value, said: sum(not faults(value, each) for each in said) == 1),
    "pattern": holds(lambda value, said: re.search(said, value) is not None),
    "properties": members,
    "required": holds(lambda value, said: said and value.keys() >= set(said)),
    "title": anything,
}


def definition(reference: str) -> Any:
    return SCHEMA["$defs"][reference.removeprefix("#/$defs/")]


def faults(value: Any, schema: dict[str, Any], at: str = "") -> list[str]:
    """Where a value is not what the schema says."""
    if "type" in schema and not isinstance(value, TYPES[schema["type"]]):
        return [f"{at}: no {schema['type']}"]
    return [
        fault
        for word, said in schema.items()
        if word != "type"
        for fault in CHECKS[word](value, said, schema, at)
    ]


def test_the_file_is_what_the_schema_says() -> None:
    assert faults(DOCUMENT, SCHEMA) == []


def test_the_schema_lists_what_the_code_knows() -> None:
    defined, reply = SCHEMA["$defs"], SCHEMA["$defs"]["reply"]["properties"]
    assert SCHEMA["properties"]["format"] == {"const": FORMAT}
    assert defined["expectation"]["pattern"] == f"^{PATTERN}$"
    assert defined["severity"]["enum"] == [each.value for each in Severity]
    assert reply["delivery"]["enum"] == [each.value for each in Delivery]
    assert reply["then"]["enum"] == [each.value for each in Then]


VECTOR: Final = DOCUMENT["servers"][0]


@pytest.mark.parametrize(
    "vector",
    [
        VECTOR | {"id": "RFC 6455"},
        VECTOR | {"severity": "may"},
        VECTOR | {"more": 1},
        VECTOR | {"acceptable": []},
        VECTOR | {"acceptable": ["101 +unheard-of"]},
        VECTOR | {"forbidden": ["x 101"]},
        VECTOR | {"steps": [{"do": "sleep"}]},
        VECTOR | {"steps": [{"do": "half-close", "octets": ""}]},
        VECTOR | {"steps": [{"do": "send", "octets": "\u0100"}]},
        {name: value for name, value in VECTOR.items() if name != "why"},
    ],
)
def test_what_is_no_vector_is_not_what_the_schema_says(vector: dict[str, Any]) -> None:
    assert faults(VECTOR, SCHEMA["$defs"]["server"]) == []
    assert faults(vector, SCHEMA["$defs"]["server"]) != []


def test_their_page_says_how_long_to_wait_for_what_follows_an_answer() -> None:
    page = Path(__file__).parents[2] / "docs" / "testing" / "vectors.md"
    assert f"a short time ({QUIET:g} s)" in page.read_text(encoding="utf-8")
