"""Chromium, on the page of ``make serve``.

Usage: python -m interop.clients.chromium_serve URL [DIR]. Each button is pressed, then all of it is
done again inside TLS, by keyboard. With DIR, pictures of the page are left there.

The law of this file: the buttons are pressed as people do, and what the page shows is read from it.
"""

import base64
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from .chromium import Browser, running

_WIDTHS: Final = {"desktop": 1280, "phone": 360}
_COPYING: Final = ["clipboardReadWrite", "clipboardSanitizedWrite"]
_ENTER: Final = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}

# What the expressions below have in common.
_TOOLS: Final = """
if (document.readyState !== "complete") {
  await new Promise((resolve) => addEventListener("load", resolve, { once: true }));
}
const until = (element, test) => new Promise((resolve) => {
  const check = () => test(element.textContent) && (observer.disconnect(), resolve());
  const observer = new MutationObserver(check);
  observer.observe(element, { childList: true, characterData: true, subtree: true });
  check();
});
const status = document.querySelector("#status");
"""
_PRESS_EACH: Final = """
  const presses = [...document.querySelectorAll("button[data-try]")];
  for (const button of presses) {
    status.textContent = "";
    button.click();
    await until(status, (text) => text && !text.endsWith("…"));
  }
  const copies = [...document.querySelectorAll("button[data-copy]")];
  const lost = [];
  for (const button of copies) {
    button.closest("section").querySelector(":scope > details").open = true;
    button.click();
    await until(button, (text) => text !== "Copy");
    const wanted = button.parentElement.querySelector("code").textContent;
    if ((await navigator.clipboard.readText()) !== wanted) {
      lost.push(`not ${wanted}`);
    }
  }
  return [`${presses.length} pressed`, `${copies.length} copied`, ...lost].join(", ");
"""
_FOCUS: Final = """
  document.querySelector("#everything").focus();
"""
_AWAIT_EVERYTHING: Final = """
  await until(status, (text) => text === "Everything was tried.");
"""
_READ: Final = """
  const shown = {};
  for (const section of document.querySelectorAll("section")) {
    const tries = shown[section.dataset.target] = {};
    for (const result of section.querySelectorAll("div[data-of]:not([hidden])")) {
      const { rows } = result.querySelector("table");
      const lines = [...rows].map(({ cells }) => [cells[0].textContent, cells[1].textContent]);
      tries[result.dataset.of] = Object.fromEntries(lines);
    }
    tries.fetch.body = section.querySelector(".body pre").textContent;
  }
  return shown;
"""
_LINK: Final = 'return document.querySelector("#secure").href;'
_OVERFLOWS: Final = """
  const { scrollWidth, clientWidth } = document.documentElement;
  return scrollWidth > clientWidth;
"""
_HEIGHT: Final = "return document.documentElement.scrollHeight;"
_FIELDS: Final = ("Upgrade", "Connection", "Sec-WebSocket-Version")

Shown = Mapping[str, Mapping[str, Mapping[str, str]]]
"""By endpoint and button, the lines of a table."""


def do(browser: Browser, session: str, steps: str) -> object:
    """Do something in the page."""
    return browser.evaluate(session, f"(async () => {{ {_TOOLS} {steps} }})()")


def in_brief(shown: Shown) -> str:
    """What the tables say, each endpoint in a few words."""
    return "; ".join(
        f"{target} {fetched(tries['fetch'])}, {talked(tries['socket'])}"
        for target, tries in shown.items()
    )


def fetched(lines: Mapping[str, str]) -> str:
    """A status, and the fields that there are."""
    if "status" not in lines:
        return str(dict(lines))
    status = lines["status"].partition(" ")[0]
    fields = " ".join(f"({lines[name]})" for name in _FIELDS if lines[name] != "none")
    body = lines["body"].partition("\n")[0]
    return " ".join(filter(None, (status, fields, f"'{body}'")))


def talked(lines: Mapping[str, str]) -> str:
    """How a WebSocket ended, and what it was."""
    closed = f"closed {lines['closed']}"
    if lines["opened"] != "yes":
        return closed
    return " ".join((f"'{lines['echo']}'", lines["subprotocol"], lines["extensions"], closed))


def complaints(browser: Browser) -> list[str]:
    """What the browser blames the page for; that requests are refused is no fault of its."""
    found = []
    for event in browser.events:
        match event:
            case {"method": "Runtime.exceptionThrown", "params": {"exceptionDetails": details}}:
                found.append(str(details["text"]))
            case {"method": "Log.entryAdded", "params": {"entry": {"source": "security"} as entry}}:
                found.append(str(entry["text"]))
            case _:
                pass
    return found


def take_pictures(browser: Browser, session: str, folder: Path) -> None:
    """The whole page, light on a desktop and dark on a phone, and the other way round."""
    for name, width in _WIDTHS.items():
        for scheme in ("light", "dark"):
            features = [{"name": "prefers-color-scheme", "value": scheme}]
            browser.call("Emulation.setEmulatedMedia", session, features=features)
            resize(browser, session, width, 800)
            height = do(browser, session, _HEIGHT)
            assert isinstance(height, int)
            resize(browser, session, width, height)
            taken = browser.call("Page.captureScreenshot", session)
            path = folder / f"serve-{name}-{scheme}.png"
            path.write_bytes(base64.b64decode(taken["data"]))


def resize(browser: Browser, session: str, width: int, height: int) -> None:
    """Have a window of another size."""
    browser.call(
        "Emulation.setDeviceMetricsOverride",
        session,
        width=width,
        height=height,
        deviceScaleFactor=1,
        mobile=width < 600,
    )


def visit(browser: Browser, url: str, folder: Path | None) -> str:
    """Press the buttons, in the clear and inside TLS; what came of it."""
    session = browser.open_page(hidden=False)
    browser.call("Browser.grantPermissions", permissions=_COPYING)
    browser.call("Emulation.setFocusEmulationEnabled", session, enabled=True)
    for domain in ("Log", "Runtime", "Security"):
        browser.call(f"{domain}.enable", session)
    browser.go(session, url)
    pressed = do(browser, session, _PRESS_EACH)
    plain = do(browser, session, _READ)
    if folder is not None:
        take_pictures(browser, session, folder)
    resize(browser, session, _WIDTHS["phone"], 640)
    overflows = do(browser, session, _OVERFLOWS)

    browser.call("Security.setIgnoreCertificateErrors", session, ignore=True)
    link = do(browser, session, _LINK)
    assert isinstance(link, str)
    browser.go(session, link)
    do(browser, session, _FOCUS)
    for kind in ("keyDown", "keyUp"):
        browser.call("Input.dispatchKeyEvent", session, type=kind, **_ENTER)
    do(browser, session, _AWAIT_EVERYTHING)
    secure = do(browser, session, _READ)
    assert isinstance(plain, dict)
    assert isinstance(secure, dict)
    found = [str(pressed), in_brief(plain), f"TLS: {in_brief(secure)}"]
    found += ["too wide for a phone"] if overflows else []
    return ". ".join((*found, *complaints(browser)))


def main() -> None:
    """Run a browser."""
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    with running() as browser:
        seen = {"version": browser.version, "outcome": visit(browser, sys.argv[1], folder)}
    print(json.dumps({"status": 200, **seen}))


if __name__ == "__main__":
    main()
