"""Fields, their values and heads are read in work that is linear in them."""

from contextlib import suppress
from typing import Any, Final

from counting import counted_library

from linear.families import VALUES, Fields, Items, fields_of, in_one_line, kinds_with
from linear.subjects import (
    ASKING,
    HOST,
    LIBRARY,
    OF_FIELDS,
    UNLIMITED,
    Table,
    Work,
    answer,
    names_of,
    request,
    tokens_of,
    tried,
    with_others,
)

TABLE: Final = Table()
OF_FRAMING: Final = counted_library("framing")


# --- Fields and their values --------------------------------------------------------------------


def _add_parser(name: str) -> None:
    parse = getattr(OF_FIELDS, name)
    TABLE.of(name, families=VALUES, kind="lines")(lambda items: tried(parse, items))
    TABLE.of(name, families=VALUES)(lambda items: tried(parse, [b", ".join(items)]))


for _name in ("parse_connection", "parse_extensions", "parse_token_list", "parse_upgrade"):
    _add_parser(_name)


@TABLE.of("parse_extensions", kind="parameters")
def _(items: Items) -> Work:
    return lambda: OF_FIELDS.parse_extensions([b'a; b="%b"' % b'"; b="'.join(items)])


@TABLE.of("format_extensions")
def _(items: Items) -> Work:
    texts = [item.decode() for item in items]
    extensions = [OF_FIELDS.Extension(text, (("a", text),)) for text in texts]
    return lambda: OF_FIELDS.format_extensions(extensions)


@TABLE.of("format_upgrade")
def _(items: Items) -> Work:
    return lambda: OF_FIELDS.format_upgrade([*tokens_of(items), *[item.decode() for item in items]])


@TABLE.of("escape_octets", families=VALUES)
def _(items: Items) -> Work:
    return lambda: OF_FIELDS.escape_octets(b"\x00".join(items))


@TABLE.of("UpgradeToken", "UpgradeToken.parse")
def _(items: Items) -> Work:
    text = "".join([item.decode() for item in items])
    return lambda: (LIBRARY.UpgradeToken(text), LIBRARY.UpgradeToken.parse(text))


@TABLE.of("end_to_end_headers")
def _(items: Items) -> Work:
    fields = [(b"Connection", b",".join(items)), *names_of(items)]
    return lambda: OF_FIELDS.end_to_end_headers(fields, upgrade=tokens_of(items), close=True)


@TABLE.of_fields("end_to_end_headers")
def _(fields: Fields) -> Work:
    return tried(OF_FIELDS.end_to_end_headers, fields)


@TABLE.of("end_to_end_headers", kind="options of other fields")
def _(items: Items) -> Work:
    fields = [*fields_of(b"Connection", items), *[(b"Y-" + item, b"x") for item in items]]
    return lambda: OF_FIELDS.end_to_end_headers(fields)


# --- Heads --------------------------------------------------------------------------------------

_METHODS: Final = ("get", "get_all", "has", "headers", "offset_of", "raw", "to_bytes")


def _add_heads(name: str, maker: Any) -> None:
    kinds = kinds_with(b"Connection", b"X-Unknown")

    @TABLE.of_fields(name, kinds=kinds)
    def _(fields: Fields) -> Work:
        return lambda: maker(fields).headers

    @TABLE.of_fields(f"{name}.parse", *[f"{name}.{method}" for method in _METHODS], kinds=kinds)
    def _(fields: Fields) -> Work:
        octets = maker(fields).to_bytes()

        def work() -> None:
            parsed = getattr(LIBRARY, name).parse(octets, UNLIMITED)
            last = len(parsed.get_all(b"X-Unknown")) - 1
            assert parsed.has(b"Connection")
            parsed.get(b"X-Unknown")
            parsed.offset_of(b"X-Unknown", max(last, 0))
            assert parsed.to_bytes() == parsed.raw

        return work

    @TABLE.of(f"{name}.parse", families=VALUES, kind="lines that are none")
    def _(items: Items) -> Work:
        octets = maker([]).to_bytes()[:-2] + b" :\r\n".join(items) + b"\r\n\r\n"
        return tried(getattr(LIBRARY, name).parse, octets, UNLIMITED)

    @TABLE.of(f"{name}.parse", families=VALUES, kind="lines that go on")
    def _(items: Items) -> Work:
        octets = maker([]).to_bytes()[:-2] + b"A: b" + b"\r\n ".join(items) + b"\r\n\r\n"
        return tried(getattr(LIBRARY, name).parse, octets, UNLIMITED)


_add_heads("RequestHead", request)
_add_heads("ResponseHead", answer)


@TABLE.of_fields("RequestHead.from_parser")
def _(fields: Fields) -> Work:
    made = with_others(fields, ASKING)
    policy = LIBRARY.Policy(LIBRARY.WebSocket(), mode="required")

    def work() -> object:
        head = LIBRARY.RequestHead.from_parser(b"GET", b"/", made, b"1.1")
        return LIBRARY.decide(head, policy), head.to_bytes()

    return work


@TABLE.of("RequestHead.path", families=VALUES)
def _(items: Items) -> Work:
    target = b"/" + b"%20".join(items).translate(None, b' \t"\\\xff\x80')
    head = LIBRARY.RequestHead(b"GET", target, [HOST])
    return lambda: head.path


@TABLE.of("RequestHead.announces_content")
def _(items: Items) -> Work:
    head = LIBRARY.RequestHead(
        b"GET", b"/", [HOST, *fields_of(b"Content-Length", [b"0"] * len(items))]
    )
    return lambda: head.announces_content


@TABLE.of(
    *[
        f"{name}.{each}"
        for name in ("RequestHead", "ResponseHead")
        for each in ("framing", "persists")
    ],
    families=VALUES,
)
def _(items: Items) -> Work:
    codings = in_one_line(b"Transfer-Encoding", [*items, b"chunked"])
    fields = [HOST, *codings, *in_one_line(b"Connection", items)]

    def work() -> None:
        head, response = request(fields), answer(fields, 200)
        with suppress(LIBRARY.RemoteProtocolError):  # a coding that is not known
            assert head.framing
        with suppress(LIBRARY.RemoteProtocolError):
            assert response.framing(b"GET").length is None
        assert head.persists in (False, True)
        assert response.persists in (False, True)

    return work


# --- Bodies, and where responses end ------------------------------------------------------------


@TABLE.of(
    *["ResponseTracker.expect", "ResponseTracker.give_up", "ResponseTracker.has_begun"],
    *["ResponseTracker.progress", "ResponseTracker.send_data"],
)
def _(items: Items) -> Work:
    fields = names_of(items)
    octets = LIBRARY.ResponseHead(200, [*fields, (b"Content-Length", b"0")]).to_bytes()

    def work() -> None:
        tracker = OF_FRAMING.ResponseTracker()
        tracker.expect(b"GET", fields)
        written = b""
        for place in range(0, len(octets), 8):
            written += tracker.send_data(octets[place : place + 8])
        assert len(written) > len(octets)
        assert tracker.progress is OF_FRAMING.ResponseProgress.COMPLETE
        assert tracker.has_begun
        assert not tracker.give_up()

    return work


@TABLE.of("ResponseTracker.send_data", kind="interim responses and chunks")
def _(items: Items) -> Work:
    interim = b"HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n" * len(items)
    start = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = b"".join([b"%x\r\n%b\r\n" % (len(item), item) for item in items])

    def work() -> None:
        tracker = OF_FRAMING.ResponseTracker()
        tracker.expect(b"GET", [(b"Upgrade", b"a")])
        tracker.send_data(interim + start + chunks + b"0\r\n\r\n")
        assert tracker.progress is OF_FRAMING.ResponseProgress.COMPLETE

    return work


@TABLE.of(
    *["BodyReader", "BodyReader.complete", "BodyReader.next_piece"],
    *["BodyReader.receive_data", "BodyReader.trailing_data"],
)
def _(items: Items) -> Work:
    chunks = [b"%x\r\n%b\r\n" % (len(item), item) for item in items]
    trailers = b"0\r\n%b\r\n" % b"".join([b"%b: x\r\n" % item for item in items])

    def work() -> None:
        for data in ([b"".join(chunks), trailers], [*chunks, trailers]):
            reader = OF_FRAMING.BodyReader(OF_FRAMING.Framing(None))
            for each in data:
                reader.receive_data(each)
                while reader.next_piece() is not None:
                    pass
            assert reader.complete
            assert not reader.trailing_data

    return work


@TABLE.of("BodyReader.next_piece", families=VALUES, kind="extensions of a chunk")
def _(items: Items) -> Work:
    reader = OF_FRAMING.BodyReader(OF_FRAMING.Framing(None))
    reader.receive_data(b"1;%b\r\na\r\n0\r\n\r\n" % b";".join(items))
    return tried(reader.next_piece)


test_twice_the_input_is_twice_the_work = TABLE.test()
