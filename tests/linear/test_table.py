"""The tables name every public function of the core, and the measure sees what it is to see."""

import inspect
from collections.abc import Mapping
from types import FunctionType, MappingProxyType
from typing import Any, Final

from public_names import PUBLIC

import httpupgrade
from httpupgrade._http1.values import Value
from httpupgrade.offers import ClientOffer, Offer
from linear import test_clients, test_diagnosis, test_fields, test_offers, test_servers
from linear.subjects import ASKING, LIBRARY, OFFERS, request

TABLES: Final = [
    each.TABLE for each in (test_fields, test_offers, test_servers, test_clients, test_diagnosis)
]

# --- What is not measured -----------------------------------------------------------------------

_CONSTANT: Final = "gives back what is known, and looks at nothing that it is given"
_NUMBERS = "takes numbers alone"
_FOUR = "there are four parameters, and none is taken twice"
_BOUNDED = "there are 100 versions, and none is taken twice"
_BOUNDED_LABELS = "there are 128 labels at most"
_IN_C = "works in C alone, in one pass over its octets"
EXCEPTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "AcceptConnect.status_code": _CONSTANT,
        "ClientNegotiator.head": _CONSTANT,
        "ClientNegotiator.state": _CONSTANT,
        "Continue100.to_bytes": _CONSTANT,
        "Framing": _NUMBERS,
        "Framing.chunked": _CONSTANT,
        "Counts": _CONSTANT,
        "Counts.snapshot": _BOUNDED_LABELS,
        "DecisionInfo": _CONSTANT,
        "FieldSyntaxError": _NUMBERS,
        "H2C.handshake_fields": _CONSTANT,
        "HeadNegotiator": _CONSTANT,
        "HeadNegotiator.decision_info": _CONSTANT,
        "HeadNegotiator.head": _CONSTANT,
        "HeadNegotiator.policy": _CONSTANT,
        "HeadNegotiator.state": _CONSTANT,
        "HeadNegotiator.takes_octets": _CONSTANT,
        "Limits": _NUMBERS,
        "Origin.is_null": _CONSTANT,
        "PerMessageDeflate": _NUMBERS,
        "PerMessageDeflate.accept": _FOUR,
        "PerMessageDeflate.is_answered_by": _FOUR,
        "PerMessageDeflate.name": _CONSTANT,
        "PerMessageDeflate.offer": _CONSTANT,
        "Policy.enforces": _CONSTANT,
        "Policy.would_enforce": _CONSTANT,
        "Refusal.is_ours": _CONSTANT,
        "Require426.status_code": _CONSTANT,
        "ResponseTracker": _CONSTANT,
        "RequestInfo": _CONSTANT,
        "RequestInfo.address": _CONSTANT,
        "ServerNegotiator": _CONSTANT,
        "ServerNegotiator.decision_info": _CONSTANT,
        "ServerNegotiator.head": _CONSTANT,
        "ServerNegotiator.policy": _CONSTANT,
        "ServerNegotiator.state": _CONSTANT,
        "TLS": _BOUNDED,
        "TLS.check_accept": _CONSTANT,
        "UpgradeToken.name": _CONSTANT,
        "UpgradeToken.version": _CONSTANT,
        "accept_key": _IN_C,
        "generate_key": _CONSTANT,
        **{
            f"{offer}.{method}": _CONSTANT
            for offer in OFFERS
            for method in ("example_request", "tokens")
        },
        "H2C.advise": _CONSTANT,
        "TLS.advise": _CONSTANT,
        "TLS.tokens_to_request": _CONSTANT,
        "WebSocket.headers_for_426": _CONSTANT,
        **{
            f"{offer}.handshake_fields": _CONSTANT
            for offer in ("ConnectIP", "ConnectTCP", "ConnectUDP")
        },
    }
)


def _public_callables() -> set[str]:
    """Functions, classes with a constructor that is written by hand, methods and properties.

    Interfaces are left out: there is no code in them. So are the fields of values, and replace(),
    which visits each of them once.
    """
    found = set()
    for name, public in PUBLIC.items():
        if isinstance(public, FunctionType):
            found.add(name)
        elif isinstance(public, type):
            fields = public._fields if issubclass(public, Value) else ()
            for member in inspect.classify_class_attrs(public):
                if not _is_code_of_ours(member.defining_class):
                    continue
                if member.name in (*fields, "replace"):
                    continue
                if member.name in ("__init__", "__new__", "_check") and _is_ours(member.object):
                    found.add(name)
                elif not member.name.startswith("_") and member.kind != "data":
                    found.add(f"{name}.{member.name}")
    return found


def _is_code_of_ours(defining: type) -> bool:
    bases = {*Offer.__mro__, *ClientOffer.__mro__}
    is_interface = defining in bases or getattr(defining, "_is_protocol", False)
    return defining.__module__.startswith("httpupgrade") and not is_interface


def _is_ours(constructor: Any) -> bool:
    """Whether it is written out in a module, unlike that of object and those made of fields."""
    function = getattr(constructor, "__func__", constructor)
    return isinstance(function, FunctionType) and "httpupgrade" in function.__code__.co_filename


def test_each_public_callable_is_measured_or_excepted_with_a_reason() -> None:
    measured = set().union(*[table.names for table in TABLES])
    assert measured.isdisjoint(EXCEPTIONS)
    assert measured.union(EXCEPTIONS) == _public_callables()


def test_all_that_is_exported_has_counters() -> None:
    for name in ("ServerNegotiator", "ClientNegotiator", "HeadNegotiator"):
        assert getattr(LIBRARY, name).next_event.__code__.co_filename.startswith("<counted")


def test_the_copy_does_what_the_library_does() -> None:
    head = httpupgrade.RequestHead(b"GET", b"/", ASKING)
    decided = httpupgrade.decide(head, httpupgrade.Policy(httpupgrade.WebSocket()))
    counted = LIBRARY.decide(request([]), LIBRARY.Policy(LIBRARY.WebSocket()))
    assert isinstance(decided, httpupgrade.Accept101)
    assert counted.to_bytes() == decided.to_bytes()
