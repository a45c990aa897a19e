"""Clients that this project did not write, each behind the smallest program that drives it.

The law of this package: a program is told a URL, and prints one line of JSON with the client's
version, the status it saw, and what came of it. Programs of other languages have a folder each,
in which Node's server is as well, beside the libraries of its client.
"""
