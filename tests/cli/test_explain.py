"""``explain`` from its arguments to what it prints."""

import io
import json
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from httpupgrade import RequestHead
from httpupgrade.cli import main
from httpupgrade.cli.exits import Exit
from httpupgrade.cli.explain import reading
from httpupgrade.cli.explain.exchange import Exchange
from httpupgrade.cli.explain.judging import judge, policy_of

KEY: Final = b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
WEBSOCKET: Final = (
    b"GET /chat?token=s3cr3t HTTP/1.1\r\nHost: server.example\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nCookie: s3cr3t\r\nAuthorization: Bearer s3cr3t\r\n" + KEY + b"\r\n"
)
# As nginx passes it on with proxy_pass alone.
LOST: Final = (
    b"GET /chat?token=s3cr3t HTTP/1.0\r\nHost: 127.0.0.1:8000\r\nConnection: close\r\n"
    b"Cookie: s3cr3t\r\nAuthorization: Bearer s3cr3t\r\n" + KEY + b"\r\n"
)
PLAIN: Final = b"GET / HTTP/1.1\r\nHost: server.example\r\n\r\n"
SWITCH: Final = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)
OK: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
REQUIRED: Final = (
    b"HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Set-Cookie: s3cr3t\r\nContent-Length: 6\r\n\r\nUse ws"
)
EXTENDED: Final = (
    b"CONNECT /a HTTP/2\r\n:protocol: websocket\r\n:authority: a\r\nsec-websocket-version: 13\r\n"
    b"\r\n"
)
CURL: Final = (
    b"* Connected to server.example (192.0.2.1) port 80 (#0)\n"
    b"> GET /chat HTTP/1.1\n> Host: server.example\n> \n"
    b"< HTTP/1.1 426 Upgrade Required\n< Upgrade: websocket\n< Connection: Upgrade\n< \n"
)


class Said:
    """What a call came to."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err

    @property
    def document(self) -> dict[str, Any]:
        """The JSON document."""
        content: dict[str, Any] = json.loads(self.out)
        return content


class Explain:
    """Calls ``explain`` in a folder of its own."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: str) -> Said:
        status = main(["explain", *arguments])
        captured = self._capsys.readouterr()
        return Said(status, captured.out, captured.err)

    def octets(self, octets: bytes, *arguments: str) -> Said:
        """The same of standard input."""
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(octets)))
        return self(*arguments)


@pytest.fixture
def explain(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Explain:
    monkeypatch.chdir(tmp_path)
    return Explain(capsys, monkeypatch)


# --- What is said of one exchange ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("octets", "status", "verdict", "code"),
    [
        (WEBSOCKET, Exit.FINE, "healthy", ""),
        (PLAIN, Exit.FINE, "healthy", ""),
        (LOST, Exit.FOUND, "broken", "hop-by-hop-fields-lost"),
        (WEBSOCKET + SWITCH, Exit.FINE, "healthy", ""),
        (PLAIN + OK, Exit.FINE, "healthy", ""),
        (PLAIN + REQUIRED, Exit.FOUND, "refused", "upgrade-required"),
        (WEBSOCKET + REQUIRED, Exit.FOUND, "broken", "asked-in-vain"),
        (WEBSOCKET + OK, Exit.FOUND, "broken", "upgrade-ignored"),
        # A response alone accuses nobody of what an ordinary request may be answered with.
        (SWITCH, Exit.FINE, "healthy", ""),
        (SWITCH.replace(b"websocket", b"h2c"), Exit.FINE, "healthy", ""),
        (
            SWITCH.replace(b"Upgrade: websocket\r\n", b""),
            Exit.FOUND,
            "broken",
            "switch-upgrade-missing",
        ),
        (OK, Exit.UNCLEAR, "unclear", "upgrade-ignored"),
        (REQUIRED, Exit.FOUND, "refused", "upgrade-required"),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", Exit.FOUND, "broken", "gateway-failed"),
        (CURL, Exit.FOUND, "refused", "upgrade-required"),
        (
            CURL.replace(b"\n", b"\r\n").decode().encode("utf-16"),
            Exit.FOUND,
            "refused",
            "upgrade-required",
        ),
        (b"\xef\xbb\xbf" + CURL, Exit.FOUND, "refused", "upgrade-required"),
        (b"\x16\x03\x01\x02\x00\x01", Exit.FOUND, "broken", "tls-client-hello"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Exit.FOUND, "broken", "http2-preface"),
        (b"GET / HTTP/2\r\nHost: a\r\n\r\n", Exit.FINE, "healthy", ""),
        (
            EXTENDED,
            Exit.FINE,
            "healthy",
            "",
        ),
    ],
)
def test_an_exchange_is_judged(
    octets: bytes, status: Exit, verdict: str, code: str, explain: Explain
) -> None:
    said = explain.octets(octets, "--format=json")
    assert said.err == ""
    assert said.status == status
    (exchange,) = said.document["exchanges"]
    assert exchange["verdict"] == verdict
    diagnosis = next(
        each
        for each in (exchange["client"], exchange["server"])
        if each is not None and each["verdict"] == verdict
    )
    assert diagnosis["code"] == code
    assert said.document["summary"] == {
        "exchanges": 1,
        **{each: int(each == verdict) for each in ("healthy", "refused", "broken", "unclear")},
    }
    assert explain.octets(octets).status == status


def test_the_text_has_the_decision_its_findings_and_the_diagnosis(explain: Explain) -> None:
    said = explain.octets(LOST, "--require", "websocket")
    assert said.out.startswith(
        "standard input\n"
        "  request:  GET /chat?... HTTP/1.0\n"
        "  decision: 426 Upgrade Required, and the connection closes\n"
        "  * hop-by-hop-fields-lost: the request was meant as an upgrade, but lacks\n"
    )
    assert (
        "  * upgrade-in-http-1.0: the request arrived in HTTP/1.0, which cannot upgrade\n"
        "    (RFC 9110 7.8)\n"
        "    received: GET /chat?... HTTP/1.0\n"
        "                            ^^^^^^^^\n"
    ) in said.out
    assert "\n\nBROKEN\nA WebSocket handshake arrived without Upgrade" in said.out
    assert "\n      proxy_set_header Upgrade $http_upgrade;\n" in said.out
    assert said.out.endswith("\nMore about this: httpupgrade explain hop-by-hop-fields-lost\n")


def test_the_text_of_a_pair_shows_the_side_that_is_not_healthy(explain: Explain) -> None:
    said = explain.octets(WEBSOCKET + REQUIRED)
    assert (
        "\n  request:  GET /chat?... HTTP/1.1\n  response: HTTP/1.1 426 Upgrade Required\n"
        in said.out
    )
    assert said.out.count("\nBROKEN\n") == 1
    assert "If this was recorded" not in said.out


def test_where_both_sides_have_something_to_say_both_are_shown(explain: Explain) -> None:
    said = explain.octets(LOST + REQUIRED)
    assert "\nIf this was recorded at the server:\n\nBROKEN\n" in said.out
    assert "\nIf this was recorded at the client:\n\n" in said.out


@pytest.mark.parametrize(
    ("octets", "request_line", "response_line"),
    [
        (REQUIRED, "it is not there (curl -v shows both)", "HTTP/1.1 426 Upgrade Required"),
        (PLAIN + b"HTTP/1.1 799 \x9b2J\r\n\r\n", "GET / HTTP/1.1", "HTTP/1.1 799"),
        (PLAIN + b"HTTP/1.1 2x0 OK\r\n\r\n", "GET / HTTP/1.1", "it cannot be read"),
        (
            CURL.partition(b"<")[0] + b"* Empty reply from server\n",
            "GET /chat HTTP/1.1",
            "none",
        ),
        (b"GET /\x80 HTTP/1.1\r\nHost: a\r\n\r\n", "it cannot be read", None),
    ],
)
def test_what_is_there_is_named(
    octets: bytes, request_line: str, response_line: str | None, explain: Explain
) -> None:
    lines = explain.octets(octets).out.split("\n")
    assert f"  request:  {request_line}" in lines
    assert response_line is None or f"  response: {response_line}" in lines


def test_how_it_was_read_is_said(explain: Explain) -> None:
    said = explain.octets(PLAIN.replace(b"\r", b""))
    assert "\n  (its lines end in LF, and were read as if they ended in CR LF)\n" in said.out


# --- The policy ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "octets", "decision"),
    [
        ([], PLAIN, "passed to the HTTP server as an ordinary request"),
        (["--require", "websocket"], PLAIN, "426 Upgrade Required"),
        (["--require", "websocket"], WEBSOCKET, "101, switch to websocket"),
        (["--require", "WebSocket"], WEBSOCKET, "101, switch to websocket"),
        (["--require", "tcp"], WEBSOCKET, "426 Upgrade Required, and the connection closes"),
        (
            ["--offer", "h2c", "--offer", "tls"],
            WEBSOCKET,
            "passed to the HTTP server as an ordinary request",
        ),
        (["--subprotocol", "chat"], WEBSOCKET, "101, switch to websocket"),
        (
            ["--origin", "https://a.example"],
            WEBSOCKET.replace(b"Cookie", b"Origin: https://b.example\r\nCookie"),
            "403 Forbidden, and the connection closes",
        ),
        (
            ["--origin", "same-host", "--secure"],
            WEBSOCKET.replace(b"Cookie", b"Origin: https://server.example\r\nCookie"),
            "101, switch to websocket",
        ),
        (
            ["--offer", "websocket"],
            EXTENDED,
            "200, open websocket",
        ),
        (
            ["--require", "websocket"],
            b"\x16\x03\x01\x02\x00\x01",
            "400 Bad Request, and the connection closes",
        ),
    ],
)
def test_the_options_make_the_policy(
    arguments: list[str], octets: bytes, decision: str, explain: Explain
) -> None:
    said = explain.octets(octets, *arguments)
    assert f"\n  decision: {decision}\n" in said.out


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (
            WEBSOCKET,
            {"kind": "Accept101", "status_code": 101, "token": "websocket", "close": False},
        ),
        (PLAIN, {"kind": "Passthrough", "status_code": None, "token": None, "close": False}),
        (
            EXTENDED,
            {"kind": "AcceptConnect", "status_code": 200, "token": "websocket", "close": False},
        ),
    ],
)
def test_a_decision_in_json(octets: bytes, expected: dict[str, Any], explain: Explain) -> None:
    (exchange,) = explain.octets(octets, "--format=json").document["exchanges"]
    findings = exchange["decision"].pop("findings")
    assert exchange["decision"] == expected
    assert findings == []


def test_a_refusal_in_json_has_its_findings(explain: Explain) -> None:
    said = explain.octets(PLAIN, "--format=json", "--require=websocket")
    (exchange,) = said.document["exchanges"]
    assert exchange["decision"]["kind"] == "Require426"
    assert [each["code"] for each in exchange["decision"]["findings"]] == ["upgrade-missing"]
    said = explain.octets(OK, "--format=json")
    assert said.document["exchanges"][0]["decision"] is None


@pytest.mark.parametrize(
    "arguments", [["--require", "no token"], ["--subprotocol", "a b"], ["--origin", "?"]]
)
def test_what_no_policy_can_be_is_a_wrong_call(arguments: list[str], explain: Explain) -> None:
    said = explain.octets(PLAIN, *arguments)
    assert said.status == Exit.WRONG_CALL
    assert said.out == ""
    assert said.err.startswith("httpupgrade explain: ")


# --- Many exchanges ------------------------------------------------------------------------------


def test_of_many_there_is_a_summary_and_then_each_cause_once(explain: Explain) -> None:
    for name, octets in (("a", WEBSOCKET), ("b", LOST), ("c", PLAIN + REQUIRED), ("d", LOST)):
        Path(name).write_bytes(octets)
    said = explain("a", "b", "c", "d")
    assert said.status == Exit.FOUND
    summary, first, second = said.out.split("\n--- ")
    lines = summary.split("\n")
    assert lines[:2] == ["4 exchanges: 1 healthy, 1 refused, 2 broken", ""]
    assert lines[2].startswith("   1.     2 broken   hop-by-hop-fields-lost, nginx before 1.29.7: ")
    assert lines[3] == "   2.     1 refused  upgrade-required"
    assert all(len(line) <= 80 for line in lines)
    assert first.startswith("1 of 2 -----")
    assert "\nb\n  request:  GET /chat?... HTTP/1.0\n" in first
    assert first.endswith("\nThe same in:\n  d\n")
    assert "\nc\n  request:  GET / HTTP/1.1\n" in second
    assert "The same in" not in second


def test_of_many_that_are_healthy_there_is_the_summary_alone(explain: Explain) -> None:
    said = explain.octets(PLAIN + PLAIN)
    assert said.status == Exit.FINE
    assert said.out == "2 exchanges: 2 healthy\n"


def test_the_causes_in_json(explain: Explain) -> None:
    Path("a").write_bytes(LOST)
    document = explain("a", "a", "--format", "json").document
    assert document["summary"]["broken"] == 2
    (cause,) = document["causes"]
    assert cause.pop("setting")
    assert cause == {
        "verdict": "broken",
        "code": "hop-by-hop-fields-lost",
        "product": "nginx before 1.29.7",
        "count": 2,
    }
    assert [each["name"] for each in document["exchanges"]] == ["a", "a"]
    assert document["unreadable"] == []


@pytest.mark.parametrize(
    ("messages", "status", "verdict"),
    [([{"type": "receive"}], Exit.FINE, "healthy"), ([], Exit.UNCLEAR, "unclear")],
)
def test_a_har_may_lack_what_was_answered(
    messages: list[Any], status: Exit, verdict: str, explain: Explain
) -> None:
    entry = {
        "request": {"method": "GET", "url": "wss://server.example/chat", "headers": []},
        "response": {"status": 0},
        "_webSocketMessages": messages,
    }
    said = explain.octets(json.dumps({"log": {"entries": [entry]}}).encode())
    assert said.status == status
    assert verdict.upper() in said.out


def unanswered(url: str, **members: Any) -> dict[str, Any]:
    request = {"method": "GET", "url": url, "headers": []}
    return {"request": request, "response": {"status": 0}, **members}


@pytest.mark.parametrize(
    ("url", "command"),
    [
        ("wss://server.example/chat?token=s3cr3t", "httpupgrade probe wss://server.example/chat"),
        ("ws://127.0.0.1:8995/", "httpupgrade probe ws://127.0.0.1:8995/"),
    ],
)
def test_what_was_not_answered_can_be_probed(url: str, command: str, explain: Explain) -> None:
    said = explain.octets(json.dumps({"log": {"entries": [unanswered(url)]}}).encode())
    assert f"\n  * Run: {command}\n" in said.out


def test_without_an_address_there_is_none_to_probe() -> None:
    exchange = Exchange("a", RequestHead(b"GET", b"/", ()), recorded_by="client")
    judged = judge(exchange, policy_of([], [], [], []))
    assert judged.client is not None
    assert judged.client.next_steps == ("Run httpupgrade probe with the address of the WebSocket.",)


def test_of_many_a_cause_without_a_code_is_told_in_words(explain: Explain) -> None:
    entries = [unanswered("ws://a/"), unanswered("ws://b/")]
    said = explain.octets(json.dumps({"log": {"entries": entries}}).encode())
    assert "\n   1.     2 unclear  No response was recorded. Browsers" in said.out


def test_a_har_without_the_key_accuses_nobody_of_a_wrong_accept(explain: Explain) -> None:
    entry = {
        "request": {"method": "GET", "url": "ws://server.example/chat", "headers": []},
        "response": {
            "status": 101,
            "headers": [
                {"name": "Upgrade", "value": "websocket"},
                {"name": "Connection", "value": "Upgrade"},
                {"name": "Sec-WebSocket-Accept", "value": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="},
            ],
        },
    }
    said = explain.octets(json.dumps({"log": {"entries": [entry]}}).encode())
    assert said.status == Exit.FINE


def test_an_input_of_no_exchanges_does_not_tell(explain: Explain) -> None:
    said = explain.octets(b'{"log": {"entries": []}}')
    assert (said.status, said.out, said.err) == (
        Exit.UNCLEAR,
        "There is nothing to explain: no response, and no WebSocket.\n",
        "",
    )


# --- Input that is bad ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        (b"", "standard input is empty"),
        (b" \r\n\t", "standard input is empty"),
        (b"\xff\xfe\x00", "standard input is broken UTF-16"),
        (
            b"\x89PNG\r\n\x1a\n",
            r"standard input holds no HTTP message at octet 0: there is \x89PNG",
        ),
        (WEBSOCKET[:-9], "standard input ends inside a head, after "),
        (b"{]", "standard input cannot be read as JSON: "),
        (
            b"* Trying\ncurl: (6) Could not resolve host: \x1b[2J\n",
            "standard input shows no request",
        ),
    ],
)
def test_what_cannot_be_read_is_a_message_and_exit_2(
    octets: bytes, message: str, explain: Explain
) -> None:
    said = explain.octets(octets)
    assert said.status == Exit.WRONG_CALL
    assert said.out == ""
    assert said.err.startswith(f"httpupgrade explain: {message}")
    assert said.err.count("\n") == 1
    assert said.err.rstrip("\n").isprintable()


def test_files_that_cannot_be_read_do_not_hide_the_others(explain: Explain) -> None:
    Path("good").write_bytes(WEBSOCKET)
    Path("bad").write_bytes(b"bad\n")
    Path("folder").mkdir()
    said = explain("good", "bad", "folder", "./missing", "--format", "json")
    assert said.status == Exit.WRONG_CALL
    assert [each["name"] for each in said.document["exchanges"]] == ["good"]
    assert said.document["unreadable"] == [
        "bad holds no HTTP message at octet 0: there is bad\\x0a",
        "folder: Is a directory",
        "./missing: No such file or directory",
    ]
    assert said.err == "".join(
        f"httpupgrade explain: {each}\n" for each in said.document["unreadable"]
    )


def test_an_enormous_input_is_refused(explain: Explain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_OCTETS", 1024 * 1024)
    said = explain.octets(PLAIN + b"x" * 1024 * 1024)
    assert said.status == Exit.WRONG_CALL
    assert said.err.startswith("httpupgrade explain: standard input has more than 1 MiB; ")


def test_there_is_a_bound_on_the_number_of_exchanges(
    explain: Explain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_EXCHANGES", 2)
    said = explain.octets(PLAIN * 3)
    assert said.status == Exit.WRONG_CALL
    assert said.out == "2 exchanges: 2 healthy\n"
    assert said.err == (
        "httpupgrade explain: there are more than 2 exchanges: the others are left out\n"
    )
    assert explain.octets(PLAIN * 2).status == Exit.FINE


def test_a_closed_standard_input_is_said(explain: Explain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    said = explain("-")
    assert said.status == Exit.WRONG_CALL
    assert said.err == "httpupgrade explain: standard input is closed\n"


def test_a_terminal_is_told_that_it_is_waited_for(
    explain: Explain, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = io.TextIOWrapper(io.BytesIO(PLAIN))
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    said = explain()
    assert said.status == Exit.FINE
    assert said.err.startswith("Waiting for standard input: ")


@pytest.mark.parametrize("kind", ["raw", "curl", "har"])
def test_what_it_is_can_be_told(kind: str, explain: Explain) -> None:
    good = {"raw": PLAIN, "curl": CURL, "har": b'{"log": {"entries": []}}'}
    assert explain.octets(good[kind], "--input", kind).err == ""
    other = good["curl" if kind == "raw" else "raw"]
    assert explain.octets(other, "--input", kind).status == Exit.WRONG_CALL


# --- What is never shown -------------------------------------------------------------------------

ESCAPES: Final = b"\x1b]0;owned\x07\x1b[2J\x9b31m"


@pytest.mark.parametrize(
    "octets",
    [
        b"GET /" + ESCAPES + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: " + ESCAPES + b"\r\nX" + ESCAPES + b": 1\r\n\r\n",
        WEBSOCKET.replace(b"websocket", ESCAPES),
        PLAIN + b"HTTP/1.1 426 " + ESCAPES + b"\r\nUpgrade: " + ESCAPES + b"\r\n\r\n" + ESCAPES,
        PLAIN + b"HTTP/1.1 400 No\r\nServer: " + ESCAPES + b"\r\n\r\n<h1>" + ESCAPES,
        ESCAPES,
        CURL + b"< Server: " + ESCAPES + b"\n" + ESCAPES,
        json.dumps(
            {
                "log": {
                    "entries": [
                        {
                            "request": {
                                "url": f"ws://a/{ESCAPES.decode('latin-1')}",
                                "method": "\x1b",
                            },
                            "response": {"status": 426},
                        }
                    ]
                }
            }
        ).encode(),
    ],
)
def test_terminal_escapes_do_not_reach_the_terminal(octets: bytes, explain: Explain) -> None:
    Path("\x1b[2J").write_bytes(octets)
    for arguments in ([], ["--require", "websocket"], ["--format", "json"]):
        said = explain("\x1b[2J", *arguments)
        for text in (said.out, said.err):
            assert all(each == "\n" or " " <= each <= "~" for each in text)


def test_secrets_are_kept_out(explain: Explain) -> None:
    har = {
        "log": {
            "entries": [
                {
                    "request": {
                        "method": "GET",
                        "url": "wss://me:s3cr3t@server.example/chat?token=s3cr3t#s3cr3t",
                        "headers": [{"name": "Cookie", "value": "s3cr3t"}],
                    },
                    "response": {"status": 426, "headers": [], "content": {"text": "s3cr3t"}},
                }
            ]
        }
    }
    for octets in (
        WEBSOCKET,
        LOST,
        LOST + REQUIRED,
        WEBSOCKET.replace(b"Upgrade: websocket\r\n", b""),
        WEBSOCKET.replace(b"Cookie:", b"Cookie :"),
        CURL.replace(b"/chat", b"/chat?s3cr3t").replace(
            b"< \n", b"< Set-Cookie: s3cr3t\n< \ns3cr3t"
        ),
        json.dumps(har).encode(),
    ):
        for arguments in ([], ["--require", "websocket"], ["--format", "json"]):
            said = explain.octets(octets, *arguments)
            assert said.out
            assert "s3cr3t" not in said.out + said.err
