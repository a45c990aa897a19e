"""What is said of arguments of wrong types, and which functions can only be awaited."""

from functools import partial
from inspect import CORO_CLOSED, getcoroutinestate
from typing import Any, Final

import pytest

from httpupgrade._http1.arguments import (
    header_pairs,
    items,
    refuse_coroutine,
    require_choice,
    require_number,
    require_plain_function,
    wrong_type,
)


async def later(*_: object) -> None:
    """What an async function returns is to be awaited."""


class Callable:
    def __call__(self) -> None: ...

    async def wait(self) -> None: ...


class Later:
    async def __call__(self) -> None: ...


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "x is y, not None"),
        (1, "x is y, not int"),
        ("secret", "x is y, not str"),
        (int, "x is y, not the class int"),
        (Callable(), "x is y, not Callable"),
        (later, "x is y, not function"),
    ],
)
def test_the_type_of_what_was_given_is_told_and_never_its_value(value: object, text: str) -> None:
    assert str(wrong_type("x is y", value)) == text
    refuse_coroutine("x is y", value)


def test_a_coroutine_is_closed_and_refused() -> None:
    waiting = later()
    with pytest.raises(TypeError, match=r"^x is y, not a coroutine: it cannot be async; "):
        refuse_coroutine("x is y", waiting)
    assert getcoroutinestate(waiting) == CORO_CLOSED


@pytest.mark.parametrize(
    "function",
    [len, print, Callable(), Callable, partial(int, 2), partial(partial(print))],
)
def test_what_can_be_called_is_a_plain_function(function: Any) -> None:
    require_plain_function("x is y", function)


@pytest.mark.parametrize(
    "function",
    [
        later,
        partial(later),
        partial(partial(later, 1), 2),
        Callable().wait,
        Later(),
        partial(Later()),
    ],
)
def test_what_can_only_be_awaited_is_not(function: Any) -> None:
    with pytest.raises(TypeError, match=r"^x is y: it cannot be async; "):
        require_plain_function("x is y", function)


def test_what_cannot_be_called_is_no_function() -> None:
    with pytest.raises(TypeError, match=r"^x is y, not int$"):
        require_plain_function("x is y", 1)


def test_a_choice_is_one_of_some_words() -> None:
    require_choice("x", "b", ("a", "b"))
    with pytest.raises(ValueError, match=r"^x is one of 'a', 'b', not 'c'$"):
        require_choice("x", "c", ("a", "b"))
    with pytest.raises(TypeError, match=r"^x is one of 'a', 'b', not int$"):
        require_choice("x", 1, ("a", "b"))


@pytest.mark.parametrize("value", [True, 1.0, "1", None])
def test_a_number_is_an_int(value: object) -> None:
    require_number("x", -1)
    with pytest.raises(TypeError, match=r"^x is an int, not "):
        require_number("x", value)


def test_the_items_of_a_sequence_are_of_one_kind() -> None:
    assert items("x", iter("ab"), str, "letters") == ("a", "b")
    with pytest.raises(TypeError, match=r"^x holds letters, not int$"):
        items("x", ["a", 1], str, "letters")
    with pytest.raises(TypeError, match=r"^x is a sequence of letters, not str$"):
        items("x", "ab", str, "letters")


GOOD: Final = (b"A", b"b")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ((b"A", b"b", b"c"), "headers holds pairs of a name and a value, not tuple"),
        ((b"A",), "headers holds pairs of a name and a value, not tuple"),
        (None, "headers holds pairs of a name and a value, not None"),
        ((b"A", "b"), "in headers, a field value is bytes, not str"),
        (("A", b"b"), "in headers, a field name is bytes, not str"),
        (["A", b"b"], "in headers, a field name is bytes, not str"),
        (("A", "b"), "in headers, a field name is bytes, not str"),
    ],
)
def test_fields_are_pairs_of_octets(wrong: Any, said: str) -> None:
    for listed in ([GOOD, wrong], (wrong, GOOD)):
        with pytest.raises(TypeError, match=f"^{said}$"):
            header_pairs(listed)
    with pytest.raises(TypeError, match=r"^headers is a sequence of pairs of a name and a value "):
        header_pairs(1)  # type: ignore[arg-type]
    listed = [GOOD, [b"A", b"b"], (bytearray(b"A"), memoryview(b"b"))]
    assert header_pairs(listed) == tuple(listed)
