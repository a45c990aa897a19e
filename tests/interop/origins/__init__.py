"""Servers that this project did not write, each behind the smallest program or file it takes.

The law of this package: a program is told a port of 127.0.0.1, and sends each text back, by the
subprotocol chat if that is offered. What a folder holds is written where a server is started, with
``@port@``, ``@inner@`` and ``@where@`` in it filled in.
"""
