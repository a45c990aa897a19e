"""What a server's sockets carry: WebSocket connections and requests per second, over loopback.

The law of this package: a server runs in a process of its own and whoever visits it in another;
the octets on the wire are all that the two share. What a visitor sends is made before the clock
runs, and what it gets is verified.
"""
