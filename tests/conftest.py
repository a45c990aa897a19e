"""What all tests share."""

from pathlib import Path

import pytest
from core_files import is_of_the_core
from hypothesis import HealthCheck, settings

# A busy machine is no failure: what must not grow is counted in steps, never in milliseconds.
settings.register_profile(
    "httpupgrade", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("httpupgrade")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--core", action="store_true", help="only the tests of the core")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("core"):
        settings.register_profile("core", settings.get_profile("httpupgrade"), max_examples=25)
        settings.load_profile("core")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    if not config.getoption("core") or not collection_path.match("test_*.py"):
        return None
    return True if not is_of_the_core(collection_path) else None
