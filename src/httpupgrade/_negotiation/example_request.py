"""The request that the body of a 426 prints: what to send to be answered with 101.

Rules for this module: an example is a whole request. It knows the server by the Host of the request
that is refused, and takes nothing else from it but the target.
"""

from collections.abc import Iterable
from typing import Final, final

from .._http1.arguments import header_pairs
from .._http1.field_values import HeadersLike, UpgradeToken, format_upgrade, parse_upgrade
from .._http1.heads import RequestHead
from .._http1.values import Value, field

ANY_TARGET: Final = b"/any/target"
"""The target of what stands for any request."""
# The fields that requests for several protocols share.
_MERGED: Final = frozenset((b"connection", b"host", b"upgrade"))


@final
class Example(Value):
    """A request that is answered with 101, and what its reader has to know."""

    __slots__ = __match_args__ = ()

    head: RequestHead = field("The whole of it, with Host, Connection and Upgrade.")
    note: str = field("What the reader has to fill in, in whole sentences.", default="")

    @classmethod
    def of(
        cls,
        head: RequestHead,
        tokens: Iterable[UpgradeToken],
        headers: HeadersLike = (),
        *,
        options: Iterable[bytes] = (),
        method: bytes = b"GET",
        target: bytes | None = None,
        note: str = "",
    ) -> "Example":
        """One that asks the server of another request for these protocols.

        :param head: the other request. Host is taken from it.
        :param headers: fields besides Host, Connection and Upgrade.
        :param options: connection options besides ``Upgrade``.
        :param target: None takes that of ``head`` where a GET can have it, and else ``/``.

        Raises :class:`ValueError` for what cannot stand on the wire.
        """
        fields = (
            (b"Host", head.get(b"host") or b""),
            (b"Connection", b", ".join((b"Upgrade", *options))),
            (b"Upgrade", format_upgrade(tokens)),
            *header_pairs(headers),
        )
        return cls(RequestHead(method, target or shared_target(head), fields), note)


def any_request() -> RequestHead:
    """What stands for any request."""
    return RequestHead(b"GET", ANY_TARGET, ((b"Host", b"any-host"),))


def shared_target(head: RequestHead) -> bytes:
    """The target of a request, if a GET can have it; else the root (RFC 9112 3.2)."""
    return b"/" if head.method == b"CONNECT" or head.target == b"*" else head.target


def merge_examples(head: RequestHead, examples: list[Example]) -> Example:
    """One request that asks for all that the examples ask for, in the way of the first of them.

    Where two of them say something else in one field, the first is right.
    """
    if len(examples) == 1:
        return examples[0]
    first, *others = [each.head for each in examples]
    tokens = dict.fromkeys(
        token for each in (first, *others) for token in parse_upgrade(each.get_all(b"upgrade"))
    )
    options = dict.fromkeys(
        option.strip(b" \t")
        for each in (first, *others)
        for value in each.get_all(b"connection")
        for option in value.split(b",")
    )
    fields = [field for field in first.headers if field[0].lower() not in _MERGED]
    taken = {name.lower() for name, _ in fields}.union(_MERGED)
    for each in others:
        added = [field for field in each.headers if field[0].lower() not in taken]
        taken.update(name.lower() for name, _ in added)
        fields += added
    # A note about a target would puzzle readers who see another one.
    told = (shared_target(head), first.target)
    notes = [each.note for each in examples if each.note and each.head.target in told]
    return Example.of(
        first,
        tuple(tokens),
        fields,
        options=[option for option in options if option.lower() not in (b"", b"upgrade")],
        method=first.method,
        target=first.target,
        note=" ".join(notes),
    )
