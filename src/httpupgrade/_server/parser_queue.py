"""What another parser reads of a connection, in order.

Rules for this module: it queues what the parser hands over, and sees that the calls make sense as a
sequence of messages. It decides nothing.
"""

from collections import deque
from enum import Enum
from typing import Final, assert_never, final

from .._http1.arguments import items, require_number, require_octets, wrong_type
from .._http1.errors import LocalProtocolError
from .._http1.findings import Finding, make_finding
from .._http1.heads import RequestHead
from .._http1.request_facts import facts_of
from .._http1.values import Value, field
from .._negotiation.decisions import require_status_of_reject
from . import finding_codes as codes
from .request_bodies import RequestBodies
from .states import ServerState


@final
class Reading(Enum):
    """Where the caller's parser is."""

    NOTHING = "no head has been read"
    CONTENT = "the content of a message is being read"
    NO_CONTENT = "a head without content has been read"
    END = "a message has been read to its end"
    STOPPED = "a head has been read, and what follows is given as octets"
    LOST = "what came cannot be read"


@final
class ParsedContent(Value):
    """Content of a message."""

    __slots__ = ()
    __match_args__ = ("data", "size")

    data: bytes = field("The content.")
    size: int = field("How many octets of the wire it counts for.")


@final
class ParsedEnd(Value):
    """The end of a message."""

    __slots__ = __match_args__ = ()


@final
class ParseFault(Value):
    """What cannot be read."""

    __slots__ = ()
    __match_args__ = ("findings", "status_code", "head")

    findings: tuple[Finding, ...] = field("What is wrong with it.")
    status_code: int | None = field("The status of its refusal, if the parser named one.")
    head: RequestHead | None = field(
        "The head at fault, where the parser itself goes on after it.", default=None
    )


Item = RequestHead | ParsedContent | ParsedEnd | ParseFault
# In these, nobody needs the content of the message at hand.
_UNREAD: Final = (ServerState.FORWARDING, ServerState.DRAINING)
_BETWEEN_MESSAGES: Final = (Reading.NOTHING, Reading.NO_CONTENT, Reading.END)
_NO_CONTENT: Final = Reading.NO_CONTENT
_READING_HEAD: Final = ServerState.READING_HEAD
_DECIDED: Final = ServerState.DECIDED


class ParserQueue(RequestBodies):
    """A server's machine, as far as it takes what a parser has read."""

    __slots__ = ("_complete", "_inbox", "_missing", "_reading", "_stopped")

    _CHANGING = ("_begun", "_inbox", "_octets")

    _inbox: deque[Item]
    _reading: Reading
    _missing: bool  # whether content is announced of which there was none yet
    # Of the message at hand:
    _stopped: bool  # whether the parser has stopped after its head
    _complete: bool  # whether all of it was taken off the queue

    def receive_head(self, head: RequestHead, *, stopped: bool = False) -> None:
        """Take a head that the parser has read.

        :param stopped: whether the parser stops there and hands over no content, as httptools does
            where ``parser.should_upgrade()``. What follows is then given to :meth:`receive_data`,
            and :meth:`end_content` means nothing.

        It ends a message that passed, if you have not said so. Raises :class:`LocalProtocolError`
        in the middle of any other message, after a switch, and while there is
        :attr:`trailing_data`.
        """
        if type(head) is not RequestHead:
            raise wrong_type("head is a RequestHead", head)
        if type(stopped) is not bool:
            raise wrong_type("stopped is True or False", stopped)
        self._put_head(head, head, stopped=stopped)

    def receive_content(self, data: bytes, *, size: int | None = None) -> None:
        """Take content of the message whose head came last, without its transfer coding.

        For a message that passed it may be left out.

        :param size: how many octets of the wire it stands for, framing included, where you know
            it; ``data`` may be empty then. ``Limits.max_drain`` counts them.

        Raises :class:`LocalProtocolError` where no content is expected.
        """
        require_octets("data", data)
        if size is not None:
            require_number("size", size)
        if self._state is ServerState.CLOSED or not (data or size):
            return
        if self._reading is not Reading.CONTENT:
            raise LocalProtocolError(f"no content is expected: {self._reading.value}")
        self._missing = self._missing and not data
        size = len(data) if size is None else size
        self._put(ParsedContent(bytes(data), size), size)

    def end_content(self) -> None:
        """Take note that the parser has read the message to its end.

        Raises :class:`LocalProtocolError` where no message is being read, and where the head
        announces content of which nothing was handed over, unless it has passed or been refused.
        """
        if self._state is ServerState.CLOSED:
            return
        match self._reading:
            case Reading.CONTENT:
                if self._missing and self._state not in _UNREAD:
                    raise LocalProtocolError(
                        "the head announces content, and none was handed over: receive_content()"
                        " comes first, or receive_head(head, stopped=True) where the parser stops"
                    )
                self._put(ParsedEnd(), 0)
            case Reading.NO_CONTENT:
                pass
            case Reading.STOPPED:
                return
            case Reading.NOTHING | Reading.END | Reading.LOST:
                raise LocalProtocolError(f"no message is being read: {self._reading.value}")
            case unreachable:
                assert_never(unreachable)
        self._reading = Reading.END

    def cannot_read(self, *findings: Finding, status_code: int | None = None) -> None:
        """Take note that the parser cannot read what came: a head, or the message it is in.

        It is answered with a ``Reject``, unless an earlier refusal was; nothing is read after it.

        :param findings: what is wrong; without any, that the parser could not read it.
        :param status_code: 300 to 599, except 304 and 426; None takes that of the findings.

        Raises :class:`LocalProtocolError` after a switch, and where the parser has stopped.
        """
        listed = items("findings", findings, Finding, "findings")
        if status_code is not None:
            require_status_of_reject(status_code)
        in_message = self._reading is Reading.CONTENT and self._state is not ServerState.CLOSED
        if in_message or self._begins_message("what cannot be read"):
            listed = listed or (make_finding(codes.REQUEST_UNREADABLE),)
            self._put(ParseFault(listed, status_code), 0)
            self._reading = Reading.LOST

    def receive_data(self, data: bytes) -> None:
        """Take octets that the parser has left unread, or ``b""`` at end of file.

        Where it has stopped after a head, they are first of all the body of that message. Else,
        and after that, they are early data of a new protocol, or the beginning of the next
        request, which :meth:`take_trailing_data` returns.

        The end of file may come anywhere but after a switch. Octets raise
        :class:`LocalProtocolError` there, before the first head, in the middle of a message that
        the parser reads, and after the end of file.
        """
        require_octets("data", data)
        if self._state is ServerState.SWITCHED:
            raise LocalProtocolError("the connection belongs to the new protocol")
        if not data:
            self._at_end = True
            return
        if self._at_end:
            raise LocalProtocolError("octets after the end of file")
        if self._state is ServerState.CLOSED or self._reading is Reading.LOST:
            return
        if self._reading is Reading.CONTENT:
            raise LocalProtocolError(
                "the parser is in a message: receive_content() and end_content() are for that, and"
                " receive_head(head, stopped=True) for a parser that stops after the head"
            )
        if self._reading is Reading.NOTHING:
            raise LocalProtocolError("no head has been read: octets are the parser's")
        self._keep(data)
        self._note_early_data()

    @property
    def takes_octets(self) -> bool:
        """Whether what arrives is for :meth:`receive_data`, because the parser has stopped.

        Else it is the parser's to read.
        """
        if self._reading is Reading.LOST:
            return True
        awaits_head = self._state is ServerState.READING_HEAD and not self._inbox
        return self._reading is Reading.STOPPED and not awaits_head

    def take_trailing_data(self) -> bytes:
        """Return :attr:`trailing_data`, once, for the parser to read or for the new protocol.

        Empty while it may belong to the request at hand.
        """
        is_over = self._state in (ServerState.SWITCHED, ServerState.CLOSED)
        if not is_over and (self._state is not ServerState.READING_HEAD or self._inbox):
            return b""
        taken = bytes(self._octets or b"")
        self._octets = None
        return taken

    def _receive_fault(self, head: RequestHead, findings: tuple[Finding, ...]) -> None:
        """Take a head that breaks rules of ours, which the parser does not hold it to.

        It is judged as octets that are no head are, and the parser goes on after it.
        """
        self._put_head(head, ParseFault(findings, None, head), stopped=False)

    def _put_head(self, head: RequestHead, item: Item, *, stopped: bool) -> None:
        if not self._begins_message("a head"):
            return
        self._inbox.append(item)
        if self._state is _DECIDED:
            self._count(_size_of(head))
        if stopped:
            self._reading = Reading.STOPPED
        elif has_end(head):
            self._reading = Reading.CONTENT
            self._missing = bool(facts_of(head).framing.length)
        else:
            self._reading = _NO_CONTENT

    def _begins_message(self, what: str) -> bool:
        """Whether a new message may begin; not after a close, when it is dropped."""
        state, reading = self._state, self._reading
        if state is _READING_HEAD and reading in _BETWEEN_MESSAGES and not self._octets:
            return True  # the usual case
        if state is ServerState.CLOSED:
            return False
        if state is ServerState.SWITCHED:
            raise LocalProtocolError("the connection belongs to the new protocol")
        if reading is Reading.CONTENT:
            if state is not ServerState.FORWARDING or self._inbox:
                raise LocalProtocolError(f"end_content() comes before {what}")
            self.end_content()
        elif reading in (Reading.STOPPED, Reading.LOST) and self.takes_octets:
            raise LocalProtocolError(f"{what} cannot follow: {reading.value}")
        if self._octets:
            raise LocalProtocolError("there is trailing data: take_trailing_data() comes first")
        return True

    def _put(self, item: Item, size: int) -> None:
        self._inbox.append(item)
        if self._state is ServerState.DECIDED:
            self._count(size)

    def _count(self, size: int) -> None:
        """Count octets that came while a decision waits."""
        self._exchange.held += size
        self._note_early_data()

    def _note_early_data(self) -> None:
        exchange = self._exchange
        if self._state is ServerState.DECIDED:
            held = exchange.held + len(self._buffer)
            exchange.overflowed = held > self._limits.max_early_data

    def _discard(self) -> None:
        super()._discard()
        self._inbox.clear()
        self._exchange.held = 0

    def _next_of_content(self) -> ParsedContent | ParsedEnd | ParseFault | None:
        """What comes next of the message at hand; a fault stays in the queue."""
        if not self._inbox:
            return None
        item = self._inbox[0]
        assert not isinstance(item, RequestHead), "a message ends before the next begins"
        if not isinstance(item, ParseFault):
            self._inbox.popleft()
            self._complete = isinstance(item, ParsedEnd)
        return item


def has_end(head: RequestHead) -> bool:
    """Whether the parser is expected to say where the message ends."""
    facts = facts_of(head)
    return facts.has_content or bool(facts.framing_faults)


def _size_of(head: RequestHead) -> int:
    """The octets of a head on the wire."""
    fields = sum(len(name) + len(value) + 4 for name, value in head.headers)
    return len(head.method) + len(head.target) + 14 + fields
