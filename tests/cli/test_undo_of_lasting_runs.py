"""A run that cannot be undone is never passed over for an earlier one."""

from __future__ import annotations

import pytest

from nestlab.cli import main

LAB = "{name: l3, vms: [{name: a, state: 'Off', disk: {size: SIZE}}]}"


@pytest.fixture
def expanded(tmp_path, monkeypatch, capsys):
    """A lab of which the first run created the VM, and the second expanded its disk."""
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    monkeypatch.chdir(tmp_path)
    host = f"sim:ws2022-intel?state={tmp_path / 'host.json'}"
    for size in ("40GB", "50GB"):
        (tmp_path / "l3.yml").write_text(LAB.replace("SIZE", size), encoding="utf-8")
        assert main(["apply", "l3.yml", "--host", host, "--yes"]) == 0
    assert "it has 40GB; undo cannot restore it" in capsys.readouterr().out
    return host


@pytest.mark.parametrize("named", [["l3.yml"], []])
def test_undo_refuses_to_undo_the_run_before_it(expanded, tmp_path, capsys, named):
    before = (tmp_path / "host.json").read_text(encoding="utf-8")
    assert main(["undo", *named, "--host", expanded, "--yes"]) != 0
    error = capsys.readouterr().err
    assert "The newest run of l3 on sim:ws2022-intel" in error
    assert "cannot be undone: Expand the disk of a to 50GB" in error
    first, second = sorted((tmp_path / "journals").glob("*.jsonl"))
    assert (tmp_path / "host.json").read_text(encoding="utf-8") == before
    assert str(second) in error
    # The hint works as it is written.
    assert f"nestlab undo {first}" in error
    assert main(["undo", str(first), "--yes"]) == 0
    capsys.readouterr()
    assert main(["plan", "l3.yml", "--host", expanded]) == 0
    assert "Create the VM a" in capsys.readouterr().out


def test_undo_of_a_named_journal_says_what_cannot_be_undone(expanded, tmp_path, capsys):
    newest = max((tmp_path / "journals").glob("*.jsonl"))
    assert main(["undo", str(newest), "--yes"]) == 0
    said = capsys.readouterr().out
    assert "what this run changed cannot be undone: Expand the disk of a to 50GB" in said
