"""The page of a code, and the list of all codes.

Rules for this module: it shows what the tables say, and adds nothing.
"""

import re
import textwrap
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, Final

from ... import Code
from ..._negotiation.finding_codes import how_for_proxies
from ...diagnosis import Remedy
from ...diagnosis._rendering import as_plain, remedy_lines
from ..exits import CommandError
from ..output import Output
from ..showing import show_lines
from .codes import CODES

_NAME: Final = re.compile(r"[a-z0-9.]+(?:-[a-z0-9.]+)+")
_RFC: Final = re.compile(r"RFC (\d+) (\d+(?:\.\d+)*)")


def looks_like_a_code(name: str) -> bool:
    """Whether this may be meant as the name of a code, rather than of a file."""
    return _NAME.fullmatch(name) is not None


def code_named(name: str) -> Code:
    """The code of this name.

    Raises :class:`CommandError`, with the nearest names, if there is none.
    """
    code = CODES.get(name)
    if code is None:
        nearest = get_close_matches(name, CODES)
        hint = f"; did you mean {' or '.join(nearest)}?" if nearest else ""
        raise CommandError(
            f"there is no file and no code {name}{hint} (httpupgrade explain --list has all codes)"
        )
    return code


def list_codes(output: Output) -> None:
    """All codes, one a line."""
    output.document({"codes": [_code_as_json(each) for each in CODES.values()]})
    width = max(map(len, CODES))
    for code in CODES.values():
        output.say(f"{code.name:<{width}}  {code.message}")


def show_code(code: Code, remedies: Sequence[Remedy], output: Output) -> None:
    """Its page."""
    remedies_as_json = [as_plain(each) for each in remedies]
    output.document({**_code_as_json(code), "remedies": remedies_as_json})
    output.say(code.name, "title")
    output.say()
    output.say(_filled(code.message))
    output.say()
    if code.status_code is not None:
        output.say(f"  status: {code.status_code}")
    output.say(f"  clause: {code.clause}")
    if match := _RFC.fullmatch(code.clause):
        output.say(f"  https://www.rfc-editor.org/rfc/rfc{match[1]}#section-{match[2]}")
    _show_part("For the sender:", _without_this_page(code), output)
    _show_part("For the operator of the server:", code.operator, output)
    for remedy in remedies:
        show_lines(remedy_lines(remedy, "To mend it"), output)


def _without_this_page(code: Code) -> str:
    """The hint, without the sentence that leads to this page."""
    return code.hint.removesuffix(f" {how_for_proxies(code.name)}")


def _show_part(heading: str, text: str, output: Output) -> None:
    if not text:
        return
    output.say()
    output.say(heading, "title")
    for line in text.split("\n"):
        if line.startswith(" "):  # to paste
            output.say(f"  {line}", "paste")
        else:
            output.say(_filled(line))


def _filled(text: str) -> str:
    return textwrap.fill(text, 80, initial_indent="  ", subsequent_indent="  ")


def _code_as_json(code: Code) -> dict[str, Any]:
    return {name: getattr(code, name) for name in Code._fields}
