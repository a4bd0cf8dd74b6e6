"""A capture lists what a host has and a topology file has no key for."""

import pytest

import nestlab
from nestlab.lab.capture import capture_all
from nestlab.model import Cmdlet, SwitchParameter

LAB = """\
name: lab
switches:
  - {name: Net, switch_type: Internal}
vms:
  - {name: web, state: 'Off', memory_startup: 1GB, disk: {size: 10GB}, network_adapters: [{switch: Net}], checkpoints: [own]}
  - {name: on, memory_startup: 1GB, disk: {size: 10GB}}
"""


@pytest.fixture
def host():
    session = nestlab.connect()
    results = list(nestlab.Lab(nestlab.loads(LAB), session).apply())
    assert all(result.ok for result in results)
    return session


def losses(host, **options):
    return capture_all(host, of_topology="lab", **options).losses


def test_nothing_is_listed_of_a_lab_that_its_file_describes(host):
    assert losses(host) == ()


def test_the_notes_of_a_switch_are_listed_without_the_mark(host):
    notes = "Uplink of room 3.\r\nAsk Grace.\r\nnestlab:lab"
    host.run(Cmdlet("Set-VMSwitch", {"Name": "Net", "Notes": notes}))
    assert losses(host) == (
        "switch Net: its notes are not in the file: Uplink of room 3. Ask Grace.",
    )


def test_the_names_of_checkpoints_of_others_are_listed(host):
    for name in ("before 'the' update", "second"):
        host.run(Cmdlet("Get-VM", {"Name": "web"}, Cmdlet("Checkpoint-VM", {"SnapshotName": name})))
    (loss,) = losses(host)
    assert loss.endswith("its checkpoints are not in the file: before 'the' update, second")


@pytest.mark.parametrize(
    ("cmdlet", "listed"),
    [
        (
            "Save-VM",
            "it is Saved, and Off in the file, in which a VM is Running or Off",
        ),
        (
            "Suspend-VM",
            "it is Paused, and Running in the file, in which a VM is Running or Off; it differs from the file until it is resumed: Resume-VM -Name 'on'",
        ),
    ],
)
def test_a_state_that_a_file_does_not_have_is_listed(host, cmdlet, listed):
    host.run(Cmdlet(cmdlet, {"Name": "on"}))
    (loss,) = losses(host)
    assert loss.startswith("VM on (Id ")
    assert loss.partition("): ")[2] == listed


def test_settings_without_a_key_are_listed_with_the_cmdlet_that_sets_them(host):
    for name, parameters in {
        "Set-VMProcessor": {"Reserve": 10, "Maximum": 50, "RelativeWeight": 200},
        "Set-VMMemory": {"Priority": 80},
        "Set-VMNetworkAdapter": {"DhcpGuard": "On"},
    }.items():
        host.run(Cmdlet(name, {"VMName": "web", **parameters}))
    processor, adapter = sorted(losses(host), key=len, reverse=True)
    assert processor.endswith(
        "settings that a topology file has no key for: Set-VMProcessor -Reserve 10 -Maximum 50 -RelativeWeight 200; Set-VMMemory -Priority 80"
    )
    assert ", adapter Network Adapter: " in adapter
    assert adapter.endswith(
        "settings that a topology file has no key for: Set-VMNetworkAdapter -DhcpGuard On"
    )
    host.run(Cmdlet("Set-VMNetworkAdapter", {"VMName": "web", "DhcpGuard": "Off"}))
    assert len(losses(host)) == 1


def test_the_buffer_counts_only_with_dynamic_memory(host):
    dynamic = {"DynamicMemoryEnabled": True, "MinimumBytes": 1 << 29, "MaximumBytes": 1 << 31}
    host.run(Cmdlet("Set-VMMemory", {"VMName": "web", **dynamic, "Buffer": 35}))
    (loss,) = losses(host)
    assert loss.endswith("Set-VMMemory -Buffer 35")
    host.run(Cmdlet("Set-VMMemory", {"VMName": "web", "DynamicMemoryEnabled": SwitchParameter.OFF}))
    assert losses(host) == ()
