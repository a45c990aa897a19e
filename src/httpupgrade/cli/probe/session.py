"""One run of the command: the steps one after the other, a line for each, and the diagnosis."""

import secrets
from typing import Final, final

from ... import RequestHead, ResponseHead
from ..._http1.field_values import generate_nonce
from ...diagnosis import NoAnswer, to_json
from .. import behind
from ..exits import Exit
from ..output import Output, Style
from ..showing import show_diagnosis
from . import finding_codes as codes
from .arrival import read_arrived, say_arrival
from .conclude import Probed, conclude
from .connections import Dialer
from .engine import Engine
from .follow import MOST, Onward, onward
from .outcomes import Exchange, HTTP2Failure, NoHTTP2, Outcome, Result, Unreached
from .place import Place
from .steps import HTTP2, PLAIN_GET, Asked, Over, Step, main_step, plan, request_of
from .telling import plain, tell

_EXITS: Final = {
    "healthy": Exit.FINE,
    "refused": Exit.FOUND,
    "broken": Exit.FOUND,
    "unclear": Exit.UNCLEAR,
}
_TITLE: Final = 34
_VERSION: Final = b"Sec-WebSocket-Version"
_PATIENCE: Final = 2
"""After how many steps in a row without an answer the others are left out."""


@final
class Session:
    """A probe of one URL.

    :param verifier: verifies certificates, whether or not the engine does.
    :param http2: whether HTTP/2 can be spoken here.
    :param follow: whether to go where a response sends its client.
    :param insecure: whether the engine takes every certificate.
    """

    def __init__(
        self,
        place: Place,
        asked: Asked,
        engine: Engine,
        verifier: Dialer,
        output: Output,
        *,
        http2: bool,
        follow: bool = False,
        show_query: bool = False,
        insecure: bool = False,
    ) -> None:
        self._place: Final = place
        self._asked: Final = asked
        self._engine: Final = engine
        self._output: Final = output
        self._http2: Final = http2
        self._follow: Final = follow
        self._verifier: Final = verifier
        self._insecure: Final = insecure
        self._shown: Final = place.shown(query=show_query)
        self._main: Final = main_step(asked)
        self._results: Final[list[Result]] = []
        self._is_behind = False
        self._speaks_tls = False
        self._arrived: RequestHead | None = None
        self._knows_arrived = False

    def run(self) -> Exit:
        """Take all steps. Raises :class:`CommandError` for what cannot be sent."""
        steps = plan(self._place, self._asked, http2=self._http2)
        for step in steps:
            self._request(step, self._place, self._asked)
        self._output.say(f"Probing {self._shown}", "title")
        certificate = self._check_certificate()
        for step in steps:
            if self._is_hopeless():
                self._line("the other steps", "left out: they would end in the same way", "quiet")
                break
            if not (step == HTTP2 and self._has_no_http2()):
                self._take(step)
        if self._place.secure and not self._http2:
            self._line(
                "HTTP/2", "left out: h2 is not installed (python3 -m pip install h2)", "quiet"
            )
        probed = Probed(
            self._place,
            self._main,
            tuple(self._results),
            address=self._engine.address,
            origin=self._asked.origin,
            certificate=certificate,
            arrived=self._arrived,
            speaks_tls=self._speaks_tls,
            knows_arrived=self._knows_arrived,
            followed=self._follow_on() if self._follow else "",
        )
        return self._end(probed)

    def _end(self, probed: Probed) -> Exit:
        diagnosis = conclude(probed)
        exit_status = _EXITS[diagnosis.verdict]
        self._output.say()
        show_diagnosis(diagnosis, self._output)
        self._output.document(
            {
                "url": self._shown,
                "address": probed.address,
                "certificate": probed.certificate,
                "steps": [plain(result) for result in self._results],
                "diagnosis": to_json(diagnosis),
                "exit_status": int(exit_status),
            }
        )
        return exit_status

    # Steps.

    def _take(self, step: Step) -> None:
        nonce = secrets.token_hex(behind.NONCE_OCTETS)
        target = self._place.target
        if self._is_behind:
            target = self._place.with_query(f"{behind.PROBE.decode('ascii')}={nonce}")
        request = self._request(step, self._place, self._asked, target)
        outcome = self._engine.run(self._place, request, step.over, proves=step.proves)
        self._note(Result(step, outcome))
        if not isinstance(outcome, Exchange):
            return
        is_closed = outcome.response is NoAnswer.CLOSED
        if step == PLAIN_GET and is_closed and not self._place.secure:
            self._look_for_tls()
        if step == PLAIN_GET and isinstance(outcome.response, ResponseHead):
            self._is_behind = outcome.response.get(behind.FIELD) == behind.VALUE
        if step == self._main and self._is_behind:
            self._ask_what_arrived(request, nonce)

    def _note(self, result: Result) -> None:
        self._results.append(result)
        self._line(result.step.title, *tell(result))

    def _line(self, title: str, says: str, style: Style) -> None:
        self._output.say(f"  {title:<{_TITLE}} {says}", style)

    def _request(
        self, step: Step, place: Place, asked: Asked, target: bytes | None = None
    ) -> RequestHead:
        return request_of(step, place, asked, key=generate_nonce(), target=target)

    def _look_for_tls(self) -> None:
        """A server that closes at once may be one that expects TLS, and says nothing else."""
        unreached = self._verifier.verify(self._place.replace(scheme="wss"))
        if unreached is None or _is_of_certificate(unreached):
            self._speaks_tls = True
            self._line("  inside TLS", "this port speaks TLS", "warning")

    def _is_hopeless(self) -> bool:
        """Whether the steps so far show that the others would end as these."""
        outcomes = [result.outcome for result in self._results]
        if self._speaks_tls or any(isinstance(each, Unreached) for each in outcomes[:1]):
            return True
        last = outcomes[-_PATIENCE:]
        is_known = any(result.step == self._main for result in self._results)
        return is_known and all(
            isinstance(each, Exchange) and each.response is NoAnswer.SILENT for each in last
        )

    def _has_no_http2(self) -> bool:
        last = self._results[-1].outcome
        return isinstance(last, HTTP2Failure) and last.reason is NoHTTP2.NOT_CHOSEN

    def _check_certificate(self) -> str:
        """What is wrong with the certificate, where every one is taken."""
        if not self._insecure or not self._place.secure:
            return ""
        unreached = self._verifier.verify(self._place)
        if unreached is None:
            self._line("certificate", "valid", "good")
        elif _is_of_certificate(unreached):
            self._line("certificate", unreached.says, "warning")
            return unreached.says
        return ""

    def _ask_what_arrived(self, sent: RequestHead, nonce: str) -> None:
        target = self._place.with_query(f"{behind.ARRIVED.decode('ascii')}={nonce}")
        request = self._request(PLAIN_GET, self._place, self._asked, target)
        arrived = read_arrived(self._engine.run(self._place, request, Over.HTTP1))
        if arrived is None:
            self._line("  as it arrived", "the server did not say", "quiet")
            return
        self._knows_arrived = True
        self._arrived = next(iter(arrived), None)
        self._line("  as it arrived", say_arrival(sent, self._arrived), "")

    # Where a response sends its client.

    def _follow_on(self) -> str:
        """Go there. What works then, in a few words; empty for nothing."""
        last = next((each.outcome for each in self._results if each.step == self._main), None)
        if not isinstance(last, Exchange) or last.works:
            return ""
        place, asked = self._place, self._asked
        seen = {(place, Over.HTTP1, 13)}
        for _ in range(MOST):
            step = onward(place, asked, last, http2=self._http2)
            if isinstance(step, str):
                self._line("  not followed", step, "quiet")
                return ""
            if (step.place, step.over, step.version) in seen:
                self._line("  not followed further", f"it goes in a circle: {step.says}", "bad")
                return ""
            seen.add((step.place, step.over, step.version))
            place, asked = step.place, step.asked
            outcome = self._go(step)
            if not isinstance(outcome, Exchange):
                return ""
            if outcome.works:
                return step.says
            last = outcome
        self._line("  not followed further", f"{MOST} times are enough", "bad")
        return ""

    def _go(self, step: Onward) -> Outcome:
        title = f"  {step.says}"
        followed = self._main.replace(name="followed", title=title, over=step.over)
        request = self._request(followed, step.place, step.asked)
        if step.version != 13:
            version = b"%d" % step.version
            fields = [(name, version if name == _VERSION else old) for name, old in request.headers]
            request = RequestHead(request.method, request.target, fields)
        outcome = self._engine.run(step.place, request, step.over, proves=True)
        self._note(Result(followed, outcome))
        return outcome


def _is_of_certificate(unreached: Unreached) -> bool:
    """Whether TLS is spoken there, and only its certificate is not taken."""
    return unreached.finding.code == codes.CERTIFICATE_NOT_VALID.name
