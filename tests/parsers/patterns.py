"""Parts of the patterns that tell what a head has.

Rules for this module: nothing here is taken from the parser that is tested. A line ends where its
LF is, as all of these parsers see it. What begins a line is written in lower case, for patterns
that ignore case.
"""

from typing import Final

LINE: Final = rb"\A[\r\n]*"
METHOD: Final = LINE + rb"[^ \r\n]* "
TARGET: Final = METHOD + rb"[^ \r\n]*"
SCHEME: Final = rb"[A-Za-z][A-Za-z0-9+.\-]*://"
REG_NAME: Final = rb"(?:[a-z0-9\-._~!$&'()*+,;=]|%[0-9a-f]{2})*"
GROUPS: Final = rb"[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,7}(?::[0-9]+(?:\.[0-9]+){3})?"
ADDRESS: Final = rb"\[(?![^\]]*::[^\]]*::)(?:" + GROUPS + rb")?(?:::(?:" + GROUPS + rb")?)?\]"
HOST: Final = rb"(?:" + ADDRESS + rb"|" + REG_NAME + rb")(?::[0-9]{0,5})?"
TOKEN: Final = rb"[!#$%&'*+\-.^_`|~0-9a-z]+"
LIST: Final = rb"[ \t,]*(?:%b(?:[ \t]*,[ \t,]*|[ \t]*(?=\r?$)))*\r?$"
OPTIONS: Final = LIST % TOKEN
PROTOCOLS: Final = LIST % (TOKEN + rb"(?:/" + TOKEN + rb")?")
CODING: Final = rb"(?:chunked|deflate|(?:x-)?(?:gzip|compress))"
METHODS_OF_LLHTTP: Final = (
    rb"(?:DELETE|GET|HEAD|POST|PUT|CONNECT|OPTIONS|TRACE|COPY|LOCK|MKCOL|MOVE|PROPFIND|PROPPATCH|"
    rb"SEARCH|UNLOCK|BIND|REBIND|UNBIND|ACL|REPORT|MKACTIVITY|CHECKOUT|MERGE|M-SEARCH|NOTIFY|"
    rb"SUBSCRIBE|UNSUBSCRIBE|PATCH|PURGE|MKCALENDAR|LINK|UNLINK|SOURCE|QUERY)"
)


def both(first: bytes, second: bytes) -> bytes:
    """That some line begins with this, and some line with that."""
    return rb"(?ims)\A(?=.*^" + first + rb")(?=.*^" + second + rb")"
