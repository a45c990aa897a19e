"""What holds for every value of the library, shown on an example or more of each class."""

import copy
import inspect
import pickle
import pydoc
import sys
from collections.abc import Iterator
from itertools import combinations
from typing import Any, Final

import pytest
from examples_of_values import EXAMPLES, FINDINGS
from public_names import PUBLIC

from httpupgrade import Content, Forward, Interim, OrdinaryResponse
from httpupgrade._http1.values import Value, as_dict, made_of

KINDS: Final[tuple[type[Value], ...]] = tuple(each for each in EXAMPLES if issubclass(each, Value))
VALUES: Final[tuple[Value, ...]] = tuple(
    value for each in EXAMPLES.values() for value in each if isinstance(value, Value)
)
MATCHED_BY_PLACE: Final[dict[type, tuple[str, ...]]] = {
    Content: ("data", "end"),
    OrdinaryResponse: ("head",),
    Forward: ("data", "end"),
    Interim: ("head",),
}
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
each_value = pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)


def leaves(kind: type) -> Iterator[type]:
    """The classes that inherit from this one and from which none inherits."""
    below: list[type] = kind.__subclasses__()
    if not below:
        yield kind
    for each in below:
        yield from leaves(each)


def _has_examples(kind: type) -> bool:
    """Whether users see it: adapters and the command are shown elsewhere."""
    package, _, module = kind.__module__.partition(".")
    folder = module.partition(".")[0]
    return (
        package == "httpupgrade" and folder not in ("adapters", "cli") and kind.__name__ in PUBLIC
    )


def test_every_class_of_values_has_an_example() -> None:
    found = {each for each in leaves(Value) if _has_examples(each)}
    assert set(KINDS) == found
    assert {type(value) for value in VALUES} == found


# --- Classes ------------------------------------------------------------------------------------


@each_kind
def test_a_class_of_values_is_final_and_has_its_fields_alone(kind: Any) -> None:
    assert kind.__final__
    assert kind.__slots__ == ()
    assert tuple(inspect.get_annotations(kind)) == kind._fields
    assert all(isinstance(vars(kind)[each], property) for each in kind._fields)
    assert not issubclass(kind, tuple)


@each_kind
def test_patterns_take_the_fields_by_place_that_are_listed_here(kind: Any) -> None:
    assert getattr(kind, "__match_args__", ()) == MATCHED_BY_PLACE.get(kind, ())


@each_kind
def test_help_shows_what_each_field_is(kind: Any) -> None:
    text = pydoc.plain(pydoc.render_doc(kind))
    for name in kind._fields:
        doc = inspect.getdoc(getattr(kind, name))
        assert doc is not None
        assert doc.endswith(".")
        assert f" |  {name}\n |      {doc}\n" in text


@each_kind
def test_the_signature_names_the_fields_and_their_types(kind: Any) -> None:
    parameters = inspect.signature(kind).parameters
    assert set(parameters) <= set(kind._fields)
    for parameter in parameters.values():
        assert parameter.annotation is not inspect.Parameter.empty
    assert kind.__init__.__qualname__ == f"{kind.__name__}.__init__"


# --- Values -------------------------------------------------------------------------------------


@each_value
def test_a_field_is_neither_set_nor_deleted_nor_added(value: Value) -> None:
    before = as_dict(value)
    for name in (*before, "another"):
        with pytest.raises(AttributeError):
            setattr(value, name, None)
        with pytest.raises(AttributeError):
            delattr(value, name)
    assert as_dict(value) == before


@each_value
def test_each_attribute_is_its_field(value: Value) -> None:
    assert {name: getattr(value, name) for name in type(value)._fields} == as_dict(value)


def test_a_value_equals_no_value_of_another_class() -> None:
    for one, other in combinations(VALUES, 2):
        if type(one) is not type(other):
            assert one != other
            assert len({one, other}) == 2


@each_value
def test_equal_fields_make_equal_values_in_one_class_alone(value: Value) -> None:
    for kind in KINDS:
        other = made_of(kind, value._values)
        is_same = type(value) is kind
        assert (value == other) == (other == value) == is_same
        assert (value != other) == (other != value) == (not is_same)
        assert len({value, other}) == (1 if is_same else 2)


@each_value
def test_a_value_is_no_tuple(value: Any) -> None:
    assert value != value._values
    assert value._values != value
    for use in (iter, len, lambda each: each[0], lambda each: each < each):
        with pytest.raises(TypeError):
            use(value)


@each_value
def test_replace_changes_the_fields_that_it_names(value: Value) -> None:
    ways = [value.replace, value.__replace__]
    if sys.version_info >= (3, 13):
        ways.append(lambda **changes: copy.replace(value, **changes))
    for replace in ways:
        assert replace() == value
        assert replace(**as_dict(value)) == value
        with pytest.raises(TypeError, match=rf"^{type(value).__name__} has no field 'another'$"):
            replace(another=1)
        if "findings" in as_dict(value):
            changed = replace(findings=FINDINGS[:1])
            assert as_dict(changed) == {**as_dict(value), "findings": FINDINGS[:1]}


@each_value
def test_a_copy_equals_and_keeps_its_class(value: Value) -> None:
    shallow = copy.copy(value)
    assert (type(shallow), shallow, hash(shallow)) == (type(value), value, hash(value))
    for duplicate in (copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert type(duplicate) is type(value)
        assert repr(duplicate) == repr(value)


@each_value
def test_repr_names_every_public_field(value: Value) -> None:
    shown = repr(value)
    assert shown.startswith(f"{type(value).__name__}(")
    for name in as_dict(value):
        assert (f"{name}=" in shown) is not name.startswith("_")
