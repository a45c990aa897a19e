"""TLS as the ssl adapter begins it behind a 101, at both ends, over nothing but octets."""

import ssl
from typing import Any, Final

import pytest
from demo.tls import Certificates
from feeding import feed
from tools.test_docs import ROOT, code_blocks
from wire import asks_for, cut, plain

from httpupgrade import (
    TLS,
    Accept101,
    ClientNegotiator,
    CustomProtocol,
    LocalProtocolError,
    Policy,
    RequestHead,
    ServerNegotiator,
    Switched,
)
from httpupgrade.adapters.ssl import Carried, TLSLayer, versions

HOST: Final = "127.0.0.1"
CERTIFICATES: Final = Certificates(HOST)
STRANGERS: Final = Certificates(HOST)
SERVER: Final = CERTIFICATES.for_server()
LONG: Final = bytes(range(256)) * 300


def client_context(*, newest: bool = True) -> ssl.SSLContext:
    return CERTIFICATES.for_client(newest=newest)


def switch(*offered: str, server: ssl.SSLContext = SERVER) -> tuple[Accept101, Switched]:
    """A switch to TLS, in memory."""
    asking = ClientNegotiator(TLS(*offered), host=b"a", method=b"OPTIONS", target=b"*")
    negotiator = ServerNegotiator(Policy(TLS(*versions(server))))
    accept = feed(negotiator, asking.send_request())
    assert isinstance(accept, Accept101)
    switched = feed(asking, negotiator.send(accept))
    assert isinstance(switched, Switched)
    return accept, switched


def layers(
    client: ssl.SSLContext, server: ssl.SSLContext = SERVER, hostname: str = HOST
) -> tuple[TLSLayer, TLSLayer]:
    accept, switched = switch(*versions(client), server=server)
    return TLSLayer(switched, client, server_hostname=hostname), TLSLayer(accept, server)


class Line:
    """Carries records to and fro until there are none, ``size`` octets at a time."""

    def __init__(self, client: TLSLayer, server: TLSLayer, size: int = 1 << 20) -> None:
        self.client, self.server, self.size = client, server, size
        self.at_client, self.at_server = b"", b""
        self.last: dict[TLSLayer, Carried] = {}

    def carry(self, to_server: bytes = b"", to_client: bytes = b"") -> None:
        while to_server or to_client:
            received = self._feed(self.server, to_server)
            self.at_server += received.data
            answer = to_client + received.records
            received = self._feed(self.client, answer)
            self.at_client += received.data
            to_server, to_client = received.records, b""

    def _feed(self, layer: TLSLayer, records: bytes) -> Carried:
        data, answers = b"", b""
        for piece in cut(records, self.size):
            self.last[layer] = layer.receive_data(piece)
            data += self.last[layer].data
            answers += self.last[layer].records
        return Carried(data, answers, False)


@pytest.mark.parametrize("size", [1, 1000, 1 << 20])
@pytest.mark.parametrize(("newest", "version"), [(False, "1.2"), (True, "1.3")])
def test_what_is_sent_arrives(newest: bool, version: str, size: int) -> None:
    client, server = layers(client_context(newest=newest))
    line = Line(client, server, size)
    assert server.begin() == b""
    assert [client.version, server.version] == [None, None]
    # RFC 2817 3.3: the request that asked is answered first, inside.
    assert server.request == RequestHead(b"OPTIONS", b"*", [(b"Host", b"a")])
    assert client.request is None
    assert server.send(b"answer;") == b"", "it waits for the handshake"
    line.carry(client.begin())
    assert [client.version, server.version] == [version, version]
    assert line.at_client == b"answer;"
    line.carry(client.send(LONG), server.send(LONG))
    assert line.at_server == LONG
    assert line.at_client == b"answer;" + LONG
    assert not line.last[client].end
    # One end has no more to say, and the other one still has.
    line.carry(client.close())
    assert line.last[server].end
    assert line.last[server].error is None
    line.carry(b"", server.send(b"and more"))
    line.carry(b"", server.close())
    assert line.at_client.endswith(b"and more")
    assert line.last[client] == Carried(line.last[client].data, b"", True, None)
    assert client.close() == server.close() == b""
    with pytest.raises(LocalProtocolError, match="nothing more is carried"):
        client.send(b"x")


def test_both_ends_may_close_at_once() -> None:
    client, server = layers(client_context())
    line = Line(client, server)
    line.carry(client.begin())
    line.carry(client.close(), server.close())
    assert [(each.end, each.error) for each in line.last.values()] == [(True, None)] * 2


def test_the_handshake_may_agree_on_another_version_than_the_101_names() -> None:
    # As CUPS does it: the versions that it names are not those that it speaks.
    accept, switched = switch("1.2")
    assert str(accept.token) == "TLS/1.2"
    client = TLSLayer(switched, client_context(), server_hostname=HOST)
    server = TLSLayer(accept, SERVER)
    Line(client, server).carry(client.begin())
    assert client.version == server.version == "1.3"


def test_the_example_of_its_page_answers_inside() -> None:
    (block,) = code_blocks(ROOT / "docs/adapters/ssl.md")
    namespace: dict[str, Any] = {"__name__": "example"}
    exec(block, namespace)
    answer = namespace["switch"](SERVER, client_context(), HOST)
    assert answer.startswith(b"HTTP/1.1 204 ")


# --- What is broken -----------------------------------------------------------------------------


def test_a_certificate_of_somebody_else_is_refused_with_an_alert() -> None:
    client, server = layers(STRANGERS.for_client(newest=True))
    line = Line(client, server)
    line.carry(client.begin())
    assert isinstance(line.last[client].error, ssl.SSLCertVerificationError)
    error = line.last[server].error
    assert error is not None
    assert "alert unknown ca" in str(error).replace("_", " ").lower()
    with pytest.raises(LocalProtocolError, match="nothing more is carried"):
        client.send(b"x")
    assert client.close() == b""


def test_another_host_is_refused() -> None:
    client, server = layers(client_context(), hostname="other.example")
    line = Line(client, server)
    line.carry(client.begin())
    assert isinstance(line.last[client].error, ssl.SSLCertVerificationError)


def test_versions_that_do_not_meet_end_in_an_alert() -> None:
    newest = CERTIFICATES.for_server()
    newest.minimum_version = ssl.TLSVersion.TLSv1_3
    accept, _ = switch("1.3", server=newest)
    _, switched = switch("1.2")
    client = TLSLayer(switched, client_context(newest=False), server_hostname=HOST)
    server = TLSLayer(accept, newest)
    line = Line(client, server)
    line.carry(client.begin())
    assert "version" in str(line.last[client].error).lower()
    assert line.last[server].error is not None


@pytest.mark.parametrize("octets", [plain(), b"\x16\x03\x01\x00\x05hello"])
def test_what_is_no_hello_is_an_error(octets: bytes) -> None:
    server = TLSLayer(switch("1.3")[0], SERVER)
    carried = server.receive_data(octets)
    assert carried.end
    assert carried.error is not None
    assert server.receive_data(octets) == carried.replace(records=b"")
    shown = repr(carried.replace(data=b"secret", records=b"x"))
    assert shown.startswith("Carried(data=<6 octets>, records=<1 octet>, end=True, error=<SSL")


def test_an_end_of_file_that_nobody_announced_is_an_error() -> None:
    client, server = layers(client_context())
    Line(client, server).carry(client.begin())
    part = client.send(b"whole") + client.send(b"cut off")[:-1]
    assert server.receive_data(part).data == b"whole"
    carried = server.receive_data(b"")
    assert isinstance(carried.error, ssl.SSLEOFError)
    with pytest.raises(LocalProtocolError, match="after the end of file"):
        server.receive_data(b"x")
    halfway, _ = layers(client_context())
    halfway.begin()
    assert isinstance(halfway.receive_data(b"").error, ssl.SSLError)
    assert halfway.close() == b""


def test_a_handshake_that_ends_anywhere_is_an_error_and_carries_nothing() -> None:
    accept, switched = switch(*versions(client_context()))
    hello = TLSLayer(switched, client_context(), server_hostname=HOST).begin()
    for place in range(len(hello) + 1):
        server = TLSLayer(accept, SERVER)
        server.send(b"secret")
        begun = server.receive_data(hello[:place]) if place else Carried(b"", b"", False)
        assert (begun.data, begun.error) == (b"", None)
        ended = server.receive_data(b"")
        assert isinstance(ended.error, ssl.SSLError)
        assert (ended.data, server.version) == (b"", None)
        assert b"secret" not in begun.records + ended.records


def test_an_end_of_file_behind_a_close_is_none() -> None:
    client, server = layers(client_context())
    Line(client, server).carry(client.begin())
    assert server.receive_data(client.close()).end
    assert server.receive_data(b"") == Carried(b"", b"", True, None)


def test_a_connection_that_is_closed_in_the_handshake_carries_nothing() -> None:
    client, server = layers(client_context())
    server.send(b"secret")
    assert server.close() == b""
    line = Line(client, server)
    line.carry(client.begin())
    assert line.at_client == b""


def test_another_protocol_inside_than_was_agreed_on_ends_it() -> None:
    theirs, ours = client_context(), CERTIFICATES.for_server()
    theirs.set_alpn_protocols(["h2", "http/1.1"])
    ours.set_alpn_protocols(["h2", "http/1.1"])
    client, server = layers(theirs, ours)
    client.send(b"secret")
    line = Line(client, server)
    line.carry(client.begin())
    assert "h2 inside was not agreed on" in str(line.last[client].error)
    assert line.at_server == b""
    ours.set_alpn_protocols(["http/1.1"])
    client, server = layers(theirs, ours)
    Line(client, server).carry(client.begin())
    assert client.ssl_object.selected_alpn_protocol() == "http/1.1"


# --- Contexts and misuse ------------------------------------------------------------------------


def test_the_versions_of_a_context() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    assert versions(context) == ("1.3", "1.2")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    assert versions(context) == ("1.2",)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.maximum_version = ssl.TLSVersion.MAXIMUM_SUPPORTED
    assert versions(context) == ("1.3",)
    with pytest.warns(DeprecationWarning, match="OP_NO"):
        context.options |= ssl.OP_NO_TLSv1_3
    assert versions(context) == ()


def test_misuse_raises() -> None:
    accept, switched = switch("1.2")
    with pytest.raises(ValueError, match="no handshake has asked for"):
        TLSLayer(switched, client_context(), server_hostname=HOST, trailing_data=b"\x16")
    newest = client_context()
    newest.minimum_version = ssl.TLSVersion.TLSv1_3
    with pytest.raises(ValueError, match=r"does not allow TLS 1\.2"):
        TLSLayer(switched, newest, server_hostname=HOST)
    with pytest.raises(ValueError, match="server_hostname"):
        TLSLayer(switched, client_context())
    tunnel = feed(ServerNegotiator(Policy(CustomProtocol("tcp"))), asks_for(b"tcp"))
    assert isinstance(tunnel, Accept101)
    with pytest.raises(ValueError, match="tcp was agreed on, and no TLS"):
        TLSLayer(tunnel, SERVER)
    assert TLSLayer(accept.replace(head=None), SERVER).request is None
