"""The two exceptions, and what they tell whoever catches them."""

import copy
import pickle

import pytest
from public_names import PUBLIC

from httpupgrade import (
    Finding,
    LocalProtocolError,
    ProtocolError,
    RemoteProtocolError,
    ResponseHead,
)
from httpupgrade._http1 import finding_codes as codes
from httpupgrade._http1.findings import Code, make_finding
from httpupgrade.fields import FieldSyntaxError

FAULTS = (
    make_finding(codes.BARE_LF, value=b"GET / HTTP/1.1", offset=14),
    make_finding(codes.OBS_FOLD, offset=20),
)


def test_a_caller_can_catch_both_at_once_and_tell_them_apart() -> None:
    assert issubclass(LocalProtocolError, ProtocolError)
    assert issubclass(RemoteProtocolError, ProtocolError)
    assert not issubclass(LocalProtocolError, RemoteProtocolError)
    assert not issubclass(RemoteProtocolError, LocalProtocolError)


def test_there_are_no_other_protocol_errors() -> None:
    errors = {
        each for each in PUBLIC.values() if isinstance(each, type) and issubclass(each, Exception)
    }
    assert errors == {
        ProtocolError,
        LocalProtocolError,
        RemoteProtocolError,
        FieldSyntaxError,
    }


def test_a_local_error_says_what_was_done_wrong() -> None:
    assert str(LocalProtocolError("sent twice")) == "sent twice"


def test_a_remote_error_carries_every_finding_and_says_them() -> None:
    error = RemoteProtocolError(FAULTS)
    assert error.findings == FAULTS
    assert error.finding is FAULTS[0]
    assert error.raw == b""
    assert repr(error) == f"RemoteProtocolError({FAULTS!r}, raw=<0 octets>)"
    assert str(error) == (
        "a line ends in LF without CR (RFC 9112 2.2), at octet 14 of the head;"
        " a field value continues on a second line (RFC 9112 5.2), at octet 20 of the head"
    )


def test_the_text_of_a_remote_error_shows_the_line_at_fault_escaped() -> None:
    # CVE-2020-7694: escape sequences of the peer's in logs.
    octets = b"HTTP/1.1 200 OK\r\nUpgrade: a\x1b[31m\0\r\nConnection: \0\r\n\r\n"
    with pytest.raises(RemoteProtocolError) as raised:
        ResponseHead.parse(octets)
    assert str(raised.value) == (
        "a field value holds a control character (RFC 9110 5.5):"
        r' received "Upgrade: a\x1b[31m\x00", wrong at "\x00";'
        " a field value holds a control character (RFC 9110 5.5):"
        r' received "Connection: \x00"'
    )


def test_a_value_without_its_line_is_shown_unless_it_may_be_secret() -> None:
    code = Code("own", None, "own 1", "why")
    shown = make_finding(code, field="Sec-WebSocket-Extensions", value=b"x; a=<\x1b>")
    hidden = make_finding(code, field="Sec-WebSocket-Protocol", value=b"5ecre7")
    said = "why (own 1)"
    error = RemoteProtocolError((shown, hidden))
    assert str(error) == rf'{said}: received "x; a=\x3c\x1b\x3e"; {said}'


def test_a_place_at_the_end_of_a_line_is_named_in_words() -> None:
    finding = make_finding(codes.BARE_LF).replace(line=b"A: b", start=4, end=4)
    assert str(RemoteProtocolError((finding,))).endswith('received "A: b", wrong at its end')


def test_the_text_of_a_remote_error_holds_no_secret() -> None:
    finding = make_finding(codes.BARE_CR, value=b"5ecre7")
    octets = b"HTTP/1.1 200 OK\r\nSet-Cookie: 5ecre7\0\r\nX : 5ecre7\r\n5ecre7\r\n\r\n"
    with pytest.raises(RemoteProtocolError) as raised:
        ResponseHead.parse(octets)
    assert "5ecre7" not in str(raised.value)
    assert "Set-Cookie: ..." in str(raised.value)
    assert "5ecre7" not in str(RemoteProtocolError((finding,)))


def test_a_finding_without_a_clause_or_a_whole_place_is_shown_too() -> None:
    finding = Finding("own", "why", line=b"A: <")
    assert str(RemoteProtocolError((finding,))) == r'why: received "A: \x3c"'


@pytest.mark.parametrize(
    "error",
    [LocalProtocolError("sent twice"), RemoteProtocolError(FAULTS, b"GET")],
    ids=["local", "remote"],
)
def test_an_error_survives_copies_and_pickling(error: ProtocolError) -> None:
    for again in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert vars(again) == vars(error)
