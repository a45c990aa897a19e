"""Clients that this project did not write, against servers that are built on it: ``make interop``."""
