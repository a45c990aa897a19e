"""The state machine of a client."""
