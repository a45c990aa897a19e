"""How long a decision takes, beside the peers, on captured octets: ``python -m benchmarks``."""
