"""Clients and servers that this project did not write, against it: ``make interop``."""
