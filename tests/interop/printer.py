"""A printer, as far as ``lpstat`` needs one: it has no queue, and says so in IPP.

The law of this file: RFC 8010 and 8011, and nothing of how the connection is secured.
"""

from typing import Final

from httpupgrade.cli.serve.roles import Request, Response

_OPERATION_ATTRIBUTES: Final = 0x01
_END_OF_ATTRIBUTES: Final = 0x03
_CHARSET: Final = 0x47
_NATURAL_LANGUAGE: Final = 0x48


def answer(request: Request) -> Response:
    """Successful, to whatever operation."""
    if request.method != b"POST":
        return Response(200, (), b"")
    # RFC 8010 3.1.1: version, operation, request-id; the answer repeats the first and the last.
    version, request_id = request.body[:2], request.body[4:8]
    content = b"".join(
        (
            version,
            b"\0\0",  # successful-ok
            request_id,
            bytes((_OPERATION_ATTRIBUTES,)),
            _attribute(_CHARSET, b"attributes-charset", b"utf-8"),
            _attribute(_NATURAL_LANGUAGE, b"attributes-natural-language", b"en"),
            bytes((_END_OF_ATTRIBUTES,)),
        )
    )
    return Response(200, ((b"Content-Type", b"application/ipp"),), content)


def _attribute(tag: int, name: bytes, value: bytes) -> bytes:
    sized = (len(each).to_bytes(2, "big") + each for each in (name, value))
    return bytes((tag,)) + b"".join(sized)
