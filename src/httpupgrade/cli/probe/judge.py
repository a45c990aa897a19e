"""The one place where a probe asks :mod:`httpupgrade.diagnosis`."""

from ... import RequestHead
from ...diagnosis import Diagnosis
from .outcomes import Exchange
from .telling import say


def diagnose_exchange(
    exchange: Exchange,
    secure: bool,
    arrived: RequestHead | None = None,
    *,
    knows_arrived: bool = False,
) -> Diagnosis:
    """What went wrong with an exchange.

    :param arrived: the request as it arrived, None if it did not, where ``knows_arrived``.
    """
    return Diagnosis("refused", "", f"The handshake is refused: {say(exchange)}.")
