"""`nestlab export`, as people call it."""

import json
from pathlib import Path

import pytest

from nestlab.cli import main
from nestlab.constants.document_kinds import DOCUMENT_KINDS as KINDS
from nestlab.export import PICTURES

NAT_LAB = Path(__file__).parents[2] / "notebooks" / "topologies" / "nat-lab.yml"
NAMES = ("a<b>|c &lt; $(x) _z_", 'it\'s "q" #1 {v} --', "<script>alert(1)")


@pytest.fixture
def nestlab(capsys, tmp_path, monkeypatch):
    """Run a command line; returns exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in {"powershell", "jea"}])
def test_every_kind_is_written_and_twice_the_same(nestlab, tmp_path, kind):
    for name in ("one", "two"):
        code, out, err = nestlab("export", NAT_LAB, "--to", kind, "-o", name)
        assert (code, out, err) == (0, f"Wrote {name}\n", "")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes() != b""


def test_a_script_is_written_with_its_data_and_twice_the_same(nestlab, tmp_path):
    for name in ("one", "two"):
        code, out, err = nestlab("export", NAT_LAB, "--to", "powershell", "-o", f"{name}.ps1")
        assert (code, out, err) == (0, f"Wrote {name}.ps1 and {name}.psd1\n", "")
    assert (tmp_path / "one.psd1").read_bytes() == (tmp_path / "two.psd1").read_bytes() != b""
    one, two = ((tmp_path / f"{name}.ps1").read_text("utf-8-sig") for name in ("one", "two"))
    assert one.replace("one.ps", "two.ps") == two


def test_a_script_needs_its_extension_and_no_host_and_keeps_existing_data(nestlab, tmp_path):
    command = ("export", NAT_LAB, "--to", "powershell", "-o")
    assert "Write it to lab.ps1." in nestlab(*command, "lab.txt")[2]
    code, _, err = nestlab(*command, "lab.ps1", "--host", "sim:ws2022-intel")
    assert code == 2
    assert "A script tests the computer that it runs on" in err
    (tmp_path / "lab.psd1").write_text("mine", encoding="utf-8")
    code, _, err = nestlab(*command, "lab.ps1")
    assert (code, (tmp_path / "lab.ps1").exists()) == (2, False)
    assert "lab.psd1 already exists and was not changed." in err
    assert nestlab(*command, "lab.ps1", "--force")[0] == 0


@pytest.mark.parametrize(
    "command",
    [
        ("export", NAT_LAB, "--to", "markdown", "-o", "-"),
        ("draw", NAT_LAB, "-o", "-"),
        ("plan", NAT_LAB, "-o", "-"),
        ("drift", NAT_LAB, "-o", "-"),
        ("capture", "-o", "-"),
        ("apply", NAT_LAB, "--journal", "-"),
    ],
    ids=lambda command: command[0],
)
def test_a_hyphen_as_output_is_refused_and_no_file_of_that_name_written(nestlab, tmp_path, command):
    code, _, err = nestlab(*command)
    assert code == 2
    assert "give the name of a file" in err
    assert not [*tmp_path.iterdir()]


def test_an_existing_file_is_kept_unless_forced(nestlab, tmp_path):
    (tmp_path / "lab.html").write_text("mine", encoding="utf-8")
    command = ("export", NAT_LAB, "--to", "html", "-o", "lab.html")
    code, out, err = nestlab(*command)
    assert (code, out) == (2, "")
    assert "lab.html already exists and was not changed." in err
    assert "--force" in err
    assert (tmp_path / "lab.html").read_text(encoding="utf-8") == "mine"
    assert nestlab(*command, "--force")[0] == 0
    assert (tmp_path / "lab.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_script_cannot_be_written_to_a_folder(nestlab):
    code, out, err = nestlab("export", NAT_LAB, "--to", "powershell", "-o", ".")
    assert (code, out) == (2, "")
    assert "end with .ps1, and . does not." in err
    assert "Write it to nat-lab.ps1." in err


def test_an_unknown_kind_is_refused_with_those_that_exist(nestlab):
    code, out, err = nestlab("export", NAT_LAB, "--to", "powerpoint", "-o", "lab.ppt")
    assert (code, out) == (2, "")
    assert all(kind in err for kind in KINDS)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("missing.yml", "-o", "lab.md"), "missing.yml"),
        ((NAT_LAB, "-o", "no/such/folder/lab.md"), "lab.md"),
        ((NAT_LAB, "-o", "."), "directory"),
    ],
)
def test_what_cannot_be_read_or_written_is_one_error(nestlab, arguments, text):
    code, out, err = nestlab("export", *arguments, "--to", "markdown")
    assert (code, out) == (2, "")
    assert text in err
    assert "Traceback" not in err


def test_a_host_gives_its_own_plan_and_stays_as_it_is(nestlab, tmp_path):
    host = "sim:ws2022-intel?state=host.json"
    assert nestlab("apply", NAT_LAB, "--host", host, "--yes")[0] == 0
    code, _, _ = nestlab("export", NAT_LAB, "--to", "markdown", "-o", "lab.md", "--host", host)
    assert code == 0
    text = (tmp_path / "lab.md").read_text(encoding="utf-8")
    assert "has 0 steps" in text
    assert "New-VM " not in text
    plan = json.loads(nestlab("plan", NAT_LAB, "--host", host, "--json")[1])
    assert plan["steps"] == []


def test_a_plan_that_is_refused_is_said_in_the_document(nestlab, tmp_path):
    (tmp_path / "lab.yml").write_text(
        "name: lab\nvms: [{name: web1, network_adapters: [{switch: Missing}]}]\n", encoding="utf-8"
    )
    assert nestlab("export", "lab.yml", "--to", "markdown", "-o", "lab.md")[0] == 0
    text = (tmp_path / "lab.md").read_text(encoding="utf-8")
    assert "There are no steps: these findings block a plan" in text
    assert "unknown-switch" in text
    assert "For a plan, name the host of the lab (--host)." in text


@pytest.mark.parametrize("kind", KINDS)
def test_names_that_mean_something_elsewhere_are_exported(nestlab, tmp_path, kind):
    vms = [{"name": name, "memory_startup": "1GB"} for name in NAMES]
    (tmp_path / "lab.yml").write_text(json.dumps({"name": "lab", "vms": vms}), encoding="utf-8")
    file = "out.ps1" if kind == "powershell" else "out"
    code, out, err = nestlab("export", "lab.yml", "--to", kind, "-o", file, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {"topology": "lab", "to": kind, "file": file}
    if kind == "jea":
        assert len(list((tmp_path / file).rglob("*.ps*"))) == 6
        return
    content = (tmp_path / file).read_bytes()
    assert kind not in ("html", "svg", "drawio") or b"<script>" not in content


@pytest.mark.parametrize("kind", sorted(PICTURES))
def test_a_picture_is_what_draw_makes(nestlab, tmp_path, kind):
    drawn = f"drawn{PICTURES[kind]}"
    assert nestlab("draw", NAT_LAB, "-o", drawn)[0] == 0
    assert nestlab("export", NAT_LAB, "--to", kind, "-o", "exported")[0] == 0
    assert (tmp_path / "exported").read_bytes() == (tmp_path / drawn).read_bytes()


def test_the_journal_of_a_run_is_added(nestlab, tmp_path):
    assert nestlab("apply", NAT_LAB, "--yes", "--journal", "run.jsonl")[0] == 0
    command = ("export", NAT_LAB, "-o", "lab", "--journal", "run.jsonl")
    assert nestlab(*command, "--to", "html")[0] == 0
    assert "Runs and steps</caption>" in (tmp_path / "lab").read_text(encoding="utf-8")
    code, out, err = nestlab(*command, "--to", "svg", "--force")
    assert (code, out) == (2, "")
    assert "has no place for the record of a journal" in err
    assert nestlab("export", NAT_LAB, "--to", "html", "-o", "x", "--journal", "no.jsonl")[0] == 2


def test_a_notebook_names_the_host_and_asks_it_nothing(nestlab, tmp_path):
    host = "winrms://hv01.invalid"
    assert nestlab("export", NAT_LAB, "--to", "notebook", "-o", "lab", "--host", host)[0] == 0
    assert f"host = '{host}'" in (tmp_path / "lab").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("kind", "host", "text"),
    [
        ("notebook", "foo://hv01", "'foo://hv01' is not the address of a host."),
        ("html", "sim:nothing", "There is no simulated host 'nothing'."),
        ("svg", "sim:", "shows the topology file, not a host"),
    ],
)
def test_a_host_that_does_not_fit_is_one_error(nestlab, tmp_path, kind, host, text):
    code, out, err = nestlab("export", NAT_LAB, "--to", kind, "-o", "lab", "--host", host)
    assert (code, out) == (2, "")
    assert text in err
    assert not (tmp_path / "lab").exists()


def test_a_lab_that_mermaid_refuses_is_drawn_without_the_inside_of_nested_hosts(nestlab, tmp_path):
    inside = {"name": "in{n}", "count": 15, "network_adapters": [{"switch": "Lan"}]}
    switches = [{"name": "Lan", "switch_type": "Private"}]
    hosts = {"name": "HV{n}", "count": 40, "nested": {"switches": switches, "vms": [inside]}}
    text = json.dumps({"name": "lab", "vms": [hosts]})
    (tmp_path / "lab.yml").write_text(text, encoding="utf-8")
    notice = "40 nested hosts are drawn without their contents.\n"
    for command in (("draw",), ("export", "--to", "mermaid")):
        code, out, err = nestlab(*command, "lab.yml", "-o", f"{command[0]}.mmd")
        assert (code, err) == (0, "")
        assert out.startswith(f"Wrote {command[0]}.mmd\nMermaid draws at most 500 links")
        assert out.endswith(notice)
