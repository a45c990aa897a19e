"""Codes of findings that the rules make, and those that the offers of several protocols share.

Rules for this module: those of the codes in ``_http1``.
"""

from typing import Final

from .._http1.findings import Code


def how_for_proxies(name: str) -> str:
    """The end of a hint whose remedy differs from product to product: the command that shows it.

    :param name: the name of the code whose page has the remedies.
    """
    return f"How nginx, Apache httpd and others are told to:\n    httpupgrade explain {name}"


HEAD_PREPARED: Final = Code(
    "head-prepared",
    None,
    "RFC 9110 2.4",
    "this server changed the head before it judged it",
    "It does that for devices that are known to send wrong heads.",
)

# Upgrade and Connection.
UPGRADE_IN_HTTP_1_0: Final = Code(
    "upgrade-in-http-1.0",
    426,
    "RFC 9110 7.8",
    "the request arrived in HTTP/1.0, which cannot upgrade",
    "Send HTTP/1.1. If the client did, a proxy on the way sends HTTP/1.0 to this server, and has to"
    f" send HTTP/1.1. {how_for_proxies('upgrade-in-http-1.0')}",
)
UPGRADE_MISSING: Final = Code(
    "upgrade-missing",
    426,
    "RFC 9110 7.8",
    "there is no Upgrade field",
    "In HTTP/1.1, send Connection: Upgrade and an Upgrade field that names the protocol."
    " If the client did, a proxy on the way removed the field.",
)
UPGRADE_OPTION_MISSING: Final = Code(
    "upgrade-option-missing",
    426,
    "RFC 9110 7.6.1",
    "Connection does not list upgrade, without which Upgrade is ignored",
    "Send Connection: Upgrade. If the client did, a proxy on the way removed the option.",
)
UPGRADE_MALFORMED: Final = Code(
    "upgrade-malformed",
    426,
    "RFC 9110 7.8",
    "Upgrade is not a list of protocols, so it is ignored",
    "Send names with optional versions, separated by commas: Upgrade: name/1.0, other.",
)
CONNECTION_MALFORMED: Final = Code(
    "connection-malformed",
    426,
    "RFC 9110 7.6.1",
    "Connection is not a list of options, so it is ignored",
    "Send options, separated by commas: Connection: keep-alive, Upgrade.",
)
NO_COMMON_PROTOCOL: Final = Code(
    "no-common-protocol",
    426,
    "RFC 9110 7.8",
    "this server offers none of the requested protocols",
    "Request one of the protocols in the Upgrade field of the response.",
)
HOP_BY_HOP_FIELDS_LOST: Final = Code(
    "hop-by-hop-fields-lost",
    426,
    "RFC 9110 7.6.1",
    "the request was meant as an upgrade, but lacks Upgrade or the upgrade option of Connection",
    "Either a proxy on the way removed what is missing, or the client did not send it. A proxy has"
    " to pass on Upgrade and Connection over HTTP/1.1, and to keep Host."
    f" {how_for_proxies('hop-by-hop-fields-lost')}",
    explains=tuple(
        each.name for each in (UPGRADE_IN_HTTP_1_0, UPGRADE_MISSING, UPGRADE_OPTION_MISSING)
    ),
)

# Where Upgrade cannot be sent.
UPGRADE_CANNOT_BE_SENT: Final = Code(
    "upgrade-cannot-be-sent",
    400,
    "RFC 9110 7.8",
    "this resource needs another protocol, and no Upgrade field can be sent here",
    "In HTTP/2 and HTTP/3, protocols are asked for with extended CONNECT (RFC 8441, RFC 9220).",
    "Over HTTP/1.x, the function carries says so. In WSGI it is also said of every server that is"
    " not known to send Upgrade: where yours does, give carries=lambda info: True.",
)
SWITCH_NOT_CARRIED: Final = Code(
    "switch-not-carried",
    501,
    "RFC 9110 7.8",
    "the request is right, but no 101 would reach the client",
    "Something between this server and the client does not pass on a 101: a proxy, or HTTP/2."
    " Connect another way.",
    "The function carries says so. Have the proxy speak HTTP/1.1 to its clients here, and pass on"
    " Upgrade and Connection.",
)

# Once an offer has agreed.
EXPECTATION_UNKNOWN: Final = Code(
    "expectation-unknown",
    417,
    "RFC 9110 10.1.1",
    "the expectation is not known here",
    "Send Expect: 100-continue, or no Expect field.",
)
BODY_TOO_LARGE: Final = Code(
    "body-too-large",
    413,
    "RFC 9110 15.5.14",
    "the request body is longer than this server reads",
    "Send a shorter body.",
    "Or raise Limits.max_request_body.",
)

# Any offer.
METHOD_NOT_ALLOWED: Final = Code(
    "method-not-allowed",
    405,
    "RFC 9110 15.5.6",
    "this protocol does not start with this method",
    "The Allow field of the response has the methods that it starts with.",
)
BODY_NOT_ALLOWED: Final = Code(
    "body-not-allowed",
    400,
    "RFC 9110 7.8",
    "the request announces a body, which this protocol does not accept",
    "Leave out the body, and wait for the 101 before you send in the new protocol.",
)

# Extended CONNECT.
EXTENDED_CONNECT_MALFORMED: Final = Code(
    "extended-connect-malformed",
    400,
    "RFC 8441 4",
    "the fields are not those of an extended CONNECT",
    "Send one each of :method, :scheme, :authority, :path and :protocol, and no hop-by-hop field.",
)
EXTENDED_CONNECT_PROTOCOL_UNKNOWN: Final = Code(
    "extended-connect-protocol-unknown",
    501,
    "RFC 9220 3",
    "this server does not offer the requested protocol",
    "Request another one, or use HTTP/1.1.",
)

# The 101 that a client gets, for any offer.
SWITCH_NAMES_SEVERAL: Final = Code(
    "switch-names-several",
    None,
    "RFC 9110 7.8",
    "the 101 names several protocols, and only one was expected",
    "Several protocols in a 101 are layers, one above the other; this protocol has none.",
)
SWITCH_UPGRADE_REPEATED: Final = Code(
    "switch-upgrade-repeated",
    None,
    "RFC 9110 7.8",
    "the 101 names the same protocol more than once",
    "A server and a proxy may each add an Upgrade field: switch one of them off.",
)

# What a client's offers make of a refusal.
VERSION_LIST_MALFORMED: Final = Code(
    "version-list-malformed",
    None,
    "RFC 6455 4.3",
    "the refusal's Sec-WebSocket-Version is not a list of numbers from 0 to 255",
    "The field was ignored.",
)
ASKED_IN_VAIN: Final = Code(
    "asked-in-vain",
    None,
    "RFC 9110 7.6.1",
    "the server requires an upgrade, as if the request had not asked for it",
    "The usual cause is a proxy on the way that removed Upgrade or Connection: it has to pass them"
    " on over HTTP/1.1, and to keep Host. Inside TLS (https, wss), proxies that do not end it"
    f" cannot remove them. {how_for_proxies('asked-in-vain')}",
)
