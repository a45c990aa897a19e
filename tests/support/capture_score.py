"""How many of the captures are diagnosed right; as a program it prints that.

What is right comes from the index of the captures, and from the table here, never from the library.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, TypeVar, final

from captured_exchanges import Exchange, exchanges, right_product, right_verdict
from captures import CapturedRequest, captured_requests

from httpupgrade import (
    NEED_DATA,
    Accept101,
    Decision,
    Passthrough,
    Policy,
    Reject,
    RequestHead,
    RequestInfo,
    Require426,
    ServerNegotiator,
    WebSocket,
)
from httpupgrade.diagnosis import Diagnosis, diagnose

# The product of each configuration that breaks handshakes, and the row that says what it does.
_FAULTS: Final[Mapping[tuple[str, str], tuple[str, str]]] = MappingProxyType(
    {
        ("apache2", "default"): ("Apache httpd", "apache-default"),
        ("apache2", "default-preservehost"): ("Apache httpd", "apache-default"),
        ("apache2", "default-wstunnel-loaded"): ("Apache httpd", "apache-default"),
        ("apache2", "requestheader-set"): ("Apache httpd", "apache-default"),
        ("apache2", "nokeepalive"): ("Apache httpd", "apache-no-keepalive"),
        ("apache2", "force-http10"): ("Apache httpd", "apache-http-1.0"),
        ("caddy", "header-up-connection-close"): ("Caddy", "caddy-connection-replaced"),
        ("caddy", "header-up-remove-upgrade"): ("Caddy", "caddy-upgrade-removed"),
        ("caddy", "transport-h2c"): ("Caddy", "caddy-h2c"),
        ("caddy", "transport-h2c-2"): ("Caddy", "caddy-h2c"),
        ("h2o", "default"): ("h2o", "h2o-default"),
        ("h2o", "preserve-host"): ("h2o", "h2o-default"),
        ("haproxy", "del-header-connection"): ("HAProxy", "haproxy-connection-changed"),
        ("haproxy", "set-connection-close"): ("HAProxy", "haproxy-connection-changed"),
        ("haproxy", "del-header-upgrade"): ("HAProxy", "haproxy-upgrade-removed"),
        ("haproxy", "server-proto-h2"): ("HAProxy", "haproxy-proto-h2"),
        ("lighttpd", "default"): ("lighttpd", "lighttpd-default"),
        ("lighttpd", "forwarded"): ("lighttpd", "lighttpd-default"),
        ("lighttpd", "force-http10"): ("lighttpd", "lighttpd-http-1.0"),
        ("nghttpx", "backend-h2"): ("nghttpx", "nghttpx-h2"),
        ("nginx", "default"): ("nginx", "nginx-default"),
        ("nginx", "default-forwarded"): ("nginx", "nginx-default-forwarded"),
        ("nginx", "http11-only"): ("nginx", "nginx-http-1.1-only"),
        ("nginx", "location-override"): ("nginx", "nginx-inherited-dropped"),
        ("nginx", "keepalive-upstream"): ("nginx", "nginx-keepalive"),
        ("nginx", "no-http11"): ("nginx", "nginx-http-1.0"),
        ("nginx", "upgrade-not-connection"): ("nginx", "nginx-upgrade-without-connection"),
        ("nginx", "connection-close-literal"): ("nginx", "nginx-connection-close"),
        ("nginx", "keepalive-upstream-upgrade"): ("nginx", "nginx-keepalive-upgrade"),
        ("nginx", "connection-not-upgrade"): ("nginx", "nginx-connection-without-upgrade"),
        ("nginx", "pass-request-headers-off"): ("nginx", "nginx-no-request-headers"),
        ("nginx", "upgrade-literal"): ("nginx", "nginx-literal-upgrade"),
        ("squid", "default"): ("Squid", "squid-accelerator"),
        ("squid", "via-off"): ("Squid", "squid-via-off"),
        ("squid", "forward-absolute-form"): ("Squid", "squid-forward"),
        ("tinyproxy", "reverse-default"): ("tinyproxy", "tinyproxy"),
        ("tinyproxy", "forward-absolute-form"): ("tinyproxy", "tinyproxy"),
        ("varnish", "default"): ("Varnish", "varnish-default"),
        ("varnish", "synth-426"): ("Varnish", "varnish-default"),
        ("varnish", "pass"): ("Varnish", "varnish-pass"),
        ("varnish", "pass-restore"): ("Varnish", "varnish-literal-upgrade"),
        ("varnish", "pipe-no-copy"): ("Varnish", "varnish-pipe-without-fields"),
        ("varnish", "pipe-copy-upgrade-only"): ("Varnish", "varnish-pipe-upgrade-alone"),
    }
)
# Plain requests to which these add Upgrade: websocket, so that they are handshakes without a key.
_MADE_HANDSHAKES: Final = ("nginx__upgrade-literal__plain-get", "varnish__pass-restore__plain-get")
# What clients sent that is broken by itself.
_BROKEN_CLIENTS: Final = (
    "direct__curl__websocket__upgrade-header-only",
    "direct__curl__websocket__no-key",
    "direct__curl__websocket__http1.0",
    "direct__curl__websocket__manual-headers",  # its key has 13 octets
)
_REQUIRED: Final = Policy(WebSocket(), mode="required")
_T = TypeVar("_T")


def is_mangled(capture: CapturedRequest) -> bool:
    """Whether a proxy broke it, and something is left that shows what it was."""
    if capture.proxy is None:
        return False
    if capture.kind is not None or capture.name in _MADE_HANDSHAKES:
        return True
    return capture.intent == "websocket" and not capture.arrived_upgradable


def is_healthy(capture: CapturedRequest) -> bool:
    """Whether nothing is wrong with it, as it arrived."""
    is_broken = capture.kind is not None or capture.name in _BROKEN_CLIENTS
    return not (is_mangled(capture) or is_broken)


def is_bared(capture: CapturedRequest) -> bool:
    """Whether it is an ordinary request because a proxy took an offer of another protocol away:
    h2c, TLS or tcp. Clients that make these offers go on in HTTP/1.1, as RFC 9110 7.8 has it."""
    is_whole = capture.arrived_upgradable or capture.proxy is None
    return is_healthy(capture) and bool(capture.what_was_lost) and not is_whole


def decided(capture: CapturedRequest, policy: Policy) -> tuple[RequestHead | None, Decision]:
    """The head of a request, if it is one, and the decision on it."""
    negotiator = ServerNegotiator(policy)
    negotiator.receive_data(capture.octets)
    event = negotiator.next_event()
    if event is NEED_DATA:  # a body that is awaited, before an answer
        negotiator.receive_data(b"")
        event = negotiator.next_event()
    assert isinstance(event, (Accept101, Require426, Reject, Passthrough)), capture.name
    return negotiator.head, event


def diagnoses(capture: CapturedRequest) -> tuple[Diagnosis, ...]:
    """As a server gets them that requires a WebSocket, that offers one, and that knows no policy;
    of octets that are no request only the first two."""
    found = []
    for policy in (_REQUIRED, Policy(WebSocket())):
        head, decision = decided(capture, policy)
        found.append(diagnose(None if head is None else RequestInfo(head), decision))
    if head is not None:
        found.append(diagnose(head))
    return tuple(found)


def is_named(capture: CapturedRequest) -> bool:
    """Whether each diagnosis of a mangled request names the product and what it did, among those
    that it holds as likely as any other."""
    assert capture.proxy is not None
    product, row = _FAULTS[capture.proxy, capture.config]
    for each in diagnoses(capture):
        likely = [s for s in each.suspects if s.confidence == each.suspects[0].confidence]
        if each.verdict != "broken" or (product, row) not in [
            (suspect.product, suspect.fingerprint) for suspect in likely
        ]:
            return False
    return True


def is_no_false_alarm(capture: CapturedRequest) -> bool:
    """Whether nobody is accused of a healthy request: it may be refused, and is never broken."""
    return all(
        each.verdict in ("healthy", "refused") and not each.suspects for each in diagnoses(capture)
    )


@final
class Score(NamedTuple):
    """How many of some captures are diagnosed right."""

    what: str
    total: int
    wrong: tuple[str, ...]
    """The names of the others."""
    least: float = 1.0
    """What the share must not fall below."""

    @property
    def share(self) -> float:
        """Of 1."""
        return 1 - len(self.wrong) / self.total

    def __str__(self) -> str:
        right = self.total - len(self.wrong)
        return f"{self.what}: {right} of {self.total} ({self.share:.1%})"


def score(
    what: str, captures: Iterable[_T], is_right: Callable[[_T], bool], name: Callable[[_T], str]
) -> Score:
    """The score of some captures."""
    listed = list(captures)
    return Score(what, len(listed), tuple(name(each) for each in listed if not is_right(each)))


def request_scores() -> tuple[Score, Score, Score]:
    """Of mangled requests, of healthy ones, and of those that an offer was taken from."""
    captures = captured_requests()
    return (
        score(
            "mangled requests whose product and fault are named",
            filter(is_mangled, captures),
            is_named,
            lambda each: each.name,
        ),
        score(
            "healthy requests without a false alarm",
            [each for each in captures if is_healthy(each) and not is_bared(each)],
            is_no_false_alarm,
            lambda each: each.name,
        ),
        score(
            "requests that an offer was taken from, and that are ordinary ones, without an alarm",
            filter(is_bared, captures),
            is_no_false_alarm,
            lambda each: each.name,
        ),
    )


def names_the_product(exchange: Exchange) -> bool:
    """Whether the proxy that broke an exchange is among the suspects, and no other is sure."""
    product = right_product(exchange)
    suspects = exchange.diagnose().suspects
    sure = {each.product for each in suspects if each.confidence in ("certain", "high")}
    return product in {each.product for each in suspects} and sure <= {product}


def response_scores() -> tuple[Score, Score, Score]:
    """Of all exchanges, of those that a proxy broke, and of those in which nothing is wrong."""
    found = exchanges()
    return (
        score(
            "responses that are told healthy, refused or broken rightly",
            found,
            lambda each: each.diagnose().verdict == right_verdict(each),
            lambda each: each.capture.name,
        ),
        # Some proxies leave no trace in a response, as Varnish in what it pipes.
        score(
            "exchanges that a proxy broke and whose response names it",
            (each for each in found if right_product(each) is not None),
            names_the_product,
            lambda each: each.capture.name,
        )._replace(least=0.93),
        score(
            "healthy responses without a false alarm",
            (each for each in found if right_verdict(each) == "healthy"),
            lambda each: each.diagnose().verdict == "healthy" and not each.diagnose().suspects,
            lambda each: each.capture.name,
        ),
    )


def main() -> int:
    """Print all scores, and what is wrong; 1 if one of them is too low."""
    scores = (*request_scores(), *response_scores())
    for each in scores:
        print(each)
        for name in each.wrong:
            print(f"  not {name}")
    return 1 if any(each.share < each.least for each in scores) else 0


if __name__ == "__main__":
    sys.exit(main())
