"""Makes every refusal: what a user says of them all, and the one maker.

Rules for this module: no other file makes a refusal that a caller did not write.
"""

from typing import Final, Literal, TypeVar, cast, final

from .._http1 import grammar
from .._http1.arguments import header_pairs, require, require_plain_function, wrong_type
from .._http1.copying import Pickled
from .._http1.errors import LocalProtocolError
from .._http1.field_values import Headers, HeadersLike, UpgradeToken
from .._http1.findings import Finding, implied_status
from .._http1.heads import RequestHead
from .._http1.hop_by_hop import NEVER_IN_REFUSALS, added_headers
from .._http1.redaction import show_foreign, show_headers
from .decisions import Refused, Reject, Require426, is_status_of_reject, with_known_octets
from .refusal_text import RefusalReport, Renderer, render_negotiated
from .response_octets import join_refusal, promises_content

# RFC 9111 5.2.2.5: a refusal is about this connection. nosniff: its text is no page.
_ALWAYS: Final[Headers] = (
    (b"Cache-Control", b"no-store"),
    (b"X-Content-Type-Options", b"nosniff"),
)
_Refused = TypeVar("_Refused", bound=Refused)


@final
class Refusal(Pickled):
    """How the bodies of refusals, 4xx and 5xx, are made, and which fields they all carry.

    All carry ``Cache-Control: no-store`` and ``X-Content-Type-Options: nosniff``, unless
    ``headers`` has another. A ``Reject`` or ``Require426`` that you make yourself keeps its body;
    when it is sent, it gets these fields and ``headers``, each unless it has one of that name.

    :param headers: more fields for every refusal, a Retry-After or a link to documentation.
    :param body: "negotiated" sends text, or JSON or RFC 9457 problem details where Accept prefers
        them; "empty" sends no body; a callable makes its own from a :class:`RefusalReport`. An
        exception that it raises reaches the caller.

    Raises :class:`ValueError` for fields that cannot stand on the wire.
    """

    __slots__ = ("_body", "_fields", "_headers", "_lines")

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
        named = {name.lower() for name, _ in self._headers}
        always = [field for field in _ALWAYS if field[0].lower() not in named]
        self._fields = (*always, *self._headers)
        self._lines = b"".join([b"%b: %b\r\n" % field for field in self._fields])
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
        fields = self._fields_beside(report.headers)
        if self._body == "empty":
            return (*report.headers, *fields), b""
        renderer = render_negotiated if self._body == "negotiated" else self._body
        assert callable(renderer)
        rendered = renderer(report)
        is_pair = isinstance(rendered, tuple)
        if not is_pair or [type(each) for each in rendered] != [bytes, bytes]:
            raise wrong_type("body returns two bytes objects, a media type and a body", rendered)
        media_type, content = rendered
        if grammar.BAD_FIELD_OCTET.search(media_type):
            raise LocalProtocolError("body returns a media type that cannot stand on the wire")
        return (*report.headers, (b"Content-Type", media_type), *fields), content

    def _fields_beside(self, headers: Headers) -> Headers:
        """The fields that every refusal carries, but for those that ``headers`` names."""
        if not headers:
            return self._fields
        named = {bytes(name).lower() for name, _ in headers}
        return tuple([field for field in self._fields if field[0].lower() not in named])


def require_refusal_fields(headers: Headers) -> None:
    """Raises :class:`ValueError` for what no refusal of ours carries by configuration."""
    names = {name.lower() for name, _ in headers}
    if b"content-type" in names:
        raise ValueError("Content-Type is the refusal's own to say")
    for name in names & NEVER_IN_REFUSALS:
        raise ValueError(f"{name.decode('ascii')} cannot stand in a refusal")


DEFAULT_REFUSAL: Final = Refusal()


def make_refusal(report: RefusalReport, refusal: Refusal, *, close: bool) -> Refused:
    """The refusal that a report describes: a ``Require426`` if its status is 426."""
    status_code, tokens, findings, head, headers, _ = report._values
    # RFC 9110 9.3.2: an answer to HEAD has no content.
    is_head = head is not None and head.method == b"HEAD"
    if not headers and refusal.is_ours and is_status_of_reject(status_code):
        return _write_reject(report, refusal, is_head=is_head, close=close)
    headers, body = refusal.render(report)
    made: Refused
    if status_code == 426:
        made = Require426(tokens, headers, body, close=close, findings=findings)
    else:
        made = Reject(status_code, headers, body, close=close, findings=findings)
    return made.without_content() if is_head else made


def _write_reject(report: RefusalReport, refusal: Refusal, *, is_head: bool, close: bool) -> Reject:
    """One with its octets: its fields are ours, and those that the ``Refusal`` has checked."""
    status_code, _, findings, *_ = report._values
    headers, lines, content = refusal._fields, refusal._lines, b""
    if refusal._body == "negotiated":
        media_type, content = render_negotiated(report)
        headers = ((b"Content-Type", media_type), *headers)
        lines = b"Content-Type: %b\r\n%b" % (media_type, lines)
    for each in findings:
        require("findings holds findings", each, Finding)
    octets, length = join_refusal(status_code, lines, content, close=close, is_head=is_head)
    content = b"" if is_head else content
    framing = ((b"Connection", b"close"),) if close else ()
    headers = (*headers, *framing, (b"Content-Length", length))
    return with_known_octets(Reject, (status_code, headers, content, close, findings), octets)


def status_without_offer(findings: tuple[Finding, ...]) -> int:
    """The status of a refusal for these findings that asks for no upgrade: 400 instead of 426."""
    status_code = implied_status(findings)
    return 400 if status_code == 426 else status_code


def reject(
    refusal: Refusal,
    head: RequestHead | None,
    findings: tuple[Finding, ...],
    status_code: int | None = None,
    headers: Headers = (),
    *,
    tokens: tuple[UpgradeToken, ...] = (),
    close: bool = True,
) -> Reject:
    """The refusal of a request, or of what is not one, that asks for no upgrade.

    :param status_code: None takes the one that the findings imply. It is not 426.
    :param tokens: what the server offers, for the renderer.
    """
    status_code = status_without_offer(findings) if status_code is None else status_code
    report = RefusalReport(status_code, tokens, findings, head, headers)
    made = make_refusal(report, refusal, close=close)
    assert isinstance(made, Reject)
    return made


def complete_refusal(
    decision: _Refused, refusal: Refusal, *, is_head: bool, close: bool
) -> _Refused:
    """A refusal that a caller made, as it is sent: with the fields that every refusal carries.

    :param is_head: whether it answers HEAD.
    :param close: whether the connection has to close, whatever the caller says.

    Raises :class:`LocalProtocolError` where its fields are not pairs of octets, or say that there
    is content where there is none.
    """
    try:
        missing = refusal._fields_beside(header_pairs(decision.headers))
    except TypeError as error:
        raise LocalProtocolError(str(error)) from error
    made: Refused = decision.replace(headers=(*decision.headers, *missing))
    if close:
        made = made.closing()
    if is_head:
        made = made.without_content()
    elif not made.body and promises_content(made.headers):
        raise LocalProtocolError("only an answer to HEAD goes without its content")
    return cast(_Refused, made)
