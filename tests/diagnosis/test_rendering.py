"""A diagnosis as text and as JSON."""

import json
import textwrap

from httpupgrade.diagnosis import Diagnosis, Evidence, Paste, Remedy, Suspect, to_json, to_text

FULL = Diagnosis(
    "broken",
    "hop-by-hop-fields-lost",
    "The request was sent as a WebSocket handshake, and arrived as a plain GET over HTTP/1.0.",
    "The proxy in front of this server dropped Upgrade and Connection.",
    ("HTTP/1.0 cannot upgrade", "the server answered 426"),
    (
        Evidence("HTTP/1.0 is what arrived", "request line", "GET /chat?... HTTP/1.0", 14, 22),
        Evidence("the key is there", line="Sec-WebSocket-Key: ..."),
        Evidence("there is no Upgrade field"),
    ),
    (
        Suspect("nginx", "before 1.29.7", "proxy_pass alone", "the last hop", "high"),
        Suspect("Apache httpd"),
    ),
    (
        Remedy(
            "nginx-pass-upgrade",
            "nginx",
            "pass the upgrade on",
            "before 1.29.7",
            (
                Paste("http", ("map $http_upgrade $connection_upgrade {", "    '' close;", "}")),
                Paste(
                    "location",
                    ("proxy_http_version 1.1;",),
                    ("proxy_set_header Connection", "proxy_set_header Upgrade"),
                ),
                Paste("server", (), ("return 426",)),
            ),
            ("nginx -t && nginx -s reload",),
            "A location that has proxy_set_header of its own inherits none.",
        ),
        Remedy("httpd-upgrade", "Apache httpd", "pass the upgrade on"),
    ),
    ("Run httpupgrade probe against the server itself.",),
)

TEXT = """\
The request was sent as a WebSocket handshake, and arrived as a plain GET over
HTTP/1.0.

Why: The proxy in front of this server dropped Upgrade and Connection.

What follows from it, and is mended with it:
  * HTTP/1.0 cannot upgrade
  * the server answered 426

What shows it:
  * HTTP/1.0 is what arrived
      request line: GET /chat?... HTTP/1.0
                                  ^^^^^^^^
  * the key is there
      Sec-WebSocket-Key: ...
  * there is no Upgrade field

Who it probably was:
  * nginx before 1.29.7, the last hop: proxy_pass alone (very likely)

What else it could be:
  * Apache httpd (possible)

To mend it, in nginx (before 1.29.7): pass the upgrade on

  Paste into http:

      map $http_upgrade $connection_upgrade {
          '' close;
      }

  From location, take out what begins like this, if it is there (a block as a
  whole):

      proxy_set_header Connection
      proxy_set_header Upgrade

  Paste into location:

      proxy_http_version 1.1;

  From server, take out what begins like this, if it is there (a block as a
  whole):

      return 426

  Then run:

      nginx -t && nginx -s reload

  A location that has proxy_set_header of its own inherits none.

Or, in Apache httpd: pass the upgrade on

If that does not help:
  * Run httpupgrade probe against the server itself.

More about this: httpupgrade explain hop-by-hop-fields-lost
"""


def test_all_parts_stand_in_their_order() -> None:
    assert to_text(FULL) == TEXT


def test_what_is_empty_leaves_no_heading() -> None:
    assert to_text(Diagnosis("healthy", "", "Nothing is wrong.")) == "Nothing is wrong.\n"


def test_what_else_is_seen_of_a_healthy_handshake_does_not_show_that_it_is_healthy() -> None:
    diagnosis = Diagnosis("healthy", "", "It opens.", evidence=(Evidence("it takes any Origin"),))
    assert to_text(diagnosis) == textwrap.dedent("""\
        It opens.

        What else was seen:
          * it takes any Origin
    """)


def test_without_a_remedy_the_next_steps_come_first() -> None:
    diagnosis = Diagnosis("unclear", "", "Nobody knows.", next_steps=("Look at the server's log.",))
    assert to_text(diagnosis) == textwrap.dedent("""\
        Nobody knows.

        What to try next:
          * Look at the server's log.
    """)


def test_sentences_are_wrapped_and_what_is_to_be_pasted_is_not() -> None:
    long = "a " * 100 + "b"
    paste = Paste("location", (long,))
    diagnosis = Diagnosis(
        "broken", "", long, long, (long,), remedies=(Remedy("a-b", "a", long, pastes=(paste,)),)
    )
    lines = to_text(diagnosis).split("\n")
    assert [line for line in lines if len(line) > 80] == [f"      {long}"]


def test_json_has_every_field() -> None:
    plain = to_json(FULL)
    assert json.loads(json.dumps(plain)) == plain
    assert list(plain) == list(Diagnosis._fields)
    assert plain["remedies"][0]["pastes"][1] == {
        "place": "location",
        "lines": ["proxy_http_version 1.1;"],
        "instead_of": ["proxy_set_header Connection", "proxy_set_header Upgrade"],
    }
    assert to_json(Diagnosis("healthy", "", "Nothing is wrong."))["suspects"] == []


def test_words_of_one_line_are_told_from_lines() -> None:
    paste = Paste("the end of the ProxyPass line", ("upgrade=websocket",), ("upgrade=",))
    remedy = Remedy("x", "Apache httpd", "pass upgrades on", pastes=(paste,))
    text = to_text(Diagnosis("broken", "", "It broke.", remedies=(remedy,)))
    assert "\n  Take out of the ProxyPass line, if it is there:\n\n      upgrade=\n" in text
    assert "\n  Add at the end of the ProxyPass line:\n\n      upgrade=websocket\n" in text
