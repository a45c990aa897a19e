"""What a callable of the caller's returned, if it is not what it should return.

Rules for this module: it makes the exception, and knows nothing of what the callables are for.
"""

from types import CoroutineType


def wrong_result(name: str, wanted: str, returned: object) -> TypeError:
    """The exception for a callable, known as ``name``, that returned something else."""
    if isinstance(returned, CoroutineType):
        returned.close()  # it is never awaited, and Python would warn of that
        return TypeError(f"{name} returns {wanted}, not a coroutine: nothing awaits it here")
    return TypeError(f"{name} returns {wanted}, not {type(returned).__name__}")
