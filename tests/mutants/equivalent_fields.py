"""Mutants of one part that no test can notice, each with the reason."""

from typing import Final

_SLOWER: Final = "only slower: the long way gives the same"
_NOT_SHORT: Final = "only slower: require_pair() takes what the shorter check leaves"
_PAIR: Final = (
    "_http1/arguments.py header_pairs: if type(pair) is tuple and len(pair) == 2 and"
    " type(pair[0]) is type(pair[1]) is bytes: -> if "
)
_FAULT: Final = "_http1/head_findings.py fault: "
_ONE_LINE: Final = "found = _only_line(head, spelling) if len(values) == 1 else None -> found = "
_USUAL: Final = (
    "_http1/field_lines.py trusted_headers: if type(name) is type(value) is bytes -> if "
)
_MEMBERS: Final = (
    "_http1/redaction.py show_fields: members = zip(value._fields, value._values, strict=True)"
    " -> members = zip(value._fields, value._values, "
)
_AS_MANY: Final = "a value has as many members as fields: its constructor makes them"
_AUTHORITY_END: Final = (
    '_http1/redaction.py user_information: return scheme + 3, uri.rfind(b"@", scheme + 3, '
)

_HOST: Final = (
    "_http1/target.py _read_host: return parse_authority(value) if len(value) > MOST_REMEMBERED"
    " else _read_short_host(value) -> return parse_authority(value) if "
)
_REMEMBERED: Final = "only what is remembered differs: it is what parse_authority() returns"

EQUIVALENT: Final[dict[str, str]] = {
    f"{_HOST}(len(value) > MOST_REMEMBERED) or True else _read_short_host(value)": _REMEMBERED,
    f"{_HOST}(len(value) > MOST_REMEMBERED) and False else _read_short_host(value)": _REMEMBERED,
    f"{_HOST}len(value) >= MOST_REMEMBERED else _read_short_host(value)": _REMEMBERED,
    '_http1/field_lines.py trusted_headers: octets = b"".join([value for _, value in trimmed])'
    ' -> octets = b"XXXX".join([value for _, value in trimmed])': (
        "it is looked through for CR, LF and NUL alone"
    ),
    f"{_FAULT}{_ONE_LINE}None": _SLOWER,
    f"{_FAULT}{_ONE_LINE}_only_line(head, spelling) if (len(values) == 1) and False else None": (
        _SLOWER
    ),
    f"{_FAULT}offset = head.offset_of(name, line, place) if place else value_offset"
    " -> offset = head.offset_of(name, line, place) if (place) or True else value_offset": _SLOWER,
    r'_http1/head_findings.py _only_line: start = raw.find(b"\n" + spelling + b":") + 1'
    r' -> start = raw.find(b"\n" + spelling + b"XX:XX") + 1': _SLOWER,
    r'_http1/head_findings.py _received_line: begin = raw.rfind(b"\n", 0, offset) + 1'
    r' -> begin = raw.rfind(b"\n", 1, offset) + 1': "a head begins with no line end",
    f"{_PAIR}type(None) is tuple and len(pair) == 2 and type(pair[0]) is type(pair[1]) is bytes:": (
        _NOT_SHORT
    ),
    f"{_PAIR}type(pair) is not tuple and len(pair) == 2 and"
    " type(pair[0]) is type(pair[1]) is bytes:": _NOT_SHORT,
    f"{_PAIR}type(pair) is tuple and len(pair) == 2 and type(None) is type(pair[1]) is bytes:": (
        _NOT_SHORT
    ),
    f"{_PAIR}type(pair) is tuple and len(pair) == 2 and type(pair[0]) is type(None) is bytes:": (
        _NOT_SHORT
    ),
    '_http1/arguments.py require_plain_function: if getattr(code, "co_flags", 0) & _CO_COROUTINE:'
    ' -> if getattr(code, "co_flags", 1) & _CO_COROUTINE:': (
        "bit 0 is not the one that is asked for"
    ),
    f"{_USUAL}type(None) is type(value) is bytes": _NOT_SHORT,
    f"{_USUAL}type(name) is type(None) is bytes": _NOT_SHORT,
    f"{_MEMBERS}strict=False)": _AS_MANY,
    f"{_MEMBERS})": _AS_MANY,
    f"{_AUTHORITY_END}stop if slash < 0 else slash)"
    ' -> return scheme + 3, uri.rfind(b"@", scheme + 3, stop if slash <= 0 else slash)': (
        "the slash comes after a scheme: its place is not 0"
    ),
    "_http1/head_fields.py HeadFields.offset_of: if position == 0: -> if position == 1:": (
        "only slower: no fold is before the second octet of a value, which begins with none"
    ),
    "_http1/head_fields.py HeadFields.offset_of: found = -1 -> found = +1": (
        "a start line is longer than two octets"
    ),
    "_http1/head_fields.py HeadFields.offset_of: found = folded.find(start, found + 1)"
    " -> found = folded.find(start, found + 2)": "a line is longer than two octets",
}
