"""The offers: WebSocket, with its extension, and any other token. None knows of policies."""
