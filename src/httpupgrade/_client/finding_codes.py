"""Codes of findings that only the client makes: about a 101, a 426 and what it can do next."""

from typing import Final

from .._http1.findings import Code

RESPONSE_MISSING: Final = Code(
    "response-missing",
    None,
    "RFC 9112 9.6",
    "the connection was closed before a response arrived",
    "The server crashed or refuses the client, or a timeout on the way cut the connection.",
)
RESPONSE_UNASKED: Final = Code(
    "response-unasked",
    None,
    "RFC 9112 9.2",
    "octets arrived that do not answer a request",
    "Close the connection: the sender of these octets is not known.",
)
RESPONSE_BODY_TOO_LARGE: Final = Code(
    "response-body-too-large",
    None,
    "RFC 9110 15.5.22",
    "the body of the 426 is longer than kept here",
    "The rest was dropped; raise Limits.max_response_body to see all of it.",
)
INTERIM_ANNOUNCES_CONTENT: Final = Code(
    "interim-announces-content",
    None,
    "RFC 9110 8.6",
    "an interim response announces content, which it cannot have",
    "The field was ignored: what follows the head is not content.",
)

# 101.
SWITCH_UNASKED: Final = Code(
    "switch-unasked",
    None,
    "RFC 9110 7.8",
    "a 101 answers a request that did not ask for another protocol",
    "The server, or something in front of it, is broken; close the connection.",
)
SWITCH_IN_HTTP_1_0: Final = Code(
    "switch-in-http-1.0",
    None,
    "RFC 9110 15.2",
    "the 101 is an HTTP/1.0 response, and HTTP/1.0 has no 101",
    "The server, or something in front of it, speaks or was sent HTTP/1.0.",
)
SWITCH_UPGRADE_MISSING: Final = Code(
    "switch-upgrade-missing",
    None,
    "RFC 9110 15.2.2",
    "the 101 has no Upgrade field that names the protocol",
    "A proxy on the way removed Upgrade, or the server did not send it.",
)
SWITCH_UPGRADE_MALFORMED: Final = Code(
    "switch-upgrade-malformed",
    None,
    "RFC 9110 7.8",
    "the 101's Upgrade is not a list of protocols, so the new protocol is not known",
    "The server, or something in front of it, is broken.",
)
SWITCH_NOT_ASKED_FOR: Final = Code(
    "switch-not-asked-for",
    None,
    "RFC 9110 7.8",
    "the 101 names a protocol that was not asked for",
    "Close the connection: a server must not switch to it.",
)
SWITCH_OPTION_MISSING: Final = Code(
    "switch-option-missing",
    None,
    "RFC 9110 7.8",
    "the 101's Connection does not list upgrade, so its Upgrade does not count",
    "A proxy on the way may have removed the option, and may still read HTTP.",
)
SWITCH_CONNECTION_MALFORMED: Final = Code(
    "switch-connection-malformed",
    None,
    "RFC 9110 7.6.1",
    "the 101's Connection is not a list of options, so its Upgrade does not count",
    "The server, or something in front of it, is broken.",
)

# 426, and what to do next.
UPGRADE_LIST_MISSING: Final = Code(
    "upgrade-list-missing",
    None,
    "RFC 9110 15.5.22",
    "the 426 does not say which protocol it requires",
    "Its body or the server's documentation may say; most servers leave the Upgrade field out.",
)
UPGRADE_LIST_MALFORMED: Final = Code(
    "upgrade-list-malformed",
    None,
    "RFC 9110 7.8",
    "the 426's Upgrade is not a list of protocols",
    "Its body or the server's documentation may say what is required.",
)
UPGRADE_LIST_WITHOUT_OPTION: Final = Code(
    "upgrade-list-without-option",
    None,
    "RFC 9110 7.8",
    "the 426 has Upgrade, but its Connection does not list upgrade",
    "The list was used all the same; the server left the option out, or a proxy removed it.",
)
TLS_SPOKEN_ALREADY: Final = Code(
    "tls-spoken-already",
    None,
    "RFC 2817 4.2",
    "the server requires TLS, which is spoken already",
    "A proxy in front of the server ends TLS and does not tell the server.",
)
NOTHING_IN_COMMON: Final = Code(
    "nothing-in-common",
    None,
    "RFC 9110 7.8",
    "the server requires protocols that this client does not speak",
    "See the Upgrade field of the response.",
)
