"""What the package exports, and what it imports."""

import ast
import sys

from core_sources import PACKAGE, every_room

import httpupgrade

# No sockets, no clock, no threads, no logging, no files; and nothing slow to import.
NEVER_IMPORTED = {
    "asyncio",
    "concurrent",
    "dataclasses",
    "datetime",
    "inspect",
    "io",
    "logging",
    "multiprocessing",
    "pathlib",
    "random",
    "secrets",
    "select",
    "selectors",
    "socket",
    "ssl",
    "subprocess",
    "sys",
    "threading",
    "time",
    "urllib",
}


def imported_modules(tree: ast.Module) -> set[str]:
    """The modules outside of this package that a room imports."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            assert node.module is not None
            found.add(node.module.partition(".")[0])
    return found


# --- What is exported ---------------------------------------------------------------------------


def test_the_public_names_are_these() -> None:
    assert httpupgrade.__all__ == [
        "H2C",
        "NEED_DATA",
        "PAUSED",
        "TLS",
        "Accept101",
        "AcceptConnect",
        "Advice",
        "Agreed",
        "Answer",
        "Asked",
        "Broken",
        "ClientEvent",
        "ClientNegotiator",
        "ClientOffer",
        "ClientState",
        "Code",
        "ConnectIP",
        "ConnectTCP",
        "ConnectUDP",
        "ConnectionClosed",
        "Content",
        "Continue100",
        "Decision",
        "Declined",
        "Event",
        "Example",
        "Extension",
        "FieldSyntaxError",
        "Finding",
        "Forward",
        "H2CAgreement",
        "Headers",
        "HeadersLike",
        "IPTunnelAgreement",
        "Ignored",
        "Interim",
        "Limits",
        "LocalProtocolError",
        "NothingInCommon",
        "Offer",
        "OfferableExtension",
        "Origin",
        "Passthrough",
        "PerMessageDeflate",
        "Policy",
        "ProtocolError",
        "Refusal",
        "RefusalReport",
        "Refuted",
        "Reject",
        "RemoteProtocolError",
        "RequestHead",
        "RequestInfo",
        "Require426",
        "ResponseHead",
        "Retry",
        "ServerNegotiator",
        "ServerState",
        "Signal",
        "SupportedExtension",
        "Switched",
        "TLSAgreement",
        "Token",
        "TunnelAgreement",
        "UpgradeRefusal",
        "UpgradeRequired",
        "UpgradeToken",
        "UseHTTP2",
        "UseTLS",
        "UseWebSocketVersion",
        "Verified",
        "WebSocket",
        "WebSocketAgreement",
        "accept_key",
        "decide",
        "decide_extended_connect",
        "end_to_end",
        "finding",
        "format_extensions",
        "format_upgrade",
        "generate_key",
        "parse_connection",
        "parse_extensions",
        "parse_upgrade",
        "printable",
        "verify_switch",
    ]


def test_every_public_name_is_there_and_nothing_else_is_public() -> None:
    public = {name for name in vars(httpupgrade) if not name.startswith("_")}
    assert public - {"adapters"} == set(httpupgrade.__all__)
    assert len(set(httpupgrade.__all__)) == len(httpupgrade.__all__)


def test_every_public_class_and_function_is_documented() -> None:
    for name in httpupgrade.__all__:
        exported = getattr(httpupgrade, name)
        if callable(exported) and getattr(exported, "__module__", "").startswith("httpupgrade"):
            assert exported.__doc__, name


def test_the_package_says_that_it_is_typed() -> None:
    assert (PACKAGE / "py.typed").is_file()


# --- What is imported ---------------------------------------------------------------------------


@every_room
def test_a_room_imports_nothing_but_light_modules_of_the_standard_library(
    room: str, tree: ast.Module
) -> None:
    modules = imported_modules(tree)
    assert modules <= sys.stdlib_module_names
    assert not modules & NEVER_IMPORTED


@every_room
def test_a_room_imports_at_its_top_and_nowhere_else(room: str, tree: ast.Module) -> None:
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert all(node in tree.body for node in imports)
