"""Middleware for WSGI: the most of a 426 that the server lets an application say.

Rules for this module: PEP 3333 leaves Connection and Upgrade to the server. They are sent only
where a server is known to send them. Nothing here closes a connection. An application that takes
the socket from the server finds in the environ only an Upgrade that the policy has accepted.
"""

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Final, final
from urllib.parse import quote_from_bytes
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from .. import (
    DEFAULT_REFUSAL,
    Accept101,
    Carries,
    Decision,
    Limits,
    OnDecision,
    Passthrough,
    PolicySource,
    PrepareHead,
    Refusal,
    Reject,
    RequestHead,
    RequestInfo,
    Require426,
)
from ..fields import Headers
from ._asgi_and_wsgi import OTHER_STATUS, PATH, WIRE, Case, Judge, Judged, sends_content
from ._log import Teller

__all__ = ["DECISION", "UpgradeMiddleware", "head_of", "sends_upgrade"]

DECISION: Final = "httpupgrade.decision"
"""Where in the environ an application finds what was decided."""

_ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]

_PIECE: Final = 65536
_UPGRADE: Final = "HTTP_UPGRADE"
_UNSENDABLE: Final = frozenset((b"connection", b"upgrade"))


def head_of(environ: WSGIEnvironment) -> RequestHead:
    """The request of an environ, as far as that tells.

    Lost in it are the order and the case of the fields' names, the difference between ``-`` and
    ``_`` in them, and the lines of a field that had several: servers join those with a comma. Some
    give fields that were not sent, a Content-Type among them.

    Raises :class:`ValueError` for what no request can hold.
    """
    protocol, _, version = environ.get("SERVER_PROTOCOL", "").partition("/")
    if protocol != "HTTP":
        raise ValueError(f"no HTTP: {protocol!r}")
    return RequestHead(
        environ["REQUEST_METHOD"].encode("latin-1"),
        _target_of(environ),
        _fields_of(environ),
        (version if "." in version else version + ".0").encode("latin-1"),
    )


def _peer_of(environ: WSGIEnvironment) -> tuple[str, int | None] | None:
    address: str = environ.get("REMOTE_ADDR", "")  # empty for a Unix socket
    port = str(environ.get("REMOTE_PORT", ""))
    known = port.isascii() and port.isdigit()
    return (address, int(port) if known else None) if address else None


def _target_of(environ: WSGIEnvironment) -> bytes:
    # What stood in the request line, where a server tells: gunicorn, and uWSGI, mod_wsgi, waitress.
    target: str = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
    if target:
        return quote_from_bytes(target.encode("latin-1"), WIRE).encode()
    path: str = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    query: str = environ.get("QUERY_STRING", "")
    # PEP 3333: text in an environ is octets in the guise of ISO 8859-1.
    quoted = quote_from_bytes(path.encode("latin-1"), PATH) or "/"
    quoted += "?" + quote_from_bytes(query.encode("latin-1"), WIRE) if query else ""
    return quoted.encode()


def _fields_of(environ: WSGIEnvironment) -> Headers:
    found: list[tuple[bytes, bytes]] = []
    for key, value in environ.items():
        if key.startswith("HTTP_"):
            name = key[5:]
        elif key in ("CONTENT_TYPE", "CONTENT_LENGTH") and value:
            name = key
        else:
            continue
        field = name.replace("_", "-").lower().encode("latin-1")
        found.append((field, value.encode("latin-1")))
    return tuple(found)


def sends_upgrade(environ: WSGIEnvironment, upgrade: bytes) -> bool:
    """Whether the server is known to let this through: gunicorn does, for ``websocket`` alone."""
    software: str = environ.get("SERVER_SOFTWARE", "")
    return software.startswith("gunicorn/") and upgrade.lower() == b"websocket"


@final
class UpgradeMiddleware:
    """Answers for the routes that are served over another protocol only; all else it passes on.

    :param app: the application that gets what passes.
    :param policy: what is offered; or a function that says so for each request, None meaning that
        it passes. What it raises goes through to the server.
    :param switch: an application that takes the connection from the server by the server's own
        means, for handshakes that are right; ``environ["httpupgrade.decision"]`` is the
        :class:`Accept101`. Without one they are answered with 501 where the policy is enforced.
    :param other_status: what is sent where 426 cannot be: over HTTP/2, and by servers that are not
        known to send Upgrade and Connection.
    :param carries: says for a request whether the server, and what is in front of it, lets Upgrade
        and Connection of a response through. None: gunicorn does, for ``websocket`` alone.
    :param on_decision: is called with each decision and its :class:`DecisionInfo`, before it is
        carried out. ``info.request`` is None where the server passed on invalid header fields. What
        it raises is logged, and changes nothing. Servers call it in several threads at once.
    :param refusal: what a refusal looks like where there is no head, and a callable has chosen no
        policy. A ``Policy`` has its own.
    :param prepare_head: mends heads of devices that are known to be wrong before they are judged,
        as for :class:`ServerNegotiator`. Of the environ, it changes nothing but what the policy's
        decision does.
    :param limits: of these, ``max_drain``: how much of a refused request's body is read past.

    Raises :class:`ValueError` for a status that is not a refusal, or is 426, and :class:`TypeError`
    for a policy that is neither a Policy nor a function, and for functions that are async.

    Each decision is a line of the logger ``httpupgrade.wsgi``: a refusal at level INFO, any other
    at DEBUG.

    In each :class:`RequestInfo`, ``peer`` is ``REMOTE_ADDR`` with the number in ``REMOTE_PORT``,
    which is None where the server does not say it; and ``context`` is the environ.
    """

    __slots__ = ("_app", "_judge", "_limits", "_switch")

    def __init__(
        self,
        app: WSGIApplication,
        policy: PolicySource,
        *,
        switch: WSGIApplication | None = None,
        other_status: int = OTHER_STATUS,
        carries: Carries | None = None,
        on_decision: OnDecision | None = None,
        refusal: Refusal = DEFAULT_REFUSAL,
        prepare_head: PrepareHead | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._app = app
        self._switch = switch
        self._limits = Limits() if limits is None else limits
        self._judge = Judge(
            policy,
            other_status,
            refusal,
            prepare_head,
            self._limits,
            carries=carries,
            sends=sends_upgrade,
            teller=Teller("httpupgrade.wsgi", on_decision),
        )

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve a request, as PEP 3333 has it."""
        since = self._judge.now()
        judged = self._judge_request(environ)
        self._judge.tell(judged, since)
        match judged.decision:
            case Passthrough() if judged.is_untouched:
                return self._app(environ, start_response)
            case Passthrough() as decision:
                environ[DECISION] = decision
                if decision.advertisement:
                    start_response = _advertising(start_response, decision.advertisement)
                return self._app(environ, start_response)
            case Require426() | Reject() as refused:
                return self._refuse(refused, judged.request, environ, start_response)
            case accept:
                environ[DECISION] = accept
                assert self._switch is not None, "nothing is accepted without it"
                return self._switch(environ, start_response)

    def _judge_request(self, environ: WSGIEnvironment) -> Judged:
        secure = environ.get("wsgi.url_scheme") == "https"
        peer = _peer_of(environ)
        try:
            request = RequestInfo(head_of(environ), peer, secure, environ)
        except ValueError:
            return self._judge.judge_unreadable(peer, upgrades=_UPGRADE in environ, secure=secure)
        return self._judge.judge(request, self._decide)

    def _decide(self, case: Case) -> Decision:
        decision, environ = case.decide(), case.received.context
        assert isinstance(environ, dict)
        if isinstance(decision, Accept101) and self._switch is None:
            environ[_UPGRADE] = str(decision.token)  # an application may switch to this alone
            return case.stay_with_http(decision)
        if isinstance(decision, Passthrough):
            environ.pop(_UPGRADE, None)  # the policy has not accepted it
        return decision

    def _refuse(
        self,
        refused: Require426 | Reject,
        info: RequestInfo | None,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        octets = refused.to_bytes()
        fields = [
            (name.decode("ascii"), value.decode("latin-1"))
            for name, value in refused.headers
            if name.lower() not in _UNSENDABLE
        ]
        if isinstance(refused, Require426):
            # Without "close": servers decide that, and gunicorn knows this value alone.
            upgrade = ", ".join(map(str, refused.tokens))
            fields += [("Upgrade", upgrade), ("Connection", "upgrade")]
        status, _, reason = octets.partition(b"\r\n")[0].decode("ascii")[9:].partition(" ")
        start_response(f"{status} {reason or 'Refused'}", fields)
        if info is None or not sends_content(info.head):
            return [refused.body]
        return self._answer_and_drain(refused.body, environ)

    def _answer_and_drain(self, body: bytes, environ: WSGIEnvironment) -> Iterator[bytes]:
        # What is left unread when a connection closes can take the answer with it.
        yield body
        left = self._limits.max_drain
        length: str = environ.get("CONTENT_LENGTH", "")
        if length.isascii() and length.isdigit():
            # PEP 3333: an application does not read beyond it. Longer ones are cut anyway.
            left = min(left, int(length[-18:]))
        elif not environ.get("wsgi.input_terminated"):
            return
        try:
            while left > 0 and (piece := environ["wsgi.input"].read(min(left, _PIECE))):
                left -= len(piece)
        except OSError:
            return  # the client has left, and has been answered


def _advertising(start_response: StartResponse, advertisement: Headers) -> StartResponse:
    added = [(name.decode("ascii"), value.decode("ascii")) for name, value in advertisement]

    def start_advertising(
        status: str,
        headers: list[tuple[str, str]],
        exc_info: _ExceptionInfo | None = None,
        /,
    ) -> Callable[[bytes], object]:
        # An application that speaks of Upgrade itself knows better.
        if all(name.lower() != "upgrade" for name, _ in headers):
            headers = [*headers, *added]
        return start_response(status, headers, exc_info)

    return start_advertising
