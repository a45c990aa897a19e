"""Modules of the standard library that are imported when they are first used.

Rules for this module: it is for those that take long to load and that few programs need. Whoever
uses one cannot tell it from what ``import`` gives. Beside each there is an import under
``TYPE_CHECKING``: type checkers go by it, and so do tools such as PyInstaller, which pack what a
program imports.
"""

from types import ModuleType
from typing import Any, final


@final
class _NotImported(ModuleType):
    def __getattr__(self, name: str) -> Any:
        module = __import__(self.__name__)
        vars(self).update(vars(module))
        # Last, and from here on an attribute costs what it costs of any module. Until then, another
        # thread that finds none does the same again.
        object.__setattr__(self, "__class__", ModuleType)
        return getattr(module, name)


def lazy_module(name: str) -> ModuleType:
    """A module at the top of the standard library, to be imported when it is first used."""
    return _NotImported(name)
