"""The demo: a server on loopback, real clients, transcripts; then captured requests, replayed.

``make demo`` runs it. Read ``connection.py`` first: it is the whole glue between the library and
what comes after its decisions; ``server.py`` puts it on asyncio. ``policies.py`` says what the
server wants, ``scenes.py`` what the clients do.
"""
