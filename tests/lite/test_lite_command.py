"""`nestlab lite`: what is packed for a browser, and what is refused before anything is built."""

import importlib.util
import io
import json
import runpy
import sys
import tarfile
import tomllib
import zipfile
import zipimport
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from nestlab.cli import main
from nestlab.cli.lite import compile_wheels, kernel_start, library, no_installer, pyodide, site
from nestlab.cli.lite.wheels import NEEDED, Wheel, installed_wheels, kernel_wheels
from nestlab.errors import UsageError

ROOT = Path(__file__).parents[2]
PYTHON = "3.14.2"


@pytest.fixture(scope="module")
def wheels():
    return installed_wheels(PYTHON)


@pytest.fixture
def with_builder(monkeypatch):
    """As if JupyterLite were installed."""
    monkeypatch.setattr(site, "require_builder", lambda: None)


def lite(capsys, *words):
    code = main(["lite", *map(str, words)])
    return code, capsys.readouterr().err


def test_without_jupyterlite_it_names_the_command_that_installs_it(tmp_path, capsys, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *rest: None if name.startswith("jupyterlite") else find(name, *rest),
    )
    code, text = lite(capsys, "-o", tmp_path / "site")
    assert code == 2
    assert 'pip install "nestlab[lite]"' in text
    assert not (tmp_path / "site").exists()


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path, capsys, with_builder):
    (tmp_path / "thesis.docx").write_text("years of work", encoding="utf-8")
    code, text = lite(capsys, "-o", tmp_path)
    assert code == 2
    assert "is not empty" in text
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.docx"]


def test_a_file_is_no_folder(tmp_path, capsys, with_builder):
    (tmp_path / "site").write_text("", encoding="utf-8")
    assert "is not a folder" in lite(capsys, "-o", tmp_path / "site")[1]


def test_another_archive_than_that_of_npm_is_refused(tmp_path, capsys, with_builder):
    archive = tmp_path / pyodide.ARCHIVE
    with tarfile.open(archive, "w:gz") as file:
        file.addfile(tarfile.TarInfo("package/pyodide.mjs"), io.BytesIO())
    code, text = lite(capsys, "-o", tmp_path / "site", "--pyodide", archive)
    assert code == 2
    assert pyodide.ADDRESS in text


def test_without_npm_it_says_what_to_download_and_how_to_name_it(
    tmp_path, capsys, with_builder, monkeypatch
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(pyodide.shutil, "which", lambda _name: None)
    code, text = lite(capsys, "-o", tmp_path / "site")
    assert code == 2
    assert pyodide.ADDRESS in text
    assert "--pyodide FILE" in text


def test_what_npm_says_is_passed_on(tmp_path, monkeypatch):
    monkeypatch.setattr(
        pyodide,
        "_command",
        lambda _npm: [sys.executable, "-c", "import sys; sys.exit('E404 of the registry')"],
    )
    with pytest.raises(UsageError, match="E404 of the registry"):
        pyodide.get_archive(tmp_path)
    assert [*tmp_path.iterdir()] == []


def test_an_archive_from_before_is_used_again(tmp_path, monkeypatch):
    (tmp_path / pyodide.ARCHIVE).write_bytes(b"")
    monkeypatch.setattr(pyodide.shutil, "which", lambda _name: None)
    assert pyodide.get_archive(tmp_path) == tmp_path / pyodide.ARCHIVE


def test_the_list_of_what_a_browser_needs_is_that_of_the_package():
    with (ROOT / "pyproject.toml").open("rb") as file:
        wanted = map(Requirement, tomllib.load(file)["project"]["dependencies"])
    there = {"sys_platform": "emscripten", "extra": ""}
    names = {item.name for item in wanted if item.marker is None or item.marker.evaluate(there)}
    assert {*NEEDED} == names - {"bcrypt", "matplotlib"}  # their compiled parts do not run there


def test_the_packages_are_complete_and_have_nothing_compiled(wheels):
    assert {*NEEDED, "nestlab", "ipython", "traitlets", "attrs"} <= {*wheels}
    assert not {"matplotlib", "numpy", "pypsrp", "jupyterlab", "pyzmq"} & {*wheels}
    for wheel in wheels.values():
        assert {*wheel.requires} <= {*wheels}
        assert not [path for path in wheel.files if path.endswith((".so", ".pyd", ".pyc"))]
        assert [path for path in wheel.files if path.endswith(".dist-info/METADATA")], wheel.name


def test_nestlab_is_packed_from_where_it_runs_without_what_only_a_copy_needs(wheels):
    own = wheels["nestlab"]
    assert own.imports == ("nestlab",)
    assert own.files["nestlab/version.py"] == (ROOT / "nestlab/version.py").read_bytes()
    assert "nestlab/notebook/designer/static/designer.js" in own.files
    left_out = ("/shipped/", "/simulator/endpoint/")
    assert not [path for path in own.files if path.endswith(".po")]
    assert not [path for path in own.files if any(part in path for part in left_out)]


def test_the_same_files_give_the_same_wheel():
    one, two = ({"a.py": b"1", "b.py": b"2"}, {"b.py": b"2", "a.py": b"1"})
    assert Wheel("x", "1", (), one).content() == Wheel("x", "1", (), two).content()
    assert Wheel("a-b", "1.0", (), {}).file_name == "a_b-1.0-py3-none-any.whl"


def test_a_package_that_is_not_installed_is_named():
    with pytest.raises(UsageError, match="pip install no-such-package"):
        installed_wheels(PYTHON, ["no-such-package"])


def test_the_kernel_gets_an_installer_that_installs_nothing(tmp_path, capsys):
    for name in ("piplite-1-py3-none-any.whl", "pyodide_kernel-1-py3-none-any.whl"):
        (tmp_path / name).write_bytes(Wheel("x", "1", (), {"x.py": b""}).content())
    found = {wheel.name: wheel for wheel in kernel_wheels(tmp_path)}
    assert {*found} == {"pyodide-kernel", "piplite", "micropip"}
    start = Path(kernel_start.__file__).read_bytes()
    assert found["piplite"].files["piplite/piplite.py"] == start
    assert {"piplite/__init__.py", "piplite/cli.py"} <= {*found["piplite"].files}
    assert result_of(no_installer.install("jedi", keep_going=True)) is None  # the kernel asks
    assert capsys.readouterr().out == ""
    notice = "This site has all its packages in it, and installs no others."
    said = [result_of(no_installer.install("numpy")), capsys.readouterr().out]
    said.append(result_of(no_installer.get_transformed_code(["install", "x"])))
    assert said == [None, f"{notice}\n", f"print({notice!r})"]


def result_of(coroutine):
    with pytest.raises(StopIteration) as end:
        coroutine.send(None)
    return end.value.value


def test_modules_are_compiled_so_that_no_source_is_asked_for(tmp_path):
    read = "nestlab/simulator/cmdlets/a.py"  # the simulated host looks for its cmdlets in sources
    files = {"other/__init__.py": b"x = 6 * 7\n", read: b"y = 1\n", "bad.py": b"1 +"}
    file = tmp_path / "x.whl"
    file.write_bytes(Wheel("x", "1", (), files).content())
    compile_wheels.compile_archive(file, "/lib")
    with zipfile.ZipFile(file) as archive:
        assert {*archive.namelist()} == {
            "other/__init__.pyc", "bad.py", read, importlib.util.cache_from_source(read),
        }  # fmt: skip
        code = archive.read("other/__init__.pyc")
    assert code[:8] == importlib.util.MAGIC_NUMBER + b"\x01\0\0\0"  # by hash, which is not checked
    (tmp_path / "other.pyc").write_bytes(code)
    assert runpy.run_path(str(tmp_path / "other.pyc"))["x"] == 42


def test_packages_are_imported_from_the_archive_of_the_standard_library(tmp_path):
    wheels = [
        Wheel("a", "1", (), {"a/__init__.py": b"x = 6 * 7\n", "a-1.dist-info/METADATA": b"A"}),
        Wheel("jedi", "1", (), {"jedi/__init__.py": b"", "jedi/stubs/os.pyi": b"def f(): ..."}),
    ]
    standard = Wheel("standard", "1", (), {"os.py": b"sep = 1\n"}).content()
    content = library.with_packages(standard, wheels)
    assert content == library.with_packages(standard, wheels)
    file = tmp_path / "python.zip"
    file.write_bytes(content)
    compile_wheels.compile_archive(file, "/lib")
    with zipfile.ZipFile(file) as archive:
        assert [*archive.namelist()] == [
            "os.pyc", "a-1.dist-info/METADATA", "a/__init__.pyc",
            "on_demand/jedi/__init__.pyc", "on_demand/jedi/stubs/os.pyi",
        ]  # fmt: skip
    spec = zipimport.zipimporter(str(file)).find_spec("a")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.x == 42


def test_packages_that_read_files_of_their_own_are_not_imported_from_an_archive(wheels):
    """A package that is new here: put it in `library.UNPACKED`, or see that it reads none of them."""
    reads = {name for name, wheel in wheels.items() if any(map(is_data, wheel.files))} - {
        *library.UNPACKED,
        *kernel_start.ON_DEMAND,
    }
    # Through importlib.resources, which reads archives: networkx. Not while they run: the others.
    assert reads <= {"networkx", "anywidget", "ipywidgets", "jupyterlab-widgets", "markdown-it-py"}


def is_data(path):
    return ".dist-info/" not in path and not path.endswith((".py", ".pyi", "py.typed"))


def test_completion_unpacks_what_it_reads_when_it_is_first_imported(tmp_path, monkeypatch):
    files = {"jedi/__init__.py": b"import parso.grammar\nx = parso.grammar.text\n"}
    parser = {
        "parso/__init__.py": b"",
        "parso/grammar.py": b"from pathlib import Path\ntext = Path(__file__).with_name('g.txt').read_text()\n",
        "parso/g.txt": b"a grammar",
    }
    empty = Wheel("x", "1", (), {}).content()
    archive, target = tmp_path / "python.zip", tmp_path / "packages"
    wheels = [Wheel("jedi", "1", (), files), Wheel("parso", "1", (), parser)]
    archive.write_bytes(library.with_packages(empty, wheels))
    for name in [name for name in sys.modules if name.split(".")[0] in kernel_start.ON_DEMAND]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    monkeypatch.syspath_prepend(target)
    finder = kernel_start.UnpackOnImport(archive, target)
    sys.meta_path.insert(0, finder)
    importlib.import_module("colorsys")
    assert not target.exists()
    assert importlib.import_module("jedi").x == "a grammar"
    assert finder not in sys.meta_path
    for name in ("jedi", "parso", "parso.grammar"):
        monkeypatch.delitem(sys.modules, name)


def test_modules_are_looked_for_in_the_folder_of_the_notebook_last():
    path = ["", "/lib/python.zip", "/lib/site-packages"]
    kernel_start.look_in_own_folder_last(path)
    kernel_start.look_in_own_folder_last(path)
    assert path == ["/lib/python.zip", "/lib/site-packages", ""]


def test_the_docstrings_of_networkx_are_left_out():
    source = b'def f():\n    """Say nothing."""\n'
    networkx, other = (
        compile_wheels.compiled(f"/lib/python.zip/{name}/x.py", source)
        for name in ("networkx", "other")
    )
    assert b"Say nothing" in other
    assert b"Say nothing" not in networkx


def test_the_extension_that_starts_the_kernel_is_where_jupyterlite_looks_for_it():
    folder = Path(site.__file__).with_name("early_kernel")
    described = json.loads((folder / "package.json").read_bytes())
    build = described["jupyterlab"]["_build"]
    container = (folder / build["load"]).read_text(encoding="utf-8")
    assert f'window._JUPYTERLAB["{described["name"]}"]' in container


def test_what_the_kernel_loads_before_it_starts_is_in_the_site(tmp_path, wheels):
    for name in ("ipykernel", "pyodide_kernel"):
        (tmp_path / f"{name}-1-py3-none-any.whl").write_bytes(Wheel("x", "1", (), {}).content())
    there = {*wheels, *(wheel.name for wheel in kernel_wheels(tmp_path))}
    settings = site.configuration("es")["jupyter-config-data"]["litePluginSettings"]
    (kernel,) = settings.values()
    assert {*kernel["loadPyodideOptions"]["packages"]} <= there
    assert {*kernel_start.ON_DEMAND} <= there
    assert kernel["loadPyodideOptions"]["env"]["NESTLAB_LANGUAGE"] == "es"
    assert kernel["disablePyPIFallback"]


def test_a_site_replaces_the_one_from_before(tmp_path):
    target, built = tmp_path / "site", tmp_path / "built"
    for folder, name in ((target, "old.js"), (built, "new.js")):
        folder.mkdir()
        (folder / name).write_text("", encoding="utf-8")
        (folder / site.RECORD).write_text(json.dumps({}), encoding="utf-8")
    site.require_replaceable(target)
    site.replace_site(built, target)
    assert {file.name for file in target.iterdir()} == {"new.js", site.RECORD}
