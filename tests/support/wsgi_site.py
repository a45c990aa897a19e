"""An application behind the WSGI middleware, for servers in this process and in others."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from httpupgrade import CustomProtocol, Policy, RequestInfo, WebSocket
from httpupgrade.adapters.wsgi import DECISION, UpgradeMiddleware
from httpupgrade.fields import accept_key

CHAT = Policy(WebSocket(["chat"]), mode="required")
POLICIES = {
    b"/chat": CHAT,
    b"/several": Policy(WebSocket(), CustomProtocol("irc/6.9"), mode="required"),
    b"/optional": Policy(WebSocket()),
    b"/advertise": Policy(WebSocket(), mode="advertise"),
    b"/report": Policy(WebSocket(), mode="report"),
}


def policy_for(info: RequestInfo) -> Policy | None:
    path, _, _ = info.head.target.partition(b"?")
    if path == b"/policy-raises":
        raise LookupError("no policy")
    return POLICIES.get(path)


def ordinary(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answers with the request's body, and with what was decided."""
    if environ["PATH_INFO"] == "/raises":
        raise LookupError("no answer")
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length) if length else b""
    decision = environ.get(DECISION)
    fields = [
        ("Content-Type", "text/plain"),
        ("Content-Length", str(len(body))),
        ("X-Decision", type(decision).__name__),
        ("X-Would-Require", str(getattr(decision, "would_require", None))),
    ]
    if environ.get("QUERY_STRING") == "upgrade":
        fields += [("Upgrade", "websocket"), ("Connection", "upgrade")]
    start_response("200 OK", fields)
    return [body]


application = UpgradeMiddleware(ordinary, policy_for)
# What servers make of fields that this one does not send by itself.
insisting = UpgradeMiddleware(ordinary, policy_for, carries=lambda info: True)


def switching(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Takes the socket of gunicorn for every WebSocket, as Flask-Sock does, and checks little."""
    if environ.get("HTTP_UPGRADE", "").lower() != "websocket":
        return ordinary(environ, start_response)
    accept = accept_key(environ["HTTP_SEC_WEBSOCKET_KEY"].encode("latin-1"))
    environ["gunicorn.socket"].sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: %b\r\n\r\n" % accept
    )
    raise StopIteration  # gunicorn closes the connection then, and sends nothing more


same_host = UpgradeMiddleware(
    switching, Policy(CustomProtocol("irc/6.9"), WebSocket(origins="same-host"), order="client")
)
