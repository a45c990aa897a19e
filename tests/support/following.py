"""What a person does who reads the body of a 426: copies what it prints, and sends that."""

import json
from itertools import takewhile
from typing import Final

from httpupgrade import RequestHead

_OF_THE_BODY: Final = {"content-length", "content-type", "expect", "transfer-encoding"}


def in_text(body: bytes) -> list[str]:
    """What a person copies: the indented lines after the sentence that says what they are."""
    lines = body.decode("ascii").splitlines()
    place = next(at for at, line in enumerate(lines) if line.startswith("Ask for it"))
    assert not lines[place + 1]
    return [line[4:] for line in takewhile(bool, lines[place + 2 :])]


def in_json(body: bytes) -> list[str]:
    example = json.loads(body)["example"]
    assert isinstance(example, list)
    return example


def as_told(lines: list[str], plain: RequestHead, method: str) -> bytes:
    """The request that was refused, changed as its refusal says, without its body."""
    target = plain.target.decode("ascii")
    if lines[0].endswith(" HTTP/1.1"):
        method, target, _ = lines.pop(0).split(" ")
    names = {line.partition(":")[0].lower() for line in lines}
    fields = [
        f"{name.decode('latin-1')}: {value.decode('latin-1')}"
        for name, value in plain.headers
        if name.decode("ascii").lower() not in names | _OF_THE_BODY
    ]
    octets = "\r\n".join((f"{method} {target} HTTP/1.1", *fields, *lines, "", ""))
    return octets.encode("latin-1")


def method_told(body: bytes) -> str:
    (line,) = [each for each in body.decode("ascii").splitlines() if each.startswith("Ask for it")]
    return line.split(" by ")[1].split(" ")[0] if " by " in line else "GET"
