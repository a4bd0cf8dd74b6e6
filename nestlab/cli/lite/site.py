"""The site: JupyterLite with the kernel, the packages, the notebooks and their topologies."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from nestlab.cli.lite import pyodide
from nestlab.cli.lite.library import UNPACKED, with_packages
from nestlab.cli.lite.pyodide import Pyodide
from nestlab.cli.lite.wheels import Wheel, kernel_wheels
from nestlab.cli.shipped_files import START
from nestlab.errors import UsageError
from nestlab.texts import tr
from nestlab.version import __version__

RECORD = "nestlab-site.json"
"""The file in a site that lists its content, and marks it as made by this command."""

_KERNEL = "@jupyterlite/pyodide-kernel-extension"
_EXTENSIONS = {
    "jupyterlite-pyodide-kernel": _KERNEL,
    "jupyterlab-widgets": "@jupyter-widgets/jupyterlab-manager",
    "anywidget": "anywidget",
}
"""The packages whose extensions of JupyterLab the page needs, and their folders."""

_REQUIRED = ("jupyterlite_core", "jupyterlite_pyodide_kernel")
# Source maps, wheels that the list of packages replaces, the configuration of JupyterLite's own
# build, and the icon font in formats for browsers that could not run Pyodide.
_UNUSED = (
    "**/*.map", "extensions/**/pypi/*.whl", "rspack.config*.js",
    "build/fa-*.eot", "build/fa-*.svg", "build/fa-*.ttf", "build/fa-*.woff",
)  # fmt: skip
_OWN = Path(__file__).with_name("early_kernel")
"""An extension of JupyterLab that starts the kernel while the page is drawn."""

# A static site has no language servers and no terminals; what would look for them takes its time.
_NOT_IN_PAGE = (
    "@jupyterlab/lsp-extension",
    "@jupyterlab/fileeditor-extension:language-server",
    "@jupyterlab/notebook-extension:language-server",
    "@jupyterlite/application-extension:lsp-connection-manager",
    "@jupyterlab/terminal-extension",
)

_OVERRIDES = Path(__file__).resolve().parents[1] / "jupyter" / "overrides.json"


def require_builder() -> None:
    """Raise UsageError if JupyterLite is not installed."""
    if not all(importlib.util.find_spec(name) for name in _REQUIRED):
        message = tr("`nestlab lite` needs JupyterLite, which is not installed.")
        command = 'pip install "nestlab[lite]"'  # not shown: a command line
        raise UsageError(message, hint=tr("Install it: {command}", command=command))


def extension_folder(package: str) -> Path:
    """Return the folder of the JupyterLab extension that a package has installed.

    Raises UsageError if it has installed none.
    """
    name = _EXTENSIONS[package]
    try:
        files = distribution(package).files or ()
    except PackageNotFoundError:
        files = ()
    suffix = f"share/jupyter/labextensions/{name}/package.json"
    for file in files:
        if file.as_posix().endswith(suffix):
            return Path(str(file.locate())).resolve().parent
    message = tr("The package {name}, which the site needs, is not installed.", name=package)
    command = f"pip install {package}"  # not shown: a command line
    raise UsageError(message, hint=tr("Install it: {command}", command=command))


def build(
    core: Pyodide, wheels: Iterable[Wheel], contents: Mapping[str, bytes], work: Path, language: str
) -> Path:
    """Build the site in a folder for temporary files, and return its folder there.

    Args:
        core: what a page loads to run Python.
        wheels: the packages.
        contents: the files that a reader finds, by path.
        work: an empty folder.
        language: the language of nestlab in the site.

    Raises:
        UsageError: JupyterLite could not build it.
    """
    lite, output = work / "lite", work / "site"
    extension = extension_folder("jupyterlite-pyodide-kernel")
    every = (*wheels, *kernel_wheels(extension / "static" / "pypi"))
    _write_python(lite / "static" / "pyodide", core, every)
    _write(lite / "files", contents)
    _write(
        lite,
        {
            "jupyter-lite.json": _json(configuration(language)),
            "overrides.json": _OVERRIDES.read_bytes(),
            "jupyter_lite_config.json": _json(_build_configuration(lite, output, work)),
        },
    )
    _run_builder(lite)
    for pattern in _UNUSED:
        for file in [*output.glob(pattern)]:
            file.unlink()
    icon = (output / "static" / "favicons" / "favicon.ico").read_bytes()
    _write(output, {"favicon.ico": icon, "lab/favicon.ico": icon})  # a tenth of the other's size
    packages = {wheel.name: wheel.version for wheel in every}
    record = {"nestlab": __version__, "pyodide": pyodide.VERSION, "packages": packages}
    _write(output, {RECORD: _json(record)})
    return output


def _write_python(folder: Path, core: Pyodide, wheels: Sequence[Wheel]) -> None:
    """Write Pyodide with the packages to a folder, compiled where Node.js is there."""
    unpacked = [wheel for wheel in wheels if wheel.name in UNPACKED]
    _write(folder, core.files)
    _write(folder, {wheel.file_name: wheel.content() for wheel in unpacked})
    _write_lock(folder, core, ())  # Pyodide starts with a list only
    imported = [wheel for wheel in wheels if wheel.name not in UNPACKED]
    library = with_packages(core.files[pyodide.LIBRARY], imported)
    _write(folder, {pyodide.LIBRARY: library})
    compile_wheels(folder)
    _write_lock(folder, core, unpacked)


def _build_configuration(lite: Path, output: Path, work: Path) -> dict[str, Any]:
    build_options = {
        "apps": ["lab"],
        "cache_dir": str(work / "cache"),
        "contents": [str(lite / "files")],
        "federated_extensions": [*(str(extension_folder(each)) for each in _EXTENSIONS), str(_OWN)],
        "ignore_sys_prefix": ["federated_extensions"],
        "lite_dir": str(lite),
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
        "output_dir": str(output),
    }
    return {"LiteBuildConfig": build_options}


def configuration(language: str) -> dict[str, Any]:
    """Return the configuration of the page, with nestlab in this language."""
    options = {
        "env": {
            "HOME": "/home/pyodide",
            "NESTLAB_LANGUAGE": language,
            # filelock gives this warning when it is imported; no other process shares the files of
            # a tab.
            "PYTHONWARNINGS": "ignore:only soft file lock is available",  # not shown
        },
        "packages": list(UNPACKED),
    }
    kernel = {"disablePyPIFallback": True, "pipliteUrls": [], "loadPyodideOptions": options}
    settings = {f"{_KERNEL}:kernel": kernel}
    data = {
        "appName": "nestlab",
        "defaultKernelName": "python",
        "disabledExtensions": list(_NOT_IN_PAGE),
        "litePluginSettings": settings,
    }
    return {"jupyter-lite-schema-version": 0, "jupyter-config-data": data}


def _write_lock(folder: Path, core: Pyodide, wheels: Sequence[Wheel]) -> None:
    """Write the list of packages that Pyodide loads, in place of that of its distribution."""
    names = {wheel.name for wheel in wheels}
    packages = {
        wheel.name: {
            "depends": [name for name in wheel.requires if name in names],
            "file_name": wheel.file_name,
            "imports": list(wheel.imports),
            "install_dir": "site",
            "name": wheel.name,
            "package_type": "package",
            "sha256": hashlib.sha256((folder / wheel.file_name).read_bytes()).hexdigest(),
            "unvendored_tests": False,
            "version": wheel.version,
        }
        for wheel in wheels
    }
    _write(folder, {pyodide.LOCK: _json({"info": dict(core.info), "packages": packages})})


def compile_wheels(folder: Path) -> bool:
    """Compile the modules in the wheels of a folder that has Pyodide; False if there is no Node.js.

    Raises UsageError if it fails.
    """
    node = shutil.which("node")
    if node is None:
        return False
    here = Path(__file__).parent
    program = [
        str(here / "compile_wheels.mjs"),
        *2 * [str(folder)],
        str(here / "compile_wheels.py"),
    ]
    done = subprocess.run(
        [node, *program], capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        message = tr("Node.js could not compile the packages: {problem}", problem=_end(done.stderr))
        raise UsageError(message)
    return True


def _run_builder(lite: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jupyterlite_core", "build"],
        cwd=lite, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False,
    )  # fmt: skip
    if done.returncode:
        message = tr(
            "JupyterLite could not build the site: {problem}",
            problem=_end(done.stderr or done.stdout),
        )
        raise UsageError(message)


def _end(text: str) -> str:
    return text.strip()[-1000:]


def replace_site(built: Path, target: Path) -> None:
    """Move a built site to its folder, which is empty, missing, or an earlier site."""
    if target.exists():
        shutil.rmtree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(built, target)


def require_replaceable(target: Path) -> None:
    """Raise UsageError if a folder contains anything but a site of this command."""
    if target.exists() and not target.is_dir():
        message = tr("{folder} is not a folder.", folder=target)
        raise UsageError(message, hint=tr("Choose another one: nestlab lite -o DIR"))
    if target.is_dir() and any(target.iterdir()) and not (target / RECORD).is_file():
        message = tr(
            "{folder} is not empty, and is not a site that nestlab has built.", folder=target
        )
        raise UsageError(message, hint=tr("Choose another one: nestlab lite -o DIR"))


def size(folder: Path) -> int:
    """Return the size of all files in a folder in bytes."""
    return sum(_sizes(folder))


def _sizes(folder: Path) -> Iterator[int]:
    return (file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode("utf-8")


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


START_PAGE = f"lab/index.html?path={START}"
