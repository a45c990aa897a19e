"""Examples as a whole: the request that a 426 prints, and how those of several offers are one."""

import pytest
from strategies_decide import request

from httpupgrade import RequestHead, UpgradeToken
from httpupgrade._negotiation.example_request import merge_examples
from httpupgrade.offers import Example

HOST = (b"Host", b"server.example")
OWN, MORE = UpgradeToken("own"), UpgradeToken("more", "2")


def test_an_example_is_a_get_of_the_same_target_at_the_same_host() -> None:
    refused = request((b"hOST", HOST[1]), (b"X", b"y"), method=b"POST", target=b"/a?b")
    made = Example.of(refused, [OWN, MORE], [(b"X-Own", b"1")], options=[b"X-Own", b"te"])
    assert (made.head.method, made.head.target, made.note) == (b"GET", b"/a?b", "")
    assert made.head.headers == (
        HOST,
        (b"Connection", b"Upgrade, X-Own, te"),
        (b"Upgrade", b"own, more/2"),
        (b"X-Own", b"1"),
    )
    bare = Example.of(RequestHead(b"GET", b"/", (), b"1.0"), [OWN]).head.headers
    assert bare == ((b"Host", b""), (b"Connection", b"Upgrade"), (b"Upgrade", b"own"))


@pytest.mark.parametrize(
    ("method", "target", "shared"),
    [
        (b"GET", b"/a", b"/a"),
        (b"CONNECT", b"a:443", b"/"),
        (b"OPTIONS", b"*", b"/"),
        (b"connect", b"/a", b"/a"),
        (b"OPTIONS", b"/*", b"/*"),
    ],
)
def test_an_example_has_a_target_that_a_get_can_have(
    method: bytes, target: bytes, shared: bytes
) -> None:
    """RFC 9112 3.2."""
    refused = request(method=method, target=target)
    assert Example.of(refused, [OWN]).head.target == shared
    assert Example.of(refused, [OWN], target=b"/own").head.target == b"/own"


def test_of_examples_the_first_is_right_where_two_say_something_else() -> None:
    refused = request(target=b"/a")
    one = Example.of(
        refused,
        [OWN],
        [(b"X-A", b"1"), (b"X-Both", b"one")],
        options=[b"X-A", b""],
        method=b"POST",
        note="One.",
    )
    two = Example.of(
        refused,
        [MORE, OWN],
        [(b"x-both", b"two"), (b"X-B", b"2"), (b"x-b", b"3")],
        options=[b"X-B", b"te"],
        note="Two.",
    )
    fields = (
        (b"host", b"other"),
        (b"CONNECTION", b"\tUPGRADE ,,x-Xx,te"),
        (b"UPGRADE", b"h2c"),
        (b"x-a", b"9"),
        (b"X-B", b"9"),
        (b"X-C", b"4"),
    )
    three = Example(RequestHead(b"PUT", b"/elsewhere", fields), "Three.")
    four = Example.of(refused, [OWN])
    merged = merge_examples(refused, [one, two, three, four])
    assert (merged.head.method, merged.head.target) == (b"POST", b"/a")
    assert merged.head.headers == (
        HOST,
        (b"Connection", b"Upgrade, X-A, X-B, te, x-Xx"),
        (b"Upgrade", b"own, more/2, h2c"),
        (b"X-A", b"1"),
        (b"X-Both", b"one"),
        (b"X-B", b"2"),
        (b"x-b", b"3"),
        (b"X-C", b"4"),
    )
    assert merged.note == "One. Two.", "a note about a target that is not shown would puzzle"
    assert merge_examples(refused, [three]) is three


def test_a_note_about_the_first_target_is_told_where_that_is_shown() -> None:
    refused = request(target=b"/a")
    own, other = (
        Example.of(refused, [each], target=b"/own", note=note)
        for each, note in ((OWN, "Own."), (MORE, "More."))
    )
    plain = Example.of(refused, [UpgradeToken("h2c")], note="Plain.")
    assert merge_examples(refused, [own, plain, other]).note == "Own. Plain. More."
    assert merge_examples(refused, [plain, own, other]).note == "Plain."
