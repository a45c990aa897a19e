"""Which sentence of a body counts, where there are several."""

from httpupgrade._negotiation import finding_codes as rules
from httpupgrade.diagnosis._sayings import SAYINGS


def test_a_cause_is_looked_for_before_what_follows_from_it() -> None:
    ours = [each.code for each in SAYINGS if each.speaker == "httpupgrade"]
    places = {code.name: place for place, code in enumerate(ours)}
    assert set(rules.HOP_BY_HOP_FIELDS_LOST.explains) <= places.keys()
    for code in ours:
        assert all(places[code.name] < places[each] for each in code.explains)
