"""A VM that is declared Off after nestlab has set up its Windows: what is inside it is not known.

Before, plan and drift went on to list what nestlab had set as still to be set by hand.
"""

import nestlab
from nestlab.cli import main
from nestlab.model import Cmdlet

ON = r"""
name: lab
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}}
switches: [{name: L, switch_type: Internal, ip_address: 10.3.0.1/24}]
vms:
  - name: a
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: L, ip_address: 10.3.0.12/24}]
"""
OFF = ON.replace("- name: a\n", "- name: a\n    state: 'Off'\n")
STATE = "sim:ws2022-intel?state={}"


def applied(text, state, tmp_path):
    lab = nestlab.Lab(nestlab.loads(text), nestlab.connect(state), tmp_path / "j.jsonl")
    events = []
    assert [str(result) for result in lab.apply(on_event=events.append) if not result.ok] == []
    return [type(event).__name__ for event in events]


def test_what_nestlab_has_set_in_a_vm_is_not_left_to_be_set_by_hand(tmp_path, capsys):
    state, file = STATE.format(tmp_path / "host.json"), tmp_path / "lab.yml"
    file.write_text(OFF, encoding="utf-8")
    for text in (OFF, ON, OFF):
        assert "SettingsNotApplied" not in applied(text, state, tmp_path)
    assert main(["plan", str(file), "--host", state]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "by hand" not in said
    assert "Not set or read on a: Network Adapter: 10.3.0.12/24 because a is declared Off" in said
    assert "what it has set there before stays" in said
    (finding,) = nestlab.drift(nestlab.load(file), nestlab.connect(state))
    assert (finding.code, finding.severity, finding.subject) == ("drift-not-known", "info", "a")
    assert "what it has set there before stays" in finding.message
    plan = nestlab.Lab(nestlab.load(file), nestlab.connect(state)).plan()
    assert "by hand" not in str(plan) + plan._repr_html_()
    assert "Not set or read: a" in str(plan)


def test_what_nestlab_never_sets_is_set_by_hand_also_in_a_vm_that_is_off(tmp_path):
    linux = OFF.replace("os: windows, credential: lab-admin", "os: linux")
    linux = linux.replace("{image: ws2022}", "{size: 10GB}")
    plan = nestlab.Lab(nestlab.loads(linux), nestlab.connect("sim:ws2022-intel")).plan()
    (item,) = plan.out_of_reach
    assert "PowerShell Direct does not support linux guests" in item.why
    assert f"Set by hand: {item}" in str(plan)


def test_the_note_of_a_vm_declared_off_does_not_promise_to_go_away():
    (finding,) = (
        each for each in nestlab.validate(nestlab.loads(OFF)) if each.code == "set-by-hand"
    )
    assert finding.hint.startswith("Unless an earlier `nestlab apply` has set them")


def test_a_saved_vm_is_accepted_and_the_plan_says_so():
    host = nestlab.connect()
    running = nestlab.loads("name: lab\nvms: [{name: web, disk: {size: 10GB}}]")
    assert all(result.ok for result in nestlab.Lab(running, host).apply())
    host.run(Cmdlet("Save-VM", {"Name": "web"}))
    off = nestlab.loads("name: lab\nvms: [{name: web, state: 'Off', disk: {size: 10GB}}]")
    plan = nestlab.Lab(off, host).plan()
    assert plan.is_empty
    (item,) = [item for item in plan.unchanged if item.subject == "host: VM web"]
    assert item.why == (
        "it has the mark nestlab:lab, is Saved, and nothing differs; a saved VM is accepted for "
        "state: 'Off'"
    )
