"""How the objects of this library are copied and pickled.

Rules for this module: a copy equals its original and shares nothing with it that changes. It knows
no class by name.
"""

from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self

from .lazy_module import lazy_module

if TYPE_CHECKING:
    import copy
else:
    copy = lazy_module("copy")


class Pickled:
    """An object that never changes and consists of its slots; every pickle protocol works."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: Any) -> str | tuple[Any, ...]:
        # Protocols 0 and 1 do not support slots; the form of protocol 2 works in all of them.
        return super().__reduce_ex__(max(protocol, 2))


class Live:
    """An object that changes. A deep copy goes on from the same place, apart from its original.

    Only the slots in ``_CHANGING`` are copied. All others hold what never changes, or what belongs
    to the caller, as a policy's callables do: the copy shares it. Only a method of something that
    is copied along becomes a method of the copy.
    """

    __slots__ = ()

    _CHANGING: ClassVar[tuple[str, ...]] = ()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        memo[id(self)] = other = object.__new__(type(self))
        slots = [name for each in type(self).__mro__ for name in getattr(each, "__slots__", ())]
        for name in vars(self) if hasattr(self, "__dict__") else slots:
            value = getattr(self, name)
            changes = name in self._CHANGING or id(getattr(value, "__self__", None)) in memo
            setattr(other, name, copy.deepcopy(value, memo) if changes else value)
        return other

    def __copy__(self) -> NoReturn:
        raise TypeError(
            f"copy.copy() of a {type(self).__name__} would share its state with the original:"
            " use copy.deepcopy()"
        )

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError(
            f"a {type(self).__name__} belongs to one connection and is not pickled:"
            " pickle its events"
        )
