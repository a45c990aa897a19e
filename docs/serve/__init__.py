"""A server to try things on: what a browser and a command line get from each kind of endpoint.

``make serve`` runs it. ``endpoints.py`` says what each endpoint wants, ``server.py`` puts the
adapter for asyncio in front of the demo's parts, ``page/`` is what a browser shows.
"""
