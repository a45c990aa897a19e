"""Keys of a rollout: what tells one client from another, and what becomes of those that lack it."""

import copy
import pickle
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies_decide import request

from httpupgrade import Policy, RequestInfo, RolloutKey, WebSocket, decide, rollout_by
from httpupgrade._negotiation.decide import decide_within

PEER: Final = ("192.0.2.7", 50000)


def cookies(*lines: bytes, peer: object = PEER) -> RequestInfo:
    return RequestInfo(request(*[(b"Cookie", line) for line in lines]), peer)


def fields(*lines: tuple[bytes, bytes], peer: object = PEER) -> RequestInfo:
    return RequestInfo(request(*lines), peer)


# --- Cookies


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        ([b"session=abc"], b"abc"),
        ([b"a=1; session=abc; b=2"], b"abc"),
        ([b"a=1", b"session=abc"], b"abc"),  # RFC 9113 8.2.3
        ([b"a=1;session=abc;"], b"abc"),
        ([b"a=1 ;\tsession=abc\t; b"], b"abc"),
        ([b"session=a=b=="], b"a=b=="),
        ([b'session="abc"'], b'"abc"'),
        ([b"session=a,b c"], b"a,b c"),
        ([b"session=\xff\x80"], b"\xff\x80"),
        ([b"sessions=1; xsession=2; session=abc"], b"abc"),
        # RFC 6265 5.3: names are told apart by their case.
        ([b"Session=1; SESSION=2; session=abc"], b"abc"),
        ([b"session; session=abc"], b"abc"),
    ],
)
def test_a_cookie_is_found(lines: list[bytes], value: bytes) -> None:
    assert rollout_by(cookie="session")(cookies(*lines)) == value


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [b""],
        [b";;"],
        [b"a=1"],
        [b"session"],
        [b"Session=abc"],
        [b"session=; a=1"],
        [b'session=""'],
        [b"session = abc"],
        [b"a=session=abc"],
        [b"session=abc; session=def"],
        [b"session=abc; session=abc"],
        [b"session=abc", b"session=def"],
        [b"session=; session=abc"],
    ],
)
def test_a_cookie_that_is_not_there_once_is_lacking(lines: list[bytes]) -> None:
    """RFC 6265 4.2.2: a server does not rely on which of several comes first."""
    info = cookies(*lines)
    assert rollout_by(cookie="session")(info) is None
    assert rollout_by(cookie="session", missing="out")(info) is None
    assert rollout_by(cookie="session", missing="address")(info) == b"192.0.2.7"


OCTETS: Final = st.lists(
    st.sampled_from([b";", b"=", b" ", b"\t", b'"', b",", b"a", b"id", b"\xe9"]), max_size=12
).map(lambda parts: b"".join(parts).strip(b" \t"))


@given(st.lists(OCTETS, max_size=4), st.sampled_from(["id", "a"]))
def test_a_cookie_is_what_a_plain_reading_finds(lines: list[bytes], name: str) -> None:
    """Each pair, one by one, over all lines."""
    found = []
    for pair in b";".join(lines).split(b";"):
        left, equals, right = pair.strip(b" \t").partition(b"=")
        if equals and left == name.encode():
            found.append(right)
    wanted = found[0] if len(found) == 1 and found[0] not in (b"", b'""') else None
    assert rollout_by(cookie=name)(cookies(*lines)) == wanted


@given(st.lists(st.sampled_from([b"a=1", b"b=2", b"id=3", b"c"]), unique=True, min_size=1))
def test_how_cookies_are_spread_over_lines_does_not_matter(pairs: list[bytes]) -> None:
    key = rollout_by(cookie="id")
    together, apart = cookies(b"; ".join(pairs)), cookies(*pairs)
    assert key(together) == key(apart) == (b"3" if b"id=3" in pairs else None)


def test_reading_cookies_takes_linear_time() -> None:
    line = b"; ".join([b"session"] * 200_000)
    assert rollout_by(cookie="session")(cookies(line)) is None


# --- Fields and addresses


@pytest.mark.parametrize("name", [b"Authorization", b"authorization", bytearray(b"AUTHORIZATION")])
def test_a_field_is_found_in_any_case(name: bytes) -> None:
    assert rollout_by(field=name)(fields((b"authorization", b"Bearer x"))) == b"Bearer x"


@pytest.mark.parametrize(
    "lines", [(), ((b"X-Id", b""),), ((b"X-Id", b"1"), (b"x-id", b"1")), ((b"X-Idd", b"1"),)]
)
def test_a_field_that_is_not_there_once_is_lacking(lines: tuple[tuple[bytes, bytes], ...]) -> None:
    assert rollout_by(field=b"X-Id")(fields(*lines)) is None
    assert rollout_by(field=b"X-Id", missing="address")(fields(*lines)) == b"192.0.2.7"


@pytest.mark.parametrize(
    ("peer", "key"),
    [
        (PEER, b"192.0.2.7"),
        (("2001:db8::1", 5, 0, 0), b"2001:db8::1"),
        (("caf\xe9\udc80", 1), b"caf\xc3\xa9\xed\xb2\x80"),
        (("", 1), None),
        (None, None),
        ("/run/socket", None),
    ],
)
def test_an_address_is_the_peers(peer: object, key: bytes | None) -> None:
    """Whatever the port: it differs from connection to connection."""
    info = RequestInfo(request(), peer)
    assert rollout_by()(info) == key
    assert rollout_by(cookie="a", missing="address")(info) == key
    assert rollout_by(field=b"a", missing="address")(info) == key


# --- Arguments


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"cookie": ""}, r"^cookie is a token"),
        ({"cookie": "a b"}, r"^cookie is a token"),
        ({"cookie": "a=b"}, r"^cookie is a token"),
        ({"cookie": "caf\xe9"}, r"^cookie is a token"),
        ({"field": b""}, r"^field is a token"),
        ({"field": b"X-Id:"}, r"^field is a token"),
        ({"field": b"\xff"}, r"^field is a token"),
        ({"field": b"cookie"}, r"^field is not Cookie"),
        ({"cookie": "a", "field": b"b"}, r"by a cookie or by a field"),
        ({"missing": "address"}, r"^missing is for a cookie or a field"),
        ({"cookie": "a", "missing": "in"}, r"^missing is one of 'out', 'address', not 'in'"),
    ],
)
def test_arguments_that_mean_nothing_are_refused(arguments: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        rollout_by(**arguments)


def test_a_field_is_bytes_and_a_cookie_is_not() -> None:
    for arguments in ({"field": "X-Id"}, {"cookie": b"id"}):
        with pytest.raises(TypeError):
            rollout_by(**arguments)


KEYS: Final = [
    rollout_by(),
    rollout_by(cookie="id"),
    rollout_by(field=b"X-Id", missing="address"),
]


def through_pickle(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


@pytest.mark.parametrize("key", KEYS)
def test_a_key_goes_where_its_policy_goes(key: RolloutKey) -> None:
    policy = Policy(WebSocket(), mode="required", rollout=0.5, rollout_key=key)
    info = fields((b"X-Id", b"7"), (b"Cookie", b"id=7"))
    for made in (copy.copy, copy.deepcopy, through_pickle):
        assert made(policy).enforces(info) == policy.enforces(info)
        assert made(key)(info) == key(info)


# --- The share


def in_share(rollout: float, key: RolloutKey, info: RequestInfo) -> bool:
    policy = Policy(WebSocket(), mode="required", rollout=rollout, rollout_key=key)
    return policy.enforces(info)


def client(number: int) -> RequestInfo:
    lines = ((b"Cookie", b"a=1; id=c%d" % number), (b"X-Id", b"f%d" % number))
    return fields(*lines, peer=(f"192.0.{number // 256 % 256}.{number % 256}", number))


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.integers(0, 10**4), st.sampled_from(KEYS))
def test_who_is_in_stays_in_when_the_share_grows(
    one: float, other: float, number: int, key: RolloutKey
) -> None:
    smaller, larger = sorted((one, other))
    info = client(number)
    assert in_share(smaller, key, info) <= in_share(larger, key, info)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("rollout", [0.01, 0.1, 0.5, 0.9])
def test_the_share_is_what_it_says(rollout: float, key: RolloutKey) -> None:
    policy = Policy(WebSocket(), mode="required", rollout=rollout, rollout_key=key)
    share = sum(policy.enforces(client(number)) for number in range(2000)) / 2000
    # Four standard deviations of 2000 throws.
    assert share == pytest.approx(rollout, abs=4 * (rollout * (1 - rollout) / 2000) ** 0.5)


@pytest.mark.parametrize("rollout", [1e-9, 0.5, 1 - 2**-53])
def test_those_that_lack_it_are_out(rollout: float) -> None:
    for number in range(100):
        info = RequestInfo(request(), client(number).peer)
        assert not in_share(rollout, rollout_by(cookie="id"), info)
        assert not in_share(rollout, rollout_by(field=b"X-Id"), info)
        assert not in_share(rollout, rollout_by(), RequestInfo(request()))


def test_those_that_lack_it_are_told_apart_by_their_addresses() -> None:
    key = rollout_by(cookie="id", missing="address")
    for number in range(100):
        info = RequestInfo(request(), client(number).peer)
        assert in_share(0.5, key, info) is in_share(0.5, rollout_by(), info)


def test_a_client_is_in_or_out_whatever_else_it_sends() -> None:
    key = rollout_by(cookie="id", missing="address")
    for number in range(50):
        infos = [
            cookies(b"id=%d" % number),
            cookies(b"a=%d; id=%d" % (number, number), peer=("198.51.100.1", 1)),
            cookies(b"b=1", b"id=%d" % number, peer=None),
        ]
        assert len({in_share(0.5, key, info) for info in infos}) == 1


def test_a_key_is_told_of_the_request_and_of_its_connection() -> None:
    told: list[RequestInfo] = []

    def key(info: RequestInfo) -> bytes | None:
        told.append(info)
        return None

    policy = Policy(WebSocket(), mode="required", rollout=0.5, rollout_key=key)
    plain, asking = request(), request((b"Upgrade", b"h2c"), (b"Connection", b"Upgrade"))
    for head in (plain, asking):
        decided = decide_within(None, head, policy, True, PEER, {"path": "/"})
        assert decided[1:] == (None, None, False)
        decide(head, policy, secure=True, peer=PEER)
    around = RequestInfo(plain, PEER, True, {"path": "/"})
    alone = RequestInfo(plain, PEER, True)
    assert told == [each.replace(head=head) for head in (plain, asking) for each in (around, alone)]
