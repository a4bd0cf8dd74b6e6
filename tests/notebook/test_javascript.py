"""The widgets' JavaScript: modules that are joined for the page, and tested with node where it is found."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from nestlab import notebook
from nestlab.notebook.javascript import joined

ROOT = Path(__file__).parents[2]
STATIC = Path(notebook.__file__).parent
SCRIPTS = sorted(STATIC.rglob("*.js"))
ENTRIES = [path for path in SCRIPTS if "export default" in path.read_text(encoding="utf-8")]
WIDTH = 100
SINCE = (20, 19)  # node takes a .js file for a module without being told


@pytest.fixture(scope="module")
def node():
    found = shutil.which("node")
    if not found:
        pytest.skip("node is not installed")
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    if tuple(map(int, re.findall(r"\d+", said)[:2])) < SINCE:
        pytest.skip(f"node {said.strip()} is older than {'.'.join(map(str, SINCE))}")
    return found


@pytest.fixture
def modules(tmp_path):
    def write(**texts):
        for name, text in texts.items():
            (tmp_path / f"{name}.js").write_text(text, encoding="utf-8")
        return tmp_path / "entry.js"

    return write


def test_the_units_pass_in_node(node):
    tests = sorted(str(path) for path in (ROOT / "tests" / "javascript").glob("*.test.mjs"))
    run = subprocess.run(
        [node, "--test", *tests], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "# fail 0" in run.stdout.replace("ℹ", "#")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda path: path.name)
def test_a_joined_module_is_a_module_for_node(node, entry, tmp_path):
    path = tmp_path / "joined.mjs"
    path.write_text(joined(entry), encoding="utf-8")
    code = "import(process.argv[1]).then((m) => process.exit(typeof m.default.render === 'function' ? 0 : 1))"
    run = subprocess.run(
        [node, "-e", code, path.as_uri()], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_checked_by_type_and_narrow(script):
    lines = script.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "// @ts-check"
    assert [line for line in lines if len(line) > WIDTH] == []


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda path: path.name)
def test_nothing_is_fetched(entry):
    assert not re.search(
        r"^import|\bimport\(|\bfetch\(|XMLHttpRequest", joined(entry), re.MULTILINE
    )


def test_what_is_imported_comes_first_and_once(modules):
    entry = modules(
        one="// @ts-check\nexport const one = 1;\n",
        two='import { one } from "./one.js";\n/**\n * Two.\n */\nexport function two() {\n  return one + 1; // sum\n}\n',
        entry='import { one } from "./one.js";\nimport { two } from "./two.js";\nexport default { one, two };\n',
    )
    assert joined(entry) == (
        "const one = 1;\n\nfunction two() {\n  return one + 1; // sum\n}\n\nexport default { one, two };\n"
    )


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({"one": "const one = 1;\n", "entry": 'import { one } from "./one.js";\n'}, "not exported"),
        (
            {
                "one": "export const one = 1;\nconst name = 1;\n",
                "entry": 'import { one } from "./one.js";\nconst name = one;\n',
            },
            "name is declared in one.js and in entry.js",
        ),
        ({"entry": 'import one from "./one.js";\n'}, "cannot be joined"),
        ({"entry": 'import { one } from "d3";\n'}, "cannot be joined"),
        ({"entry": "const a = 1;\nexport { a };\n"}, "cannot be joined"),
        (
            {
                "one": "export const one = 1;\nexport default one;\n",
                "entry": 'import { one } from "./one.js";\n',
            },
            "cannot be joined",
        ),
    ],
)
def test_what_cannot_be_joined_is_refused(modules, texts, message):
    with pytest.raises(ValueError, match=message):
        joined(modules(**texts))
