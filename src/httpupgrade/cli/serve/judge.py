"""The one place where the server asks :mod:`httpupgrade.diagnosis`."""

from ...diagnosis import Diagnosis
from .arrivals import Arrival


def diagnose_arrival(arrival: Arrival) -> Diagnosis:
    """What happened to a request that was decided on."""
    findings = () if arrival.decision is None else arrival.decision.findings
    if not findings:
        return Diagnosis("healthy", "", "Nothing is wrong with this request.")
    return Diagnosis("refused", findings[0].code, f"The request is refused: {findings[0].code}.")
