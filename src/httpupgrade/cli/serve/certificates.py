"""The certificate that the server shows.

Rules for this module: ``trustme`` is imported here alone.
"""

import ssl
from typing import Final

import trustme


class Certificates:
    """An authority of this run's own, and what it says of one host, by whatever names."""

    def __init__(self, *hosts: str) -> None:
        self.authority: Final = trustme.CA()
        self.leaf: Final = self.authority.issue_cert(*hosts)

    def for_server(self) -> ssl.SSLContext:
        """Shows the certificate; TLS 1.2 and 1.3."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.leaf.configure_cert(context)
        return context

    def for_those_who_trust(self) -> bytes:
        """The authority's own certificate: PEM, for programs that take files."""
        return self.authority.cert_pem.bytes()
