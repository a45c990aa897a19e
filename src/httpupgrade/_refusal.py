"""What a refusal says in its body, to people and to machines.

The law of this file: what was received appears in a body only in escaped ASCII, so that neither a
browser nor a terminal nor a JSON parser sees anything but text.
"""

import json
from collections.abc import Callable
from typing import Final, Literal, NamedTuple, final

from . import _grammar
from ._answers import reason_phrase
from ._arguments import require_octets, require_plain_function, wrong_type
from ._copies import Pickled
from ._fields import HTTP_1_1, FieldSyntaxError, Headers, HeadersLike, UpgradeToken, parse_list
from ._findings import Finding
from ._messages import RequestHead, added_headers
from ._shown import show_fields, show_foreign, show_headers

# RFC 9111 5.2.2.5: a refusal is about this connection. nosniff: its text is no page.
_ALWAYS: Final[Headers] = (
    (b"Cache-Control", b"no-store"),
    (b"X-Content-Type-Options", b"nosniff"),
)
# A page may read the body of a refusal, but not the cookies and credentials of its request; in a
# broken head, any line may hold them. So only what stands here is shown.
_SHOWN_FIELDS: Final = frozenset(
    (
        "Connection",
        "Content-Length",
        "Content-Type",
        "Expect",
        "HTTP2-Settings",
        "Host",
        "Origin",
        "Sec-WebSocket-Extensions",
        "Sec-WebSocket-Key",
        "Sec-WebSocket-Origin",
        "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Version",
        "Transfer-Encoding",
        "Upgrade",
    )
)
_SHOWN_CODES: Final = frozenset(
    (
        "extended-connect-protocol-unknown",
        "host-not-allowed",
        "http-version-unsupported",
        "http2-preface",
        "method-not-allowed",
        "not-http",
        "proxy-protocol",
        "request-line-malformed",
        "target-has-userinfo",
        "target-malformed",
        "tls-needs-options",
        "tunnel-needs-get",
        "tunnel-target-malformed",
        "tunnel-target-unknown",
    )
)

_TEXT: Final = b"text/plain; charset=utf-8"
_JSON: Final = b"application/json"
_PROBLEM: Final = b"application/problem+json"


@final
class RefusalReport(NamedTuple):
    """What a renderer is told."""

    status_code: int
    tokens: tuple[UpgradeToken, ...]
    """The protocols that the server offers, in its order."""
    findings: tuple[Finding, ...]
    head: RequestHead | None
    """None when the request could not be read."""
    headers: Headers = ()
    """What the offer adds to the refusal: Sec-WebSocket-Version, Allow."""

    def __repr__(self) -> str:
        return show_fields(self)


Renderer = Callable[[RefusalReport], tuple[bytes, bytes]]
"""Makes a body: its media type for Content-Type, and its octets."""


def printable(octets: bytes) -> str:
    """Octets as ASCII text that is harmless in HTML, JSON, logs and terminals."""
    require_octets("octets", octets)
    return "".join(
        chr(octet) if 0x20 <= octet <= 0x7E and octet not in b"<>&\"'`\\" else f"\\x{octet:02x}"
        for octet in octets
    )


@final
class Refusal(Pickled):
    """How the bodies of refusals, 4xx and 5xx, are made, and which fields they all carry.

    :param headers: more fields for every refusal, a Retry-After or a link to documentation.
    :param body: "negotiated" sends text, or JSON or RFC 9457 problem details where Accept prefers
        them; "empty" sends no body; a callable makes its own from a :class:`RefusalReport`. An
        exception that it raises reaches the caller.

    Raises :class:`ValueError` for fields that cannot stand on the wire.
    """

    __slots__ = ("_body", "_headers")

    def __init__(
        self,
        headers: HeadersLike = (),
        body: "Literal['negotiated', 'empty'] | Renderer" = "negotiated",
    ) -> None:
        rule = "body is 'negotiated', 'empty' or a function that makes one"
        if not isinstance(body, str):
            require_plain_function(rule, body)
        elif body not in ("negotiated", "empty"):
            raise ValueError(f"{rule}, not {body!r}")
        self._headers = added_headers(headers)
        require_refusal_fields(self._headers)
        self._body = body

    def __repr__(self) -> str:
        body = repr(self._body) if isinstance(self._body, str) else show_foreign(self._body)
        return f"Refusal({show_headers(self._headers)}, body={body})"

    @property
    def is_ours(self) -> bool:
        """Whether no renderer of a caller's makes the bodies: all that we say of a request is in
        its report, and its Accept decides no more than the form."""
        return self._body in ("negotiated", "empty")

    def render(self, report: RefusalReport) -> tuple[Headers, bytes]:
        """Fields and content of the refusal."""
        if self._body == "empty":
            return (*report.headers, *_ALWAYS, *self._headers), b""
        renderer = render_negotiated if self._body == "negotiated" else self._body
        assert callable(renderer)
        rendered = renderer(report)
        if not _is_rendered(rendered):
            raise wrong_type("body returns two bytes objects, a media type and a body", rendered)
        media_type, content = rendered
        typed = (b"Content-Type", media_type)
        return (*report.headers, typed, *_ALWAYS, *self._headers), content


def _is_rendered(rendered: object) -> bool:
    if not isinstance(rendered, tuple):
        return False
    return [type(each) for each in rendered] == [bytes, bytes]


def require_refusal_fields(headers: Headers) -> None:
    """Raises :class:`ValueError` for what no refusal of ours carries by configuration."""
    names = {name.lower() for name, _ in headers}
    if b"content-type" in names:
        raise ValueError("Content-Type is the refusal's own to say")
    if b"capsule-protocol" in names:
        raise ValueError("a refusal has no Capsule-Protocol (RFC 9297 3.4)")


DEFAULT_REFUSAL: Final = Refusal()


def render_negotiated(report: RefusalReport) -> tuple[bytes, bytes]:
    """Text, unless the request's Accept prefers one of the two kinds of JSON (RFC 9110 12.5.1)."""
    media_type = _preferred(() if report.head is None else report.head.get_all(b"accept"))
    if media_type == _TEXT:
        return _TEXT, _as_text(report).encode("ascii", "backslashreplace")
    content = json.dumps(_as_json(report, problem=media_type == _PROBLEM), indent=1)
    return media_type, content.encode("ascii") + b"\n"


def _preferred(accept: tuple[bytes, ...]) -> bytes:
    try:
        ranges = parse_list(accept, _read_media_range, "a media range")
    except FieldSyntaxError:
        return _TEXT
    # Text first: the first of those with the same weight is kept.
    return max((_TEXT, _JSON, _PROBLEM), key=lambda offered: _weight(offered, ranges))


def _read_media_range(value: bytes, position: int) -> tuple[tuple[bytes, float], int] | int:
    match = _grammar.MEDIA_RANGE.match(value, position)
    if match is None:
        return position
    media_range, position, weight = match[0].lower(), match.end(), 1.0
    while (match := _grammar.MEDIA_PARAMETER.match(value, position)) is not None:
        position = match.end()
        if match[1] is not None and match[1].lower() == b"q":
            if _grammar.WEIGHT.fullmatch(match[2]) is None:
                return match.start(2)
            weight = float(match[2])
    return (media_range, weight), position


def _weight(offered: bytes, ranges: tuple[tuple[bytes, float], ...]) -> float:
    media_type, _, _ = offered.partition(b";")
    kind, _, _ = media_type.partition(b"/")
    weights = dict(ranges)
    for wanted in (media_type, kind + b"/*", b"*/*"):
        if wanted in weights:
            return weights[wanted]
    return 0.0


def _title(report: RefusalReport) -> str:
    return reason_phrase(report.status_code).decode("ascii") or "Refused"


def _summary(report: RefusalReport) -> str:
    if report.status_code != 426:
        return "This request was refused."
    return f"This resource is served over {_any_of(_required(report))} only."


def _required(report: RefusalReport) -> tuple[UpgradeToken, ...]:
    """What to change to. HTTP/1.1, which goes on inside TLS, is what was just refused."""
    tokens = tuple(token for token in report.tokens if token != HTTP_1_1)
    return tokens or report.tokens


def _any_of(tokens: tuple[UpgradeToken, ...]) -> str:
    *others, last = (str(token) for token in tokens)
    return f"{', '.join(others)} or {last}" if others else last


def _as_text(report: RefusalReport) -> str:
    lines = [f"{report.status_code} {_title(report)}", "", _summary(report)]
    if report.status_code == 426:
        wanted = ", ".join(str(token) for token in report.tokens)
        lines += ["Ask for it with", "", "    Connection: Upgrade", f"    Upgrade: {wanted}"]
        lines += [
            f"    {name.decode('ascii')}: {printable(value)}" for name, value in report.headers
        ]
    if report.findings:
        lines += ["", "What was wrong with the request:"]
    for finding in report.findings:
        clause = f" ({finding.clause})" if finding.clause else ""
        lines += ["", f"* {finding.message}{clause}"]
        received = _shown_value(finding)
        if received is not None:
            lines.append(f"  received: {finding.field + ': ' if finding.field else ''}{received}")
        if finding.hint:
            lines.append(f"  {finding.hint}")
    return "\n".join(lines) + "\n"


def _as_json(report: RefusalReport, *, problem: bool) -> dict[str, object]:
    title = _title(report)
    findings = [_finding_as_json(finding) for finding in report.findings]
    required = [str(token) for token in _required(report)] if report.status_code == 426 else []
    if problem:
        start = {"type": "about:blank", "title": title, "detail": _summary(report)}
    else:
        start = {"error": title.replace(" ", "_").lower(), "message": _summary(report)}
    body: dict[str, object] = {**start, "status": report.status_code}
    if required:
        body["required"] = required
    return {**body, "findings": findings}


def _shown_value(finding: Finding) -> str | None:
    """What was received, unless it may be a secret that a script is not meant to read."""
    if finding.value is None:
        return None
    if finding.field in _SHOWN_FIELDS or (finding.field is None and finding.code in _SHOWN_CODES):
        return printable(finding.value)
    return None


def _finding_as_json(finding: Finding) -> dict[str, object]:
    members = {
        "code": finding.code,
        "message": finding.message,
        "clause": finding.clause or None,
        "hint": finding.hint or None,
        "field": finding.field and printable(finding.field.encode("ascii", "replace")),
        "value": _shown_value(finding),
        "offset": finding.offset,
    }
    return {name: value for name, value in members.items() if value is not None}
