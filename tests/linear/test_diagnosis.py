"""Broken heads are explained in work that is linear in them."""

from typing import Final

from counting import counted_library

from linear.families import Fields, Items, kinds_with
from linear.subjects import LIBRARY, Table, Work, answer, findings_of, names_of, request

TABLE: Final = Table()
OF_DIAGNOSIS: Final = counted_library("diagnosis")


@TABLE.of_fields("diagnose")
def _(fields: Fields) -> Work:
    head = request(fields)
    return lambda: OF_DIAGNOSIS.diagnose(head)


@TABLE.of_fields("diagnose_response")
def _(fields: Fields) -> Work:
    sent, response = request([]), answer(fields, 426)
    return lambda: OF_DIAGNOSIS.diagnose_response(sent, response)


_COMPARED: Final = kinds_with(b"Connection", b"Host", b"Sec-WebSocket-Extensions", b"X-Unknown")


@TABLE.of_fields("compare_heads", "diagnose_both_ends", kinds=_COMPARED)
def _(fields: Fields) -> Work:
    sent, response = request([]), answer([], 426)
    arrived = request([(b"Upgrade", b"x"), *fields])
    return lambda: (
        OF_DIAGNOSIS.compare_heads(sent, arrived),
        OF_DIAGNOSIS.compare_heads(arrived, sent),
        OF_DIAGNOSIS.diagnose_both_ends(sent, arrived, response),
    )


@TABLE.of("render")
def _(items: Items) -> Work:
    report = LIBRARY.RefusalReport(400, (), findings_of(items), request(names_of(items)))
    return lambda: OF_DIAGNOSIS.render(report)


@TABLE.of("to_json", "to_text")
def _(items: Items) -> Work:
    texts = tuple([item.decode() for item in items])
    evidence = tuple([OF_DIAGNOSIS.Evidence(each, "a", each, 0, 1) for each in texts])
    suspects = tuple([OF_DIAGNOSIS.Suspect(each) for each in texts])
    paste = OF_DIAGNOSIS.Paste("a", texts, texts)
    remedies = (OF_DIAGNOSIS.Remedy("a", "b", "c", pastes=(paste,), commands=texts),)
    whole = OF_DIAGNOSIS.Diagnosis(
        "broken", "a", " ".join(texts), "", texts, evidence, suspects, remedies, texts
    )
    return lambda: (OF_DIAGNOSIS.to_text(whole), OF_DIAGNOSIS.to_json(whole))


test_twice_the_input_is_twice_the_work = TABLE.test()
