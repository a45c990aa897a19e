"""A certificate for a server that somebody else wrote, and the client that believes it alone.

The law of this file: ``ssl`` and ``trustme`` are imported here alone.
"""

import ssl
from pathlib import Path
from typing import final

import trustme
from demo.server import HOST
from demo.tls import SecureClient


@final
class Authority:
    """An authority of one run's own, and what it says of this host."""

    def __init__(self) -> None:
        self._authority = trustme.CA()

    def write(self, folder: Path, name: str) -> None:
        """A certificate, and its key, beside each other."""
        leaf = self._authority.issue_cert(HOST)
        leaf.private_key_pem.write_to_path(folder / f"{name}.key")
        chain = b"".join(each.bytes() for each in leaf.cert_chain_pems)
        (folder / f"{name}.crt").write_bytes(chain)

    def client(self) -> SecureClient:
        """Trusts the authority and no other, and verifies the host; TLS 1.2 and 1.3."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._authority.configure_trust(context)
        return SecureClient(context, HOST)
