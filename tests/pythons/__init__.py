"""The tests of the core, on every Python interpreter that can be found.

``make test-pythons`` runs it. ``interpreters.py`` finds the interpreters of this machine,
``pyodide.py`` gets CPython for WebAssembly where a minor version is missing, ``inside.py`` runs in
each interpreter, ``runs.py`` starts it and reads what it says, ``verdict.py`` judges the whole.
"""

from typing import Final

MARK: Final = "@@ "
"""What a line that reports to the runner begins with; all other lines are pytest's."""

OUTCOMES: Final = "outcomes "
"""What the name of a property begins with that tests record for a comparison of interpreters."""
DIGITS: Final = 8
"""How many characters of such a property are the digest of one outcome."""
