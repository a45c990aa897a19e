"""The list of differences: the lines of a head, versions and methods.

Rules for this module: it is data. What tells that a head has a feature is a pattern over its
octets. Each row has one example, which shows it and no other row.
"""

from typing import Final

from .difference import (
    ACCEPTS,
    AIOHTTP_C,
    AIOHTTP_PYTHON,
    H11,
    HTTPTOOLS,
    LLHTTP,
    REFUSES,
    ZTTP,
    Difference,
    Severity,
)
from .patterns import LINE, METHODS_OF_LLHTTP, TARGET

IN_LINES: Final = (
    Difference(
        "a line that ends with LF alone",
        (H11,),
        ACCEPTS,
        rb"(?<!\r)\n",
        b"GET / HTTP/1.1\nHost: a\n\n",
        "RFC 9112 2.2",
        "A recipient MAY take a single LF for a line end. Parsers differ on it, so a head can be "
        "two requests to one of them.",
        Severity.BOUNDARY,
    ),
    Difference(
        "a field line that begins with white space (obs-fold)",
        (H11,),
        ACCEPTS,
        rb"\n[ \t]",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Note: b\r\n c\r\n\r\n",
        "RFC 9112 5.2",
        "A server MUST reject it or replace it by spaces. Rejecting leaves no two readings.",
        Severity.BOUNDARY,
    ),
    Difference(
        "a request line without a version (HTTP/0.9)",
        LLHTTP,
        ACCEPTS,
        LINE + rb"[A-Z\-]+ (?![^\r\n]* HTTP/[0-9]\.[0-9]\r?\n)",
        b"GET /\r\nHost: a\r\n\r\n",
        "RFC 9112 3",
        "The version is part of the request line. HTTP/0.9 has neither fields nor Upgrade.",
        Severity.MEANING,
    ),
    Difference(
        "CR or LF alone before the request line",
        LLHTTP,
        ACCEPTS,
        rb"\A[\r\n]*(?:\r(?!\n)|(?<!\r)\n)",
        b"\rGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "RFC 9112 2.2",
        "Only empty lines are ignored, and they end with CRLF. A bare CR is invalid.",
        Severity.BOUNDARY,
    ),
    Difference(
        "two spaces in the request line",
        LLHTTP,
        ACCEPTS,
        LINE + rb"[^\r\n]*  ",
        b"GET /  HTTP/1.1\r\nHost: a\r\n\r\n",
        "RFC 9112 3",
        "There is one space. A recipient MAY take more; which of them belong to the target is "
        "then a guess.",
        Severity.MEANING,
    ),
    Difference(
        "another minor version than 0 and 1",
        LLHTTP,
        REFUSES,
        TARGET + rb" HTTP/1\.[2-9]",
        b"GET / HTTP/1.2\r\nHost: a\r\n\r\n",
        "RFC 9110 2.5",
        "A minor version that is higher is read as the highest that is known: 1.1.",
        Severity.NONE,
    ),
    Difference(
        "another major version than 1",
        (H11, *LLHTTP, AIOHTTP_PYTHON),
        ACCEPTS,
        TARGET + rb" HTTP/(?!1\.)",
        b"PUT / HTTP/2.0\r\nHost: a\r\n\r\n",
        "RFC 9110 2.5, 15.6.6",
        "Whoever sends another major version means another protocol: it is answered with 505.",
        Severity.MEANING,
    ),
    Difference(
        "a control character in a field value",
        (H11,),
        ACCEPTS,
        rb"(?m)^[^:\n]+:[^\n]*[\x01-\x08\x0e-\x1f\x7f]",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Note: \x01\r\n\r\n",
        "RFC 9110 5.5",
        "Such a value is invalid, and MAY be kept within a safe context. A request goes on to "
        "other parsers, which strip or cut at different controls.",
        Severity.BOUNDARY,
    ),
    Difference(
        "a value with white space after it",
        (HTTPTOOLS,),
        "reads another fields",
        rb"(?m)^[^:\n]+:[^\n]*[ \t]\r?$",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Note: b \r\n\r\n",
        "RFC 9112 5.1",
        "White space around a value is no part of it.",
        Severity.MEANING,
    ),
    Difference(
        "an empty line before the request line",
        (H11, ZTTP),
        REFUSES,
        rb"\A\r\n",
        b"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "RFC 9112 2.2",
        "A server SHOULD ignore at least one: old clients send one after a body.",
        Severity.NONE,
    ),
    Difference(
        "a method that is not on the parser's list",
        LLHTTP,
        REFUSES,
        LINE + rb"(?!" + METHODS_OF_LLHTTP + rb" )",
        b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n",
        "RFC 9110 9.1, 15.6.2",
        "A method is any token; 501 to those not known is for the server that we pass it to.",
        Severity.NONE,
    ),
    Difference(
        "a method in lower case",
        (AIOHTTP_PYTHON,),
        "reads another method",
        LINE + rb"[^ \r\n]*[a-z]",
        b"get / HTTP/1.1\r\nHost: a\r\n\r\n",
        "RFC 9110 9.1",
        "Methods are case-sensitive: get is not GET.",
        Severity.MEANING,
    ),
    Difference(
        "CONNECT",
        (AIOHTTP_PYTHON,),
        "reads another body",
        LINE + rb"(?i:CONNECT) ",
        b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
        "RFC 9110 9.3.6",
        "A CONNECT request has no content. What follows is for the tunnel, once there is one; "
        "aiohttp has it read as content without an end.",
        Severity.BOUNDARY,
    ),
    Difference(
        "CONNECT with a body",
        (AIOHTTP_C,),
        "reads another body",
        rb"(?ims)\A[\r\n]*CONNECT .*^(?:content-length|transfer-encoding):",
        b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nContent-Length: 5\r\n\r\n",
        "RFC 9110 9.3.6",
        "CONNECT has no content, so nothing after such a head is certain: we say what the fields "
        "say, and read no further request.",
        Severity.BOUNDARY,
    ),
)
