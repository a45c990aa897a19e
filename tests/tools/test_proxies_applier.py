"""The applier of ``make proxies``: a remedy in a configuration file, as it is printed."""

import pytest
from proxies.applier import Names, apply
from proxies.values import Layout

from httpupgrade.diagnosis import Paste, Remedy

NAMES = Names("127.0.0.1:1234", "127.0.0.1:80")


def applied(text: str, layout: Layout, *pastes: Paste) -> str:
    remedy = Remedy("name", "product", "does something", pastes=pastes)
    return apply(text, remedy, layout, NAMES)


# --- Blocks in braces ----------------------------------------------------------------------------

NGINX = """\
http {
    map $http_upgrade $connection_upgrade {
        default x;
    }
    server {
        location = /error.html { internal; }
        location /files {
            root /files;
        }
        location / {
            proxy_pass http://127.0.0.1:1234;
            proxy_set_header Connection "";
            proxy_set_header Host $host;
        }
    }
}
"""


def test_lines_go_into_the_place_that_names_the_server() -> None:
    paste = Paste("location", ("one;", "two;"))
    assert applied(NGINX, "braces", paste) == NGINX.replace(
        "        location / {\n",
        "        location / {\n            one;\n            two;\n",
    )


def test_lines_take_the_place_of_those_that_are_taken_out() -> None:
    paste = Paste("location", ("one;",), instead_of=("proxy_set_header Connection",))
    assert applied(NGINX, "braces", paste) == NGINX.replace(
        'proxy_set_header Connection "";', "one;"
    )


def test_the_place_that_has_what_is_taken_out_is_chosen() -> None:
    paste = Paste("location", ("one;",), instead_of=("root",))
    assert applied(NGINX, "braces", paste) == NGINX.replace("root /files;", "one;")


def test_a_block_is_taken_out_as_a_whole() -> None:
    paste = Paste("http", ("map {", "}"), instead_of=("map $http_upgrade",))
    assert applied(NGINX, "braces", paste) == NGINX.replace(
        "map $http_upgrade $connection_upgrade {\n        default x;\n    }", "map {\n    }"
    )


def test_what_is_taken_out_need_not_be_there() -> None:
    paste = Paste("location", (), instead_of=("proxy_pass_request_headers off",))
    assert applied(NGINX, "braces", paste) == NGINX


def test_a_place_is_named_before_the_comma() -> None:
    text = "sub vcl_recv {\n    return (pass);\n}\n"
    paste = Paste("vcl_recv, before any return", ("pipe;",))
    assert applied(text, "braces", paste) == ("sub vcl_recv {\n    pipe;\n    return (pass);\n}\n")


def test_a_sub_that_is_not_there_is_made() -> None:
    assert applied("vcl 4.1;\n", "braces", Paste("vcl_pipe", ("x;",))) == (
        "vcl 4.1;\nsub vcl_pipe {\n    x;\n}\n"
    )


def test_nothing_is_made_for_lines_to_take_out() -> None:
    paste = Paste("stream", (), instead_of=("x",))
    assert applied(NGINX, "braces", paste) == NGINX


# --- Tags ----------------------------------------------------------------------------------------

APACHE = """\
Listen 80
<VirtualHost 127.0.0.1:80>
    ProxyPass / http://127.0.0.1:1234/ upgrade=ANY timeout=5
    ProxyPassReverse / http://127.0.0.1:1234/
</VirtualHost>
"""


def test_lines_go_into_a_tag() -> None:
    assert applied(APACHE, "tags", Paste("<VirtualHost>", ("ProxyPreserveHost On",))) == (
        APACHE.replace("0.1:80>\n", "0.1:80>\n    ProxyPreserveHost On\n")
    )


def test_words_go_to_the_end_of_a_line_and_others_out_of_it() -> None:
    paste = Paste("the end of the ProxyPass line", ("upgrade=websocket",), ("upgrade=",))
    assert applied(APACHE, "tags", paste) == APACHE.replace(
        "upgrade=ANY timeout=5", "timeout=5 upgrade=websocket"
    )


def test_a_tag_that_is_not_there_is_made() -> None:
    assert applied("", "tags", Paste("<Location />", ("x",))) == (
        "<Location />\n    x\n</Location>\n"
    )


# --- Sections ------------------------------------------------------------------------------------

HAPROXY = """\
frontend proxy
    bind 127.0.0.1:80
backend application
    http-request del-header Upgrade
    server s1 127.0.0.1:1234 proto h2 check
"""


def test_lines_are_taken_out_of_a_section() -> None:
    pastes = [
        Paste(place, (), instead_of=("http-request del-header",))
        for place in ("backend", "frontend", "listen")
    ]
    assert applied(HAPROXY, "sections", *pastes) == HAPROXY.replace(
        "    http-request del-header Upgrade\n", ""
    )


def test_words_are_taken_out_of_a_line() -> None:
    paste = Paste("the end of the server line", (), instead_of=("proto h2", "alpn h2"))
    assert applied(HAPROXY, "sections", paste) == HAPROXY.replace(" proto h2", "")


def test_lines_are_indented_as_their_section_is() -> None:
    text = "hosts:\n  default:\n    paths:\n      /:\n        a: b\n  other:\n"
    assert applied(text, "sections", Paste("/", ("c: d",))) == text.replace(
        "        a: b", "        c: d\n        a: b"
    )


def test_a_section_that_is_not_there_is_made() -> None:
    assert applied("a\n", "sections", Paste("defaults", ("x",))) == "a\ndefaults\n    x\n"


# --- Files that are not divided ------------------------------------------------------------------


def test_a_file_is_one_place_however_it_is_called() -> None:
    paste = Paste("squid.conf", ("new",), instead_of=("old",))
    assert applied("a\nold 1\nb\nold 2\n", "flat", paste) == "a\nnew\nb\n"
    assert applied("a\n", "flat", paste) == "new\na\n"


@pytest.mark.parametrize("layout", ["braces", "sections"])
def test_the_top_level_is_all_of_the_file(layout: Layout) -> None:
    paste = Paste("the top level", ("new: ON",), instead_of=("new:",))
    assert applied("a: 1\nb:\n  new: OFF\n", layout, paste) == "a: 1\nb:\n  new: ON\n"
    assert applied("a: 1\n", layout, paste) == "new: ON\na: 1\n"


# --- Addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("map ws://PUBLIC/ ws://SERVER/", "map ws://127.0.0.1:80/ ws://127.0.0.1:1234/"),
        ("SERVERS", "SERVERS"),
    ],
)
def test_addresses_are_written_for_their_names(line: str, written: str) -> None:
    assert applied("", "flat", Paste("remap.config", (line,))) == f"{written}\n"


def test_lines_go_to_the_end_of_a_program() -> None:
    paste = Paste("the end of the program", ("last('SERVER');",))
    assert applied("first();\n", "flat", paste) == "first();\nlast('127.0.0.1:1234');\n"
