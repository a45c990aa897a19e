"""An ``asyncio.Protocol`` in front of any other: it negotiates, and hands the connection over.

Rules for this module: it is what users of the adapter see. Its parts stand in the folder
``_asyncio``: what each owner of a connection has to do with what arrives in ``connection`` and
``reading``, what becomes of a request in ``answering`` and ``negotiating``.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from .. import (
    DEFAULT_LIMITS,
    DEFAULT_REFUSAL,
    Carries,
    Limits,
    OnDecision,
    Passthrough,
    PolicySource,
    PrepareHead,
    Refusal,
)
from ._asyncio.negotiating import Negotiating
from ._asyncio.options import Options, Switch
from ._asyncio.owner import TRANSITIONS, Owner
from ._asyncio.reading import MOST_HELD
from ._asyncio.reviewing import Review, require_awaitable

__all__ = [
    "MOST_HELD",
    "TRANSITIONS",
    "Owner",
    "Review",
    "Switch",
    "UpgradeProtocol",
    "require_awaitable",
]

LINGER: Final = 2.0
"""Seconds for which a connection is read on after the last answer on it was sent.

RFC 9112 9.6: closed at once, with octets still unread, it could be reset, and the answer lost.
"""


class UpgradeProtocol(Negotiating):
    """One connection of a server, whose requests are negotiated before another protocol sees them.

    :param policy: as for :class:`ServerNegotiator`.
    :param switch: makes what speaks the new protocol. That gets the transport once the 101 is
        written: ``connection_made()``, then ``data_received()`` with what came early, if anything.
        It is called before the 101 is written; what it raises is answered with 500.
    :param ordinary: makes the HTTP server for what passes through, when something does.
    :param stay: whether every request of a connection is judged. If not, the first one that passes
        takes the transport along. Staying, the ordinary server gets a transport that watches where
        its responses end: one request at a time is handed to it, and it may switch protocols by
        itself.
    :param review: an async function. It is awaited before a switch, with the request as it was
        received, and says what to answer: the same acceptance, perhaps with more fields, or a
        refusal. What arrives meanwhile is held, up to
        ``limits.max_early_data``. It is cancelled when the client leaves. What it raises is
        answered with 500.
    :param hand_over: the octets that the ordinary server gets for the head of a request. If this
        is not given, those that arrived; staying, without the offer of a request that has a body.
    :param prepare_head: mends heads of devices that are known to be wrong before they are judged,
        as for :class:`ServerNegotiator`.
    :param carries: says for a request whether Upgrade and Connection of a response reach its
        client, as for :class:`ServerNegotiator`. None: they do.
    :param refusal: what refusals look like where no policy says so, as for
        :class:`ServerNegotiator`. Those for deadlines and failures are made like all others.
    :param limits: how much is read and held.
    :param secure: whether the connection is inside TLS; None asks the transport.
    :param head_timeout: seconds that a head may take, and a body that is read before a switch or
        after a refusal. A head or body that has begun and takes longer is answered with 408. A
        client that reads nothing of our own answers for this time loses the connection.
    :param review_timeout: seconds that a review may take; then 503 is the answer.
    :param on_decision: is called with each decision and its :class:`DecisionInfo`: those that are
        carried out, before anything of them is written. It changes nothing; what it raises reaches
        the loop's exception handler.

    No deadline ends a connection on which ``ordinary`` has written while its octets wait in the
    transport: how long a client may take to read those is for the ordinary server to bound.

    In each :class:`RequestInfo`, ``peer`` is ``transport.get_extra_info("peername")``: for TCP a
    tuple of the address, the port and perhaps more.

    Errors of the callables, those of ``policy`` among them, reach the loop's exception handler.
    Raises :class:`TypeError` for a ``policy``, ``prepare_head``, ``carries`` or ``on_decision``
    that is async, and for a ``review`` that cannot be called; one that returns nothing to await
    fails when it is called.
    Each decision is one line of the logger ``httpupgrade.asyncio``, with its codes: refusals at
    level INFO, the rest at level DEBUG.
    """

    __slots__ = ()

    def __init__(
        self,
        policy: PolicySource,
        switch: Switch,
        ordinary: Callable[[], asyncio.Protocol],
        *,
        stay: bool = True,
        review: Review | None = None,
        hand_over: Callable[[Passthrough], bytes] | None = None,
        prepare_head: PrepareHead | None = None,
        carries: Carries | None = None,
        refusal: Refusal = DEFAULT_REFUSAL,
        limits: Limits = DEFAULT_LIMITS,
        secure: bool | None = None,
        head_timeout: float = 10.0,
        review_timeout: float = 30.0,
        on_decision: OnDecision | None = None,
    ) -> None:
        options = Options(
            policy,
            switch,
            ordinary,
            stay,
            review,
            hand_over,
            prepare_head,
            carries,
            refusal,
            limits,
            secure,
            head_timeout,
            review_timeout,
            on_decision,
        )
        super().__init__(options)

    def take_over(
        self,
        transport: asyncio.Transport,
        ordinary: asyncio.Protocol | None,
        data: bytes,
        *,
        at_end: bool = False,
        writing_paused: bool = False,
        seconds: float | None = None,
    ) -> None:
        """Begin with a connection in its middle, in the place of ``connection_made()``.

        This becomes the transport's protocol.

        :param ordinary: the ordinary server, if there is one already: it has answered every
            request that it got. It gets ``connection_made()`` with a transport that watches its
            answers, then ``pause_writing()`` if writing is paused, and later what passes.
        :param data: octets that have arrived and that nobody has judged.
        :param at_end: whether the client has said that it sends no more.
        :param writing_paused: whether the transport has called ``pause_writing()`` last.
        :param seconds: what is left of ``head_timeout`` for the head that ``data`` begins; all of
            it if this is not given.
        """
        self._take(transport)
        if transport.get_protocol() is not self:
            transport.set_protocol(self)
        self._writing_paused = writing_paused
        if ordinary is not None:
            self._share(ordinary).has_written = True
            if writing_paused:
                ordinary.pause_writing()
        if seconds is None and ordinary is None:
            seconds = self._options.head_timeout
        if seconds is not None:
            self._deadline.start(max(seconds, 0.0), self._time_out)
        self._input.at_end = at_end  # a successor is told, and a close need not wait for it
        self.data_received(data)
        if at_end and not self._is_over():
            self.eof_received()

    def close_in_stages(self) -> None:
        """Close once the client has read what was written, or has had the time for it.

        What arrives from now on is dropped, and the ordinary server is told that the connection is
        lost.
        """
        self._finish(Owner.NOBODY)
        closing = self._begin_closing(LINGER)
        (closing.close if self._input.at_end else closing.begin)()
