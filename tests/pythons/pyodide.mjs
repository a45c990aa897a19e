// Run tests/pythons/inside.py in CPython for WebAssembly.
// node pyodide.mjs PYODIDE CHECKOUT PACKAGES CACHE ARGUMENT...

import { pathToFileURL } from "node:url";

const [pyodide, checkout, packages, cache, ...given] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${pyodide}/pyodide.mjs`));

const python = await loadPyodide({ stdout: console.log, stderr: console.error });
for (const [place, root] of Object.entries({ "/tree": checkout, "/packages": packages, "/cache": cache })) {
  python.FS.mkdir(place);
  python.FS.mount(python.FS.filesystems.NODEFS, { root }, place);
}
python.globals.set("GIVEN", python.toPy(given));
try {
  process.exitCode = python.runPython(`
import os, sys
os.chdir("/tree")
sys.pycache_prefix = "/cache"
sys.path[:0] = ["/packages", "/tree/src", "/tree/tests"]
from pythons.inside import main
main(list(GIVEN))
`);
} catch (error) {
  console.error(error.message); // the whole of it quotes all of pyodide
  process.exitCode = 1;
}
