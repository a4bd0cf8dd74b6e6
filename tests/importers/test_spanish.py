"""Importing in Spanish: the same topologies, with comments and left-out lists in Spanish."""

from pathlib import Path

import pytest

from nestlab import texts
from nestlab.errors import DefinitionFileError
from nestlab.importers import import_lab

HERE = Path(__file__).parent
LABS = [
    *((path, "lability") for path in sorted((HERE / "lability").glob("*.psd1"))),
    *((path, "mslab") for path in sorted((HERE / "mslab").glob("*.json"))),
    *((path, "automatedlab") for path in sorted((HERE / "automatedlab").iterdir())),
]
WRONG = (
    ("lability", "lab.psd1", "@{ AllNodes = 1 }", "AllNodes debe ser una lista de tablas, no 1"),
    ("lability", "lab.psd1", "@{ A = 1 }", "no contiene AllNodes"),
    ("mslab", "lab.json", '{"VMs": [}', "aquí se espera un valor JSON"),
    ("mslab", "lab.json", '{"VMs": [{}]}', "una VM no tiene VMName"),
    ("mslab", "lab.ps1", "$LabConfig", "es un script y no se ejecuta"),
    ("automatedlab", "Lab.xml", "<Lab", "no es XML"),
    ("automatedlab", "Lab.xml", "<Other/>", "no es un laboratorio: empieza por <Other>"),
)


@pytest.mark.parametrize(("path", "tool"), LABS, ids=lambda value: getattr(value, "stem", value))
def test_a_lab_is_the_same_topology_with_spanish_comments(path, tool):
    english = import_lab(path, tool)
    texts.set_language("es")
    try:
        imported = import_lab(path, tool)
    finally:
        texts.set_language("en")
    assert imported.topology == english.topology
    assert len(imported.left_out) == len(english.left_out)
    header = imported.text.splitlines()[0]
    assert (header[:5], header.endswith(f"con `nestlab import {tool}`.")) == ("# De ", True)
    assert "está de otra forma:" in imported.text
    rest = [
        line
        for line, original in zip(imported.left_out_lines, english.left_out_lines, strict=True)
        if line == original
    ]
    assert rest == []


@pytest.mark.parametrize(("tool", "name", "text", "message"), WRONG)
def test_a_file_is_refused_in_spanish(spanish, tmp_path, tool, name, text, message):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionFileError) as refused:
        import_lab(file, tool)
    assert refused.value.exit_code == 2
    assert message in str(refused.value)
    assert refused.value.hint
