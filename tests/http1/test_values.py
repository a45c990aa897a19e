"""The base class of all values: what each of them can do, and what is done to none."""

import copy
import inspect
import pickle
import pydoc
import sys
from collections.abc import Callable
from typing import Any, Final, final, get_type_hints

import pytest

from httpupgrade._http1.values import Value, as_dict, field


@final
class Piece(Value):
    """Some octets."""

    __slots__ = ()
    __match_args__ = ("data", "end")

    data: bytes = field("What came.")
    end: bool = field("Whether it ends here.", default=False)


@final
class Part(Value):
    """The same fields in another class."""

    __slots__ = __match_args__ = ()

    data: bytes = field("What came.")
    end: bool = field("Whether it ends here.", default=False)


@final
class Empty(Value):
    """A value whose one field has a default."""

    __slots__ = __match_args__ = ()

    notes: tuple[object, ...] = field("What there is to say.", default=())


@final
class Void(Value):
    """Another one."""

    __slots__ = __match_args__ = ()

    notes: tuple[object, ...] = field("What there is to say.", default=())


@final
class Window(Value):
    """A value that checks what it is made of."""

    __slots__ = __match_args__ = ()

    bits: int = field("9 to 15.")
    name: str = field("Made of the number.")

    def __init__(self, bits: int, name: str = "") -> None:
        if not 9 <= bits <= 15:
            raise ValueError(f"bits is 9 to 15, not {bits}")
        self._values = (bits, name or f"w{bits}")


VALUES: Final = (
    Piece(b"x", True),
    Piece(b"x"),
    Part(b"x", True),
    Part(b"x"),
    Empty(),
    Void(),
    Empty((1,)),
    Window(9),
    Window(10),
)
each_value = pytest.mark.parametrize("value", VALUES, ids=repr)


# --- Making -------------------------------------------------------------------------------------


def test_fields_are_attributes() -> None:
    assert (Piece(b"x").data, Piece(b"x").end) == (b"x", False)
    assert (Piece(end=True, data=b"y").data, Piece(b"y", True).end) == (b"y", True)
    assert (Window(9).bits, Window(9).name) == (9, "w9")
    assert as_dict(Piece(b"x")) == {"data": b"x", "end": False}


WRONG: Final[list[tuple[Callable[..., Value], tuple[object, ...], dict[str, object], str]]] = [
    (Piece, (), {}, r"^Piece\.__init__\(\) missing 1 required positional argument: 'data'$"),
    (Piece, (1, 2, 3), {}, r"^Piece\.__init__\(\) takes from 2 to 3 positional arguments but 4"),
    (Piece, (1,), {"data": 2}, r"^Piece\.__init__\(\) got multiple values for argument 'data'$"),
    (Piece, (1,), {"x": 2}, r"^Piece\.__init__\(\) got an unexpected keyword argument 'x'$"),
    (Window, (), {}, r"^Window\.__init__\(\) missing 1 required positional argument: 'bits'$"),
]


@pytest.mark.parametrize(("kind", "arguments", "named", "message"), WRONG)
def test_wrong_arguments_raise_a_type_error_that_names_them(
    kind: Callable[..., Value],
    arguments: tuple[object, ...],
    named: dict[str, object],
    message: str,
) -> None:
    with pytest.raises(TypeError, match=message):
        kind(*arguments, **named)


def test_a_constructor_of_the_class_checks_its_arguments() -> None:
    with pytest.raises(ValueError, match=r"^bits is 9 to 15, not 8$"):
        Window(8)


def test_the_constructor_has_the_signature_of_the_fields() -> None:
    assert str(inspect.signature(Piece)) == "(data: bytes, end: bool = False) -> None"
    assert str(inspect.signature(Window)) == "(bits: int, name: str = '') -> None"
    assert Piece.__init__.__module__ == __name__
    assert get_type_hints(Piece) == {
        "data": bytes,
        "end": bool,
        **get_type_hints(Value),
    }


def test_a_class_is_made_of_its_fields() -> None:
    class Checked(Value):
        __slots__ = __match_args__ = ()
        data: bytes = field("What came.")
        end: bool = field("Whether it ends here.", default=True)

        def _check(self) -> None:
            if self.data == b"":
                raise ValueError("empty")

    assert Checked._fields == ("data", "end")
    assert Checked(b"x").replace(end=False) == Checked(b"x", False) != Checked(b"x")
    for make in (Checked, Checked(b"x").replace):
        with pytest.raises(ValueError, match=r"^empty$"):
            make(data=b"")
    init = Checked.__init__
    assert (init.__name__, init.__module__) == ("__init__", __name__)
    assert init.__qualname__ == f"{Checked.__qualname__}.__init__"
    assert init.__annotations__ == {"data": bytes, "end": bool, "return": None}
    assert str(inspect.signature(Checked)) == "(data: bytes, end: bool = True) -> None"
    data = vars(Checked)["data"]
    assert (data.__doc__, data.fget.__annotations__) == ("What came.", {"return": bytes})
    # What a profiler and a traceback show of the getter.
    assert data.fget.__code__.co_name == "data"
    with pytest.raises(AttributeError, match=r"^property 'data' of .*Checked' object has no sett"):
        Checked(b"x").data = b""  # type: ignore[misc]

    class Fieldless(Value):
        __slots__ = __match_args__ = ()

    assert Fieldless() == Fieldless()
    assert repr(Fieldless()) == "Fieldless()"
    with pytest.raises(TypeError, match="takes 1 positional argument"):
        Fieldless(1)  # type: ignore[call-arg]

    class Own(Value):
        __slots__ = __match_args__ = ()

        def __init__(self, data: bytes) -> None:
            self._values = (data,)

    assert Own(b"x") == Own(b"x") != Own(b"y")

    class Doubled(Value):
        __slots__ = __match_args__ = ()
        data: bytes = field("What came.")

        def __init__(self, data: bytes) -> None:
            self._values = (data * 2,)

    assert Doubled(b"x").data == b"xx"


def test_a_class_names_its_slots_and_what_patterns_take_by_place() -> None:
    with pytest.raises(TypeError, match=r"^A has __slots__ and __match_args__ of its own$"):

        class A(Value):
            __match_args__ = ("data",)
            data: bytes = field("What came.")

    with pytest.raises(TypeError, match=r"^B has __slots__ and __match_args__ of its own$"):

        class B(Value):
            __slots__ = ()
            data: bytes = field("What came.")


# --- Documentation ------------------------------------------------------------------------------


def test_help_shows_the_docstring_of_each_field() -> None:
    text = pydoc.plain(pydoc.render_doc(Piece))
    assert "Piece(data: bytes, end: bool = False)" in text
    assert " |  Some octets." in text
    assert " |  data\n |      What came.\n" in text
    assert " |  end\n |      Whether it ends here.\n" in text


def test_a_field_tells_its_type() -> None:
    getter = vars(Piece)["end"].fget
    assert get_type_hints(getter) == {"return": bool}


# --- Equality -----------------------------------------------------------------------------------


def test_a_value_equals_those_of_its_own_type_with_equal_fields() -> None:
    for i, one in enumerate(VALUES):
        for j, other in enumerate(VALUES):
            assert (one == other) == (i == j)
            assert (one != other) == (i != j)
    assert Piece(b"x", True) == Piece(bytearray(b"x"), 1)  # type: ignore[arg-type]
    assert hash(Piece(b"x", True)) == hash(Piece(b"x", 1))  # type: ignore[arg-type]


@each_value
def test_a_value_equals_nothing_else(value: Value) -> None:
    fields = value._values
    for other in (fields, list(fields), as_dict(value), object(), None):
        assert value != other
        assert other != value
    assert value == type(value)(*fields)


def test_values_are_keys() -> None:
    assert len({value: i for i, value in enumerate(VALUES)}) == len(VALUES)
    assert {Piece(b"x"): 1}[Piece(b"x", False)] == 1


def test_a_value_with_a_field_that_has_no_hash_has_none() -> None:
    with pytest.raises(TypeError, match="unhashable type: 'list'"):
        hash(Empty(([],)))
    assert Empty(([],)) == Empty(([],))


# --- Immutability -------------------------------------------------------------------------------


@each_value
def test_no_attribute_of_a_value_is_set_or_deleted(value: Value) -> None:
    for name in as_dict(value):
        with pytest.raises(
            AttributeError, match=rf"property '{name}' of '.*' object has no setter"
        ):
            setattr(value, name, None)
        with pytest.raises(AttributeError, match=rf"property '{name}' of '.*' object has no del"):
            delattr(value, name)


@each_value
def test_a_value_takes_no_new_attribute(value: Value) -> None:
    with pytest.raises(AttributeError, match="has no attribute 'other'"):
        setattr(value, "other", 1)  # noqa: B010 - mypy refuses the statement
    assert not hasattr(value, "__dict__")


@each_value
def test_a_value_is_no_tuple(value: Any) -> None:
    assert not isinstance(value, tuple)
    for use in (iter, len, lambda each: each[0], lambda each: each + each, sorted):
        with pytest.raises(TypeError):
            use(value)


# --- Changed copies -----------------------------------------------------------------------------


def test_replace_changes_some_fields_of_a_copy() -> None:
    value = Piece(b"x", True)
    assert value.replace(data=b"y") == Piece(b"y", True)
    assert value.replace(end=False, data=b"") == Piece(b"", False)
    assert value.replace() == value
    assert value == Piece(b"x", True)


def test_replace_names_a_field_that_there_is_not() -> None:
    for change in (Piece(b"x").replace, Piece(b"x").__replace__, Window(9).replace):
        with pytest.raises(TypeError, match=r"^(Piece|Window) has no field 'other'$"):
            change(other=1)


def test_a_changed_copy_is_checked_like_a_new_value() -> None:
    assert Window(9).replace(bits=15) == Window(15, "w9")
    with pytest.raises(ValueError, match=r"^bits is 9 to 15, not 16$"):
        Window(9).replace(bits=16)


def test_copy_replace_is_replace() -> None:
    assert Piece(b"x").__replace__(end=True) == Piece(b"x", True)
    if sys.version_info >= (3, 13):
        assert copy.replace(Piece(b"x"), end=True) == Piece(b"x", True)


@each_value
def test_a_copy_equals_its_original(value: Value) -> None:
    for copied in (
        copy.copy(value),
        copy.deepcopy(value),
        *(pickle.loads(pickle.dumps(value, i)) for i in range(pickle.HIGHEST_PROTOCOL + 1)),
    ):
        assert copied == value
        assert type(copied) is type(value)


def test_a_deep_copy_copies_what_changes() -> None:
    original = Empty(([1],))
    assert copy.copy(original).notes[0] is original.notes[0]
    assert copy.deepcopy(original).notes[0] is not original.notes[0]


# --- Patterns and repr() ------------------------------------------------------------------------


def test_patterns_take_the_named_fields_by_place() -> None:
    match VALUES[0]:
        case Piece(data, end):
            assert (data, end) == (b"x", True)
        case _:
            pytest.fail("no match")


def test_other_patterns_name_their_fields() -> None:
    value: Any = Part(b"x")
    match value:
        case Part(data=b"x", end=end):
            assert end is False
        case _:
            pytest.fail("no match")
    with pytest.raises(TypeError, match="accepts 0 positional sub-patterns"):
        _match_by_place(value)


def _match_by_place(value: Any) -> None:
    match value:
        case Part(_):  # type: ignore[misc]
            pass
        case _:
            pass


def test_repr_names_the_fields_and_shows_no_octets() -> None:
    assert repr(Piece(b"secret")) == "Piece(data=<6 octets>, end=False)"
    assert repr(Empty((1, b"x"))) == "Empty(notes=(1, <1 octet>))"
