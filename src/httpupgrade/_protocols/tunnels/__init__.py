"""Tunnels over HTTP: connect-udp, connect-ip, connect-tcp (RFC 9298, RFC 9484)."""
