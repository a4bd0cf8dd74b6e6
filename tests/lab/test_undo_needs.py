"""What undo needs is kept by prune; where it is gone all the same, undo says so before it changes anything."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.cli import main
from nestlab.errors import UndoRefused
from nestlab.lab import journal_folder
from nestlab.model import Cmdlet

LAB = r"""
name: needs
images: {{ubuntu: {{path: 'D:\images\ubuntu2404.vhdx', os: linux}}}}
switches:
  - {{name: A, switch_type: Internal, ip_address: 192.168.60.1/24}}
vms:
  - name: web1
    memory_startup: 2GB
    disk: {disk}
    guest: {{os: linux{guest}}}
    network_adapters: [{{switch: {switch}, ip_address: 192.168.60.{address}/24}}]
"""
BEFORE = {"disk": "{image: ubuntu}", "guest": ", cloud_init: true", "switch": "A", "address": 11}
EDITS = {
    "another seed disk": {"address": 12},
    "no seed disk": {"guest": ""},
    "another system disk": {"disk": r"{path: 'D:\vms\other.vhdx'}"},
}


def text(**changed):
    return LAB.format(**BEFORE | changed)


def applied(host, prune=False, topology="", **changed):
    """Apply the lab with a change; return the path of the run's journal, or of the last one."""
    lab = nestlab.Lab(nestlab.loads(topology or text(**changed)), host)
    assert [str(result) for result in lab.apply(lab.plan(prune=prune)) if not result.ok] == []
    return journal_folder.journals_of(host)[0].path


def world(host):
    return host.simulated_host.world.host


def vm(host, name="web1"):
    return next(vm for vm in world(host).hyper_v.vms if vm.name == name)


def attached(host):
    return [drive.path.rpartition("\\")[2] for drive in vm(host).settings.drives]


def own_files(host):
    names = [file.path.rpartition("\\")[2] for file in world(host).files.values()]
    return sorted(name for name in names if name.startswith("nestlab.needs."))


@pytest.fixture
def host(monkeypatch, tmp_path):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    host = nestlab.connect()
    new = {"Path": r"D:\vms\other.vhdx", "ParentPath": r"D:\images\ubuntu2404.vhdx"}
    host.run(Cmdlet("New-VHD", new | {"Differencing": True}))
    return host


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
@pytest.mark.parametrize("at_once", [False, True], ids=["later", "in the same run"])
def test_prune_keeps_the_disk_that_undo_attaches_again(host, edit, at_once):
    applied(host)
    before, files = attached(host), own_files(host)
    journal = applied(host, prune=at_once, **edit)
    if not at_once:
        assert applied(host, prune=True, **edit) == journal, "nothing to do, so no other journal"
    plan = nestlab.Lab(nestlab.loads(text(**edit)), host).plan()
    kept = [item for item in plan.unchanged if f"the undo of {journal.name} attaches" in item.why]
    assert len(kept) == 1
    assert plan.is_empty
    assert plan.remainder == ()
    assert [str(result) for result in nestlab.undo(host, journal) if not result.ok] == []
    assert (attached(host), own_files(host), vm(host).state) == (before, files, "Running")
    assert nestlab.Lab(nestlab.loads(text()), host).plan().is_empty


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_drift_calls_left_over_what_prune_deletes_and_no_disk_that_undo_needs(host, edit):
    applied(host)
    journal = applied(host, **edit)
    edited = nestlab.loads(text(**edit))

    def left_over():
        return [found.hint for found in nestlab.drift(edited, host) if found.code == "left-over"]

    assert left_over() == []
    assert nestlab.Lab(edited, host).plan(prune=True).is_empty
    journal.unlink()
    (hint,) = left_over()
    assert "nestlab apply --prune" in hint
    applied(host, prune=True, **edit)
    assert left_over() == []


def test_prune_deletes_it_with_its_vm(host):
    applied(host)
    applied(host, address=12)
    assert len(set(own_files(host)) - set(attached(host))) == 1
    applied(host, prune=True, topology=text().replace("web1", "web2"))
    assert [name for name in own_files(host) if "web1" in name] == []


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_undo_without_its_disk_changes_nothing_and_names_it(host, edit):
    applied(host)
    before = attached(host)
    journal = applied(host, **edit)
    (gone,) = set(before) - set(attached(host))
    path = next(f.path for f in world(host).files.values() if f.path.endswith(gone))
    host.run(Cmdlet("Remove-Item", {"LiteralPath": path}))
    state, lines, now = vm(host).state, journal.read_text("utf-8"), attached(host)
    with pytest.raises(UndoRefused) as refused:
        list(nestlab.undo(host, journal))
    assert refused.value.missing == (f"VM web1 needs the disk {path}, which no longer exists",)
    assert "Nothing was changed" in str(refused.value)
    assert (vm(host).state, attached(host)) == (state, now)
    assert journal.read_text("utf-8") == lines
    host.run(Cmdlet("New-VHD", {"Path": path, "SizeBytes": 64 << 20, "Dynamic": True}))
    assert all(result.ok for result in nestlab.undo(host, journal))
    assert attached(host) == before


def test_undo_without_the_switch_of_an_adapter_changes_nothing(host):
    both = text().replace("vms:", "  - {name: B, switch_type: Private}\nvms:", 1)
    applied(host, topology=both)
    only = both.replace("switch: A", "switch: B").replace(", ip_address: 192.168.60.11/24", "")
    journal = applied(host, topology=only)
    host.run(Cmdlet("Remove-VMSwitch", {"Name": "A", "Force": True}))
    with pytest.raises(UndoRefused, match="VM web1 needs the switch A, which no longer exists"):
        list(nestlab.undo(host, journal))
    assert vm(host).state == "Running"


def test_the_command_ends_with_one_message(host, tmp_path, monkeypatch, capsys):
    address = f"sim:ws2022-intel?state={tmp_path / 'host.json'}"
    monkeypatch.setenv("NESTLAB_CREDENTIAL_LAB_ADMIN", "ada:Passw0rd!")
    for number, changed in enumerate(({}, {"address": 12}), 1):
        file = tmp_path / f"{number}.yml"
        file.write_text(text(**changed), "utf-8")
        assert main(["apply", str(file), "--host", address, "--yes"]) == 0
    capsys.readouterr()
    assert main(["apply", str(file), "--host", address, "--yes", "--prune"]) == 0
    shown = capsys.readouterr().out
    assert "kept: the undo of needs-" in shown
    assert "Nothing to do" in shown
    there = nestlab.connect(address)
    (disk,) = set(own_files(there)) - set(attached(there))
    path = next(f.path for f in world(there).files.values() if f.path.endswith(disk))
    there.run(Cmdlet("Remove-Item", {"LiteralPath": path}))
    there.close()
    assert main(["undo", "--host", address, "--yes"]) == 1
    captured = capsys.readouterr()
    assert "done:" not in captured.out
    assert "FAILED" not in captured.out
    assert captured.err.count("cannot be undone") == 1
    assert disk in captured.err
