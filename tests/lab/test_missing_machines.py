"""What verify says of machines that it cannot observe, and check of guests that refuse."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.cli import main
from nestlab.model import Cmdlet, SwitchParameter

FILE = r"""
name: lab
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}}
defaults: {vm: {memory_startup: 1GB, disk: {image: ws2022}, guest: {os: windows, credential: lab-admin}}}
switches: [{name: A, switch_type: Internal, ip_address: 10.5.0.1/24}]
vms:
  - name: HV1
    memory_startup: 6GB
    network_adapters: [{switch: A, ip_address: 10.5.0.5/24}]
    nested:
      switches: [{name: In, switch_type: Internal, ip_address: 10.7.0.1/24}]
      vms:
        - {name: in1, network_adapters: [{switch: In, ip_address: 10.7.0.2/24}]}
        - {name: in2, network_adapters: [{switch: In, ip_address: 10.7.0.3/24}]}
checks: [{from: in1, to: HV1}, {from: HV1/in1, to: in2}]
"""


def applied():
    lab = nestlab.Lab(nestlab.loads(FILE), nestlab.connect())
    assert [str(result) for result in lab.apply() if not result.ok] == []
    return lab


def said(lab):
    report = lab.verify()
    assert {result.status for result in report.results} == {"undetermined"}
    return [result.explanation for result in report.results]


def test_machines_inside_a_nested_host_that_is_off():
    lab = applied()
    lab.host.run(Cmdlet("Stop-VM", {"Name": "HV1", "Force": SwitchParameter.ON}))
    why = "inside HV1, which is Off: start HV1, or apply the topology if its file has it Running."
    assert said(lab) == [f"in1 is {why}", f"HV1/in1 and in2 are {why}"]


def test_machines_that_do_not_exist():
    lab = applied()
    inside = lab.host.guest("HV1", credential="lab-admin")
    inside.run(Cmdlet("Stop-VM", {"Name": "in1", "TurnOff": SwitchParameter.ON}))
    inside.run(Cmdlet("Remove-VM", {"Name": "in1", "Force": SwitchParameter.ON}))
    assert said(lab) == [
        "in1 is not in HV1: apply the topology.",
        "HV1/in1 is not in HV1: apply the topology.",
    ]
    empty = nestlab.Lab(nestlab.loads(FILE), nestlab.connect())
    assert (
        said(empty)[1]
        == "HV1/in1 and in2 are inside HV1, which is not on the host: apply the topology."
    )


def refuse(lab):
    for path, _, guest in lab.host.simulated_host.world.host.machines():
        if path == ("HV1",):
            guest.accounts = {"other": "x"}


def test_machines_inside_a_guest_that_refuses_its_credential():
    lab = applied()
    refuse(lab)
    texts = said(lab)
    assert all("HV1 refuses the account" in text for text in texts)
    assert texts[0].endswith("in1 is inside HV1, which could not be read.")


def test_check_does_not_say_that_a_lab_does_not_fit_where_a_guest_refuses(
    monkeypatch, tmp_path, capsys
):
    lab = applied()
    refuse(lab)
    monkeypatch.setattr("nestlab.transport.connect", lambda *_args, **_options: lab.host)
    file = tmp_path / "lab.yml"
    file.write_text(FILE, encoding="utf-8")
    assert main(["check", str(file)]) == 1
    out = capsys.readouterr().out
    assert "does not fit" not in out
    assert out.splitlines()[-1] == (
        "Whether lab fits on HV01 (sim:ws2022-intel) is not known in full: HV1 refuses its credential. "
        "Correct it as said above, then check again."
    )


@pytest.mark.parametrize("more", ["memory_startup: 900GB"])
def test_check_says_it_where_another_error_is_about_the_host(more, monkeypatch, tmp_path, capsys):
    lab = applied()
    refuse(lab)
    monkeypatch.setattr("nestlab.transport.connect", lambda *_args, **_options: lab.host)
    file = tmp_path / "lab.yml"
    text = FILE.replace("vms:\n  - name", f"vms:\n  - {{name: big, {more}}}\n  - name", 1)
    file.write_text(text, encoding="utf-8")
    assert main(["check", str(file)]) == 1
    assert (
        capsys.readouterr().out.splitlines()[-1] == "lab does not fit on HV01 (sim:ws2022-intel)."
    )
