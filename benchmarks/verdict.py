"""Whether a contender did its job, so that no figure measures a failure.

The law of this file: answers are read with nothing but ``bytes`` methods and the standard library,
so that neither our parser nor a peer's judges itself.
"""

import base64
import hashlib
from typing import Final, NamedTuple, assert_never, final

from .contender import Fields, Job, Outcome, PlainRequest

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 1.3
_SILENCE: Final = "closes without an answer"


@final
class Verdict(NamedTuple):
    """What became of one request at one contender."""

    done: bool
    words: str = ""
    """What was done instead, or what an answer that counts still lacks."""


@final
class _Message(NamedTuple):
    start: bytes
    fields: Fields
    body: bytes

    def values(self, name: bytes) -> list[bytes]:
        return [value for each, value in self.fields if each == name]

    def options(self, name: bytes) -> list[bytes]:
        """The elements of a list field, in lower case."""
        combined = b",".join(self.values(name))
        return [each.strip().lower() for each in combined.split(b",") if each.strip()]


def judge(job: Job, given: bytes, outcome: Outcome) -> Verdict:
    """Whether this is the outcome that the job calls for, given these octets."""
    match job:
        case Job.HAND_ON:
            return _judge_passed(read_request(given), outcome)
        case Job.LET_GO | Job.READ | Job.READ_SLOWLY:
            return _judge_let_go(read_request(given), outcome)
        case Job.HAND_ON_MANY:
            return _judge_all_passed(_split_pipeline(given), outcome)
        case Job.PARSE_UPGRADE | Job.WRITE_UPGRADE | Job.PARSE_EXTENSIONS | Job.WRITE_EXTENSIONS:
            return _judge_value(given, outcome)
        case Job.ANSWER_EXTENSIONS:
            return _judge_extensions(outcome)
        case (
            Job.SWITCH
            | Job.SWITCH_DEFLATE
            | Job.SWITCH_PARSED
            | Job.REQUIRE
            | Job.REQUIRE_MANY
            | Job.REFUSE
        ):
            return _judge_octets(job, given, outcome)
        case unreachable:
            assert_never(unreachable)


def _judge_octets(job: Job, given: bytes, outcome: Outcome) -> Verdict:
    if not isinstance(outcome, bytes):
        return Verdict(False, "hands the request on")
    if job is Job.REQUIRE_MANY:
        return _judge_requirements(len(_split_pipeline(given)), outcome)
    answer = _split(outcome)
    if answer is None:
        return Verdict(False, _SILENCE)
    if job is Job.REQUIRE:
        return _judge_requirement(answer)
    if job is Job.REFUSE:
        return _judge_refusal(answer)
    return _judge_switch(given, answer, deflate=job is Job.SWITCH_DEFLATE)


def read_request(octets: bytes) -> PlainRequest:
    """A captured request, which is well formed, as its octets say."""
    message = _split(octets)
    assert message is not None
    method, target, _ = message.start.split(b" ")
    return PlainRequest(method, target, message.fields, message.body)


def _split(octets: bytes) -> _Message | None:
    head, end, body = octets.partition(b"\r\n\r\n")
    if not end:
        return None
    start, *lines = head.split(b"\r\n")
    parts = [line.partition(b":") for line in lines]
    fields = tuple((name.lower(), value.strip()) for name, _, value in parts)
    return _Message(start, fields, body)


def _status(answer: _Message) -> str:
    return answer.start.split(b" ", 1)[1].decode("ascii").strip()


def _split_pipeline(octets: bytes) -> list[PlainRequest]:
    """Requests without bodies, one behind the other."""
    *heads, rest = octets.split(b"\r\n\r\n")
    assert rest == b""
    return [read_request(head + b"\r\n\r\n") for head in heads]


def _judge_passed(request: PlainRequest, outcome: Outcome) -> Verdict:
    if isinstance(outcome, bytes):
        answer = _split(outcome)
        return Verdict(False, f"answers {_status(answer)}" if answer else _SILENCE)
    if isinstance(outcome, list) or outcome.plain() != request:
        return Verdict(False, "hands on another request")
    return Verdict(True)


def _judge_let_go(request: PlainRequest, outcome: Outcome) -> Verdict:
    """The body is for whoever the request is for: it may have been read, or not."""
    if not isinstance(outcome, bytes | list) and not outcome.plain().body:
        request = request._replace(body=b"")
    return _judge_passed(request, outcome)


def _judge_all_passed(requests: list[PlainRequest], outcome: Outcome) -> Verdict:
    if not isinstance(outcome, list) or len(outcome) != len(requests):
        return Verdict(False, f"hands on other than {len(requests)} requests")
    verdicts = map(_judge_passed, requests, outcome)
    return next((each for each in verdicts if not each.done), Verdict(True))


def _judge_value(value: bytes, outcome: Outcome) -> Verdict:
    """Elements and parameters, whatever space is around them."""
    if not isinstance(outcome, bytes) or _elements(outcome) != _elements(value):
        return Verdict(False, "understands another value")
    return Verdict(True)


def _elements(value: bytes) -> list[list[bytes]]:
    return [[part.strip() for part in each.split(b";")] for each in value.split(b",")]


def _judge_extensions(outcome: Outcome) -> Verdict:
    if not isinstance(outcome, bytes) or [each[0] for each in _elements(outcome)] != [
        b"permessage-deflate"
    ]:
        return Verdict(False, "agrees on something else")
    return Verdict(True)


def _judge_refusal(answer: _Message) -> Verdict:
    words = f"answers {_status(answer)}"
    if not answer.start.startswith(b"HTTP/1.1 400 "):
        return Verdict(False, words)
    if answer.values(b"content-length") == [b"%d" % len(answer.body)]:
        return Verdict(True)
    if answer.options(b"transfer-encoding") == [b"chunked"]:
        return Verdict(True)
    return Verdict(True, f"{words}, without a length")


def _judge_requirements(count: int, octets: bytes) -> Verdict:
    """That many answers, each of the length that it says."""
    for _ in range(count):
        answer = _split(octets)
        if answer is None:
            return Verdict(False, f"answers fewer than {count} requests")
        length = int((answer.values(b"content-length") or [b"0"])[0])
        verdict = _judge_requirement(answer._replace(body=answer.body[:length]))
        if verdict != Verdict(True):
            return verdict
        octets = answer.body[length:]
    return Verdict(True) if not octets else Verdict(False, f"answers more than {count} requests")


def _judge_switch(request: bytes, answer: _Message, *, deflate: bool) -> Verdict:
    asked = _split(request)
    assert asked is not None
    (key,) = asked.values(b"sec-websocket-key")
    digest = hashlib.sha1(key + _GUID, usedforsecurity=False).digest()
    extensions = [each.partition(b";")[0] for each in answer.options(b"sec-websocket-extensions")]
    faults = {
        "another status": answer.start.split(b" ")[1] != b"101",
        "another Upgrade": answer.options(b"upgrade") != [b"websocket"],
        "another Connection": answer.options(b"connection") != [b"upgrade"],
        "another Sec-WebSocket-Accept": answer.values(b"sec-websocket-accept")
        != [base64.b64encode(digest)],
        "other extensions": extensions != ([b"permessage-deflate"] if deflate else []),
        "octets behind the head": answer.body != b"",
    }
    wrong = [words for words, is_wrong in faults.items() if is_wrong]
    if wrong:
        return Verdict(False, f"answers {_status(answer)}, with {', '.join(wrong)}")
    return Verdict(True)


def _judge_requirement(answer: _Message) -> Verdict:
    words = f"answers {_status(answer)}"
    if not answer.start.startswith(b"HTTP/1.1 426 "):
        return Verdict(False, words)
    if answer.values(b"content-length") != [b"%d" % len(answer.body)]:
        return Verdict(False, f"{words}, with a body of another length")
    if b"websocket" not in answer.options(b"upgrade"):
        return Verdict(False, f"{words}, without Upgrade (RFC 9110 15.5.22)")
    lacking = []
    if b"upgrade" not in answer.options(b"connection"):
        lacking.append("Connection: upgrade (RFC 9110 7.8)")
    if b"13" not in answer.options(b"sec-websocket-version"):
        lacking.append("Sec-WebSocket-Version")
    return Verdict(True, f"{words}, without {' or '.join(lacking)}" if lacking else "")
