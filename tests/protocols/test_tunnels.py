"""connect-udp, connect-ip, connect-tcp: who gets a tunnel, and to where."""

from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Final

import pytest
from feeding import feed
from hypothesis import example, given
from hypothesis import strategies as st
from strategies_decide import Field, codes, values
from transcript import Transcript
from wire import asks_for, drive, plain

from httpupgrade import (
    Accept101,
    ConnectIP,
    ConnectTCP,
    ConnectUDP,
    CustomProtocol,
    IPTunnelAgreement,
    LocalProtocolError,
    Passthrough,
    Policy,
    Refusal,
    Reject,
    RequestHead,
    Require426,
    ServerNegotiator,
    ServerState,
    TunnelAgreement,
    UpgradeToken,
    decide,
)
from httpupgrade._negotiation.terms import Mode
from httpupgrade.offers import Offer

UDP: Final = UpgradeToken("connect-udp")
TEMPLATE: Final = "/.well-known/masque/udp/{target_host}/{target_port}/"
TARGET: Final = b"/.well-known/masque/udp/192.0.2.6/443/"
REQUIRED: Final = Policy(ConnectUDP(), mode="required")


def asking(
    *fields: Field, target: bytes = TARGET, method: bytes = b"GET", token: bytes = b"connect-udp"
) -> RequestHead:
    offer = ((b"Host", b"proxy.example"), (b"Upgrade", token), (b"Connection", b"Upgrade"))
    return RequestHead(method, target, (*offer, *fields))


# --- Who gets a tunnel --------------------------------------------------------------------------


def test_a_good_request_gets_a_tunnel() -> None:
    """RFC 9298 3.3."""
    accept = decide(asking((b"Capsule-Protocol", b"?1")), REQUIRED)
    assert isinstance(accept, Accept101)
    assert accept.agreement == TunnelAgreement("192.0.2.6", 443, (), True)
    assert accept.takes_early_data is False
    assert accept.to_bytes() == (
        b"HTTP/1.1 101 Switching Protocols\r\n"
        b"Upgrade: connect-udp\r\nConnection: Upgrade\r\nCapsule-Protocol: ?1\r\n\r\n"
    )


TARGETS: Final = {
    "IPv4": (b"192.0.2.6/443", ("192.0.2.6", 443)),
    "IPv6": (b"2001%3Adb8%3A%3A42/65535", ("2001:db8::42", 65535)),
    "a name": (b"target.example.com/1", ("target.example.com", 1)),
    "in capitals": (b"TARGET.example/1", ("TARGET.example", 1)),
    "odd": (b"a_b~%21%24/1", ("a_b~!$", 1)),
    "an address that is none": (b"10.0.2.555/1", ("10.0.2.555", 1)),
    "no host": (b"/443", None),
    "no port": (b"a/", None),
    "port 0": (b"a/0", None),
    "port 65536": (b"a/65536", None),
    "a long port": (b"a/4430000000000000000000000", None),
    "a port with a zero in front": (b"a/0443", None),
    "a port with a sign": (b"a/%2B443", None),
    "a port in another script": (b"a/%D9%A4", None),
    "IPv6 in brackets": (b"%5B%3A%3A1%5D/443", None),
    "IPv6 of a zone": (b"fe80%3A%3A1%25eth0/443", None),
    "half an IPv6": (b"2001%3Adb8/443", None),
    "host and port": (b"a%3A80/443", None),
    "a path": (b"a%2Fb/443", None),
    "a space": (b"a%20b/443", None),
    "a line end": (b"a%0D%0Ab/443", None),
    "NUL": (b"a%00/443", None),
    "no ASCII": (b"%C3%A4/443", None),
    "encoded twice": (b"a%252Eb/443", None),
    "user information": (b"u%40a/443", None),
}


@pytest.mark.parametrize(("target", "expected"), TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("protocol", ["udp", "tcp"])
def test_the_target_is_a_host_and_a_port(
    protocol: str, target: bytes, expected: tuple[str, int] | None
) -> None:
    offer: Offer = ConnectUDP() if protocol == "udp" else ConnectTCP()
    path = b"/.well-known/masque/%b/%b/" % (protocol.encode(), target)
    head = asking(target=path, token=b"connect-" + protocol.encode())
    decision = decide(head, Policy(offer))
    if expected is None:
        assert isinstance(decision, Reject)
        assert decision.status_code == 400
        assert codes(decision) == ("tunnel-target-malformed",)
    else:
        assert isinstance(decision, Accept101)
        assert decision.agreement == TunnelAgreement(*expected, (), False)


def test_the_template_may_name_more() -> None:
    policy = Policy(ConnectTCP("/{realm}/t{?target_host,target_port,via}"))
    target = b"/a%20b/t?target_host=2001%3Adb8%3A%3A1&target_port=443&via=x"
    accept = decide(asking(target=target, token=b"connect-tcp"), policy)
    assert isinstance(accept, Accept101)
    others = (("realm", b"a b"), ("via", b"x"))
    assert accept.agreement == TunnelAgreement("2001:db8::1", 443, others, False)


MALFORMED: Final = {
    "another path": (asking(target=b"/other"), "tunnel-target-unknown"),
    "POST": (asking(method=b"POST"), "tunnel-needs-get"),
    "HEAD": (asking(method=b"HEAD"), "tunnel-needs-get"),
    "no content": (asking((b"Content-Length", b"0")), "tunnel-has-content-field"),
    "content": (asking((b"Content-Length", b"5")), "tunnel-has-content-field"),
    "chunked": (asking((b"Transfer-Encoding", b"chunked")), "tunnel-has-content-field"),
    "typed": (asking((b"Content-Type", b"text/plain")), "tunnel-has-content-field"),
    "no host in a query": (asking(target=b"/t?target_port=1"), "tunnel-target-malformed"),
    "no port in a query": (asking(target=b"/t?target_host=a"), "tunnel-target-malformed"),
    "both": (asking((b"Content-Type", b"a/b"), target=b"/"), "tunnel-target-unknown"),
}


@pytest.mark.parametrize(("head", "code"), MALFORMED.values(), ids=MALFORMED)
@pytest.mark.parametrize("mode", ["optional", "required"])
def test_a_malformed_request_draws_400(head: RequestHead, code: str, mode: str) -> None:
    """RFC 9298 3.2; RFC 9297 3.2 for the fields of content."""
    template = "/t{?target_host,target_port}" if b"?" in head.target else TEMPLATE
    decision = decide(head, Policy(ConnectUDP(template), mode=mode))  # type: ignore[arg-type]
    assert isinstance(decision, Reject)
    assert decision.status_code == 400
    assert code in codes(decision)


def test_every_fault_is_said() -> None:
    head = asking((b"Content-Type", b"a/b"), (b"Content-Length", b"0"), target=b"/", method=b"PUT")
    assert codes(decide(head, REQUIRED)) == (
        "tunnel-needs-get",
        "tunnel-has-content-field",
        "tunnel-has-content-field",
        "tunnel-target-unknown",
    )


@pytest.mark.parametrize("early", [b"\x00", b"GET / HTTP/1.1\r\n\r\n"])
def test_capsules_do_not_come_before_the_101(early: bytes) -> None:
    """RFC 9931 6.3."""
    octets = asking().to_bytes()
    dialogue = Transcript(REQUIRED)
    reject = dialogue.hears(octets + early, Reject)
    assert codes(reject) == ("early-data-not-taken",)
    dialogue = Transcript(REQUIRED)
    accept = dialogue.hears(octets, Accept101)
    dialogue.hears(early, Reject)
    dialogue.refuses(accept)
    dialogue.answers()
    assert dialogue.state is ServerState.CLOSED


def test_the_101_can_wait_for_the_connection_and_become_a_failure() -> None:
    """draft-ietf-httpbis-connect-tcp 3.1: connect before any response other than a 100."""
    dialogue = Transcript(Policy(ConnectTCP()))
    octets = asking(target=b"/.well-known/masque/tcp/a/1/", token=b"connect-tcp").to_bytes()
    dialogue.hears(octets, Accept101)
    dialogue.pauses()
    failed = Reject(502, [(b"Proxy-Status", b"p; error=dns_error")])
    assert b"\r\nProxy-Status: p; error=dns_error\r\n" in dialogue.answers(failed)


def test_a_classic_connect_learns_of_connect_tcp_from_the_426() -> None:
    """draft-ietf-httpbis-connect-tcp 5.2, RFC 9931 8."""
    for token in ("connect-tcp", "connect-tcp-07"):
        policy = Policy(ConnectTCP(token=token), mode="required")
        run = drive(plain(line=b"CONNECT a.example:443 HTTP/1.1", body=b"\x16\x03"), policy)
        assert run.said == "426 close"
        assert run.last.fields(b"upgrade") == (token.encode(),)
    passes = drive(plain(line=b"CONNECT a.example:443 HTTP/1.1"), Policy(ConnectTCP()))
    assert passes.said == "pass"


# --- Capsule-Protocol ---------------------------------------------------------------------------

CAPSULES: Final = {
    "?1": True,
    " ?1 ": True,
    "?1;a": True,
    "?1; a=1;b=?0; c=tok/en:x ;d": False,
    '?1;a=1.5;b=?0; c=tok/en:x;d="q\\"";e=:aGk=:;*f=@12': True,
    "?0": False,
    "?0;a": False,
    "": False,
    "1": False,
    "?2": False,
    "?1, ?1": False,
    "?1,": False,
    "true": False,
    '"?1"': False,
    "(?1)": False,
    "?1;A": False,
    "?1 ;a": False,
    "?1;a=": False,
    "?1x": False,
}


@pytest.mark.parametrize(("value", "expected"), CAPSULES.items())
def test_the_field_is_one_boolean_or_as_if_it_was_not_there(value: str, expected: bool) -> None:
    """RFC 9297 3.4."""
    accept = decide(asking((b"Capsule-Protocol", value.encode())), REQUIRED)
    assert isinstance(accept, Accept101)
    assert isinstance(accept.agreement, TunnelAgreement)
    assert accept.agreement.announces_capsules is expected


def test_two_lines_are_none() -> None:
    accept = decide(asking((b"Capsule-Protocol", b"?1"), (b"capsule-protocol", b"?1")), REQUIRED)
    assert isinstance(accept, Accept101)
    assert accept.agreement == TunnelAgreement("192.0.2.6", 443, (), False)


# --- IP -----------------------------------------------------------------------------------------

SCOPES: Final = {
    "anything": (b"*/*", (None, None)),
    "anything, encoded": (b"%2A/%2A", (None, None)),
    "one protocol": (b"*/17", (None, 17)),
    "a name": (b"target.example/132", ("target.example", 132)),
    "IPv4": (b"192.0.2.0/*", ("192.0.2.0", None)),
    "a prefix of IPv4": (b"192.0.2.0%2F24/0", ("192.0.2.0/24", 0)),
    "a prefix of IPv6": (b"2001%3Adb8%3A%3A%2F32/255", ("2001:db8::/32", 255)),
    "no target": (b"/*", None),
    "no protocol": (b"*/", None),
    "protocol 256": (b"*/256", None),
    "four digits": (b"*/0017", None),
    "a protocol by name": (b"*/udp", None),
    "33 bits of IPv4": (b"192.0.2.0%2F33/*", None),
    "129 bits of IPv6": (b"%3A%3A%2F129/*", None),
    "bits of a name": (b"a.example%2F24/*", None),
    "no bits": (b"192.0.2.0%2F/*", None),
    "bits twice": (b"192.0.2.0%2F2%2F2/*", None),
    "a zone": (b"fe80%3A%3A1%25eth0/*", None),
    "two wildcards": (b"*%2F0/*", None),
    "bits behind a prefix of IPv4": (b"192.0.2.1%2F24/*", None),
    "bits behind a prefix of IPv6": (b"%3A%3A1%2F0/*", None),
    "even bits after a prefix of IPv4": (b"192.0.2.128%2F24/*", None),
    "even bits after a prefix of IPv6": (b"2001%3Adb8%3A%3A8000%2F112/*", None),
    "all bits of IPv4": (b"192.0.2.1%2F32/*", ("192.0.2.1/32", None)),
    "all bits of IPv6": (b"%3A%3A1%2F128/*", ("::1/128", None)),
    "no bits of IPv4": (b"0.0.0.0%2F0/*", ("0.0.0.0/0", None)),
    "three digits for IPv4": (b"192.0.2.0%2F024/*", None),
    "four digits for IPv6": (b"%3A%3A%2F0128/*", None),
}


@pytest.mark.parametrize(("scope", "expected"), SCOPES.values(), ids=SCOPES)
def test_the_target_is_a_range_of_addresses_and_a_protocol(
    scope: bytes, expected: tuple[str | None, int | None] | None
) -> None:
    """RFC 9484 4.6."""
    head = asking(target=b"/.well-known/masque/ip/%b/" % scope, token=b"connect-ip")
    decision = decide(head, Policy(ConnectIP()), secure=True)
    if expected is None:
        assert isinstance(decision, Reject)
        assert decision.status_code == 400
        assert codes(decision) == ("tunnel-target-malformed",)
    else:
        assert isinstance(decision, Accept101)
        assert decision.agreement == IPTunnelAgreement(*expected, (), False)
        assert values(decision.headers, b"Upgrade") == [b"connect-ip"]


_ADDRESSES = st.integers(0, 32).flatmap(
    lambda kept: st.integers(0, 2**32 - 1).map(lambda bits: bits >> kept << kept)
)


@given(_ADDRESSES, st.sampled_from((32, 128)), st.integers(0, 129))
@example(1 << 31, 32, 1)
@example(1 << 30, 32, 1)
def test_a_range_of_addresses_ends_in_zeros(bits: int, width: int, length: int) -> None:
    """RFC 9484 4.6: bits that the prefix does not cover MUST be 0."""
    number = bits << width - 32
    address = IPv4Address(number) if width == 32 else IPv6Address(number)
    try:
        ip_network(f"{address}/{length}")
        fits = True
    except ValueError:
        fits = False
    target = ConnectIP().request_target(f"{address}/{length}")
    decision = decide(asking(target=target, token=b"connect-ip"), Policy(ConnectIP()), secure=True)
    assert isinstance(decision, Accept101) == fits


def test_what_the_template_leaves_out_is_anything() -> None:
    for template, target in (
        ("/vpn?user=bob", b"/vpn?user=bob"),
        ("/vpn{?target,ipproto}", b"/vpn"),
    ):
        head = asking(target=target, token=b"connect-ip")
        accept = decide(head, Policy(ConnectIP(template)), secure=True)
        assert isinstance(accept, Accept101)
        assert accept.agreement == IPTunnelAgreement(None, None, (), False)


def test_another_target_or_method_draws_400() -> None:
    for head in (
        asking(target=b"/", token=b"connect-ip"),
        asking(target=b"/.well-known/masque/ip/*/*/", token=b"connect-ip", method=b"POST"),
    ):
        decision = decide(head, Policy(ConnectIP()), secure=True)
        assert isinstance(decision, Reject)
        assert decision.status_code == 400


def test_ip_is_not_offered_in_the_clear() -> None:
    """RFC 9484 4.1."""
    head = asking(target=b"/.well-known/masque/ip/*/*/", token=b"connect-ip")
    for mode in ("optional", "required"):
        policy = Policy(ConnectIP(), mode=mode)
        assert isinstance(decide(head, policy), Passthrough)
        assert isinstance(decide(head, policy, secure=True), Accept101)
    both = Policy(ConnectIP(), ConnectUDP(), mode="required")
    refused = decide(asking(token=b"x"), both)
    assert isinstance(refused, Require426)
    assert refused.tokens == (UDP,)


# --- A caller's own acceptance ------------------------------------------------------------------


def waiting(octets: bytes, policy: Policy) -> tuple[ServerNegotiator, Accept101]:
    machine = ServerNegotiator(policy)
    accept = feed(machine, octets)
    assert isinstance(accept, Accept101)
    return machine, accept


@pytest.mark.parametrize(
    "own",
    [
        pytest.param(
            Accept101(UDP, headers=[(b"Content-Type", b"a/b")], takes_early_data=False),
            id="with Content-Type",
        ),
        pytest.param(
            Accept101(UDP, tokens=[UDP, UpgradeToken("HTTP", "1.1")], takes_early_data=False),
            id="names nothing else",
        ),
        pytest.param(Accept101(UDP), id="takes no early data"),
    ],
)
def test_its_101_is_one_of_capsules(own: Accept101, request: pytest.FixtureRequest) -> None:
    """RFC 9297 3.2, RFC 9298 3.3, RFC 9931 6.4."""
    machine, accept = waiting(asking().to_bytes(), REQUIRED)
    says = request.node.callspec.id.removeprefix("with ")
    with pytest.raises(LocalProtocolError, match=says):
        machine.send(own)
    with_status = accept.with_headers([(b"Proxy-Status", b"p")])
    assert b"\r\nProxy-Status: p\r\n" in machine.send(with_status)


def test_its_101_announces_no_content() -> None:
    """RFC 9297 3.2."""
    accept = decide(asking(), REQUIRED)
    assert isinstance(accept, Accept101)
    with pytest.raises(LocalProtocolError, match="content-type"):
        accept.with_headers([(b"content-type", b"a/b")]).to_bytes()


def test_it_opens_no_tunnel_for_ip_in_the_clear() -> None:
    for secure in (False, True):
        machine = ServerNegotiator(Policy(CustomProtocol("tcp"), ConnectIP()), secure=secure)
        assert isinstance(feed(machine, asks_for(b"connect-ip, tcp")), Accept101)
        own = Accept101(UpgradeToken("connect-ip"), takes_early_data=False)
        if secure:
            assert b"\r\nUpgrade: connect-ip\r\n" in machine.send(own)
        else:
            with pytest.raises(LocalProtocolError, match="no offer of the policy names connect-ip"):
                machine.send(own)


def test_its_request_is_one_for_a_tunnel() -> None:
    octets = asks_for(b"connect-udp, tcp", b"Content-Length: 2", body=b"hi")
    machine, accept = waiting(octets, Policy(CustomProtocol("tcp", body="buffer"), ConnectUDP()))
    with pytest.raises(LocalProtocolError, match="no tunnel begins with this request"):
        machine.send(Accept101(UDP))
    machine.send(accept)


def test_it_takes_nothing_that_came_early() -> None:
    policy = Policy(CustomProtocol("tcp"), ConnectUDP())
    machine, accept = waiting(asks_for(b"connect-udp, tcp") + b"early", policy)
    with pytest.raises(LocalProtocolError, match="connect-udp takes no early data"):
        machine.send(Accept101(UDP))
    with pytest.raises(LocalProtocolError, match="octets are there"):
        machine.send(Accept101(UDP, takes_early_data=False))
    machine.send(accept)


def test_no_refusal_speaks_of_capsules() -> None:
    """RFC 9297 3.4."""
    for refusal in (Reject(502), Require426([UDP])):
        with pytest.raises(LocalProtocolError, match="capsule-protocol"):
            refusal.with_headers([(b"capsule-protocol", b"?1")]).to_bytes()
    with pytest.raises(ValueError, match="capsule-protocol"):
        Refusal(headers=[(b"Capsule-Protocol", b"?1")])


# --- Making one, and laws -----------------------------------------------------------------------


def test_the_template_names_host_and_port() -> None:
    for text in ("/p", "/{target_host}/", "/{?target_port}", "/{host}/{port}/"):
        for make in (ConnectUDP, ConnectTCP):
            with pytest.raises(ValueError, match="RFC 9298 2"):
                make(text)
    for wrong in ("no slash", None, b"/{target}"):
        with pytest.raises((TypeError, ValueError), match="template"):
            ConnectIP(wrong)  # type: ignore[arg-type]


def test_the_token_of_a_draft_can_be_offered() -> None:
    for token in ("connect-tcp-07", UpgradeToken("connect-tcp-12")):
        (offered,) = ConnectTCP(token=token).tokens(secure=False)
        assert str(offered) == str(token)
    for token in ("tcp", "connect-udp", "connect-ip", "connect-tcpx", "connect-four"):
        with pytest.raises(ValueError, match="not a token"):
            ConnectTCP(token=token)


def test_a_426_for_them_needs_nothing_more() -> None:
    offers: tuple[Offer, ...] = (ConnectUDP(), ConnectTCP(), ConnectIP())
    assert [each.headers_for_426 for each in offers] == [()] * 3


@given(
    st.sampled_from(("udp", "tcp", "ip")),
    st.sampled_from((b"GET", b"POST", b"CONNECT")),
    st.sampled_from((b"a", b"::", b"%3A%3A", b"192.0.2.1%2F24", b"*", b"", b"a%00")),
    st.sampled_from((b"1", b"17", b"0", b"65536", b"*", b"")),
    st.sampled_from(((), ((b"Content-Length", b"0"),), ((b"Capsule-Protocol", b"?1"),))),
    st.booleans(),
)
@example("udp", b"GET", b"a", b"1", (), False)
def test_a_tunnel_needs_a_target_that_leads_somewhere(
    protocol: str,
    method: bytes,
    target: bytes,
    behind: bytes,
    fields: tuple[Field, ...],
    secure: bool,
) -> None:
    path = b"/.well-known/masque/%b/%b/%b/" % (protocol.encode(), target, behind)
    head = asking(*fields, target=path, method=method, token=b"connect-" + protocol.encode())
    decision = decide(head, Policy(ConnectUDP(), ConnectIP(), ConnectTCP()), secure=secure)
    if protocol == "ip":
        leads = target in (b"a", b"*", b"%3A%3A") and behind in (b"1", b"17", b"0", b"*") and secure
    else:
        leads = target in (b"a", b"*", b"%3A%3A") and behind in (b"1", b"17")
    sound = method == b"GET" and fields[:1] != ((b"Content-Length", b"0"),)
    assert isinstance(decision, Accept101) == (leads and sound)


def test_a_broken_tunnel_does_not_spoil_another_protocol() -> None:
    head = asking(token=b"connect-udp, tcp", target=b"/")
    accept = decide(head, Policy(ConnectUDP(), CustomProtocol("tcp")))
    assert isinstance(accept, Accept101)
    assert str(accept.token) == "tcp"
    assert codes(accept) == ("tunnel-target-unknown",)


@pytest.mark.parametrize("mode", ["optional", "required"])
def test_a_tunnel_whose_upgrade_was_removed_is_found(mode: Mode) -> None:
    """Capsule-Protocol goes from end to end (RFC 9297 3.4); Upgrade does not."""
    head = RequestHead(b"GET", b"/", [(b"Host", b"a"), (b"Capsule-Protocol", b"?1")])
    findings = decide(RequestHead.parse(head.to_bytes()), Policy(ConnectUDP(), mode=mode)).findings
    assert ("hop-by-hop-fields-lost", "Capsule-Protocol") in [
        (each.code, each.field) for each in findings
    ]
