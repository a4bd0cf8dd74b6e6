"""What is installed: Python, packages, notebooks, JupyterLab with its kernel and widgets."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from nestlab.cli.copy_notebooks import user_folder
from nestlab.cli.doctor.line import DoctorLine, DoctorState
from nestlab.cli.notebook_copy import NotebookCopy
from nestlab.cli.shipped_files import START, shipped_files, source_folder
from nestlab.enumerations import all_of
from nestlab.errors import UsageError
from nestlab.texts import tr, tr_count
from nestlab.version import __version__

if TYPE_CHECKING:
    from packaging.requirements import Requirement

EXTRAS = ("credssp", "kerberos")
_AGAIN = "pip install --force-reinstall"  # not shown
WIDGETS = ("anywidget", "@jupyter-widgets/jupyterlab-manager")
_KERNEL = "python3"


def versions() -> Iterator[DoctorLine]:
    """Yield the versions of nestlab, Python and the system."""
    yield DoctorLine(
        tr("versions"),
        DoctorState.OK,
        tr(
            "nestlab {version}, Python {python}, {system}; {program}",
            version=__version__,
            python=platform.python_version(),
            system=platform.platform(),
            program=sys.executable,
        ),
    )


def packages(name: str = "nestlab") -> Iterator[DoctorLine]:
    """Yield whether each package that nestlab requires is installed in a version that it allows."""
    topic = tr("packages")
    required = _required(name)
    if not required:
        text = tr(
            "nestlab runs from its source without being installed; the versions of its packages are not compared."
        )
        yield DoctorLine(
            topic,
            DoctorState.NOTE,
            text,
            tr("In a clone: python -m nestlab. Else: pip install nestlab"),
        )
        return
    wanted = [each for each in required if _applies(each)]
    wrong = [each for each in wanted if not _is_met(each)]
    for each in wrong:
        yield _wrong(topic, each)
    if not wrong:
        text = tr_count(
            "{count} package, in a version that nestlab works with",
            "{count} packages, in versions that nestlab works with",
            len(wanted),
        )
        yield DoctorLine(topic, DoctorState.OK, text)


def _wrong(topic: str, requirement: Requirement) -> DoctorLine:
    installed = _installed(requirement.name)
    plain = f"{requirement.name}{requirement.specifier}"
    text = (
        tr(
            "{package} {installed} is installed; nestlab needs {wanted}.",
            package=requirement.name,
            installed=installed,
            wanted=plain,
        )
        if installed
        else tr("{package} is not installed.", package=requirement.name)
    )
    return DoctorLine(topic, DoctorState.FAILED, text, f'pip install "{plain}"')  # not shown


def _required(name: str) -> Sequence[Requirement]:
    from packaging.requirements import Requirement  # noqa: PLC0415  # keeps --help quick

    try:
        return [Requirement(text) for text in metadata.requires(name) or ()]
    except metadata.PackageNotFoundError:
        return ()


def _applies(requirement: Requirement, extra: str = "") -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _is_met(requirement: Requirement) -> bool:
    installed = _installed(requirement.name)
    return bool(installed) and requirement.specifier.contains(installed, prereleases=True)


def extras(name: str = "nestlab") -> Iterator[DoctorLine]:
    """Yield which extras are installed; none is needed for the notebooks."""
    required = _required(name)
    for extra in EXTRAS:
        own = [each for each in required if _applies(each, extra) and not _applies(each)]
        if own and all(_installed(each.name) and _extras_met(each) for each in own):
            yield DoctorLine(
                extra, DoctorState.OK, tr("installed, for --auth {extra}", extra=extra)
            )
        elif own:
            text = tr("not installed; only --auth {extra} needs it", extra=extra)
            fix = f'pip install "nestlab[{extra}]"'  # not shown
            yield DoctorLine(extra, DoctorState.OK, text, fix)


def _extras_met(requirement: Requirement) -> bool:
    """Whether the packages of a requirement's extras are installed, as in ``pypsrp[kerberos]``."""
    return all(
        _installed(each.name) and _extras_met(each)
        for extra in requirement.extras
        for each in _required(requirement.name)
        if _applies(each, extra) and not _applies(each)
    )


def notebooks() -> Iterator[DoctorLine]:
    """Yield where the notebooks are that come with nestlab, and the user's copy of them."""
    topic = tr("notebooks")
    source = source_folder()
    if source is None:
        text = tr("This installation of nestlab has no notebooks.")
        fix = f"{_AGAIN} --no-deps nestlab"  # not shown
        yield DoctorLine(topic, DoctorState.FAILED, text, fix)
        return
    count = sum("/" not in name for name in shipped_files(source))
    text = tr_count(
        "{count} notebook comes with nestlab, in {folder}",
        "{count} notebooks come with nestlab, in {folder}",
        count,
        folder=source / "notebooks",
    )
    yield DoctorLine(topic, DoctorState.OK, text)
    yield from _user_copy(topic)


def _user_copy(topic: str) -> Iterator[DoctorLine]:
    try:
        folder = user_folder(Path.cwd())
    except UsageError as error:
        yield DoctorLine(topic, DoctorState.NOTE, error.message, error.hint)
        return
    version = NotebookCopy.at(folder).version
    if version == __version__:
        yield DoctorLine(topic, DoctorState.OK, tr("your copy is in {folder}", folder=folder))
    elif version or (folder / START).is_file():
        text = tr(
            "your copy in {folder} is of another version of nestlab: {version}",
            folder=folder,
            version=version or tr("not known"),
        )
        yield DoctorLine(topic, DoctorState.NOTE, text, "nestlab notebooks --update")  # not shown


def jupyter() -> Iterator[DoctorLine]:
    """Yield whether JupyterLab, the kernel for the notebooks and their widgets are installed."""
    topic = "JupyterLab"
    again = f'{_AGAIN} "jupyterlab>=4.4" ipykernel'  # not shown
    version = _installed("jupyterlab")
    if not version:
        yield DoctorLine(topic, DoctorState.FAILED, tr("JupyterLab is not installed here."), again)
        return
    yield DoctorLine(topic, DoctorState.OK, version)
    yield _kernel_line(again)
    missing = missing_widgets()
    if missing:
        text = tr("JupyterLab does not find the scripts of {names}.", names=all_of(missing))
        fix = f"{_AGAIN} --no-deps anywidget jupyterlab_widgets"  # not shown
        yield DoctorLine(tr("widgets"), DoctorState.FAILED, text, fix)
    else:
        yield DoctorLine(tr("widgets"), DoctorState.OK, all_of(WIDGETS))


def _kernel_line(again: str) -> DoctorLine:
    topic = tr("kernel")
    program = kernel_program()
    if program is None:
        return DoctorLine(topic, DoctorState.FAILED, tr("There is no kernel for Python."), again)
    if is_this_python(program):
        return DoctorLine(topic, DoctorState.OK, tr("the kernel of the notebooks is this Python"))
    text = tr(
        "The kernel {kernel} of the notebooks is another Python, which need not have nestlab: {program}",
        kernel=_KERNEL,
        program=program,
    )
    fix = f"jupyter kernelspec remove {_KERNEL}"  # not shown
    return DoctorLine(topic, DoctorState.FAILED, text, fix)


def kernel_program() -> str | None:
    """Return the program of the kernel that the notebooks name, or None."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel  # noqa: PLC0415  # slow

    try:
        return str(KernelSpecManager().get_kernel_spec(_KERNEL).argv[0])
    except NoSuchKernel:
        return None


def is_this_python(program: str) -> bool:
    """Whether a kernel's program is this Python.

    For these names without a folder, Jupyter uses the Python that it runs in. Virtual environments
    share the executable and differ in its folder; one folder may have several Pythons.
    """
    if program in ("python", "python3", f"python3.{sys.version_info.minor}"):
        return True
    own, other = Path(sys.executable).absolute(), Path(program).absolute()
    return own.parent == other.parent and own.resolve() == other.resolve()


def missing_widgets() -> list[str]:
    """Return the widgets of the notebooks whose scripts JupyterLab does not find."""
    from jupyter_core.paths import jupyter_path  # noqa: PLC0415  # keeps --help quick

    folders = [Path(each) for each in jupyter_path("labextensions")]
    return [name for name in WIDGETS if not any((each / name).is_dir() for each in folders)]
