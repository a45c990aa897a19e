"""Patterns that are compiled when they are first used.

Rules for this module: such a pattern behaves as what ``re.compile()`` returns; only
``isinstance()`` tells them apart. To compile all patterns takes longer than the rest of an import,
and no program needs all of them.
"""

import re
from collections.abc import Callable
from typing import Any, AnyStr, Final, cast, final

_NAMES: Final = tuple(name for name in dir(re.Pattern) if not name.startswith("_"))


class LazyPattern:
    """A pattern by its source, or by a function that puts the source together.

    Its slots hold the attributes of the compiled one. Once they are set it has no ``__getattr__``,
    which would make each access slower.
    """

    __slots__ = ("_source", *_NAMES)

    _source: Any

    def __reduce__(self) -> tuple[Any, ...]:
        return lazy_pattern, (self._source,)


@final
class _NotCompiled(LazyPattern):
    __slots__ = ()

    def __init__(self, source: object) -> None:
        self._source = source

    def __getattr__(self, name: str) -> Any:
        if name not in _NAMES:
            raise AttributeError(name)
        source = self._source
        compiled = re.compile(source() if callable(source) else source)
        for each in _NAMES:
            setattr(self, each, getattr(compiled, each))
        # Last: until then, another thread that finds a slot empty compiles the same again.
        object.__setattr__(self, "__class__", LazyPattern)
        return getattr(compiled, name)


def lazy_pattern(source: AnyStr | Callable[[], AnyStr]) -> re.Pattern[AnyStr]:
    """A pattern of this source, to be compiled when it is first used.

    Flags stand in front of the source: ``(?i)``. What is wrong with it shows at the first use.
    """
    return cast("re.Pattern[AnyStr]", _NotCompiled(source))
