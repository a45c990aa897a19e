"""What the clients and the servers of others are built from, and how that is got.

The law of this file: programs come from PATH, else from Debian 12; libraries from the registry of
their language, in the versions that the files beside their sources name. Everything that is built
here goes into .interop/. No package is installed that would start a daemon: it is unpacked there,
and the libraries that it needs are installed. What cannot be had is said in one line,
:class:`UnavailableError`, and stops nobody else; our own sources, however, must compile,
:class:`BrokenError`.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from .processes import LateError, Ran, run

ROOT: Final = Path(__file__).resolve().parents[2]
SOURCES: Final = Path(__file__).resolve().parent / "clients"
BUILT: Final = ROOT / ".interop"

_SECONDS: Final = 300.0
_CACHE: Final = BUILT / "cache"
_UNPACKED: Final = BUILT / "debian"
_APT: Final = ("apt-get", "--option=DPkg::Lock::Timeout=120", "--quiet")

# Servers are where only root looks for programs.
_BEHIND_PATH: Final = (_UNPACKED / "usr" / "bin", _UNPACKED / "usr" / "sbin", Path("/usr/sbin"))

# Where each tool keeps what it downloads. Cargo is left alone: the directory that holds its
# downloads also holds its configuration.
ENVIRONMENT: Final[Mapping[str, str]] = {
    **os.environ,
    "PATH": os.pathsep.join((os.environ["PATH"], *map(str, _BEHIND_PATH))),
    "DEBIAN_FRONTEND": "noninteractive",
    "CARGO_TARGET_DIR": str(BUILT / "rust" / "target"),
    "GOCACHE": str(_CACHE / "go-build"),
    "GOMODCACHE": str(_CACHE / "go-mod"),
    "GOTOOLCHAIN": "local",
    "npm_config_cache": str(_CACHE / "npm"),
}


_CLIENTS_NEED: Final = ("TMPDIR", "PYTHONPATH", "LD_LIBRARY_PATH", "JAVA_HOME")


def environment_of_clients(home: str) -> dict[str, str]:
    """What a client runs in: programs are found, and no setting of the caller is.

    :param home: a directory of the run's own, where no configuration is found either.
    """
    needed = {name: os.environ[name] for name in _CLIENTS_NEED if name in os.environ}
    ours = {"PATH": ENVIRONMENT["PATH"], "HOME": home, "LC_ALL": "C"}
    return {**needed, **ours, "NO_PROXY": "*", "no_proxy": "*"}


class UnavailableError(Exception):
    """A client cannot be had here; the message says why."""


class BrokenError(Exception):
    """What drives a client does not compile, which is our fault.

    :param stderr: all that the compiler says.
    """

    def __init__(self, complaint: str, stderr: str) -> None:
        super().__init__(complaint)
        self.stderr: Final = stderr


@final
@dataclass(frozen=True)
class Program:
    """A program, and the package of Debian 12 that has it."""

    name: str
    """Of a program on PATH; with a slash in it, of any other file below /usr."""
    package: str
    unpacked: bool = False
    """Whether the package is unpacked only: installed, it would start a daemon."""
    libraries: tuple[str, ...] = ()
    """What is installed beside a package that is unpacked only; by itself it starts nothing."""


@final
@dataclass(frozen=True)
class Recipe:
    """What clients need: programs, and perhaps a folder of sources that is built by commands."""

    name: str
    programs: tuple[Program, ...] = ()
    fetches: tuple[tuple[str, ...], ...] = ()
    """What gets libraries. Where one of them fails, the clients cannot be had."""
    compiles: tuple[tuple[str, ...], ...] = ()
    """What is made of our own sources. Where one of them fails, the sources are wrong."""

    home: Path = SOURCES
    """What has the folder of sources."""
    built: Path = BUILT
    """What it is built in."""

    @property
    def steps(self) -> tuple[tuple[str, ...], ...]:
        """All of them, in order."""
        return self.fetches + self.compiles

    @property
    def sources(self) -> Path:
        """The folder of sources."""
        return self.home / self.name

    @property
    def folder(self) -> Path:
        """Where it is built."""
        return self.built / self.name


PYTHON: Final = Recipe("python")  # a dependency group of pyproject.toml has its libraries
CURL: Final = Recipe("curl", (Program("curl", "curl"),))
NGHTTP: Final = Recipe("nghttp", (Program("nghttp", "nghttp2-client"),))
LPSTAT: Final = Recipe("lpstat", (Program("lpstat", "cups-client"),))
DOCKER: Final = Recipe("docker", (Program("docker", "docker.io", unpacked=True),))
NGINX: Final = Recipe("nginx", (Program("nginx", "nginx", unpacked=True),))
APACHE: Final = Recipe("apache", (Program("apache2", "apache2-bin"),))  # the daemon is in apache2
NGHTTPX: Final = Recipe(
    "nghttpx",
    (
        Program(
            "nghttpx",
            "nghttp2-proxy",
            unpacked=True,
            libraries=("libc-ares2", "libev4", "libjemalloc2", "libnghttp2-14"),
        ),
    ),
)
CUPSD: Final = Recipe(
    "cupsd",
    (
        Program(
            "cupsd",
            "cups-daemon",
            unpacked=True,
            libraries=("libcups2", "libpaper1"),
        ),
    ),
)
CHROMIUM: Final = Recipe("chromium", (Program("chromium", "chromium"),))
NODE: Final = Recipe(
    "node",
    (Program("node", "nodejs"), Program("npm", "npm")),
    (("npm", "ci", "--no-audit", "--no-fund"),),
)
GO: Final = Recipe(
    "go",
    (Program("go", "golang-go"),),
    (("go", "mod", "download", "-modcacherw"),),
    (("go", "build", "-modcacherw", "-buildvcs=false", "-o", "client", "."),),
)
RUST: Final = Recipe(
    "rust",
    (
        Program("cargo", "cargo-web"),  # the cargo of Debian 12 is too old for today's registry
        Program("cc", "gcc"),  # links
    ),
    (("cargo", "fetch"),),
    (("cargo", "build", "--offline"),),
)
JAVA: Final = Recipe(
    "java",
    (
        Program("java", "default-jdk-headless"),
        Program("javac", "default-jdk-headless"),
        Program("mvn", "maven"),
    ),
    (
        (
            "mvn",
            "--batch-mode",
            "--no-transfer-progress",
            f"-Dmaven.repo.local={_CACHE / 'maven'}",
            "-DoutputDirectory=jars",
            "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies",
        ),
    ),
    (("javac", "-d", "classes", "-cp", "jars/*", "Client.java"),),
)


@final
class Installer:
    """Gets what recipes need, each at most once.

    :param say: is told what takes a while.
    :param root: whether packages may be installed.
    """

    def __init__(self, say: Callable[[str], None], *, root: bool) -> None:
        self._say: Final = say
        self._root: Final = root
        self._outcomes: dict[str, UnavailableError | BrokenError | None] = {}
        self._knows_packages = False

    async def get(self, recipe: Recipe) -> None:
        """Have a recipe's clients ready. Raises :class:`UnavailableError`, :class:`BrokenError`."""
        if recipe.name not in self._outcomes:
            try:
                await self._get_programs(recipe)
                await self._build(recipe)
                self._outcomes[recipe.name] = None
            except (UnavailableError, BrokenError) as error:
                self._outcomes[recipe.name] = error
            except OSError as error:
                self._outcomes[recipe.name] = UnavailableError(f"{recipe.name}: {error}")
        outcome = self._outcomes[recipe.name]
        if outcome is not None:
            raise outcome

    async def _get_programs(self, recipe: Recipe) -> None:
        missing = [each for each in recipe.programs if not _is_there(each.name)]
        if not missing:
            return
        names = ", ".join(each.name for each in missing)
        if not shutil.which("apt-get"):
            raise UnavailableError(f"{names}: not on PATH, and this is no Debian")
        if not self._root:
            raise UnavailableError(f"{names}: not on PATH, and only root may install packages")
        if not self._knows_packages:
            await self._do("apt-get update", (*_APT, "update"))
            self._knows_packages = True
        unpacked = [each.package for each in missing if each.unpacked]
        installed = {each.package for each in missing if not each.unpacked}
        installed.update(library for each in missing for library in each.libraries)
        for package in unpacked:
            await self._unpack(package)
        if installed:
            # Without certificates, no registry is believed.
            packages = (*sorted(installed), "ca-certificates")
            what = f"apt-get install {' '.join(packages)}"
            await self._do(what, (*_APT, "install", "--yes", "--no-install-recommends", *packages))
        for program in missing:
            if not _is_there(program.name):
                raise UnavailableError(f"{program.name}: not in Debian's package {program.package}")

    async def _unpack(self, package: str) -> None:
        _UNPACKED.mkdir(parents=True, exist_ok=True)
        what = f"apt-get download {package}"
        await self._do(what, (*_APT, "download", package), _UNPACKED)
        for archive in _UNPACKED.glob(f"{package}_*.deb"):
            await self._do(
                f"unpacking {archive.name}",
                ("dpkg-deb", "--extract", str(archive), str(_UNPACKED)),
            )

    async def _build(self, recipe: Recipe) -> None:
        if not recipe.steps:
            return
        folder = recipe.folder
        stamp = folder / ".built"
        wanted = fingerprint(recipe)
        if stamp.is_file() and stamp.read_text() == wanted:
            return
        if folder.exists():  # what older sources were built to would be found beside the new
            shutil.rmtree(folder)
        shutil.copytree(recipe.sources, folder)
        for step in recipe.fetches:
            await self._do(name_of(recipe, step), step, folder)
        for step in recipe.compiles:
            await self._compile(name_of(recipe, step), step, folder)
        stamp.write_text(wanted)

    async def _compile(self, what: str, argv: tuple[str, ...], where: Path) -> None:
        ran = await self._run(what, argv, where)
        if ran.status != 0:
            raise BrokenError(f"{what}: {ran.complaint}", ran.stderr)

    async def _do(self, what: str, argv: tuple[str, ...], where: Path = ROOT) -> None:
        require(what, await self._run(what, argv, where))

    async def _run(self, what: str, argv: tuple[str, ...], where: Path) -> Ran:
        self._say(what)
        try:
            return await run(argv, seconds=_SECONDS, environment=ENVIRONMENT, where=where)
        except (OSError, LateError) as error:
            raise UnavailableError(f"{what}: {error}") from None


def find(program: str) -> str | None:
    """Where a program is."""
    return shutil.which(program, path=ENVIRONMENT["PATH"])


def find_file(path: str) -> Path | None:
    """Where what a package has below /usr is."""
    places = (root / path for root in (_UNPACKED / "usr", Path("/usr")))
    return next((place for place in places if place.exists()), None)


def _is_there(name: str) -> bool:
    return bool(find_file(name) if "/" in name else find(name))


def name_of(recipe: Recipe, step: tuple[str, ...]) -> str:
    """A step, in short."""
    return f"{recipe.name}: {' '.join(step[:2])}"


def require(what: str, ran: Ran) -> None:
    """Raise :class:`UnavailableError` unless it went well."""
    if ran.status != 0:
        raise UnavailableError(f"{what}: {ran.complaint}")


def fingerprint(recipe: Recipe) -> str:
    """The same for the same sources and commands."""
    digest = hashlib.sha256(repr((recipe.fetches, recipe.compiles)).encode())
    for path in sorted(path for path in recipe.sources.rglob("*") if path.is_file()):
        digest.update(f"\0{path.relative_to(recipe.sources)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
