"""A plugin of pytest: Hypothesis looks for an example that fails, not for the smallest one.

pytest loads it by name, after calls have begun to be watched: Hypothesis loads this library.
"""

import pytest
from hypothesis import Phase, settings


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """After the project's own settings."""
    now = settings.get_profile(settings.get_current_profile_name())
    phases = [Phase.explicit, Phase.generate]
    settings.register_profile("mutants", now, phases=phases, database=None)
    settings.load_profile("mutants")
