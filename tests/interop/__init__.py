"""Clients that this project did not write, against servers built on it: ``make interop``."""
