"""Offers, policies and decisions look at heads, and are made, in work that is linear in them."""

from typing import Any, Final

from linear.families import NUMBERS, VALUES, Fields, Items, fields_of, in_one_line, kinds_with
from linear.subjects import (
    HOST,
    KEY,
    LIBRARY,
    OF_OFFERS,
    OFFERS,
    Table,
    Work,
    answer,
    findings_of,
    names_of,
    offers_of,
    request,
    tokens_of,
    tried,
)

TABLE: Final = Table()


# --- What each offer reads ----------------------------------------------------------------------

# The fields that each reads, besides Upgrade and Connection.
_READ: Final[dict[str, tuple[bytes, ...]]] = {
    "ConnectIP": (b"Capsule-Protocol",),
    "ConnectTCP": (b"Capsule-Protocol", b"Content-Length"),
    "ConnectUDP": (b"Capsule-Protocol", b"Transfer-Encoding"),
    "CustomProtocol": (b"Content-Length", b"Expect"),
    "H2C": (b"HTTP2-Settings", b"Host"),
    "TLS": (b"Host",),
    "WebSocket": (
        *(b"Host", b"Origin", b"Sec-WebSocket-Accept", b"Sec-WebSocket-Extensions"),
        *(b"Sec-WebSocket-Key", b"Sec-WebSocket-Origin", b"Sec-WebSocket-Protocol"),
        b"Sec-WebSocket-Version",
    ),
}


def _add_offer(name: str) -> None:
    make = OFFERS[name]
    kinds = kinds_with(b"Connection", b"Upgrade", b"X-Unknown", *_READ[name])
    secure = name == "ConnectIP"

    @TABLE.of_fields(f"{name}.negotiate", kinds=kinds)
    def _(fields: Fields) -> Work:
        head, offer = request(fields), make()
        wanted = {*offer.tokens(secure=True), *offer.tokens(secure=False)}
        works = [tried(offer.negotiate, head, token, secure=False) for token in wanted]
        return lambda: [work() for work in works]

    def check(fields: Fields) -> Work:
        return tried(make().check_request, request(fields))

    def connect(fields: Fields) -> Work:
        head, offer = request(fields), make()
        token = offer.tokens(secure=True)[0]
        return lambda: offer.negotiate_connect(head, token, secure=True)

    def verify(fields: Fields) -> Work:
        offer = make()
        tokens = tuple(offer.tokens_to_request(secure=secure)) * len(fields)
        return tried(offer.verify, request(fields), answer(fields), tokens)

    def check_accept(fields: Fields) -> Work:
        offer = make()
        own = LIBRARY.Accept101(offer.tokens(secure=secure)[0], headers=fields)
        return tried(offer.check_accept, request(fields), own, secure=False)

    # The others have those of Offer and ClientOffer.
    for method, prepare, left_out in (
        ("check_request", check, {"TLS"}),
        ("negotiate_connect", connect, OFFERS.keys() - {"WebSocket"}),
        ("verify", verify, {"CustomProtocol"}),
        ("check_accept", check_accept, {"CustomProtocol", "TLS"}),
    ):
        if name not in left_out:
            TABLE.of_fields(f"{name}.{method}", kinds=kinds)(prepare)


for _name in OFFERS:
    _add_offer(_name)


@TABLE.of("WebSocket.advise")
def _(items: Items) -> Work:
    response = answer([(b"Sec-WebSocket-Version", b", ".join([b"8"] * len(items)))], 426)
    token = LIBRARY.UpgradeToken("websocket")
    refusal = OF_OFFERS.UpgradeRefusal(token, request([]), response, True, False, False)
    offer = LIBRARY.WebSocket([item.decode() for item in items], versions=[13] * len(items))
    return lambda: offer.advise(refusal)


# --- What offers and policies are made of -------------------------------------------------------


@TABLE.of(
    "Policy",
    *[f"Policy.{each}" for each in ("tokens", "headers_for_426")],
    "Policy.advertisement",
)
def _(items: Items) -> Work:
    offers = offers_of(items)

    def work() -> None:
        policy = LIBRARY.Policy(*offers, mode="required")
        assert policy.tokens(secure=True)
        assert policy.headers_for_426(secure=True) == ()
        assert policy.advertisement(secure=True)

    return work


@TABLE.of("Policy.candidates")
def _(items: Items) -> Work:
    wanted = tuple(tokens_of(items))
    policy = LIBRARY.Policy(*offers_of(items), order="client")

    def work() -> None:
        assert len(policy.candidates(wanted, secure=False)) == len(items)

    return work


@TABLE.of("CustomProtocol")
def _(items: Items) -> Work:
    return lambda: LIBRARY.CustomProtocol("tcp", methods=items, headers=names_of(items))


@TABLE.of("H2C", families=NUMBERS)
def _(items: Items) -> Work:
    return lambda: LIBRARY.H2C(b"AAEAAAAA" * len(items))


@TABLE.of("WebSocket", "WebSocket.handshake_fields", "WebSocket.with_version", "WebSocket.versions")
def _(items: Items) -> Work:
    names = [item.decode() for item in items]

    def work() -> None:
        offer = LIBRARY.WebSocket(
            list(dict.fromkeys(names)),
            extensions=[LIBRARY.PerMessageDeflate()] * len(items),
            origins=[f"http://{name}" for name in names],
            hosts=names,
            versions=[13] * len(items),
        )
        assert len(offer.versions) == len(items)
        assert offer.with_version(13).handshake_fields(KEY).headers

    return work


def _add_tunnel(name: str, start: str, arguments: tuple[Any, ...]) -> None:
    @TABLE.of(name, f"{name}.request_target")
    def _(items: Items) -> Work:
        variables = {f"a{number}": item.decode() for number, item in enumerate(items)}
        literal = "".join(variables.values())
        template = f"{start}{literal}{{?{','.join(variables)}}}"

        def work() -> None:
            offer = getattr(LIBRARY, name)(template)
            target = offer.request_target(*arguments, **variables)
            head = LIBRARY.RequestHead(b"GET", target, [HOST])
            made = offer.negotiate(head, offer.tokens(secure=True)[0], secure=True)
            assert isinstance(made, OF_OFFERS.Agreed)

        return work

    @TABLE.of(f"{name}.negotiate", families=VALUES, kind="a target")
    def _(items: Items) -> Work:
        values = b"&".join([b"a=" + item for item in items]).translate(None, b' \t"\\\xff\x80')
        target = b"/a/b/?" + values
        head = LIBRARY.RequestHead(b"GET", target, [HOST])
        offer = getattr(LIBRARY, name)(f"{start}{{?a,b}}")
        return lambda: offer.negotiate(head, offer.tokens(secure=True)[0], secure=True)


_add_tunnel("ConnectIP", "/{target}/{ipproto}/", ())
_add_tunnel("ConnectTCP", "/{target_host}/{target_port}/", ("a", 1))
_add_tunnel("ConnectUDP", "/{target_host}/{target_port}/", ("a", 1))

# --- Decisions, and how they are written --------------------------------------------------------


@TABLE.of("Refusal", "Refusal.render")
def _(items: Items) -> Work:
    tokens = tuple(tokens_of(items))
    head = LIBRARY.RequestHead(b"GET", b"/", in_one_line(b"Accept", [b"a/b"] * len(items)))

    def work() -> None:
        refusal = LIBRARY.Refusal(names_of(items))
        refusal.render(LIBRARY.RefusalReport(426, tokens, findings_of(items), head))

    return work


@TABLE.of("Refusal.render", families=VALUES, kind="media ranges")
def _(items: Items) -> Work:
    head = LIBRARY.RequestHead(
        b"GET", b"/", in_one_line(b"Accept", [b"a/b;c=" + item for item in items])
    )
    report = LIBRARY.RefusalReport(400, (), (), head)
    return lambda: LIBRARY.Refusal().render(report)


@TABLE.of("Example.of")
def _(items: Items) -> Work:
    tokens, fields = tokens_of(items), names_of(items)
    head = LIBRARY.RequestHead(b"GET", b"/", fields_of(b"Host", items))
    return lambda: OF_OFFERS.Example.of(head, tokens, fields, options=items)


@TABLE.of("Accept101", "Accept101.with_headers", "Accept101.to_bytes")
def _(items: Items) -> Work:
    tokens, fields = tokens_of(items), names_of(items)

    def work() -> None:
        accept = LIBRARY.Accept101(tokens[0], tokens=tokens, headers=fields)
        accept.with_headers(fields).to_bytes()

    return work


@TABLE.of("AcceptConnect.with_headers")
def _(items: Items) -> Work:
    fields = tuple(names_of(items))
    token = LIBRARY.UpgradeToken("websocket")
    accept = LIBRARY.AcceptConnect(token, fields, None, request([]), ())
    return lambda: accept.with_headers(fields)


def _add_refusal(name: str, first: Any) -> None:
    methods = [
        f"{name}.{each}" for each in ("with_headers", "closing", "without_content", "to_bytes")
    ]

    @TABLE.of(name, *methods)
    def _(items: Items) -> Work:
        start, fields = first(items), names_of(items)

        def work() -> None:
            refused = getattr(LIBRARY, name)(start, fields, b"".join(items)).with_headers(fields)
            refused.closing().without_content().to_bytes()

        return work


_add_refusal("Reject", lambda items: 400)
_add_refusal("Require426", tokens_of)


@TABLE.of("HandshakeFailed.because")
def _(items: Items) -> Work:
    findings = findings_of(items)
    return lambda: LIBRARY.HandshakeFailed.because(*findings)


@TABLE.of("Code", "finding")
def _(items: Items) -> Work:
    name = b"-".join([b"a", *items]).decode().lower()
    return lambda: LIBRARY.finding(LIBRARY.Code(name, None, "", name), value=b"".join(items))


@TABLE.of("RemoteProtocolError", "RemoteProtocolError.finding")
def _(items: Items) -> Work:
    findings = findings_of(items)
    return lambda: str(LIBRARY.RemoteProtocolError(findings, b"".join(items)))


@TABLE.of("rollout_by", families=VALUES)
def _(items: Items) -> Work:
    pairs = [item + b"=1" for item in items]
    lines = [*fields_of(b"Cookie", [b"; ".join(pairs)]), *fields_of(b"Cookie", pairs)]
    info = LIBRARY.RequestInfo(LIBRARY.RequestHead(b"GET", b"/", [HOST, *lines]))
    return lambda: LIBRARY.rollout_by(cookie="session")(info)


@TABLE.of("describe")
def _(items: Items) -> Work:
    head = LIBRARY.RequestHead(b"GET", b"/" + b"a".join(items), [HOST])
    return lambda: LIBRARY.describe(LIBRARY.Reject(400, findings=findings_of(items)), head)


test_twice_the_input_is_twice_the_work = TABLE.test()
