"""One set-up: a handshake through the proxy, its diagnoses, the remedy, and another handshake.

Rules for this module: whatever goes wrong with one set-up is said in its row, and ends no other.
"""

import tempfile
from typing import Final, final

from demo.server import HOST
from interop.__main__ import ask_version
from interop.daemons import DownError
from interop.install import environment_of_clients

from httpupgrade.cli.serve.server import listen
from httpupgrade.diagnosis import Diagnosis, Remedy, diagnose_response

from .applier import Names, apply
from .client import TALKED, ask_for_websocket, ask_plainly, talk
from .hosting import Place, placed
from .http2 import talk_by_http2
from .judge import Row, Said, Trial, in_brief, judge_broken, judge_healthy, said
from .looking import Views, look
from .origin import Origin, serve
from .probing import ProbeError, probe
from .values import Product, SetUp

_TO_SAY_A_VERSION: Final = 20.0


async def ask_version_of(product: Product) -> str:
    """What the program says of itself."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        environment = environment_of_clients(home)
        return await ask_version(product.asks_version, environment, _TO_SAY_A_VERSION)


async def run_one(setup: SetUp, version: str) -> Row:
    """What becomes of one set-up."""
    try:
        async with serve() as origin, placed(setup, origin.port) as place:
            return await _Run(setup, origin, place).run(version)
    except DownError as error:
        return Row(setup, version, None, "", None, (str(error),), notes=error.stderr)
    except (OSError, ProbeError) as error:
        return Row(setup, version, None, "", None, (str(error),))


@final
class _Run:
    """A set-up, in its place."""

    def __init__(self, setup: SetUp, origin: Origin, place: Place) -> None:
        self._setup: Final = setup
        self._product: Final = setup.product.name
        self._origin: Final = origin
        self._place: Final = place

    async def run(self, version: str) -> Row:
        """Its row."""
        trial, views = await self._try()
        if not self._setup.broken:
            faults = tuple(judge_healthy(trial))
            return Row(self._setup, version, trial, "", None, faults)
        views = views._replace(both=await _probe_in_front_of_serve(self._setup))
        before = trial._replace(both=said(views.both, self._product))
        row = Row(self._setup, version, before, "", None, (), fault=_fault_of(views.both))
        remedy = views.remedy_for(self._product)
        if remedy is not None:
            row = row._replace(remedy=remedy.name)
            if not self._setup.incurable:
                row = await self._mend(row, remedy)
        faults = tuple(judge_broken(self._setup, before, row.remedy, row.after))
        return row._replace(faults=faults)

    async def _mend(self, row: Row, remedy: Remedy) -> Row:
        """Apply a remedy, and try again."""
        names = Names(f"{HOST}:{self._origin.port}", f"{HOST}:{self._place.port}")
        layout = self._setup.product.layout
        self._place.config = mended = apply(self._place.config, remedy, layout, names)
        try:
            after, _ = await self._try()
        except DownError as error:
            return row._replace(notes=f"{mended}\n{error}\n{error.stderr}")
        except ProbeError as error:
            return row._replace(notes=f"{mended}\n{error}")
        return row._replace(after=after, notes=mended)

    async def _try(self) -> tuple[Trial, Views]:
        """Start the proxy, and see what comes of a handshake and of a plain request."""
        port, tls = self._place.port, self._place.tls
        secure = tls is not None
        async with self._place.run():
            self._origin.arrivals.clear()
            refused = None
            talked = await talk(port, tls)
            if tls and talked == TALKED:
                talked = await talk_by_http2(port, self._place.authority)
                refused = self._origin.find_refused()
            # Of a proxy that cannot pass a request on, not each attempt gets as far as here.
            earlier = await self._origin.take_first()
            exchange = await ask_for_websocket(port, tls)
            if talked == TALKED and not exchange.talked:
                talked = f"with our own client: {exchange.response}"
            arrival = refused or await self._origin.take_first() or earlier
            self._origin.arrivals.clear()
            plain = await ask_plainly(port, tls)
            plain_arrival = await self._origin.take_first()
            probed = await probe(port, self._place.authority if tls else None)
        views = look(exchange, arrival, probed, secure=secure)
        alone = diagnose_response(plain.sent, plain.response, content=plain.content, secure=secure)
        alarms = [
            view.text
            for view in self._say(look(plain, plain_arrival, alone, secure=secure))
            if view.sight not in ("healthy", "nothing")
        ]
        arrived = "nothing" if arrival is None else in_brief(arrival.head)
        return Trial(talked, arrived, *self._say(views), tuple(alarms)), views

    def _say(self, views: Views) -> tuple[Said, Said, Said]:
        server, client, both = (said(view, self._product) for view in views)
        return server, client, both


async def _probe_in_front_of_serve(setup: SetUp) -> Diagnosis:
    """What ``probe`` says with ``serve --behind`` in the place of the server."""
    async with listen(0, behind=True) as server:
        origin = int(server.places.plain.rpartition(":")[2])
        async with placed(setup, origin) as place, place.run():
            return await probe(place.port, place.authority if place.tls else None)


def _fault_of(diagnosis: Diagnosis) -> str:
    """What the first suspect is said to have done, else what is said of it at all."""
    return diagnosis.suspects[0].setting if diagnosis.suspects else diagnosis.summary
