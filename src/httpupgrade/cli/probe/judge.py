"""Where a probe asks :mod:`httpupgrade.diagnosis`."""

from ... import RequestHead
from ...diagnosis import Diagnosis, diagnose_both_ends, diagnose_response
from .outcomes import Exchange


def diagnose_exchange(exchange: Exchange, *, secure: bool) -> Diagnosis:
    """What went wrong with an exchange, by what came back."""
    return diagnose_response(
        exchange.request, exchange.response, content=exchange.content, secure=secure
    )


def diagnose_arrival(exchange: Exchange, arrived: RequestHead | None, *, secure: bool) -> Diagnosis:
    """The same where it is known what arrived at the server; None if nothing did."""
    return diagnose_both_ends(
        exchange.request, arrived, exchange.response, content=exchange.content, secure=secure
    )
