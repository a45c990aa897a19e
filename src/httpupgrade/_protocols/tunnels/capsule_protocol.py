"""The field Capsule-Protocol (RFC 9297 3.4)."""

import re
from typing import Final

from ..._http1.heads import RequestHead
from ..._negotiation.client_offers import Asked

CAPSULE_PROTOCOL: Final = "Capsule-Protocol"
CAPSULES: Final = Asked(((CAPSULE_PROTOCOL.encode(), b"?1"),))
"""RFC 9297 3.4: what follows are capsules, also to those who do not know the token."""

# RFC 9297 3.4, RFC 9651 3.3: an Item that is a Boolean. Its parameters are read past.
#   parameters = *( ";" *SP key [ "=" bare-item ] )
_STRING_TEXT: Final = rb"[\x20\x21\x23-\x5b\x5d-\x7e]*+"
_BARE_ITEM: Final = (
    rb"(?:-?[0-9]{1,12}(?:\.[0-9]{1,3}|[0-9]{0,3})"
    rb'|"' + _STRING_TEXT + rb'(?:\\["\\]' + _STRING_TEXT + rb')*"'
    rb"|[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*+"
    rb"|:[A-Za-z0-9+/=]*+:"
    rb"|\?[01]|@-?[0-9]{1,15})"
)
BOOLEAN_ITEM: Final = re.compile(
    rb" *+\?([01])(?:; *+[a-z*][a-z0-9_\-.*]*+(?:=" + _BARE_ITEM + rb"|))* *+"
)


def announces_capsules(head: RequestHead) -> bool:
    """Whether Capsule-Protocol says so: one line, an Item that is a Boolean (RFC 9297 3.4).

    Whatever else it says, it is as if it was not there.
    """
    lines = head.get_all(b"capsule-protocol")
    item = BOOLEAN_ITEM.fullmatch(lines[0]) if len(lines) == 1 else None
    return item is not None and item[1] == b"1"
