"""WebSocket over HTTP/1.1, as servers see it (RFC 6455 4.2).

The law of this file: every check of a request runs, each with its finding; the status follows from
the findings. It ends at the 101: frames are not its matter, and the client's side is in
``websocket_client``.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Literal, NamedTuple

from ..._http1 import grammar
from ..._http1.arguments import (
    items,
    require_flag,
    require_number,
    require_plain_function,
    wrong_type,
)
from ..._http1.errors import LocalProtocolError
from ..._http1.fast_path_patterns import (
    CONTENT_LENGTH,
    EXTENSIONS,
    KEY,
    METHOD,
    SUBPROTOCOLS,
    VERSION,
    Usual,
)
from ..._http1.field_values import (
    Extension,
    FieldSyntaxError,
    Headers,
    UpgradeToken,
    accept_key,
    format_extensions,
    is_token,
    parse_extensions,
    parse_token_list,
)
from ..._http1.findings import MOST_FINDINGS, Finding, find
from ..._http1.framing import body_fault
from ..._http1.head_findings import fault, method_fault, target_fault
from ..._http1.heads import RequestHead, ResponseHead
from ..._http1.received_lines import printable
from ..._http1.redaction import show_target
from ..._negotiation.client_offers import Asked, Refuted, Verified
from ..._negotiation.decisions import Accept101
from ..._negotiation.offers import Agreed, Answer, Broken, Example, Offer
from .agreement import (
    ACCEPT_FIELD,
    EXTENSIONS_FIELD,
    KEY_FIELD,
    PROTOCOL_FIELD,
    VERSION_FIELD,
    WEBSOCKET,
    WebSocketAgreement,
    read_extensions,
)
from .client import ClientHandshake
from .deflate import (
    PerMessageDeflate,
    SupportedExtension,
    check_agreed_parameters,
)
from .origin_and_host import Admission
from .origins import OriginsLike

_ACCEPT: Final = ACCEPT_FIELD.encode()
# RFC 6455 3, 4.2.1: a target in absolute-form is a URI of HTTP; ws and wss name the same resources.
_SCHEMES: Final = frozenset((b"http", b"https", b"ws", b"wss"))
# That of RFC 6455 1.3.
_EXAMPLE_KEY: Final = b"dGhlIHNhbXBsZSBub25jZQ=="

# Chromium and what follows it; Firefox, Safari.
_USUAL_OFFERS: Final = (b"permessage-deflate; client_max_window_bits", b"permessage-deflate")

SubprotocolSelector = Callable[[tuple[str, ...], RequestHead], str | None]
"""Chooses one of the client's subprotocols, or None, knowing the whole request."""


class _UsualAnswer(NamedTuple):
    """What is known of a 101 before the key is."""

    extensions: tuple[Extension, ...]
    headers: Headers
    before_accept: bytes
    behind_accept: bytes

    @classmethod
    def of(cls, extensions: tuple[Extension, ...]) -> "_UsualAnswer":
        headers = _extensions_field(extensions)
        example = accept_key(b"")
        written = Accept101(WEBSOCKET, headers=((_ACCEPT, example), *headers)).to_bytes()
        before, _, behind = written.partition(example)
        return cls(extensions, headers, before, behind)


class WebSocket(Offer):
    """The offer of a WebSocket.

    A client's is made of ``subprotocols``, ``extensions``, the first of ``versions``, and
    ``require_subprotocol``, with which it takes no 101 without one. Its Origin, if it has one, is
    a field of its request.

    :param subprotocols: those that are spoken here, in descending preference.
    :param select_subprotocol: "server" takes the first of ``subprotocols`` that the client offers,
        "client" the first the client offers that is among them; a callable chooses itself from
        what the client offers (``subprotocols`` is not used then).
    :param require_subprotocol: refuse a client with whom none is common.
    :param extensions: those that are supported; of each name at most one is agreed on. A client
        offers all of them, in this order.
    :param origins: None compares nothing; "same-host" compares host and port of Origin and request;
        a list holds origins, patterns such as ``"https://*.example.com"`` (one or more labels in
        place of the asterisk), ``"file://"``, ``"null"`` and ``"same-host"``; a callable gets the
        :class:`Origin` and the request, and returns whether that page may connect. It is called
        once for a handshake whose Origin is well formed, and for no other.
    :param allow_missing_origin: let clients that send no Origin in although ``origins`` is given.
    :param hosts: None, or the hosts this server answers for, against DNS rebinding: ``"a.example"``
        with any port, ``"a.example:8080"``, ``"[::1]"``, ``".a.example"`` with all names below it.
    :param versions: of RFC 6455's registry, the preferred one first.

    Raises :class:`ValueError` for entries that can match nothing, and :class:`TypeError` for an
    origin that is not a string.
    """

    __slots__ = (
        "_admission",
        "_client",
        "_extensions",
        "_headers_for_426",
        "_require_subprotocol",
        "_select",
        "_subprotocols",
        "_usual_answers",
        "_versions",
    )

    def __init__(
        self,
        subprotocols: Iterable[str] = (),
        *,
        select_subprotocol: "Literal['server', 'client'] | SubprotocolSelector" = "server",
        require_subprotocol: bool = False,
        extensions: Iterable[SupportedExtension] = (PerMessageDeflate(),),
        origins: OriginsLike | None = None,
        allow_missing_origin: bool = True,
        hosts: Iterable[str] | None = None,
        versions: Iterable[int] = (13,),
    ) -> None:
        require_flag("require_subprotocol", require_subprotocol)
        self._subprotocols = _checked_subprotocols(subprotocols)
        _require_selector(select_subprotocol)
        self._select: Final = select_subprotocol
        self._require_subprotocol = require_subprotocol
        self._extensions = _checked_extensions(extensions)
        self._admission = Admission(origins, allow_missing_origin, hosts)
        self._versions = _checked_versions(versions)
        self._client = ClientHandshake(
            self._subprotocols, self._extensions, require_subprotocol=require_subprotocol
        )
        self._usual_answers = self._answer_usual_offers()
        # RFC 6455 4.4: all versions the server is willing to use.
        self._headers_for_426 = ((VERSION_FIELD.encode(), b", ".join(self._versions)),)

    def __repr__(self) -> str:
        # Those of a client may be bearer tokens.
        count = len(self._subprotocols)
        subprotocols = f"<{count} subprotocol{'' if count == 1 else 's'}>, " if count else ""
        return f"WebSocket({subprotocols}versions={self.versions!r})"

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        """``websocket``, with and without TLS."""
        return (WEBSOCKET,)

    @property
    def headers_for_426(self) -> Headers:
        """Sec-WebSocket-Version, so that a client can choose before it asks."""
        return self._headers_for_426

    @property
    def example(self) -> Example:
        """A GET with version and key, and with a subprotocol where one is required."""
        subprotocols = [each.encode("ascii") for each in self._subprotocols[:1]]
        required = subprotocols if self._require_subprotocol else []
        fields = (
            (VERSION_FIELD.encode(), self._versions[0]),
            (KEY_FIELD.encode(), _EXAMPLE_KEY),
            *[(PROTOCOL_FIELD.encode(), each) for each in required],
        )
        notes = [f"{KEY_FIELD} is 16 random octets in base64: make a new one for each request."]
        if self._require_subprotocol and not required:
            notes.append(f"Add {PROTOCOL_FIELD} with a subprotocol of this server.")
        if self._admission.requires_origin:
            notes.append("Add an Origin that this server allows; browsers send theirs.")
        return Example(fields, method=b"GET", note=" ".join(notes))

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> Answer:
        """Judge the opening handshake (RFC 6455 4.2.1)."""
        return self._judge(head, secure, keyed=True)

    def check_accept(self, head: RequestHead, accept: Accept101, *, secure: bool) -> None:
        """Judge a 101 of the caller's (RFC 6455 4.2.2). Raises :class:`LocalProtocolError`."""
        check_acceptance(head, accept.headers)

    @property
    def takes_extended_connect(self) -> bool:
        """True (RFC 8441 5)."""
        return True

    def negotiate_connect(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> Answer:
        """Judge an Extended CONNECT, where no key is asked for or answered (RFC 8441 5)."""
        return self._judge(head, secure, keyed=False)

    @property
    def versions(self) -> tuple[int, ...]:
        """The versions that are spoken here, the preferred one first."""
        return tuple(map(int, self._versions))

    def with_version(self, version: int) -> "WebSocket":
        """The same offer, with this version alone. Raises :class:`ValueError` for no version."""
        require_number("version", version)
        other = object.__new__(type(self))
        for name in WebSocket.__slots__:
            setattr(other, name, getattr(self, name))
        other._versions = _checked_versions((version,))
        other._headers_for_426 = ((VERSION_FIELD.encode(), other._versions[0]),)
        return other

    def wanted(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        """``websocket``, with and without TLS."""
        return (WEBSOCKET,)

    def ask(self, key: bytes) -> Asked:
        """The fields of the opening handshake (RFC 6455 4.1).

        Raises :class:`ValueError` for a subprotocol that is there twice, and for an extension that
        only a server can have.
        """
        return Asked(self._client.fields(key, self._versions[0]))

    def check_request(self, request: RequestHead) -> None:
        """RFC 6455 4.1: a GET of a path or of an http or https URI, here without a body; a key."""
        if request.method != b"GET" or request.announces_content:
            raise ValueError("a WebSocket is asked for by GET without a body")
        if not request.target.lower().startswith((b"/", b"http://", b"https://")):
            target = show_target(request.target)
            raise ValueError(f"target is not a path and not an http or https URI: {target}")
        faults: list[Finding] = []
        _read_key(request, faults)
        if faults:  # another client's: those that are made here have one
            raise ValueError(f"a WebSocket is asked for with one key: {faults[0].message}")

    def verify(
        self, request: RequestHead, response: ResponseHead, tokens: tuple[UpgradeToken, ...]
    ) -> Verified | Refuted:
        """Judge the 101 (RFC 6455 4.1)."""
        return self._client.verify(request, response, tokens)

    def _judge(self, head: RequestHead, secure: bool, *, keyed: bool) -> Answer:
        noted: list[Finding] = []
        faults: list[Finding] = []
        headers: Headers = ()
        if head.method != b"GET":
            faults.append(method_fault(head, "method-not-allowed"))
            headers = ((b"Allow", b"GET"),)
        faults += _scheme_faults(head)
        version_fault = self._check_version(head)
        if version_fault is not None:
            faults.append(version_fault)
            headers = (*headers, *self._headers_for_426)
        if head.announces_content:
            faults.append(body_fault(head, "body-not-allowed"))
        key = _read_key(head, faults) if keyed else None
        subprotocol = self._negotiate_subprotocol(head, faults)
        extensions = self._negotiate_extensions(head, faults, noted)
        self._admission.check(head, faults, secure=secure)
        if faults:
            return Broken.because((*faults, *noted), headers)
        accept = b"" if key is None else accept_key(key)
        agreement = WebSocketAgreement(subprotocol, extensions, accept)
        return Agreed(WEBSOCKET, _response_fields(agreement), agreement, findings=tuple(noted))

    def agree_at_once(
        self, head: RequestHead, usual: Usual, *, secure: bool
    ) -> tuple[Agreed, bytes | None] | None:
        """Internal: what :meth:`negotiate` says to the handshakes of browsers, by a shorter way.

        Beside it, the octets of the 101 where they are known. None says nothing.
        """
        key = usual[KEY]
        answer = self._usual_answers.get(usual[EXTENSIONS])
        if (
            key is None
            or answer is None
            or usual[METHOD] != b"GET"
            or usual[VERSION] not in self._versions
            or usual[CONTENT_LENGTH] is not None
            or self._require_subprotocol
            or self._admission.asks
        ):
            return None
        faults: list[Finding] = []
        if self._admission.compares:  # a usual head has one Origin at most
            self._admission.check(head, faults, secure=secure)
        subprotocol = None
        # Last, because a callable that chooses is to be asked once.
        if usual[SUBPROTOCOLS] is not None and not faults:
            subprotocol = self._negotiate_subprotocol(head, faults)
        if faults:
            return None
        accept = accept_key(key)
        agreement = WebSocketAgreement(subprotocol, answer.extensions, accept)
        if subprotocol is not None:
            return Agreed(WEBSOCKET, _response_fields(agreement), agreement), None
        headers = ((_ACCEPT, accept), *answer.headers)
        written = b"%b%b%b" % (answer.before_accept, accept, answer.behind_accept)
        return Agreed(WEBSOCKET, headers, agreement), written

    def _answer_usual_offers(self) -> Mapping[bytes | None, _UsualAnswer]:
        """What becomes of the extension offers that browsers send, and of none."""
        answers: dict[bytes | None, _UsualAnswer] = {None: _UsualAnswer.of(())}
        if all(type(each) is PerMessageDeflate for each in self._extensions):
            for value in _USUAL_OFFERS:
                agreed, noted = self._choose_extensions(parse_extensions((value,)))
                assert not noted, "an offer without limits is never declined"
                answers[value] = _UsualAnswer.of(agreed)
        return answers

    def _check_version(self, head: RequestHead) -> Finding | None:
        lines = head.get_all(VERSION_FIELD.encode())
        if not lines:
            return find("websocket-version-missing", field=VERSION_FIELD)
        if len(lines) > 1:
            return fault(head, "websocket-version-repeated", VERSION_FIELD, 1)
        if grammar.WEBSOCKET_VERSION.fullmatch(lines[0]) is None:
            return fault(head, "websocket-version-malformed", VERSION_FIELD)
        if lines[0] not in self._versions:
            return fault(head, "websocket-version-unsupported", VERSION_FIELD)
        return None

    def _choose_subprotocol(self, offered: tuple[str, ...], head: RequestHead) -> str | None:
        if self._select == "server":
            return _first_of(self._subprotocols, offered)
        if self._select == "client":
            return _first_of(offered, self._subprotocols)
        chosen = self._select(offered, head)
        if chosen is not None and type(chosen) is not str:
            raise wrong_type("select_subprotocol returns a str or None", chosen)
        if chosen is not None and chosen not in offered:
            raise LocalProtocolError("select_subprotocol chose what the client did not offer")
        return chosen

    def _negotiate_subprotocol(self, head: RequestHead, faults: list[Finding]) -> str | None:
        lines = head.get_all(PROTOCOL_FIELD.encode())
        if not lines:
            if self._require_subprotocol:
                detail = self._spoken()
                faults.append(find("no-common-subprotocol", field=PROTOCOL_FIELD, detail=detail))
            return None
        try:
            offered = parse_token_list(lines)
        except FieldSyntaxError as error:
            faults.append(
                fault(head, "subprotocols-malformed", PROTOCOL_FIELD, error.line, error.position)
            )
            return None
        if not offered:  # RFC 6455 4.3: 1#token; an empty field is no list of one or more
            faults.append(fault(head, "subprotocols-malformed", PROTOCOL_FIELD))
            return None
        subprotocol = self._choose_subprotocol(offered, head)
        if subprotocol is None and self._require_subprotocol:
            detail = self._spoken()
            faults.append(fault(head, "no-common-subprotocol", PROTOCOL_FIELD, detail=detail))
        return subprotocol

    def _spoken(self) -> str:
        """A sentence that names the subprotocols, where it is this offer that knows them."""
        if not self._subprotocols:
            return ""
        names = [printable(each.encode("ascii")) for each in self._subprotocols]
        return f"This server speaks {', '.join(names)}."

    def _negotiate_extensions(
        self, head: RequestHead, faults: list[Finding], noted: list[Finding]
    ) -> tuple[Extension, ...]:
        offers = read_extensions(head, faults)
        agreed, declined = self._choose_extensions(offers)
        noted += declined
        return agreed

    def _choose_extensions(
        self, offers: tuple[Extension, ...]
    ) -> tuple[tuple[Extension, ...], list[Finding]]:
        """The answers to the first acceptable offer of each name, and what was declined."""
        agreed: dict[str, Extension] = {}
        noted: list[Finding] = []
        for offer in offers:
            if offer.name in agreed:
                continue
            candidates = [each for each in self._extensions if each.name == offer.name]
            answers = (each.accept(offer) for each in candidates)
            answer = next((each for each in answers if each is not None), None)
            if answer is not None:
                agreed[offer.name] = _own_answer(offer, answer)
            elif candidates and len(noted) < MOST_FINDINGS:
                declined = str(offer).encode("ascii")
                noted.append(find("extension-declined", field=EXTENSIONS_FIELD, value=declined))
        return tuple(agreed.values()), noted


def check_acceptance(head: RequestHead, headers: Headers) -> None:
    """Hold the fields of a 101 to the handshake they answer (RFC 6455 4.2.2).

    Raises :class:`LocalProtocolError`.
    """
    faults: list[Finding] = []
    key = _read_key(head, faults)
    faults += _scheme_faults(head)
    if faults or head.method != b"GET" or head.announces_content:
        raise LocalProtocolError("the request is no WebSocket handshake")
    fields = [(name.lower(), value) for name, value in headers]
    accepts = [value for name, value in fields if name == b"sec-websocket-accept"]
    if accepts != [accept_key(key)]:
        raise LocalProtocolError("Sec-WebSocket-Accept does not answer the client's key")
    chosen = [value for name, value in fields if name == b"sec-websocket-protocol"]
    agreed = [value for name, value in fields if name == b"sec-websocket-extensions"]
    try:
        offered = parse_token_list(head.get_all(PROTOCOL_FIELD.encode()))
        offers = parse_extensions(head.get_all(EXTENSIONS_FIELD.encode()))
        answers = parse_extensions(agreed)
    except FieldSyntaxError as error:
        raise LocalProtocolError(f"there is no handshake to accept: {error}") from error
    if not {each.encode("ascii") for each in offered}.issuperset(chosen):
        raise LocalProtocolError("the client did not offer the subprotocol of this 101")
    known = {each.name for each in offers}
    seen: set[str] = set()
    for answer in answers:
        if answer.name not in known:
            raise LocalProtocolError(f"the client did not offer extension {answer}")
        if answer.name in seen:
            raise LocalProtocolError(f"extension {answer.name} is there more than once")
        seen.add(answer.name)
        check_agreed_parameters(answer, offers)


def _own_answer(offer: Extension, answer: Extension) -> Extension:
    """What a supported extension answered, held to its grammar and to the name offered."""
    try:
        format_extensions((answer,))
    except ValueError as error:
        raise LocalProtocolError(f"extension {offer.name}: {error}") from error
    if answer.name != offer.name:
        raise LocalProtocolError(f"extension {offer.name} answered as {answer.name}")
    return answer


def _require_selector(chosen: "Literal['server', 'client'] | SubprotocolSelector") -> None:
    rule = "select_subprotocol is 'server', 'client' or a function"
    if not isinstance(chosen, str):
        require_plain_function(rule, chosen)
    elif chosen not in ("server", "client"):
        raise ValueError(f"{rule}, not {chosen!r}")


def _first_of(preferred: Iterable[str], others: Iterable[str]) -> str | None:
    known = frozenset(others)
    return next((each for each in preferred if each in known), None)


def _scheme_faults(head: RequestHead) -> tuple[Finding, ...]:
    absolute = grammar.ABSOLUTE_FORM.fullmatch(head.target)
    if absolute is None or absolute[1].lower() in _SCHEMES:
        return ()
    return (target_fault(head, "websocket-scheme-wrong"),)


def _read_key(head: RequestHead, faults: list[Finding]) -> bytes:
    lines = head.get_all(KEY_FIELD.encode())
    if not lines:
        faults.append(find("websocket-key-missing", field=KEY_FIELD))
    elif len(lines) > 1:
        faults.append(fault(head, "websocket-key-repeated", KEY_FIELD, 1))
    elif grammar.WEBSOCKET_KEY.fullmatch(lines[0]) is None:
        faults.append(fault(head, "websocket-key-malformed", KEY_FIELD))
    else:
        return lines[0]
    return b""


def _response_fields(agreement: WebSocketAgreement) -> Headers:
    fields = [(_ACCEPT, agreement.accept)] if agreement.accept else []
    if agreement.subprotocol is not None:
        fields.append((PROTOCOL_FIELD.encode(), agreement.subprotocol.encode("ascii")))
    return (*fields, *_extensions_field(agreement.extensions))


def _extensions_field(extensions: tuple[Extension, ...]) -> Headers:
    return ((EXTENSIONS_FIELD.encode(), format_extensions(extensions)),) if extensions else ()


def _checked_subprotocols(subprotocols: Iterable[str]) -> tuple[str, ...]:
    checked = items("subprotocols", subprotocols, str, "strings")
    for place, each in enumerate(checked):
        if not is_token(each):
            raise ValueError(f"subprotocols[{place}] is not a token (RFC 6455 4.1)")
    return checked


def _checked_extensions(extensions: Iterable[SupportedExtension]) -> tuple[SupportedExtension, ...]:
    checked = items("extensions", extensions, object, "supported extensions")
    for each in checked:
        _require_extension(each)
    return checked


def _require_extension(extension: object) -> None:
    name = getattr(extension, "name", None)
    rule = "extensions holds objects with a name and accept(), such as PerMessageDeflate()"
    if isinstance(extension, type) or not (isinstance(name, str) and hasattr(extension, "accept")):
        raise wrong_type(rule, extension)
    if not is_token(name):
        raise ValueError(f"extensions holds one whose name is not a token: {name!r}")


def _checked_versions(versions: Iterable[int]) -> tuple[bytes, ...]:
    checked = tuple([b"%d" % each for each in items("versions", versions, int, "numbers")])
    if not checked or not all(map(grammar.WEBSOCKET_VERSION.fullmatch, checked)):
        raise ValueError("versions holds one or more numbers from 0 to 255")
    return checked
