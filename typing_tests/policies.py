"""Policies, what they offer, and the functions that a user gives them."""

from typing import Literal, assert_type

from httpupgrade import (
    H2C,
    TLS,
    ConnectIP,
    ConnectUDP,
    CustomProtocol,
    Limits,
    Mode,
    PerMessageDeflate,
    Policy,
    PolicySource,
    PrepareHead,
    Refusal,
    RefusalReport,
    Renderer,
    RequestHead,
    RequestInfo,
    RolloutKey,
    ServerNegotiator,
    SubprotocolSelector,
    UpgradeToken,
    WebSocket,
    decide_extended_connect,
)

CHAT = WebSocket(["chat"], origins="same-host")
POLICY = Policy(
    CHAT,
    H2C(),
    TLS("1.3"),
    ConnectUDP("/udp/{target_host}/{target_port}/"),
    ConnectIP("/ip/{target}/{ipproto}/"),
    CustomProtocol("tcp"),
    mode="required",
    order="client",
    close="never",
)


def by_path(info: RequestInfo) -> Policy | None:
    return POLICY if info.head.path == b"/chat" else None


def always(info: RequestInfo) -> Policy:
    return POLICY


async def later(info: RequestInfo) -> Policy | None:
    return POLICY


def by_path_as_text(path: str) -> Policy | None:
    return POLICY


def key(info: RequestInfo) -> bytes:
    return info.head.get(b"cookie") or b""


def key_as_text(info: RequestInfo) -> str:
    return ""


def mend(info: RequestInfo) -> RequestHead:
    assert_type(info.head, RequestHead)
    assert_type(info.peer, object)
    assert_type(info.secure, bool)
    assert_type(info.context, object)
    return info.head


async def mend_later(info: RequestInfo) -> RequestHead:
    return info.head


def show(report: RefusalReport) -> tuple[bytes, bytes]:
    return b"text/plain", str(report.status_code).encode()


def select(offered: tuple[str, ...], head: RequestHead) -> str | None:
    return offered[0] if head.has(b"cookie") else None


def accepted(mode: Mode) -> None:
    """What a machine takes: a policy, or a function that chooses one for each request."""
    for source in (POLICY, by_path, always):
        ServerNegotiator(source, prepare_head=mend)
    ServerNegotiator(lambda info: None if info.head.has(b"cookie") else POLICY)
    Policy(CHAT, mode=mode, rollout=0.1, rollout_key=key)
    assert_type(POLICY.tokens(secure=False), tuple[UpgradeToken, ...])
    assert_type(POLICY.mode, Literal["optional", "advertise", "report", "required"])
    chosen = WebSocket(["chat"], select_subprotocol=select, extensions=[PerMessageDeflate()])
    Policy(chosen, refusal=Refusal(body=show))


def named() -> tuple[PolicySource, RolloutKey, PrepareHead, Renderer, SubprotocolSelector]:
    return by_path, key, mend, show, select


def must_fail(head: RequestHead) -> None:
    Policy("websocket")  # type: ignore[arg-type]
    Policy(WebSocket)  # type: ignore[arg-type]
    Policy([CHAT])  # type: ignore[arg-type]
    Policy(CHAT, mode="require")  # type: ignore[arg-type]
    Policy(CHAT, rollout_key=key_as_text)  # type: ignore[arg-type]
    Policy(CHAT, refusal="empty")  # type: ignore[arg-type]
    POLICY.mode = "optional"  # type: ignore[misc]
    ServerNegotiator(later)  # type: ignore[arg-type]
    ServerNegotiator(by_path_as_text)  # type: ignore[arg-type]
    ServerNegotiator(POLICY, prepare_head=mend_later)  # type: ignore[arg-type]
    decide_extended_connect(head, by_path)  # type: ignore[arg-type]
    WebSocket("chat", versions=["13"])  # type: ignore[list-item]
    WebSocket([b"chat"])  # type: ignore[list-item]
    CustomProtocol(b"tcp")  # type: ignore[arg-type]
    Limits(True, "1")  # type: ignore[arg-type]
