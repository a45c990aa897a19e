"""Does mypy refuse a mutant? ``make test`` runs it, too."""

import subprocess
import sys
import tempfile
from pathlib import Path

from .mutations import Mutant


def is_refused(mutant: Mutant, cache: Path) -> bool:
    """Check its module with the mutant's text in its place."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".py") as file:
        file.write(mutant.source())
        file.flush()
        shadow = ["--shadow-file", str(mutant.path), file.name]
        command = [sys.executable, "-m", "mypy", "--cache-dir", str(cache), *shadow]
        run = subprocess.run([*command, str(mutant.path)], capture_output=True, check=False)
    return run.returncode == 1
