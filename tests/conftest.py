"""What all tests share."""

from hypothesis import HealthCheck, settings

# A busy machine is no failure: what must not grow is counted in steps, never in milliseconds.
settings.register_profile(
    "httpupgrade", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("httpupgrade")
