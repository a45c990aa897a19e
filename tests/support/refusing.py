"""What every refusal has to be with a ``Refusal`` of the user's, and a table's row that says where.

For each place that can refuse: the user's fields, and those of every refusal, are there once; the
body is the one that the Refusal makes; an answer to HEAD has no content, and the length of the
answer to a GET; and Connection says whether the connection closes.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import pytest
from wire import Response, read_responses

from httpupgrade import Refusal, RefusalReport

Answer = Callable[[Refusal, bytes], bytes]
"""What is written by a server with this Refusal, to a request with this method."""


class Row(NamedTuple):
    """A place that can refuse."""

    status_code: int
    answer: Answer
    closes: bool = True
    heeds_method: bool = True
    """Whether the request's method is known, so that HEAD is answered without content."""


def rendered(report: RefusalReport) -> tuple[bytes, bytes]:
    return b"text/ours", b"%d of ours\n" % report.status_code


KINDS: Final[Mapping[str, Refusal]] = {
    "empty": Refusal([(b"X-Ours", b"1")], body="empty"),
    "ours": Refusal([(b"X-Ours", b"1")], body=rendered),
    "negotiated": Refusal([(b"X-Ours", b"1")]),
}


each_kind = pytest.mark.parametrize("kind", KINDS)


def the_response(written: bytes, *, is_head: bool = False) -> Response:
    (response,) = read_responses(written, is_head=is_head)
    return response


def require_fields(response: Response) -> None:
    assert response.fields(b"x-ours") == (b"1",)
    assert response.fields(b"cache-control") == (b"no-store",)
    assert response.fields(b"x-content-type-options") == (b"nosniff",)


def require_body(kind: str, status_code: int, response: Response) -> None:
    media_type = response.fields(b"content-type")
    assert response.fields(b"content-length") == (b"%d" % len(response.body),)
    match kind:
        case "empty":
            assert (response.body, media_type) == (b"", ())
        case "ours":
            assert (response.body, media_type) == (b"%d of ours\n" % status_code, (b"text/ours",))
        case _:
            assert response.body.startswith(b"%d " % status_code)
            assert media_type == (b"text/plain; charset=utf-8",)


def require_as_said(row: Row, kind: str) -> None:
    """The refusal is as the Refusal says."""
    response = the_response(row.answer(KINDS[kind], b"GET"))
    assert response.status == row.status_code
    require_fields(response)
    require_body(kind, row.status_code, response)
    assert response.closes is row.closes


def require_no_content(row: Row, kind: str) -> None:
    """So is the answer to HEAD, but that it has no content."""
    written = row.answer(KINDS[kind], b"HEAD")
    if not row.heeds_method:
        require_body(kind, row.status_code, the_response(written))
        return
    response = the_response(written, is_head=True)
    require_fields(response)
    assert response.body == b""
    (length,) = response.fields(b"content-length")
    assert (int(length) > 0) is (kind != "empty")
