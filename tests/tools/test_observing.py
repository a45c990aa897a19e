"""The recipes of docs/observing.md, run with the client libraries that they are for."""

import importlib
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from wire import handshake, plain

from httpupgrade import Counts, DecisionInfo, Policy, Reject, WebSocket
from httpupgrade.adapters._log import log_fields
from httpupgrade.adapters.h11 import H11Negotiator

PAGE: Final = Path(__file__).parents[2] / "docs" / "observing.md"
REQUIRED: Final = Policy(WebSocket(), mode="required")
REPORT: Final = Policy(WebSocket(), mode="report")


def recipe(library: str) -> dict[str, Any]:
    """What the example with a library leaves behind once it has run."""
    importlib.import_module(library)
    blocks = re.findall(r"^```py\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    (block,) = [each for each in blocks if f"from {library}" in each]
    namespace: dict[str, Any] = {"__name__": "example"}
    exec(compile(block, f"{PAGE.name}: {library}", "exec"), namespace)
    return namespace


def serve(counts: Counts) -> None:
    """Three requests that ask, and three that do not."""
    broken = handshake(without=b"Sec-WebSocket-Key")
    for policy in (REQUIRED, REPORT, REPORT):
        for octets in (handshake(), plain(), broken)[: 3 if policy is REQUIRED else 2]:
            driver = H11Negotiator(policy, on_decision=counts)
            driver.receive_data(octets)
            event: Any = driver.next_event()
            if driver.passed is None:
                driver.send(event)


@pytest.fixture
def prometheus() -> Iterator[dict[str, Any]]:
    namespace = recipe("prometheus_client")
    registry = namespace["REGISTRY"]
    yield namespace
    for each in [*registry._collector_to_names]:
        if type(each).__name__ == "Upgrades":
            registry.unregister(each)


def test_prometheus_reads_the_counts(prometheus: dict[str, Any]) -> None:
    registry, counts = prometheus["REGISTRY"], prometheus["counts"]
    assert registry.get_sample_value("httpupgrade_attempts_total") == 0
    serve(counts)
    values = {
        name: registry.get_sample_value(f"httpupgrade_{name}_total")
        for name in ("attempts", "passed", "would_refuse")
    }
    assert values == {"attempts": 4, "passed": 2, "would_refuse": 2}
    accepted = registry.get_sample_value("httpupgrade_accepted_total", {"token": "websocket"})
    assert accepted == 3
    for code in ("upgrade-missing", "websocket-key-missing"):
        assert registry.get_sample_value("httpupgrade_refused_total", {"code": code}) == 1


def test_prometheus_gets_the_text_of_the_page(prometheus: dict[str, Any]) -> None:
    exposition = importlib.import_module("prometheus_client.exposition")
    serve(prometheus["counts"])
    text = exposition.generate_latest(prometheus["REGISTRY"]).decode()
    page = PAGE.read_text("utf-8")
    (shown,) = re.findall(r"^```text\n(# HELP .*?)^```", page, re.MULTILINE | re.DOTALL)
    for line in shown.splitlines():
        assert line in text.splitlines()


def test_opentelemetry_reads_the_counts() -> None:
    namespace = recipe("opentelemetry")
    sdk = importlib.import_module("opentelemetry.sdk.metrics")
    export = importlib.import_module("opentelemetry.sdk.metrics.export")
    reader = export.InMemoryMetricReader()
    provider = sdk.MeterProvider(metric_readers=[reader])
    counts = Counts()
    namespace["observe"](counts, provider.get_meter("httpupgrade"))
    try:
        for times in (1, 2):
            serve(counts)
            assert points(reader) == {
                ("httpupgrade.attempts",): 4 * times,
                ("httpupgrade.passed",): 2 * times,
                ("httpupgrade.would_refuse",): 2 * times,
                ("httpupgrade.accepted", ("httpupgrade.token", "websocket")): 3 * times,
                ("httpupgrade.refused", ("httpupgrade.code", "upgrade-missing")): times,
                ("httpupgrade.refused", ("httpupgrade.code", "websocket-key-missing")): times,
            }
    finally:
        provider.shutdown()


def points(reader: Any) -> dict[tuple[object, ...], int]:
    """What was exported, by the name and the attributes."""
    (resource,) = reader.get_metrics_data().resource_metrics
    (scope,) = resource.scope_metrics
    assert all(metric.data.is_monotonic for metric in scope.metrics)
    return {
        (metric.name, *sorted(point.attributes.items())): point.value
        for metric in scope.metrics
        for point in metric.data.data_points
    }


def rows(heading: str) -> list[str]:
    """The first column of the table below a row of headings."""
    page = PAGE.read_text("utf-8")
    table = page[page.index(heading) :].partition("\n\n")[0]
    return re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)


def test_the_page_names_every_attribute_of_a_record() -> None:
    assert rows("| Attribute |") == list(log_fields(Reject(400), DecisionInfo()))


def test_the_page_names_every_field_of_the_info() -> None:
    assert sorted(rows("| `info.` |")) == sorted(DecisionInfo._fields)


def test_the_page_names_every_count() -> None:
    assert rows("| Key |") == list(Counts().snapshot())


def test_lines_of_the_page_are_those_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "httpupgrade")
    peer = ("127.0.0.1", 52918)
    for octets in (
        plain(line=b"GET /chat HTTP/1.1"),
        handshake(without=b"Sec-WebSocket-Key", line=b"GET /chat HTTP/1.1"),
    ):
        driver = H11Negotiator(REQUIRED, peer=peer)
        driver.receive_data(octets)
        event: Any = driver.next_event()
        driver.send(event)
    page = PAGE.read_text("utf-8")
    assert len(caplog.messages) == 2
    assert all(f"\n    {message}\n" in page for message in caplog.messages)
