"""The state machines of a server."""
