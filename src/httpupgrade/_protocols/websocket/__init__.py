"""The WebSocket opening handshake, of servers and of clients (RFC 6455 4)."""
