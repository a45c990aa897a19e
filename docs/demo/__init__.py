"""The demo: a server on loopback, real clients, transcripts; then captured requests, replayed.

``make demo`` runs it. Read ``server.py`` first: it is the whole glue between asyncio and the
library. ``policies.py`` says what the server wants, ``scenes.py`` what the clients do.
"""
