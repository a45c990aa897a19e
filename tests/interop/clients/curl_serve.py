"""The commands with curl that the page of ``make serve`` has.

Usage: python -m interop.clients.curl_serve URL. Each is run by a shell, as people do who paste it.

The law of this file: the commands are those of the page; what curl shows is given in short.
"""

import json
import re
import subprocess
import sys
import urllib.request
from html.parser import HTMLParser


class Commands(HTMLParser):
    """The commands of the page, by endpoint."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.by_target: dict[str, list[str]] = {}
        self._target = ""
        self._in_item = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An endpoint, or a command, begins."""
        attributes = dict(attrs)
        match tag, attributes.get("data-target"):
            case "section", str(target):
                self._target = target
            case "li", _ if attributes.get("class") == "code":
                self._in_item = True
                self.by_target.setdefault(self._target, []).append("")
            case "button", _:
                self._in_item = False
            case _:
                pass

    def handle_data(self, data: str) -> None:
        """A part of it, perhaps."""
        if self._in_item:
            self.by_target[self._target][-1] += data


def statuses(command: str) -> str:
    """What a command shows of its responses."""
    # Behind a 101 curl waits for more, which the commands bound.
    ran = subprocess.run(["sh", "-c", command], check=False, capture_output=True, timeout=20)
    lines = re.findall(r"^HTTP/([\d.]+) (\d{3})", ran.stdout.decode(), re.MULTILINE)
    shown = (code if version == "1.1" else f"{code} by HTTP/{version}" for version, code in lines)
    return " then ".join(shown) or ran.stderr.decode().strip()


def main() -> None:
    """Get the page, and run what it says."""
    with urllib.request.urlopen(sys.argv[1], timeout=20) as answer:
        commands = Commands(answer.read().decode()).by_target
    outcomes = (
        f"{target} {', '.join(statuses(each) for each in them if each.startswith('curl '))}"
        for target, them in commands.items()
    )
    print(json.dumps({"version": "", "status": 200, "outcome": "; ".join(outcomes)}))


if __name__ == "__main__":
    main()
