"""What a finding shows of the octets that were received.

Rules for this module: a line is shown whole, or each cut in it is marked by ``...``. What may be
secret is cut here, once, so that bodies, logs and exceptions can show all of it: queries, user
information, and the values of all fields but a few. Escaping is the last step, and is here as well.
"""

from typing import Final, NamedTuple, final

from . import grammar
from .arguments import require_octets
from .redaction import SHOWN_IN_FINDINGS, URI_FIELDS, user_information

LINE_BOUND: Final = 256
"""Octets of a line that a finding keeps."""
_FIRST_OCTETS: Final = 8
# Of ASCII, what means nothing in HTML, JSON, logs and terminals.
_HARMLESS: Final = bytes(range(0x20, 0x7F)).translate(None, b"<>&\"'`\\")
_CUT: Final = b"..."
_VERSION: Final = b" HTTP/"
_DIGITS: Final = b"0123456789."
# What is before a colon and was meant as a field name, white space included.
_NAME_OCTETS: Final = (
    b"!#$%&'*+-.^_`|~ \t0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

# How much of a long line is shown: its beginning, and what is just before the fault.
_KEPT_IN_FRONT: Final = 64
_FAULT_WITHIN: Final = 128


@final
class Shown(NamedTuple):
    """A line with the place of a fault in it."""

    line: bytes
    start: int
    end: int


def escape_octets(octets: bytes) -> str:
    """Octets as ASCII text that is harmless in HTML, JSON, logs and terminals."""
    if type(octets) is not bytes:
        require_octets("octets", octets)
        octets = bytes(octets)
    if not octets.translate(None, _HARMLESS):
        return octets.decode("ascii")
    return "".join([chr(each) if each in _HARMLESS else f"\\x{each:02x}" for each in octets])


def is_shown(field: str | None) -> bool:
    """Whether the values of this field may be shown in bodies and logs."""
    return field is not None and field.encode("ascii", "replace").lower() in SHOWN_IN_FINDINGS


def show_first_octets(octets: bytes) -> Shown:
    """The beginning of what is not HTTP: eight octets at most."""
    shown = octets if len(octets) <= _FIRST_OCTETS else octets[:_FIRST_OCTETS] + _CUT
    return Shown(shown, 0, len(shown))


def show_field_line(line: bytes, start: int, end: int, *, is_cut: bool = False) -> Shown | None:
    """A field line, without its line end; None where nothing of it can be shown.

    Of most fields only the name is shown, and nothing of what has no name.

    :param is_cut: whether more of the line may follow.
    """
    name, colon, _ = line.partition(b":")
    if not colon or not name or name.translate(None, _NAME_OCTETS):
        return None
    folded, shown = name.strip(b" \t").lower(), Shown(line, start, end)
    return show_named_line(folded, len(name) + 1, shown, is_cut=is_cut)


def show_named_line(folded: bytes, begin: int, shown: Shown, *, is_cut: bool = False) -> Shown:
    """A field line whose name is known, in lower case.

    :param begin: the index in the line of the value, or of the white space before it.
    :param is_cut: whether more of the line may follow.
    """
    line = shown.line
    is_plain = folded in SHOWN_IN_FINDINGS and folded not in URI_FIELDS
    if is_plain and len(line) <= LINE_BOUND and b"\r" not in line:
        return shown
    begin, stop = _value_span(line, begin)
    if folded in SHOWN_IN_FINDINGS:
        shown, stop = _hide_after_cr(shown, stop)
        if folded in URI_FIELDS:
            shown = _hide_parts_of_uri(shown, begin, stop, has_path=False, is_cut=is_cut)
    else:
        shown = _hide(shown, begin, stop)
    return _bound(shown, begin)


def show_request_line(line: bytes, start: int, end: int, *, is_cut: bool = False) -> Shown:
    """A request line without the query of its target; of anything else, the first octets.

    :param is_cut: whether more of the line may follow.
    """
    method, space, _ = line.partition(b" ")
    if not space or grammar.TOKEN.fullmatch(method) is None:
        return show_first_octets(line)
    shown, stop = _hide_after_cr(Shown(line, start, end), _end_of_target(line))
    begin = len(method) + 1
    return _bound(_hide_parts_of_uri(shown, begin, stop, has_path=True, is_cut=is_cut), begin)


def show_status_line(line: bytes, start: int, end: int) -> Shown:
    """The version and the status of a status line; of anything else, the first octets."""
    version, _, rest = line.partition(b" ")
    if not version.startswith(b"HTTP/") or version[5:].rstrip(b"\r\n").translate(None, _DIGITS):
        return show_first_octets(line)
    reason = rest.lstrip(b"0123456789")
    begin = len(line) - len(reason.removeprefix(b" "))
    return _bound(_hide(Shown(line, start, end), begin, len(line.rstrip(b"\r\n"))), 0)


def show_line(line: bytes, start: int, end: int) -> Shown:
    """A line that holds no secret, as a pseudo-header field."""
    return _bound(Shown(line, start, end), 0)


def _end_of_target(line: bytes) -> int:
    """Where the version begins in a request line, well formed or not; its end, if it has none."""
    version = line.upper().rfind(_VERSION)
    rest = line[version + len(_VERSION) :].rstrip(b"\r\n")
    return len(line) if version < 0 or rest.translate(None, _DIGITS) else version


def _value_span(line: bytes, begin: int) -> tuple[int, int]:
    padding = grammar.OWS.match(line, begin)
    assert padding is not None, "there may be none of it"
    return padding.end(), max(padding.end(), len(line.rstrip(b" \t\r\n")))


def _hide_after_cr(shown: Shown, stop: int) -> tuple[Shown, int]:
    """Another parser may take what follows a CR for a line of its own, with a secret in it."""
    stray = shown.line.find(b"\r")
    if stray < 0:
        return shown, stop
    return _hide(shown, stray + 1, len(shown.line)), min(stop, stray)


def _hide_parts_of_uri(
    shown: Shown, begin: int, stop: int, *, has_path: bool, is_cut: bool
) -> Shown:
    """Without query, fragment and user information (RFC 3986 3.2.1, 3.4, 3.5).

    In a URI that has no path, all before the last ``@`` may be user information. In a line that is
    cut, the authority may be, unless its end is there.
    """
    line = shown.line
    marks = (line.find(mark, begin, stop) for mark in (b"?", b"#"))
    query = min((place for place in marks if place >= 0), default=stop)
    user, at = user_information(line, begin, query)
    if not has_path:
        at = line.rfind(b"@", begin, query)
    if is_cut and not (has_path and _has_begun_path(line, begin, user, query)):
        at = query
    return _hide(_hide(shown, query + 1, stop), user, at)


def _has_begun_path(line: bytes, begin: int, authority: int, stop: int) -> bool:
    """Whether what is there of a target reaches into its path."""
    has_scheme = authority > begin
    return line.startswith(b"/", begin) or (has_scheme and b"/" in line[authority:stop])


def _hide(shown: Shown, begin: int, stop: int) -> Shown:
    """With a cut in the place of these octets, if there are any."""
    if begin >= stop:
        return shown
    line, start, end = shown
    shorter = len(_CUT) - (stop - begin)
    after_cut = begin + len(_CUT)
    return Shown(
        line[:begin] + _CUT + line[stop:],
        start + shorter if start >= stop else min(start, begin),
        end + shorter if end >= stop else end if end <= begin else after_cut,
    )


def _bound(shown: Shown, front: int) -> Shown:
    """No longer than the bound, with what is around the fault and with the ``front``, if short."""
    if len(shown.line) > LINE_BOUND and shown.start > _FAULT_WITHIN:
        front = min(front, _KEPT_IN_FRONT)
        shown = _hide(shown, front, shown.start - (_FAULT_WITHIN - _KEPT_IN_FRONT))
    if len(shown.line) > LINE_BOUND:
        shown = _hide(shown, LINE_BOUND - len(_CUT), len(shown.line))
    return shown


def escape_line(shown: Shown) -> tuple[str, int, int]:
    """The line as text, and the columns of the fault in it."""
    line, start, end = shown
    if 0 <= start <= end <= len(line) and not line.translate(None, _HARMLESS):
        return line.decode("ascii"), start, end
    before, fault = escape_octets(line[:start]), escape_octets(line[start:end])
    return before + fault + escape_octets(line[end:]), len(before), len(before) + len(fault)


def marks_a_part(shown: Shown) -> bool:
    """Whether the fault is at a place in the line, rather than the line's value as a whole."""
    line, start, end = shown
    front = line[:start].rstrip(b" \t")
    is_value = front.find(b":") == len(front) - 1
    return not (is_value and end >= len(line.rstrip(b" \t")))
