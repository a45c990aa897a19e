"""The list of differences: how the body is framed, and what asks for an upgrade.

Rules for this module: it is data. What tells that a head has a feature is a pattern over its
octets. Each row has one example, which shows it and no other row.
"""

from typing import Final

from .difference import (
    ACCEPTS,
    AIOHTTP,
    AIOHTTP_C,
    AIOHTTP_PYTHON,
    ALL,
    H11,
    HTTPTOOLS,
    LLHTTP,
    REFUSES,
    ZTTP,
    Difference,
    Severity,
)
from .patterns import CODING, OPTIONS, PROTOCOLS, both

IN_FIELDS: Final = (
    Difference(
        "Content-Length and Transfer-Encoding",
        (H11,),
        ACCEPTS,
        both(rb"content-length:", rb"transfer-encoding:"),
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "RFC 9112 6.1",
        "A server MAY reject it. Whoever sends both tries to be read in two ways.",
        Severity.BOUNDARY,
    ),
    Difference(
        "Content-Length in several lines, with one value",
        (H11, ZTTP),
        ACCEPTS,
        rb"(?ims)^content-length:.*^content-length:",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
        "RFC 9112 6.3, item 5",
        "A recipient MAY take one value that is repeated. Parsers differ on it.",
        Severity.BOUNDARY,
    ),
    Difference(
        "a list of one value in Content-Length",
        (H11,),
        ACCEPTS,
        rb"(?im)^content-length:[^\n]*,",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n",
        "RFC 9112 6.3, item 5",
        "The same.",
        Severity.BOUNDARY,
    ),
    Difference(
        "a Content-Length of more than 18 digits",
        ALL,
        ACCEPTS,
        rb"(?im)^content-length:[ \t]*[0-9]{19}",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999999999999\r\n\r\n",
        "RFC 9110 8.6",
        "A recipient MUST anticipate numbers that are too large for its integers; no body is so "
        "long.",
        Severity.NONE,
    ),
    Difference(
        "Transfer-Encoding in HTTP/1.0",
        ALL,
        ACCEPTS,
        rb"(?ims)\A[^\n]* HTTP/1\.0\r?\n.*^transfer-encoding:",
        b"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
        "RFC 9112 6.1",
        "Its framing MUST be treated as faulty: something on the way does not know chunked.",
        Severity.BOUNDARY,
    ),
    Difference(
        "a coding that is not known, or has parameters, before chunked",
        (*LLHTTP, AIOHTTP_PYTHON, ZTTP),
        ACCEPTS,
        rb"(?im)^transfer-encoding:(?:[^\n]*,)?[ \t]*(?!"
        + CODING
        + rb"[ \t]*(?:,|\r?$))[^ \t,\r\n]",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x, chunked\r\n\r\n",
        "RFC 9112 6.1",
        "A coding that is not understood is answered with 501, since the content means nothing.",
        Severity.MEANING,
    ),
    Difference(
        "chunked twice",
        (AIOHTTP_PYTHON,),
        ACCEPTS,
        rb"(?im)^transfer-encoding:[^\n]*chunked[^\n]*chunked",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
        "RFC 9112 6.1",
        "A sender MUST NOT apply it twice; a parser that takes one off leaves another body.",
        Severity.BOUNDARY,
    ),
    Difference(
        "an empty Transfer-Encoding",
        (AIOHTTP_C,),
        ACCEPTS,
        rb"(?im)^transfer-encoding:[ \t]*\r?$",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n",
        "RFC 9112 6.3, item 4",
        "chunked is not the last coding of a request: MUST be answered with 400.",
        Severity.BOUNDARY,
    ),
    Difference(
        "a Transfer-Encoding that does not end with chunked, and Upgrade",
        LLHTTP,
        ACCEPTS,
        both(rb"transfer-encoding:", rb"upgrade:"),
        b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: Upgrade\r\n"
        b"Transfer-Encoding: gzip\r\n\r\n",
        "RFC 9112 6.3, item 4",
        "MUST be answered with 400, asked for another protocol or not. llhttp looks for no body "
        "where it sees an upgrade.",
        Severity.BOUNDARY,
    ),
    Difference(
        "chunked after another coding or an empty element",
        (H11,),
        REFUSES,
        rb"(?im)^transfer-encoding:[^\n]*,",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "RFC 9112 7; RFC 9110 5.6.1.2",
        "Where the body ends is clear. Whether its codings are known is for the server; an offer "
        "that takes a body is refused with 501.",
        Severity.NONE,
    ),
    Difference(
        "a tab after chunked",
        LLHTTP,
        REFUSES,
        rb"(?im)^transfer-encoding:[^\n]*\t[ \t]*\r?$",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\t\r\n\r\n",
        "RFC 9112 5.1",
        "White space around a value is no part of it: a tab as little as a space.",
        Severity.NONE,
    ),
    Difference(
        "an empty element after chunked",
        (HTTPTOOLS, *AIOHTTP),
        REFUSES,
        rb"(?im)^transfer-encoding:[^\n]*,[ \t]*\r?$",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked,\r\n\r\n",
        "RFC 9110 5.6.1.2",
        "A recipient MUST ignore empty elements of a list, within reason.",
        Severity.NONE,
    ),
    Difference(
        "Transfer-Encoding in several lines, which together end with chunked",
        (H11, *AIOHTTP),
        REFUSES,
        rb"(?ims)^transfer-encoding:.*^transfer-encoding:",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n",
        "RFC 9110 5.3",
        "The lines of a list are one list.",
        Severity.NONE,
    ),
    Difference(
        "Transfer-Encoding in several lines, one of which is empty",
        (HTTPTOOLS,),
        REFUSES,
        both(rb"transfer-encoding:.*^transfer-encoding:", rb"transfer-encoding:[ \t]*\r?$"),
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding:\r\n\r\n",
        "RFC 9110 5.6.1.2",
        "A recipient MUST ignore empty elements of a list.",
        Severity.NONE,
    ),
    Difference(
        "a field with one value in several lines, such as User-Agent or Content-Type",
        AIOHTTP,
        REFUSES,
        rb"(?ims)^(user-agent|content-type):.*^\1:",
        b"GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: b\r\nUser-Agent: c\r\n\r\n",
        "RFC 9110 5.3",
        "A sender MUST NOT do so; what these mean decides nothing here.",
        Severity.NONE,
    ),
    Difference(
        "Sec-WebSocket-Key1, of a draft of WebSocket",
        AIOHTTP,
        REFUSES,
        rb"(?im)^sec-websocket-key1:",
        b"GET / HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Key1: 4 @1\r\n\r\n",
        "RFC 6455 4.2.1",
        "Without Sec-WebSocket-Key it is a handshake of a draft, or none at all; aiohttp refuses "
        "whatever has the field.",
        Severity.NONE,
    ),
    Difference(
        "Transfer-Encoding: Chunked, not all in lower case",
        (H11,),
        "reads another fields",
        rb"(?m)^(?i:transfer-encoding):[^\n]*[A-Z]",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n",
        "RFC 9112 7",
        "Codings are case-insensitive. The value is kept as it came; h11 folds it.",
        Severity.NONE,
    ),
    Difference(
        "Upgrade in HTTP/1.0",
        (*LLHTTP, AIOHTTP_PYTHON),
        "reads another upgrade",
        rb"(?ims)\A[^\n]* HTTP/1\.0\r?\n.*^upgrade:",
        b"GET / HTTP/1.0\r\nHost: a\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
        "RFC 9110 7.8",
        "A server MUST ignore it: a proxy before us may speak HTTP/1.0, and pass on fields that "
        "it does not know.",
        Severity.MEANING,
    ),
    Difference(
        "Upgrade without the connection option",
        (H11,),
        "reads another upgrade",
        rb"(?im)^upgrade:",
        b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\n\r\n",
        "RFC 9110 7.8, 7.6.1",
        "Without the option, the field may have come through a proxy that does not know it. h11 "
        "leaves this, HTTP/1.0 and the grammar to its caller.",
        Severity.MEANING,
    ),
    Difference(
        "an Upgrade or Connection that breaks its grammar",
        (*LLHTTP, AIOHTTP_PYTHON),
        "reads another upgrade",
        rb"(?im)^(?:upgrade:(?:(?!"
        + PROTOCOLS
        + rb")|[ \t,]*\r?$)|connection:(?!"
        + OPTIONS
        + rb"))",
        b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: \xa0x\r\nConnection: Upgrade\r\n\r\n",
        "RFC 9110 7.8, 7.6.1",
        "Neither is a list that names a protocol or an option, so it is ignored.",
        Severity.MEANING,
    ),
)
