"""``httpupgrade explain``: what went wrong with captured exchanges, and what a code means."""

import argparse
import os

from ..exits import Exit
from ..output import Output
from .judging import OFFER_NAMES, judge, policy_of
from .pages import code_named, list_codes, looks_like_a_code, show_code
from .reading import Inputs
from .remedies import remedies_for
from .report import report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``explain``."""
    parser.add_argument(
        "inputs",
        nargs="*",
        metavar="FILE|CODE",
        help="a file with requests and responses as they were sent, with what curl -v or curl -i"
        " prints, or a HAR; standard input if it is - or not given. Or a code, such as"
        " websocket-key-missing",
    )
    parser.add_argument(
        "--input",
        choices=("auto", "raw", "curl", "har"),
        default="auto",
        help="what is in the files; guessed if not given",
    )
    parser.add_argument("--list", action="store_true", help="list all codes")
    policy = parser.add_argument_group(
        "what the server wants (if not given: it offers everything and requires nothing)"
    )
    offers = f"{', '.join(OFFER_NAMES)}, or another token"
    policy.add_argument(
        "--require",
        action="append",
        default=[],
        metavar="TOKEN",
        help=f"it requires an upgrade to this: {offers}; may be repeated",
    )
    policy.add_argument(
        "--offer",
        action="append",
        default=[],
        metavar="TOKEN",
        help="it offers an upgrade to this; may be repeated",
    )
    policy.add_argument(
        "--subprotocol",
        action="append",
        default=[],
        metavar="NAME",
        help="a WebSocket subprotocol that it speaks; may be repeated",
    )
    policy.add_argument(
        "--origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="an origin whose pages may open a WebSocket, or same-host; may be repeated",
    )
    policy.add_argument(
        "--secure", action="store_true", help="requests arrive inside TLS (for raw input)"
    )


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Explain what was given. Raises :class:`CommandError`."""
    if options.list:
        list_codes(output)
        return Exit.FINE
    files = options.inputs or ["-"]
    if len(files) == 1 and looks_like_a_code(files[0]) and not os.path.exists(files[0]):
        show_code(code_named(files[0]), remedies_for(files[0]), output)
        return Exit.FINE
    policy = policy_of(options.require, options.offer, options.subprotocol, options.origin)
    inputs = Inputs(output, options.input, secure=options.secure)
    exchanges = inputs.read(files)
    judged = []
    with output.progress("Explaining", len(exchanges)) as advance:
        for number, exchange in enumerate(exchanges, start=1):
            judged.append(judge(exchange, policy))
            advance(number)
    report(judged, inputs.unreadable, output)
    if inputs.unreadable:
        return Exit.WRONG_CALL
    verdicts = {each.verdict for each in judged}
    if verdicts & {"broken", "refused"}:
        return Exit.FOUND
    return Exit.FINE if verdicts == {"healthy"} else Exit.UNCLEAR
