"""The two exceptions, and what they tell whoever catches them."""

import copy
import pickle

import pytest

import httpupgrade
from httpupgrade import LocalProtocolError, ProtocolError, RemoteProtocolError
from httpupgrade._findings import find

FAULTS = (find("bare-lf", value=b"GET / HTTP/1.1", offset=14), find("obs-fold", offset=20))


def test_a_caller_can_catch_both_at_once_and_tell_them_apart() -> None:
    assert issubclass(LocalProtocolError, ProtocolError)
    assert issubclass(RemoteProtocolError, ProtocolError)
    assert not issubclass(LocalProtocolError, RemoteProtocolError)
    assert not issubclass(RemoteProtocolError, LocalProtocolError)


def test_there_are_no_other_protocol_errors() -> None:
    exported = [getattr(httpupgrade, name) for name in httpupgrade.__all__]
    errors = {each for each in exported if isinstance(each, type) and issubclass(each, Exception)}
    assert errors == {
        ProtocolError,
        LocalProtocolError,
        RemoteProtocolError,
        httpupgrade.FieldSyntaxError,
    }


def test_a_local_error_says_what_was_done_wrong() -> None:
    assert str(LocalProtocolError("sent twice")) == "sent twice"


def test_a_remote_error_carries_every_finding_and_says_them() -> None:
    error = RemoteProtocolError(FAULTS)
    assert error.findings == FAULTS
    assert error.finding is FAULTS[0]
    assert str(error) == (
        "a line ends in LF without CR (RFC 9112 2.2);"
        " a field value goes on over a second line (RFC 9112 5.2)"
    )


def test_the_text_of_a_remote_error_holds_nothing_that_was_received() -> None:
    # CVE-2020-7694: escape sequences of the peer's in logs.
    error = RemoteProtocolError((find("bare-cr", value=b"\x1b[31mGET", offset=0),))
    assert "\x1b" not in str(error)
    assert "GET" not in str(error)


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
