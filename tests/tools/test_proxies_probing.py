"""A diagnosis, as ``make proxies`` reads it from the command's JSON."""

import json

from proxies.probing import read

from httpupgrade.diagnosis import Diagnosis, Evidence, Paste, Remedy, Suspect, to_json


def test_what_was_written_is_read() -> None:
    remedy = Remedy("n", "nginx", "t", pastes=(Paste("http", ("a;",), ("b",)),), commands=("c",))
    diagnosis = Diagnosis(
        "broken",
        "code",
        "It broke.",
        consequences=("it follows",),
        evidence=(Evidence("says", line="x", start=0, end=1),),
        suspects=(Suspect("nginx", confidence="high"),),
        remedies=(remedy,),
        next_steps=("Try.",),
    )
    assert read(json.loads(json.dumps(to_json(diagnosis)))) == diagnosis
