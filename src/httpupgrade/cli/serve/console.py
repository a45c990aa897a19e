"""What the server prints: how it is tried, and each request as it is decided on.

Rules for this module: all of it goes through :class:`Output`, which escapes. A request that is like
an earlier one is a line with a count.
"""

import re
from collections.abc import Iterator
from types import MappingProxyType
from typing import Final, final

from ...diagnosis import Diagnosis, Remedy, diagnose, to_json
from ...diagnosis._rendering import describe_suspect, headings_of
from ...fields import escape_octets
from ..output import Output, Style
from .arrivals import Arrival
from .endpoints import Parts, Places
from .site import Site

_STYLES: Final[tuple[tuple[str, Style], ...]] = (
    ("101", "good"),
    ("426", "warning"),
    ("4", "bad"),
    ("5", "bad"),
)
_MOST_KINDS: Final = 256
"""Kinds of requests that are counted; then counting begins anew."""
_MOST_SUSPECTS: Final = 3
_MOST_SHOWN: Final = 64
"""Octets of a head that was never whole."""

_ADDED: Final = re.compile(
    r"(?i)via|forwarded|x-(?:forwarded|envoy|amzn|amz-cf|goog)-.+|cf-.+|cdn-loop|true-client-ip"
    r"|x-(?:real|client|cluster-client|original|request)-(?:ip|id|uri|url|host)|x-varnish|x-cache"
)
"""Names of fields that proxies add."""

_WITHOUT: Final = MappingProxyType(
    {
        "trustme": "No TLS: trustme is not installed.",
        "h2": "No HTTP/2: h2 is not installed.",
    }
)
_INSTALL: Final = "To have it: python3 -m pip install"


@final
class Console:
    """Prints what happens.

    :param behind: whether to say what the hop in front of the server did to each request.
    """

    def __init__(self, output: Output, *, behind: bool = False) -> None:
        self._output: Final = output
        self._behind: Final = behind
        self._counts: Final[dict[str, int]] = {}
        self._remedies: Final[set[str]] = set()

    def greet(self, site: Site, places: Places, parts: Parts) -> None:
        """What to open, and what to type."""
        say = self._output.say
        self._output.document({"listening": {"plain": places.plain, "secure": places.secure}})
        if self._behind:
            self._greet_behind(places)
        else:
            say(f"http://{places.plain}/", "title")
            say("  a page that shows what a browser gets from each endpoint")
            if places.secure:
                say(f"https://{places.secure}/", "title")
                say("  the same inside TLS, with a certificate that no browser knows")
            say("On a command line (the page has more):", "title")
            for endpoint in site.endpoints:
                say(f"  {places.fill(endpoint.commands[0])}")
        if missing := _missing(parts, behind=self._behind):
            said = [_WITHOUT[name] for name in missing]
            say(" ".join((*said, _INSTALL, *missing)), "warning")
        say("Ctrl-C ends it. What arrives meanwhile:", "title")

    def _greet_behind(self, places: Places) -> None:
        say = self._output.say
        inside_tls = f", and {places.secure} inside TLS" if places.secure else ""
        say(f"Point your proxy at {places.plain}{inside_tls}.", "title")
        say("Every path is a WebSocket. Then, through the proxy:")
        say(f"  {places.command} probe ws://ADDRESS-OF-THE-PROXY/")

    def warn(self, text: str) -> None:
        """Something to be aware of."""
        self._output.say(f"Warning: {text}", "warning")

    def tell(self, arrival: Arrival) -> None:
        """A request, and what was decided on it."""
        told = {
            "arrived": arrival.to_json(),
            "request": arrival.request,
            "answer": arrival.answer,
        }
        diagnosis = None
        if self._behind and arrival.decision is not None:
            diagnosis = diagnose(arrival.info, arrival.decision)
            told["diagnosis"] = to_json(diagnosis)
        count = self._count(_kind_of(arrival, diagnosis)) if self._behind else 1
        style = _style_of(arrival.answer)
        if count == 1:
            self._output.say(f"{arrival.place} {arrival.request}: {arrival.answer}", style)
            self._explain(arrival, diagnosis)
        elif _is_round(count):
            answer, _, _ = arrival.answer.partition(" (")  # without the reasons, which were told
            again = f"{arrival.request}: {answer}, as before ({count} times)"
            self._output.say(f"{arrival.place} {again}", style)
        self._output.document(told)

    def _explain(self, arrival: Arrival, diagnosis: Diagnosis | None) -> None:
        lines: list[tuple[str, Style]] = []
        if arrival.decision is None:
            lines.append((f"arrived: {escape_octets(arrival.octets[:_MOST_SHOWN])}", "quiet"))
        if diagnosis is not None:
            lines += in_brief(diagnosis)
            lines += self._remedy_of(diagnosis)
            lines += _added(arrival)
        for text, kind in lines:
            self._output.say(f"  {text}", kind)

    def _remedy_of(self, diagnosis: Diagnosis) -> Iterator[tuple[str, Style]]:
        """How to mend it, in full only once."""
        if not diagnosis.remedies:
            return
        remedy = diagnosis.remedies[0]
        if remedy.name in self._remedies:
            yield f"{_head_of(remedy)} (as above)", ""
        else:
            self._remedies.add(remedy.name)  # as many as there are in the tables of diagnosis
            yield from mended(remedy)

    def _count(self, kind: str) -> int:
        if kind not in self._counts and len(self._counts) == _MOST_KINDS:
            self._counts.clear()
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return self._counts[kind]


def _kind_of(arrival: Arrival, diagnosis: Diagnosis | None) -> str:
    """What two requests have in common of which it is enough to tell once."""
    answer = arrival.answer.partition(";")[0]  # without the line that was received
    parts = [arrival.request, answer, *_names_added(arrival)]
    if diagnosis is not None:
        parts.append(diagnosis.summary)
        parts += map(describe_suspect, diagnosis.suspects)
    return "\n".join(parts)


def _missing(parts: Parts, *, behind: bool) -> list[str]:
    """The packages that are not installed; behind a proxy, HTTP/2 is not wanted."""
    without_tls = [] if parts.tls else ["trustme"]
    return without_tls if parts.http2 or behind else [*without_tls, "h2"]


def _style_of(answer: str) -> Style:
    return next((style for begin, style in _STYLES if answer.startswith(begin)), "")


def _is_round(count: int) -> bool:
    """Whether a count is worth a line: 2, 3 … 9, 10, 20 …, so that a flood is not one of lines."""
    return not str(count)[1:].strip("0")


def in_brief(diagnosis: Diagnosis) -> Iterator[tuple[str, Style]]:
    """The lines for a request that something is wrong with."""
    if diagnosis.verdict == "healthy":
        return
    yield diagnosis.summary, ""
    for each in diagnosis.evidence:
        if each.line:
            yield f"{each.place or 'arrived'}: {each.line} ({each.says})", "quiet"
        else:
            yield f"missing: {each.says}", "quiet"
    suspects = diagnosis.suspects[:_MOST_SUSPECTS]
    if suspects:
        yield f"suspect: {'; or '.join(map(describe_suspect, suspects))}", ""
    if not diagnosis.remedies:
        yield from ((f"try: {step}", "") for step in diagnosis.next_steps[:1])


def _added(arrival: Arrival) -> list[tuple[str, Style]]:
    names = _names_added(arrival)
    return [(f"added on the way, by their names: {', '.join(names)}", "quiet")] if names else []


def _names_added(arrival: Arrival) -> list[str]:
    """The fields of a request that proxies add and clients do not, by their usual names."""
    headers = () if arrival.info is None else arrival.info.head.headers
    names = dict.fromkeys(name.decode("ascii") for name, _ in headers)
    return [name for name in names if _ADDED.fullmatch(name)]


def _head_of(remedy: Remedy) -> str:
    return f"To mend it, in {remedy.product}: {remedy.title}"


def mended(remedy: Remedy) -> Iterator[tuple[str, Style]]:
    """The lines that say how to mend it."""
    yield _head_of(remedy), ""
    for paste in remedy.pastes:
        take_out, put_in = headings_of(paste.place)
        yield from _block(take_out, paste.instead_of, "quiet")
        yield from _block(put_in, paste.lines, "paste")
    yield from _block("Then run:", remedy.commands, "paste")


def _block(heading: str, lines: tuple[str, ...], style: Style) -> Iterator[tuple[str, Style]]:
    if not lines:
        return
    yield heading, ""
    yield from ((f"    {line}", style) for line in lines)
