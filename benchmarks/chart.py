"""The summary as a picture, in two colour schemes: ``python -m benchmarks.chart [FILE]``.

The law of this file: a picture is a function of a summary's figures and of nothing else, so the
same file draws the same octets.
"""


def write_charts(file):
    pass
