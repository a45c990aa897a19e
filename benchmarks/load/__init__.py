"""Servers under load that means no good: connections that stop, creep, break off or flood.

The law of this package: a case is one server's process and those who visit it, told in figures of
what the process weighed, what the visitors got, and how a good client fared meanwhile. Everything
ends: connections are counted, and each wait has a deadline.
"""
