"""Law: with the fast path turned off, a connection shows the same, octet for octet."""

from captures import captured_requests
from hypothesis import given
from hypothesis import strategies as st
from slow_path import without_the_fast_path
from strategies_streams import policies, streams
from transcript import PolicySource

from httpupgrade import Limits
from httpupgrade.testing.strategies import chunkings, damaged, limits, mutated_handshakes
from server.test_laws_split import drive

connections = (
    streams()
    | mutated_handshakes().map(lambda mutated: mutated.data)
    | damaged(st.sampled_from([each.octets for each in captured_requests()]))
)


@given(st.data(), connections, policies(), limits() | st.just(Limits()), st.booleans())
def test_the_fast_path_changes_nothing_that_is_seen(
    data: st.DataObject, octets: bytes, policy: PolicySource, limits: Limits, secure: bool
) -> None:
    pieces = [octets] if octets else []
    fast = drive(policy, limits, pieces, secure=secure)
    with without_the_fast_path():
        assert drive(policy, limits, pieces, secure=secure) == fast
        cut = data.draw(chunkings(octets))
        assert drive(policy, limits, cut, secure=secure) == fast
    assert drive(policy, limits, cut, secure=secure) == fast
