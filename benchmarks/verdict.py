"""Whether a contender did its job, so that no figure measures a failure.

The law of this file: answers are read with nothing but ``bytes`` methods and the standard library,
so that neither our parser nor a peer's judges itself.
"""

import base64
import hashlib
from typing import Final, NamedTuple, assert_never, final

from .contender import (
    ClientOutcome,
    Fields,
    Job,
    Opened,
    Outcome,
    PlainRequest,
    Refused,
    Required,
    ServerOutcome,
)

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 1.3
_SILENCE: Final = "closes without an answer"
_NO_REQUEST: Final = "writes no request"
_SUBPROTOCOLS: Final = [b"chat.v2", b"chat.v1"]


@final
class Verdict(NamedTuple):
    """What became of one request, or of one response, at one contender."""

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

    def elements(self, name: bytes) -> list[bytes]:
        """Those of a list field."""
        combined = b",".join(self.values(name))
        return [each.strip() for each in combined.split(b",") if each.strip()]

    def options(self, name: bytes) -> list[bytes]:
        """The elements of a list field, in lower case."""
        return [each.lower() for each in self.elements(name)]

    def extensions(self) -> list[bytes]:
        """Names of extensions."""
        values = self.options(b"sec-websocket-extensions")
        return [each.partition(b";")[0].strip() for each in values]


def judge(job: Job, given: bytes, outcome: Outcome) -> Verdict:
    """Whether this is the outcome that the job calls for, given these octets."""
    if isinstance(outcome, ClientOutcome):
        return _judge_client(job, given, outcome)
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
        case Job.OPEN | Job.OPEN_DEFLATE | Job.OPEN_REFUSE | Job.OPEN_REQUIRED:
            return Verdict(False, _NO_REQUEST)
        case unreachable:
            assert_never(unreachable)


def _judge_octets(job: Job, given: bytes, outcome: ServerOutcome) -> Verdict:
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


def _judge_passed(request: PlainRequest, outcome: ServerOutcome) -> Verdict:
    if isinstance(outcome, bytes):
        answer = _split(outcome)
        return Verdict(False, f"answers {_status(answer)}" if answer else _SILENCE)
    if isinstance(outcome, list) or outcome.plain() != request:
        return Verdict(False, "hands on another request")
    return Verdict(True)


def _judge_let_go(request: PlainRequest, outcome: ServerOutcome) -> Verdict:
    """The body is for whoever the request is for: it may have been read, or not."""
    if not isinstance(outcome, bytes | list) and not outcome.plain().body:
        request = request._replace(body=b"")
    return _judge_passed(request, outcome)


def _judge_all_passed(requests: list[PlainRequest], outcome: ServerOutcome) -> Verdict:
    if not isinstance(outcome, list) or len(outcome) != len(requests):
        return Verdict(False, f"hands on other than {len(requests)} requests")
    verdicts = map(_judge_passed, requests, outcome)
    return next((each for each in verdicts if not each.done), Verdict(True))


def _judge_value(value: bytes, outcome: ServerOutcome) -> Verdict:
    """Elements and parameters, whatever space is around them."""
    if not isinstance(outcome, bytes) or _elements(outcome) != _elements(value):
        return Verdict(False, "understands another value")
    return Verdict(True)


def _elements(value: bytes) -> list[list[bytes]]:
    return [[part.strip() for part in each.split(b";")] for each in value.split(b",")]


def _judge_extensions(outcome: ServerOutcome) -> Verdict:
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
    faults = {
        "another status": answer.start.split(b" ")[1] != b"101",
        "another Upgrade": answer.options(b"upgrade") != [b"websocket"],
        "another Connection": answer.options(b"connection") != [b"upgrade"],
        "another Sec-WebSocket-Accept": answer.values(b"sec-websocket-accept")
        != [base64.b64encode(digest)],
        "other extensions": answer.extensions() != ([b"permessage-deflate"] if deflate else []),
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


# What a client does.


def _judge_client(job: Job, given: bytes, outcome: ClientOutcome) -> Verdict:
    faults = _faults_of_asking(outcome.request, deflate=job is Job.OPEN_DEFLATE)
    if faults:
        return Verdict(False, f"asks with {', '.join(faults)}")
    response = _split(given)
    assert response is not None
    match job, outcome:
        case ((Job.OPEN | Job.OPEN_DEFLATE), Opened()):
            return _judge_opened(response, outcome)
        case Job.OPEN_REFUSE, Refused():
            return Verdict(True)
        case Job.OPEN_REQUIRED, Required():
            return _judge_required(response, outcome)
        case _, Opened():
            return Verdict(False, f"takes the {_status(response)}")
        case _, Refused():
            return Verdict(False, f"refuses the {_status(response)}: {outcome.words}")
        case _, Required():
            return Verdict(False, f"takes the {_status(response)} for a 426")
        case unreachable:
            assert_never(unreachable)


def _faults_of_asking(octets: bytes, *, deflate: bool) -> list[str]:
    """What is wrong with the request (RFC 6455 4.1)."""
    request = _split(octets)
    if request is None:
        return ["no whole head"]
    faults = {
        "another request line": request.start != b"GET /chat HTTP/1.1",
        "another Host": request.values(b"host") != [b"server.example.com"],
        "another Upgrade": request.options(b"upgrade") != [b"websocket"],
        "another Connection": request.options(b"connection") != [b"upgrade"],
        "another Sec-WebSocket-Version": request.values(b"sec-websocket-version") != [b"13"],
        "no Sec-WebSocket-Key": not _has_key(request),
        "other subprotocols": request.elements(b"sec-websocket-protocol") != _SUBPROTOCOLS,
        "other extensions": request.extensions() != ([b"permessage-deflate"] if deflate else []),
        "octets behind the head": request.body != b"",
    }
    return [words for words, is_wrong in faults.items() if is_wrong]


def _has_key(request: _Message) -> bool:
    try:
        (key,) = request.values(b"sec-websocket-key")
        return len(base64.b64decode(key, validate=True)) == 16
    except ValueError:
        return False


def _judge_opened(response: _Message, outcome: Opened) -> Verdict:
    if response.values(b"sec-websocket-protocol") != [
        each for each in (outcome.subprotocol,) if each is not None
    ]:
        return Verdict(False, "takes it for another subprotocol")
    if response.extensions() != [*outcome.extensions]:
        return Verdict(False, "takes it for other extensions")
    return Verdict(True)


def _judge_required(response: _Message, outcome: Required) -> Verdict:
    if response.elements(b"upgrade") != [*outcome.protocols]:
        return Verdict(False, "reads other protocols")
    if response.elements(b"sec-websocket-version") != [*outcome.versions]:
        return Verdict(False, "reads other versions")
    if response.body != outcome.body:
        return Verdict(False, "reads another body")
    return Verdict(True)
