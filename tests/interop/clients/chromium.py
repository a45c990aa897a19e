"""Chromium, against one URL. Usage: python -m interop.clients.chromium URL

The law of this file: the browser is told to open the URL, and what the page may do there is done
by the page: fetch(), and a WebSocket. What a required WebSocket answers to a visitor, the 426, is
itself the page, so that both are of its own origin.
"""

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, final

# The browser's own test port is a pair of pipes: it reads from descriptor 3, and writes to 4.
_PIPES: Final = 'exec "$@" 3<&0 4>&1 1>&2 0</dev/null'
_ARGUMENTS: Final = (
    "--headless",
    "--no-sandbox",  # which would not start for root
    "--disable-gpu",
    "--disable-dev-shm-usage",  # /dev/shm is small in containers
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--no-proxy-server",
    "--remote-debugging-pipe",
)
IN_THE_PAGE: Final = """
(async () => {
  if (document.readyState !== "complete") {
    await new Promise((resolve) => addEventListener("load", resolve, { once: true }));
  }
  const page = document.body.innerText.split("\\n")[0];
  const answer = await fetch(location.href);
  const socket = new WebSocket(location.href.replace(/^http/, "ws"), ["chat"]);
  const next = (type) => new Promise((resolve, reject) => {
    socket.addEventListener(type, resolve, { once: true });
    socket.addEventListener("error", () => reject(new Error("the WebSocket failed")));
  });
  await next("open");
  socket.send("hello");
  const echoed = (await next("message")).data;
  socket.close(1000);
  const { code } = await next("close");
  return {
    status: answer.status,
    outcome: `page '${page}', fetch() saw ${answer.status}, then echoed '${echoed}' as text, ` +
      `subprotocol ${socket.protocol || "none"}, closed ${code}`,
  };
})()
"""
"""What the page does, and comes to."""


@final
class Browser:
    """A running Chromium, spoken to in its DevTools protocol: JSON, each message ended by NUL."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._commands = process.stdin
        self._answers = process.stdout
        self._numbers = itertools.count(1)
        self.events: Final[list[Any]] = []
        """What it said that was no answer, in order."""

    def call(self, method: str, session: str | None = None, **parameters: object) -> Any:
        """Send a command and wait for its result; events in between are kept."""
        number = next(self._numbers)
        command = {"id": number, "method": method, "params": parameters}
        if session is not None:
            command["sessionId"] = session
        self._commands.write(json.dumps(command).encode() + b"\0")
        self._commands.flush()
        while True:
            message = self._read()
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return message["result"]
            self.events.append(message)

    def _read(self) -> Any:
        message = bytearray()
        while (octet := self._answers.read(1)) != b"\0":
            if not octet:
                raise RuntimeError("the browser ended")
            message += octet
        return json.loads(message)

    @property
    def version(self) -> str:
        """Its version."""
        return str(self.call("Browser.getVersion")["product"]).rpartition("/")[2]

    def open_page(self, *, hidden: bool = True) -> str:
        """The session of an empty page. A hidden one cannot be seen, nor does it want an icon."""
        created = self.call("Target.createTarget", url="about:blank", hidden=hidden)
        target = created["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        return str(attached["sessionId"])

    def go(self, session: str, url: str) -> None:
        """Have a page go somewhere. Raises :class:`RuntimeError`."""
        went = self.call("Page.navigate", session, url=url)
        if "errorText" in went:
            raise RuntimeError(went["errorText"])

    def evaluate(self, session: str, expression: str) -> Any:
        """What a promise in a page comes to. Raises :class:`RuntimeError`."""
        evaluated = self.call(
            "Runtime.evaluate",
            session,
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
        )
        if "exceptionDetails" in evaluated:
            raise RuntimeError(evaluated["exceptionDetails"]["exception"]["description"])
        return evaluated["result"].get("value")


@contextmanager
def running() -> Iterator[Browser]:
    """A browser with a profile in HOME, which is this run's own."""
    profile = Path(os.environ["HOME"]) / "profile"
    process = subprocess.Popen(
        ["sh", "-c", _PIPES, "sh", "chromium", *_ARGUMENTS, f"--user-data-dir={profile}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    browser = Browser(process)
    try:
        yield browser
        browser.call("Browser.close")
        process.wait(10)
    finally:
        process.kill()
        process.wait()


def main() -> None:
    """Open a page, and let it speak to where it came from."""
    with running() as browser:
        session = browser.open_page()
        browser.go(session, sys.argv[1])
        seen = {"version": browser.version, **browser.evaluate(session, IN_THE_PAGE)}
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
