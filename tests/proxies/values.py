"""A proxy, and the configurations that it is started with, as values.

Rules for this module: values alone. What a product needs stands in ``products/``, one file for
each; the configurations are files of ``configs/``.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, final

from interop.install import Recipe

CONFIGS: Final = Path(__file__).resolve().parent / "configs"

Sight = Literal["named", "among", "unnamed", "healthy", "nothing"]
"""How much one side is to see of a fault.

- "named": the exchange is broken, and the first suspect is the product.
- "among": the exchange is broken, and the product is one of the suspects.
- "unnamed": something is wrong, and no product is accused wrongly.
- "healthy": this side sees nothing wrong, and says so.
- "nothing": no request arrives, so that there is nothing to diagnose.
"""

Layout = Literal["braces", "tags", "sections", "flat"]
"""How a configuration file is divided into places: ``name {`` ... ``}``; ``<Name>`` ...
``</Name>``; ``name`` and then all lines that are indented; or not at all."""


@final
@dataclass(frozen=True)
class Product:
    """A proxy.

    In commands and files, ``@port@`` is where it listens, ``@origin@`` the port of the server
    behind it, ``@config@`` its configuration file, ``@where@`` the directory that is its own, and
    what :attr:`files` names. For TLS, ``@where@/tls.crt``, ``tls.key`` and ``tls.pem``, which is
    both, are there.
    """

    name: str
    """As :attr:`httpupgrade.diagnosis.Suspect.product` names it."""
    recipe: Recipe
    command: tuple[str, ...]
    """Starts it in the foreground."""
    asks_version: tuple[str, ...]
    folder: str
    """Its folder of ``configs/``."""
    layout: Layout
    shared: tuple[str, ...] = ()
    """Other files of that folder that are written into its directory."""
    environment: tuple[tuple[str, str], ...] = ()
    """What its environment has beside what every program gets."""
    files: tuple[tuple[str, str], ...] = ()
    """Names for what its packages have below /usr, wherever they are unpacked: with
    ``("modules", "lib/nginx/modules")``, ``@modules@`` is that directory."""
    unready: int = 0
    """The status that it answers with while it takes connections and has not read its
    configuration."""
    own_user: bool = False
    """Whether it becomes another user than root, who has to read and write its directory."""


@final
@dataclass(frozen=True)
class SetUp:
    """A product with one configuration."""

    product: Product
    config: str
    """The file of the product's folder."""
    broken: bool = True
    """Whether handshakes fail."""
    front: bool = False
    """Whether clients speak TLS with it, and HTTP/2 inside: curl and Chromium try that as well."""
    server: Sight = "named"
    """What is seen from the server's side, where it is broken."""
    client: Sight = "named"
    """What is seen from the client's side."""
    both: Sight = "named"
    """What is seen from both."""
    unseen: str = ""
    """Why a side sees less than the others, or names the product after others."""
    incurable: str = ""
    """Why no change to the configuration mends it; empty where one does."""

    @property
    def name(self) -> str:
        """For ``--only``: ``nginx/default``."""
        return f"{self.product.folder}/{self.config.rpartition('.')[0]}"
