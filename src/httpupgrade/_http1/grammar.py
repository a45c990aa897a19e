"""The ABNF of RFC 9110, 9112, 3986, 6455 and 7692 as byte patterns.

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
* It imports no other module of the package.
"""

import re
from typing import Final

Pattern = re.Pattern[bytes]
Match = re.Match[bytes]

# RFC 9110 5.6.2: tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_"
#                         / "`" / "|" / "~" / DIGIT / ALPHA ; token = 1*tchar
TOKEN_OCTET: Final = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
_TOKEN: Final = TOKEN_OCTET + rb"++"

# RFC 9110 5.6.3: OWS = *( SP / HTAB ). Never VT, FF, NEL or NBSP.
_OWS: Final = rb"[ \t]*+"

# RFC 9110 5.6.4: quoted-string = DQUOTE *( qdtext / quoted-pair ) DQUOTE
_QDTEXT: Final = rb"[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]*+"
_QUOTED_TEXT: Final = _QDTEXT + rb"(?:\\[\t\x20-\x7e\x80-\xff]" + _QDTEXT + rb")*"

# What parameters of all kinds are made of. Their white space is bad (BWS), and read past.
_BWS_SEMICOLON: Final = rb"[ \t]*+;[ \t]*+"
_BWS_EQUALS: Final = rb"[ \t]*+=[ \t]*+"
_VALUE: Final = rb"(?:" + _TOKEN + rb'|"' + _QUOTED_TEXT + rb'")'

# RFC 9110 5.5: field-content is VCHAR, obs-text, SP and HTAB. Other CTLs MAY be retained. Requests
# with one are refused, because parsers after us differ on them; in responses they are kept.
FIELD_OCTET: Final = rb"[\t\x20-\x7e\x80-\xff]"
KEPT_FIELD_OCTET: Final = rb"[^\x00\r\n]"

TCHAR: Final = re.compile(TOKEN_OCTET)
TOKEN: Final = re.compile(_TOKEN)
OWS: Final = re.compile(_OWS)
BAD_FIELD_OCTET: Final = re.compile(rb"[^\t\x20-\x7e\x80-\xff]")
NUL: Final = re.compile(rb"\x00")
KEPT_CONTROL: Final = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
BAD_TARGET_OCTET: Final = re.compile(rb"[^\x21-\x7e]")

# RFC 9112 2.3: HTTP-version = HTTP-name "/" DIGIT "." DIGIT ; HTTP-name is case-sensitive
HTTP_VERSION: Final = re.compile(rb"[0-9]\.[0-9]")

# RFC 9112 3: request-line = method SP request-target SP HTTP-version. The target's own grammar
# depends on the method and is judged apart; here it is what can stand between the spaces.
_REQUEST_LINE: Final = rb"(" + _TOKEN + rb") ([\x21-\x7e]++) HTTP/([0-9]\.[0-9])"
REQUEST_LINE: Final = re.compile(_REQUEST_LINE)

# Whether a broken first line was meant as HTTP/1 at all.
MEANT_AS_HTTP: Final = re.compile(rb"HTTP/[0-9]", re.IGNORECASE)

# RFC 9112 4: status-line = HTTP-version SP status-code SP [ reason-phrase ]. Peers leave out the
# second SP together with the reason; a recipient that refused them would talk to fewer servers.
_HTTP_NAME_AND_VERSION: Final = rb"HTTP/([0-9]\.[0-9]) "
_REASON: Final = rb"(?: ([\t\x20-\x7e\x80-\xff]*+)|)"
_STATUS_LINE: Final = _HTTP_NAME_AND_VERSION + rb"([0-9]{3})" + _REASON

# RFC 9112 5: field-line = field-name ":" OWS field-value OWS
_FIELD_LINE: Final = rb"(?:" + _TOKEN + rb":" + FIELD_OCTET + rb"*+\r\n)"
MOST_LINES: Final = rb"{0,512}"
"""A bound for heads whose lines were not counted: twice the default limit."""
REQUEST_HEAD: Final = re.compile(_REQUEST_LINE + rb"\r\n" + _FIELD_LINE + rb"*\r\n")
SHORT_REQUEST_HEAD: Final = re.compile(
    _REQUEST_LINE + rb"\r\n" + _FIELD_LINE + MOST_LINES + rb"\r\n"
)
STATUS_LINE: Final = re.compile(_STATUS_LINE)
# RFC 9112 5.2: obs-fold = OWS CRLF RWS. A user agent MUST replace it by SP; a server refuses it.
# White space that begins a match begins its run: a run that no line end follows is read once.
OBS_FOLD: Final = re.compile(rb"(?:(?<![ \t])[ \t]++|)\r\n[ \t]++")
FOLDED_OWS: Final = re.compile(rb"[ \t]*+(?:\r\n[ \t]++)*")
# The first line is a field's; each line after it begins a field or continues one.
_FOLDABLE_LINE: Final = rb"(?:(?:" + _TOKEN + rb":|[ \t])" + KEPT_FIELD_OCTET + rb"*+\r\n)"
_BEFORE_FIELDS: Final = _STATUS_LINE + rb"\r\n(?![ \t])"
RESPONSE_HEAD: Final = re.compile(_BEFORE_FIELDS + _FOLDABLE_LINE + rb"*\r\n")
SHORT_RESPONSE_HEAD: Final = re.compile(_BEFORE_FIELDS + _FOLDABLE_LINE + MOST_LINES + rb"\r\n")
# What a server may send: its status has a class (RFC 9110 15), and no line goes on.
SENT_RESPONSE_HEAD: Final = re.compile(
    _HTTP_NAME_AND_VERSION + rb"([1-9][0-9]{2})" + _REASON + rb"\r\n" + _FIELD_LINE + rb"*\r\n"
)

# A field line that a parser behind us could take for Upgrade, however much it strips off a name:
# controls, white space of ASCII and of Latin-1.
_STRIPPED: Final = rb"[\x00-\x09\x0b\x0c\x0e-\x20\x7f-\xa0]*+"
UPGRADE_LIKE_LINE: Final = re.compile(
    rb"[\r\n]" + _STRIPPED + rb"upgrade" + _STRIPPED + rb":", re.IGNORECASE
)

# RFC 9110 5.6.1.2: list elements stand between commas; empty ones are ignored.
LIST_GAP: Final = re.compile(rb"[ \t,]*+")
# RFC 9110 7.8: protocol = protocol-name [ "/" protocol-version ]
PROTOCOL: Final = re.compile(rb"(" + _TOKEN + rb")(?:/(" + _TOKEN + rb")|)")
# RFC 6455 4.3, with the implied white space of its ABNF:
#   extension = extension-token *( ";" extension-param )
#   extension-param = token [ "=" ( token | quoted-string ) ]
EXTENSION_PARAMETER: Final = re.compile(
    _BWS_SEMICOLON
    + rb"("
    + _TOKEN
    + rb")(?:"
    + _BWS_EQUALS
    + rb"(?:("
    + _TOKEN
    + rb')|"('
    + _QUOTED_TEXT
    + rb')")|)'
)
QUOTED_PAIR: Final = re.compile(rb"\\(.)", re.DOTALL)

# RFC 6455 4.3: Sec-WebSocket-Key is base64 of 16 octets: 22 characters and "==".
WEBSOCKET_KEY: Final = re.compile(rb"[A-Za-z0-9+/]{22}==")
# RFC 6455 4.3: version = DIGIT | (NZDIGIT DIGIT) | ("1" DIGIT DIGIT) | ("2" DIGIT DIGIT), 0-255
WEBSOCKET_VERSION: Final = re.compile(rb"25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9]")
# RFC 7692 7.1.2: a window size is 8 to 15, in decimal without leading zeros.
WINDOW_BITS: Final = re.compile(rb"[89]|1[0-5]")

# RFC 7540 3.2.1: HTTP2-Settings = token68 ; base64url without padding (RFC 4648 5) of a payload of
# one setting or more, six octets each (RFC 7540 6.5.1)
HTTP2_SETTINGS: Final = re.compile(rb"(?:[A-Za-z0-9\-_]{8})+")

DIGITS: Final = re.compile(rb"[0-9]++")
# RFC 9112 7.1: chunk = chunk-size [ chunk-ext ] CRLF ; chunk-size = 1*HEXDIG. Sixteen digits hold
# any length that exists. Extensions are ignored, but hold to their grammar: where one parser sees a
# line end inside a quoted string and another one does not, they see different bodies.
#   chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
CHUNK_HEADER: Final = re.compile(
    rb"([0-9A-Fa-f]{1,16})(?:" + _BWS_SEMICOLON + _TOKEN + rb"(?:" + _BWS_EQUALS + _VALUE + rb"|))*"
)
FIELD_LINE: Final = re.compile(rb"(" + _TOKEN + rb"):(" + FIELD_OCTET + rb"*+)")
# RFC 9112 6.1: transfer-coding = token *( OWS ";" OWS token BWS "=" BWS ( token / quoted-string ) )
TRANSFER_CODING: Final = re.compile(
    rb"(" + _TOKEN + rb")((?:" + _BWS_SEMICOLON + _TOKEN + _BWS_EQUALS + _VALUE + rb")*)"
)
# RFC 9110 12.5.1: media-range = ( "*/*" / type "/*" / type "/" subtype ) parameters ; 5.6.6:
# parameters = *( OWS ";" OWS [ parameter ] ) ; parameter = name "=" ( token / quoted-string )
MEDIA_RANGE: Final = re.compile(_TOKEN + rb"/" + _TOKEN)
MEDIA_PARAMETER: Final = re.compile(_BWS_SEMICOLON + rb"(?:(" + _TOKEN + rb")=(" + _VALUE + rb")|)")
# RFC 9110 12.4.2: weight = OWS ";" OWS "q=" qvalue
WEIGHT: Final = re.compile(rb"0(?:\.[0-9]{0,3}|)|1(?:\.0{0,3}|)")


# RFC 3986 3.2.2: h16 = 1*4HEXDIG ; IPv4address = 4 of dec-octet, with dots in between
H16: Final = re.compile(rb"[0-9A-Fa-f]{1,4}")
_DEC_OCTET: Final = rb"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])"
IPV4: Final = re.compile(_DEC_OCTET + rb"(?:\." + _DEC_OCTET + rb"){3}")

# RFC 3986 2.1: pct-encoded = "%" HEXDIG HEXDIG
_PCT_ENCODED: Final = rb"%[0-9A-Fa-f]{2}"
_REG_NAME: Final = rb"[A-Za-z0-9\-._~!$&'()*+,;=]*+"

# RFC 3986 3.2.2: host = IP-literal / IPv4address / reg-name. An IPv4address is a reg-name, too.
# What stands between brackets may still be no IPv6address: its nine alternatives tell numbers of
# groups apart, which are counted elsewhere.
_HOST: Final = (
    rb"(?:\[(?:[0-9A-Fa-f:.]++|[vV][0-9A-Fa-f]++\.[A-Za-z0-9\-._~!$&'()*+,;=:]++)\]"
    rb"|" + _REG_NAME + rb"(?:" + _PCT_ENCODED + _REG_NAME + rb")*)"
)
# RFC 9110 7.2: Host = uri-host [ ":" port ] ; port = *DIGIT
HOST_AND_PORT: Final = re.compile(rb"(" + _HOST + rb")(?::([0-9]{0,5})|)")
# RFC 3986 3.1: scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )
_SCHEME: Final = rb"[A-Za-z][A-Za-z0-9+.\-]*+"
SCHEME: Final = re.compile(_SCHEME)
# RFC 9112 3.2.2: absolute-form = absolute-URI
ABSOLUTE_FORM: Final = re.compile(rb"(" + _SCHEME + rb")://([^/?#]*+)(?:[/?][^#]*+|)")
# RFC 9112 3.2.1, 3.2.2: the path of either form; none of the others has one
TARGET_PATH: Final = re.compile(rb"(?:" + _SCHEME + rb"://[^/?#]*+|)(/[^?#]*+)")
# RFC 3986 3.2.2: reg-name = *( unreserved / pct-encoded / sub-delims ), decoded and of some length
HOST_NAME: Final = re.compile(rb"[A-Za-z0-9\-._~!$&'()*+,;=]++")
# RFC 6454 6.2: ascii serialisation of an origin = scheme "://" host [ ":" port ]
ORIGIN: Final = re.compile(rb"(" + _SCHEME + rb")://(" + _HOST + rb")(?::([0-9]{1,5})|)")

# RFC 6570 2: expressions of level 3 without the operators that RFC 9298 2 excludes; literals as
# they can stand in a path and query (RFC 3986 3.3, 3.4).
_NAMES: Final = rb"[A-Za-z0-9_]++(?:[.,][A-Za-z0-9_]++)*"
_LITERAL: Final = rb"[A-Za-z0-9\-._~!$&'()*+,;=:@/?]++|" + _PCT_ENCODED
TEMPLATE_PART: Final = re.compile(rb"((?:" + _LITERAL + rb")+)|\{([?&]?+)(" + _NAMES + rb")\}")
# A run of literals is one round of the repetition. Were it a repeated group inside of it, there
# would be exponentially many ways to divide the run between the two.
URI_TEMPLATE: Final = re.compile(rb"(?=/)(?:" + _LITERAL + rb"|\{[?&]?+" + _NAMES + rb"\})+")
# RFC 6570 3.2.2, 3.2.8: values are unreserved, or encoded. RFC 9484 3 writes its wildcard as it is.
_UNRESERVED: Final = rb"[A-Za-z0-9\-._~*]*+"
TEMPLATE_VALUE: Final = re.compile(_UNRESERVED + rb"(?:" + _PCT_ENCODED + _UNRESERVED + rb")*")
NEVER_IN_VALUES: Final = re.compile(rb"[^A-Za-z0-9\-._~*]")
PERCENT_ENCODED: Final = re.compile(rb"%([0-9A-Fa-f]{2})")
# RFC 9298 3: from 1 to 65535, looked at as a number later; RFC 9484 4.6: 1*3DIGIT
PORT: Final = re.compile(rb"[1-9][0-9]{0,4}")
SMALL_NUMBER: Final = re.compile(rb"[0-9]{1,3}")

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
