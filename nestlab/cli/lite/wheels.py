"""The packages of the site: those that are installed here, packed for the Python of a browser.

The site uses the package versions of this installation: nothing is resolved or downloaded. A
browser cannot load compiled extensions of this machine, so only Python and data files are packed;
each of these packages works without its extensions (`PyYAML
<https://pyyaml.org/wiki/PyYAMLDocumentation>`_ and psygnal choose them only if they are there).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from nestlab.cli.shipped_files import PACKAGE
from nestlab.dataclass import dataclass
from nestlab.errors import UsageError
from nestlab.texts import tr
from nestlab.version import __version__

# What nestlab needs in a browser. A clone may have been installed with other metadata.
NEEDED = (
    "anywidget",
    "cattrs",
    "filelock",
    "ipywidgets",
    "networkx",
    "platformdirs",
    "pyyaml",
    "rich",
)
# What the kernel itself imports.
KERNEL = ("comm", "ipython")

# The Pyodide kernel has wheels of its own of these names.
_BY_KERNEL = frozenset(("ipykernel", "widgetsnbextension", "piplite", "pyodide-kernel"))

# Not needed: terminals, and drawing backends that a browser replaces.
_NOT_IN_BROWSER = frozenset(("matplotlib", "pexpect", "ptyprocess", "psutil", "bcrypt"))

# Type hints that completion reads; those of other packages are for type checkers.
_STUBS = "jedi/third_party/"

# Type hints of packages that the site does not have: half of the size of jedi.
_LEFT_OUT = ("jedi/third_party/django-stubs/", "jedi/third_party/typeshed/stubs/")

# Extensions of JupyterLab are in the page; ``sboms`` lists sources of compiled parts (PEP 770).
_NOT_PACKED = frozenset(("__pycache__", "labextension", "sboms", "tests", "RECORD"))

# A browser has no sockets to serve on.
_SERVERS = "simulator/endpoint/"

_COMPILED = (".so", ".pyd", ".dll", ".dylib", ".pyc", ".pyo")
_FIXED_TIME = (2020, 1, 1, 0, 0, 0)  # the same input gives the same bytes


@dataclass(frozen=True)
class Wheel:
    """One package: its normalized name, version, requirements, and files by path."""

    name: str
    version: str
    requires: tuple[str, ...]
    files: Mapping[str, bytes]

    @property
    def file_name(self) -> str:
        """The name of its file, for any Python and platform."""
        return f"{self.name.replace('-', '_')}-{self.version}-py3-none-any.whl"

    @property
    def imports(self) -> tuple[str, ...]:
        """The names of its top-level modules and packages.

        >>> Wheel("pyyaml", "6", (), {"yaml/__init__.py": b"", "yaml/nodes.py": b""}).imports
        ('yaml',)
        """
        tops = {
            PurePosixPath(path).parts[0].removesuffix(".py")
            for path in self.files
            if path.endswith(".py")
        }
        return tuple(sorted(top for top in tops if top.isidentifier()))

    def content(self) -> bytes:
        """Return the wheel as the bytes of a zip file; the same files give the same bytes."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in sorted(self.files.items()):
                entry = zipfile.ZipInfo(path, _FIXED_TIME)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, content)
        return buffer.getvalue()


def installed_wheels(
    python: str, roots: Iterable[str] = ("nestlab", *KERNEL)
) -> Mapping[str, Wheel]:
    """Return the packages that the roots need in a browser, by normalized name.

    Args:
        python: the version of Pyodide's Python, such as ``3.14.2``.
        roots: the packages to start from.

    Raises:
        UsageError: one is not installed.
    """
    found: dict[str, Wheel] = {}
    waiting: list[str] = [*roots]
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name not in found:
            found[name] = _wheel(name, python)
            waiting.extend(found[name].requires)
    return dict(sorted(found.items()))


def _wheel(name: str, python: str) -> Wheel:
    try:
        installed = distribution(name)
    except PackageNotFoundError as error:
        message = tr("The package {name}, which the site needs, is not installed.", name=name)
        command = f"pip install {name}"  # not shown: a command line
        hint = tr("Install it: {command}", command=command)
        raise UsageError(message, hint=hint) from error
    own = name == "nestlab"
    version = __version__ if own else installed.version
    files = dict(_own_files() if own else _files(installed))
    return Wheel(name, version, tuple(_requires(installed, python)), files)


def _requires(installed: Distribution, python: str) -> Iterator[str]:
    required = NEEDED if installed.name == "nestlab" else installed.requires or ()
    for text in required:
        requirement = Requirement(text)
        name = canonicalize_name(requirement.name)
        wanted = requirement.marker is None or requirement.marker.evaluate(_environment(python))
        if wanted and name not in _BY_KERNEL | _NOT_IN_BROWSER:
            yield name


def _environment(python: str) -> dict[str, str]:
    return {
        "extra": "",
        "implementation_name": "cpython",
        "os_name": "posix",
        "platform_machine": "wasm32",
        "platform_python_implementation": "CPython",
        "platform_system": "Emscripten",
        "python_full_version": python,
        "python_version": ".".join(python.split(".")[:2]),
        "sys_platform": "emscripten",
    }


def _files(installed: Distribution) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a package, without programs, tests and compiled files."""
    for path in installed.files or ():
        parts = path.parts
        outside = path.is_absolute() or ".." in parts or "share" in parts[:1]
        if outside or _NOT_PACKED & {*parts} or path.suffix in _COMPILED:
            continue
        is_stub = path.suffix == ".pyi" and not path.as_posix().startswith(_STUBS)
        if is_stub or path.as_posix().startswith(_LEFT_OUT):
            continue
        there = Path(str(path.locate()))
        if there.is_file():
            yield path.as_posix(), there.read_bytes()


def _own_files() -> Iterator[tuple[str, bytes]]:
    """Yield the files of this nestlab, even in a clone, which has no record of them."""
    for path in sorted(PACKAGE.rglob("*")):
        relative = path.relative_to(PACKAGE)
        skipped = {"__pycache__", "shipped"} & set(relative.parts)
        if relative.as_posix().startswith(_SERVERS) or skipped:
            continue
        if path.is_file() and path.suffix not in (*_COMPILED, ".po"):
            yield f"nestlab/{relative.as_posix()}", path.read_bytes()
    folder = f"nestlab-{__version__}.dist-info"
    yield f"{folder}/METADATA", _metadata("nestlab")
    wheel = (
        "Wheel-Version: 1.0\nGenerator: nestlab\n"  # not shown
        "Root-Is-Purelib: true\nTag: py3-none-any\n"  # not shown
    )
    yield f"{folder}/WHEEL", wheel.encode()


def kernel_wheels(folder: Path) -> tuple[Wheel, ...]:
    """Return the wheels in the extension of the Pyodide kernel, and what replaces its installer.

    The kernel starts with an installer, ``piplite``, which queries an index for each package. The
    site already has all packages, so the installer is replaced by a module that says so.
    """
    found = [_read(file) for file in sorted(folder.glob("*.whl"))]
    newest = {wheel.name: wheel for wheel in found if wheel.name != "piplite"}
    return (*newest.values(), *_installers())


def _read(file: Path) -> Wheel:
    name, version = file.name.split("-")[:2]
    with zipfile.ZipFile(file) as archive:
        files = {each: archive.read(each) for each in archive.namelist() if each[-1] != "/"}
    return Wheel(canonicalize_name(name), version, (), files)


def _installers() -> Iterator[Wheel]:
    start, installer = (
        Path(__file__).with_name(name).read_bytes()
        for name in ("kernel_start.py", "no_installer.py")
    )
    modules = {
        "piplite": {"__init__": installer, "cli": installer, "piplite": start},
        "micropip": {"__init__": installer},
    }
    for name, contents in modules.items():
        files = {f"{name}/{module}.py": content for module, content in contents.items()}
        files[f"{name}-{__version__}.dist-info/METADATA"] = _metadata(name)
        yield Wheel(name, __version__, (), files)


def _metadata(name: str) -> bytes:
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {__version__}\n"  # not shown
    return text.encode("utf-8")
