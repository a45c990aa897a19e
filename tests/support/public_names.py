"""The public names of the core: those of its front door, and of the modules beside it."""

from typing import Any, Final

import httpupgrade
from httpupgrade import diagnosis, fields, framing, offers

DOORS: Final = (httpupgrade, diagnosis, fields, framing, offers)
PUBLIC: Final[dict[str, Any]] = {
    name: getattr(door, name) for door in DOORS for name in door.__all__
}
"""What each name stands for."""
