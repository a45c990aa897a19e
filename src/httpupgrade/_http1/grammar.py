"""The ABNF of RFC 9110, 9112 and 3986 as byte patterns.

Rules for this module:

* Patterns are over ``bytes``: a class means these octets, a case-insensitive match means ASCII.
  Nothing here knows of ``str``, of fields by name, or of what a value is used for.
* A possessive repetition (``*+``, ``++``, ``?+``) repeats one octet or one class, never a group,
  and there are no atomic groups: CPython before 3.11.5 matches both wrongly over groups (its issue
  106052), and later ones can lose what such a group captured (its issue 101955).
* A repeated group is greedy, and what follows it begins with another octet than the group does. So
  there is one way to match, and a match that fails takes linear time. ``(?:…|)`` stands for an
  optional group: it takes less time and memory than ``(?:…)?``.
* ``re`` keeps a context of 70 octets or more for each round of a greedy group, so callers bound
  the length of a value. Heads have many lines: a pattern for one takes ``MOST_LINES`` at most, or
  its callers count the lines before they match.
* It imports no module of the package but that of ``lazy_pattern()``.

Other modules have patterns of their own, by the same rules and at their top. What ABNF they take
from here to put them together is bytes: ``RAW_TOKEN`` and the like, ``BWS_…`` and ``…_OCTET``.
"""

import re
from typing import Final

from .lazy_pattern import lazy_pattern

Pattern = re.Pattern[bytes]
Match = re.Match[bytes]

# RFC 9110 5.6.2: tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_"
#                         / "`" / "|" / "~" / DIGIT / ALPHA ; token = 1*tchar
TOKEN_OCTET: Final = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
RAW_TOKEN: Final = TOKEN_OCTET + rb"++"

# RFC 9110 5.6.3: OWS = *( SP / HTAB ). Never VT, FF, NEL or NBSP.
_OWS: Final = rb"[ \t]*+"

# RFC 9110 5.6.4: quoted-string = DQUOTE *( qdtext / quoted-pair ) DQUOTE
_QDTEXT: Final = rb"[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]*+"
RAW_QUOTED_TEXT: Final = _QDTEXT + rb"(?:\\[\t\x20-\x7e\x80-\xff]" + _QDTEXT + rb")*"

# What parameters of all kinds are made of. Their white space is bad (BWS), and read past.
BWS_SEMICOLON: Final = rb"[ \t]*+;[ \t]*+"
BWS_EQUALS: Final = rb"[ \t]*+=[ \t]*+"
_VALUE: Final = rb"(?:" + RAW_TOKEN + rb'|"' + RAW_QUOTED_TEXT + rb'")'

# RFC 9110 5.5: field-content is VCHAR, obs-text, SP and HTAB. Other CTLs MAY be retained. Requests
# with one are refused, because parsers after us differ on them; in responses they are kept.
FIELD_OCTET: Final = rb"[\t\x20-\x7e\x80-\xff]"
KEPT_FIELD_OCTET: Final = rb"[^\x00\r\n]"

TCHAR: Final = lazy_pattern(TOKEN_OCTET)
TOKEN: Final = lazy_pattern(RAW_TOKEN)
OWS: Final = lazy_pattern(_OWS)
BAD_FIELD_OCTET: Final = lazy_pattern(rb"[^\t\x20-\x7e\x80-\xff]")
NUL: Final = lazy_pattern(rb"\x00")
KEPT_CONTROL: Final = lazy_pattern(rb"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
BAD_TARGET_OCTET: Final = lazy_pattern(rb"[^\x21-\x7e]")

# RFC 9112 2.3: HTTP-version = HTTP-name "/" DIGIT "." DIGIT ; HTTP-name is case-sensitive
HTTP_VERSION: Final = lazy_pattern(rb"[0-9]\.[0-9]")

# RFC 9112 3: request-line = method SP request-target SP HTTP-version. The target's own grammar
# depends on the method and is judged apart; here it is what can stand between the spaces.
_REQUEST_LINE: Final = rb"(" + RAW_TOKEN + rb") ([\x21-\x7e]++) HTTP/([0-9]\.[0-9])"
REQUEST_LINE: Final = lazy_pattern(_REQUEST_LINE)

# Whether a broken first line was meant as HTTP/1 at all.
MEANT_AS_HTTP: Final = lazy_pattern(rb"(?i)HTTP/[0-9]")

# RFC 9112 4: status-line = HTTP-version SP status-code SP [ reason-phrase ]. Peers leave out the
# second SP together with the reason; a recipient that refused them would talk to fewer servers.
_HTTP_NAME_AND_VERSION: Final = rb"HTTP/([0-9]\.[0-9]) "
_REASON: Final = rb"(?: ([\t\x20-\x7e\x80-\xff]*+)|)"
_STATUS_LINE: Final = _HTTP_NAME_AND_VERSION + rb"([0-9]{3})" + _REASON

# RFC 9112 5: field-line = field-name ":" OWS field-value OWS
_FIELD_LINE: Final = rb"(?:" + RAW_TOKEN + rb":" + FIELD_OCTET + rb"*+\r\n)"
MOST_LINES: Final = rb"{0,512}"
"""A bound for heads whose lines were not counted: twice the default limit."""
REQUEST_HEAD: Final = lazy_pattern(_REQUEST_LINE + rb"\r\n" + _FIELD_LINE + rb"*\r\n")
SHORT_REQUEST_HEAD: Final = lazy_pattern(
    _REQUEST_LINE + rb"\r\n" + _FIELD_LINE + MOST_LINES + rb"\r\n"
)
STATUS_LINE: Final = lazy_pattern(_STATUS_LINE)
# RFC 9112 5.2: obs-fold = OWS CRLF RWS. A user agent MUST replace it by SP; a server refuses it.
# White space that begins a match begins its run: a run that no line end follows is read once.
OBS_FOLD: Final = lazy_pattern(rb"(?:(?<![ \t])[ \t]++|)\r\n[ \t]++")
FOLDED_OWS: Final = lazy_pattern(rb"[ \t]*+(?:\r\n[ \t]++)*")
# The first line is a field's; each line after it begins a field or continues one.
_FOLDABLE_LINE: Final = rb"(?:(?:" + RAW_TOKEN + rb":|[ \t])" + KEPT_FIELD_OCTET + rb"*+\r\n)"
_BEFORE_FIELDS: Final = _STATUS_LINE + rb"\r\n(?![ \t])"
RESPONSE_HEAD: Final = lazy_pattern(_BEFORE_FIELDS + _FOLDABLE_LINE + rb"*\r\n")
SHORT_RESPONSE_HEAD: Final = lazy_pattern(_BEFORE_FIELDS + _FOLDABLE_LINE + MOST_LINES + rb"\r\n")
# What a server may send: its status has a class (RFC 9110 15), and no line goes on.
SENT_RESPONSE_HEAD: Final = lazy_pattern(
    _HTTP_NAME_AND_VERSION + rb"([1-9][0-9]{2})" + _REASON + rb"\r\n" + _FIELD_LINE + rb"*\r\n"
)

# A field line that a parser after us could take for Upgrade, however much it strips off a name:
# controls, white space of ASCII and of Latin-1.
_STRIPPED: Final = rb"[\x00-\x09\x0b\x0c\x0e-\x20\x7f-\xa0]*+"
UPGRADE_LIKE_LINE: Final = lazy_pattern(
    rb"(?i)[\r\n]" + _STRIPPED + rb"upgrade" + _STRIPPED + rb":"
)

# RFC 9110 5.6.1.2: list elements stand between commas; empty ones are ignored.
LIST_GAP: Final = lazy_pattern(rb"[ \t,]*+")
# RFC 9110 7.8: protocol = protocol-name [ "/" protocol-version ]
PROTOCOL: Final = lazy_pattern(rb"(" + RAW_TOKEN + rb")(?:/(" + RAW_TOKEN + rb")|)")
DIGITS: Final = lazy_pattern(rb"[0-9]++")
# RFC 9112 7.1: chunk = chunk-size [ chunk-ext ] CRLF ; chunk-size = 1*HEXDIG. Sixteen digits hold
# any length that exists. Extensions are ignored, but hold to their grammar: where one parser sees a
# line end inside a quoted string and another one does not, they see different bodies.
#   chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
CHUNK_HEADER: Final = lazy_pattern(
    rb"([0-9A-Fa-f]{1,16})(?:%b%b(?:%b%b|))*" % (BWS_SEMICOLON, RAW_TOKEN, BWS_EQUALS, _VALUE)
)
FIELD_LINE: Final = lazy_pattern(rb"(" + RAW_TOKEN + rb"):(" + FIELD_OCTET + rb"*+)")
# RFC 9112 6.1: transfer-coding = token *( OWS ";" OWS token BWS "=" BWS ( token / quoted-string ) )
TRANSFER_CODING: Final = lazy_pattern(
    rb"(" + RAW_TOKEN + rb")((?:" + BWS_SEMICOLON + RAW_TOKEN + BWS_EQUALS + _VALUE + rb")*)"
)
# RFC 9110 12.5.1: media-range = ( "*/*" / type "/*" / type "/" subtype ) parameters ; 5.6.6:
# parameters = *( OWS ";" OWS [ parameter ] ) ; parameter = name "=" ( token / quoted-string )
MEDIA_RANGE: Final = lazy_pattern(RAW_TOKEN + rb"/" + RAW_TOKEN)
MEDIA_PARAMETER: Final = lazy_pattern(
    BWS_SEMICOLON + rb"(?:(" + RAW_TOKEN + rb")=(" + _VALUE + rb")|)"
)
# RFC 9110 12.4.2: weight = OWS ";" OWS "q=" qvalue
WEIGHT: Final = lazy_pattern(rb"0(?:\.[0-9]{0,3}|)|1(?:\.0{0,3}|)")


# RFC 3986 3.2.2: h16 = 1*4HEXDIG ; IPv4address = 4 of dec-octet, with dots in between
H16: Final = lazy_pattern(rb"[0-9A-Fa-f]{1,4}")
_DEC_OCTET: Final = rb"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])"
IPV4: Final = lazy_pattern(_DEC_OCTET + rb"(?:\." + _DEC_OCTET + rb"){3}")

# RFC 3986 2.1: pct-encoded = "%" HEXDIG HEXDIG
RAW_PCT_ENCODED: Final = rb"%[0-9A-Fa-f]{2}"
_REG_NAME: Final = rb"[A-Za-z0-9\-._~!$&'()*+,;=]*+"

# RFC 3986 3.2.2: host = IP-literal / IPv4address / reg-name. An IPv4address is a reg-name, too.
# What stands between brackets may still be no IPv6address: its nine alternatives tell numbers of
# groups apart, which are counted elsewhere.
RAW_HOST: Final = (
    rb"(?:\[(?:[0-9A-Fa-f:.]++|[vV][0-9A-Fa-f]++\.[A-Za-z0-9\-._~!$&'()*+,;=:]++)\]"
    rb"|" + _REG_NAME + rb"(?:" + RAW_PCT_ENCODED + _REG_NAME + rb")*)"
)
# RFC 9110 7.2: Host = uri-host [ ":" port ] ; port = *DIGIT
HOST_AND_PORT: Final = lazy_pattern(rb"(" + RAW_HOST + rb")(?::([0-9]{0,5})|)")
# RFC 3986 3.1: scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )
RAW_SCHEME: Final = rb"[A-Za-z][A-Za-z0-9+.\-]*+"
SCHEME: Final = lazy_pattern(RAW_SCHEME)
# RFC 9112 3.2.2: absolute-form = absolute-URI
ABSOLUTE_FORM: Final = lazy_pattern(rb"(" + RAW_SCHEME + rb")://([^/?#]*+)(?:[/?][^#]*+|)")
# RFC 9112 3.2.1, 3.2.2: the path of either form; none of the others has one
TARGET_PATH: Final = lazy_pattern(rb"(?:" + RAW_SCHEME + rb"://[^/?#]*+|)(/[^?#]*+)")
# RFC 3986 3.2.2: reg-name = *( unreserved / pct-encoded / sub-delims ), decoded and of some length
HOST_NAME: Final = lazy_pattern(rb"[A-Za-z0-9\-._~!$&'()*+,;=]++")
PERCENT_ENCODED: Final = lazy_pattern(rb"%([0-9A-Fa-f]{2})")
