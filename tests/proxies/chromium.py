"""Chromium by HTTP/2, against one URL. Usage: python -m proxies.chromium URL

Rules for this module: it does what :mod:`interop.clients.chromium` does, and believes any
certificate.
"""

import json
import sys

from interop.clients.chromium import IN_THE_PAGE, running


def main() -> None:
    """Open a page, and let it speak to where it came from."""
    with running() as browser:
        session = browser.open_page()
        browser.call("Security.setIgnoreCertificateErrors", session, ignore=True)
        browser.go(session, sys.argv[1])
        try:
            print(json.dumps(browser.evaluate(session, IN_THE_PAGE)))
        except RuntimeError as error:
            sys.exit(str(error).partition("\n")[0])  # without the script's stack


if __name__ == "__main__":
    main()
