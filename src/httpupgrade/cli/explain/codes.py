"""All codes of findings, by their names.

Rules for this module: it imports each module that declares some, and none that needs a foreign
library.
"""

from collections.abc import Mapping
from types import MappingProxyType, ModuleType
from typing import Final

from ... import Code
from ..._client import finding_codes as of_the_client
from ..._http1 import finding_codes as of_http1
from ..._negotiation import finding_codes as of_the_rules
from ..._protocols import h2c, tls
from ..._protocols.tunnels import tunnel
from ..._protocols.websocket import finding_codes as of_websocket
from ..._server import finding_codes as of_the_server
from ...adapters import _asgi_and_wsgi
from ...adapters import _finding_codes as of_adapters
from ...diagnosis import _response_codes as of_diagnosis
from ..probe import finding_codes as of_probe

_MODULES: Final[tuple[ModuleType, ...]] = (
    of_http1,
    of_the_rules,
    of_the_server,
    of_the_client,
    of_websocket,
    h2c,
    tls,
    tunnel,
    of_adapters,
    _asgi_and_wsgi,
    of_diagnosis,
    of_probe,
)

CODES: Final[Mapping[str, Code]] = MappingProxyType(
    {
        each.name: each
        for module in _MODULES
        for each in vars(module).values()
        if isinstance(each, Code)
    }
)
