"""`nestlab import`, as people call it."""

import json
from pathlib import Path

import pytest

import nestlab as package
from nestlab.cli import main

LABS = Path(__file__).parents[1] / "importers"
STORAGE = LABS / "mslab" / "storage-cluster.json"
ROOM = LABS / "lability" / "training-room.psd1"


@pytest.fixture
def nestlab(capsys, tmp_path, monkeypatch):
    """Run a command line; returns exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_a_file_is_written_and_what_it_lacks_is_listed(nestlab, tmp_path):
    code, out, err = nestlab("import", "lability", ROOM, "-o", "lab.yml")
    assert (code, err) == (0, "")
    assert out.startswith("Wrote lab.yml: 1 switch, 7 VMs.\n")
    assert "  TSRV1 and TSRV2: BootOrder" in out
    assert out.rstrip().endswith(("note", "notes", "warning", "warnings", "No findings."))
    text = (tmp_path / "lab.yml").read_text(encoding="utf-8")
    assert text == package.import_definition(ROOM, "lability").origin.text
    assert nestlab("validate", "lab.yml")[0] == 0


def test_an_existing_file_is_kept_without_force(nestlab, tmp_path):
    (tmp_path / "lab.yml").write_text("mine", encoding="utf-8")
    code, _, err = nestlab("import", "lability", ROOM, "-o", "lab.yml")
    assert code == 2
    assert "lab.yml already exists and was not changed." in err
    assert (tmp_path / "lab.yml").read_text(encoding="utf-8") == "mine"
    assert nestlab("import", "lability", ROOM, "-o", "lab.yml", "--force")[0] == 0
    assert package.load(tmp_path / "lab.yml").name == "training-room"


def test_without_an_output_the_file_is_printed(nestlab):
    code, out, err = nestlab("import", "lability", ROOM)
    assert (code, err) == (0, "")
    assert out == package.import_definition(ROOM, "lability").origin.text


def test_the_script_of_mslab_is_printed_and_its_export_imported(nestlab, tmp_path):
    code, out, err = nestlab("import", "mslab", "--script")
    assert (code, err, len(out.splitlines())) == (0, "", 5)
    assert json.loads(nestlab("import", "mslab", "--script", "--json")[1])["script"] == out
    code, out, err = nestlab("import", "mslab", STORAGE, "-o", "lab.yml")
    assert (code, err) == (0, "")
    assert "  Stor-DC: its tools disk" in out
    assert len(package.load(tmp_path / "lab.yml").vms) == 5


def test_a_lab_of_automatedlab_is_imported_by_file_or_folder(nestlab, tmp_path):
    folder = LABS / "automatedlab" / "box"
    code, out, err = nestlab("import", "automatedlab", folder / "Lab.xml", "-o", "lab.yml")
    assert (code, err) == (0, "")
    assert out.startswith("Wrote lab.yml: 2 switches, 4 VMs.\n")
    assert "  BDC: NAT of the role Routing" in out
    assert nestlab("import", "automatedlab", folder)[1] == (tmp_path / "lab.yml").read_text("utf-8")


def test_json_has_the_topology_and_what_it_lacks(nestlab):
    code, out, _ = nestlab("import", "lability", ROOM, "-o", "lab.yml", "--json")
    document = json.loads(out)
    assert code == 0
    assert document["topology"] == package.load("lab.yml").to_dict()
    assert document["file"] == "lab.yml"
    assert {"subject": "TSRV1", "what": document["left_out"][2]["what"]} in document["left_out"]
    assert all(finding["severity"] != "error" for finding in document["findings"])


def test_errors_of_the_topology_are_shown_and_end_with_1(nestlab, tmp_path):
    (tmp_path / "bad.psd1").write_text(
        "@{ AllNodes = @( @{ NodeName = 'A'; HardDiskDrive = @( @{ VhdPath = 'D:\\old.vhd' } ) } ) }",
        encoding="utf-8",
    )
    code, out, _ = nestlab("import", "lability", "bad.psd1", "-o", "lab.yml")
    assert (code, "[disk-format-wrong]" in out, "lab.yml:" in out) == (1, True, True)
    code, out, err = nestlab("import", "lability", "bad.psd1")
    assert (code, "[disk-format-wrong]" in err) == (1, True)
    assert package.loads(out).vms[0].name == "A"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["lability", "none.psd1"], "there is no such file"),
        (["lability", "."], "cannot be read"),
        (["lability", "binary.psd1"], "is not utf-8 text"),
        (["lability", "empty.psd1"], "empty.psd1:1:1: a constant"),
        (["vagrant", "x"], "Choices: lability, mslab, automatedlab"),
        ([], "required"),
        (["mslab"], "nestlab import mslab --script"),
        (["lability"], "Give the .psd1 file"),
        (["lability", "--script"], "lability needs no export script"),
        (["mslab", ROOM], "training-room.psd1:1:1: a JSON value is expected"),
        (["lability", ROOM, "-o", "-"], "nothing is written to standard output"),
        (["lability", ROOM, "-o", "no/such/folder/lab.yml"], "cannot be written"),
    ],
)
def test_bad_usage_is_one_error(nestlab, tmp_path, words, said):
    (tmp_path / "binary.psd1").write_bytes(b"@{\n\xff\xfa }")
    (tmp_path / "empty.psd1").write_bytes(b"")
    code, out, err = nestlab("import", *words)
    assert code == 2
    assert said in err
    assert out == ""
    assert "Traceback" not in err
