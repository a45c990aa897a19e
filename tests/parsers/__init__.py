"""Other parsers of HTTP/1.1 beside ours, head by head.

``python -m parsers`` compares for as long as it is told. Each of ``of_*.py`` reads with one
package, ``ours.py`` with this one; ``differences.py`` is the list of what may differ, and why;
``comparison.py`` finds what is not on it; ``page.py`` makes docs/parsers.md of the list.
"""
