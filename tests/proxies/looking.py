"""What our diagnosis says of a handshake: from the server's side, the client's, and both.

Rules for this module: it asks :mod:`httpupgrade.diagnosis`, and judges nothing.
"""

from typing import NamedTuple, final

from httpupgrade import RequestHead, RequestInfo
from httpupgrade.diagnosis import Diagnosis, Remedy, diagnose, diagnose_both_ends

from .client import Exchange
from .origin import Arrival


@final
class Views(NamedTuple):
    """Three diagnoses of one handshake."""

    server: Diagnosis | None
    """None if nothing arrived."""
    client: Diagnosis
    both: Diagnosis

    def remedy_for(self, product: str) -> Remedy | None:
        """The first remedy for a product: of both ends, else the server's, else the client's."""
        views = (self.both, self.server, self.client)
        remedies = (remedy for view in views if view for remedy in view.remedies)
        return next((remedy for remedy in remedies if remedy.product == product), None)


def look(exchange: Exchange, arrival: Arrival | None, probed: Diagnosis, *, secure: bool) -> Views:
    """Diagnose an exchange.

    :param probed: what a client says that has seen no more than its own side.
    :param arrival: what arrived of it; None if nothing did.
    :param secure: whether the client is inside TLS.
    """
    arrived = None if arrival is None else arrival.head
    response, content = exchange.response, exchange.content
    return Views(
        None if arrival is None else diagnose(_info(arrived), arrival.decision),
        probed,
        diagnose_both_ends(exchange.sent, arrived, response, content=content, secure=secure),
    )


def _info(head: RequestHead | None) -> RequestInfo | None:
    return None if head is None else RequestInfo(head)
