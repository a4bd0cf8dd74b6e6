"""A simulated host that is prepared for a topology has what the topology expects to find there."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

import nestlab
from nestlab.errors import PlanRefused, TopologyFileError, UsageError
from nestlab.model import Cmdlet
from tests.strategies import topologies

OWN_IMAGES = Path(__file__).parents[1] / "export" / "own_images.yml"
CLIENT = """
name: client
switches: [{name: Default Switch, existing: true}]
vms:
  - name: build-agent
    generation: 1
    memory_startup: 1GB
    processor_count: 48
    disk: {parent: 'F:\\old\\ws2016.vhd'}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: Default Switch}]
"""


def names(host, command, **given):
    return {record["Name"] for record in host.run(Cmdlet(command, given))}


def applied(topology, host):
    assert [str(result) for result in nestlab.Lab(topology, host).apply() if not result.ok] == []
    assert nestlab.Lab(topology, host).plan().is_empty


@pytest.mark.parametrize("scenario", ["ws2022-intel", "ws2022-spanish"])
def test_a_lab_with_images_and_adapters_of_its_own_is_built_to_its_last_level(scenario):
    topology = nestlab.load(OWN_IMAGES)
    with pytest.raises(PlanRefused, match="is not on the host"):
        nestlab.Lab(topology, nestlab.connect(f"sim:{scenario}")).plan()
    host = nestlab.connect(f"sim:{scenario}", prepared_for=topology)
    assert "Building" in names(host, "Get-VMSwitch")
    assert "LAN 2" in names(host, "Get-NetAdapter")
    applied(topology, host)
    assert (
        host.guest("HV1", "lab-admin").guest("inner", "inner-admin").run(Cmdlet("Get-NetAdapter"))
    )


def test_a_windows_client_keeps_its_default_switch_and_names_of_the_lab_are_free():
    topology = nestlab.loads(CLIENT)
    host = nestlab.connect("sim:win11-ryzen", prepared_for=topology)
    assert names(host, "Get-VMSwitch") == {"Default Switch"}
    applied(topology, host)


def test_the_address_of_a_prepared_host_opens_the_same_again(tmp_path):
    address = f"sim:ws2022-intel?prepared_for={OWN_IMAGES}"
    host = nestlab.connect(address)
    again = nestlab.connect(host.host)
    assert "LAN 2" in names(again, "Get-NetAdapter")
    state = nestlab.connect(f"{address}&state={tmp_path / 'host.json'}")
    assert "LAN 2" in names(nestlab.connect(state.host), "Get-NetAdapter")


def test_a_topology_that_cannot_be_read_is_an_error_that_names_it(tmp_path):
    with pytest.raises(UsageError, match="prepared_for= is empty"):
        nestlab.connect("sim:?prepared_for=")
    with pytest.raises(TopologyFileError, match="no such file"):
        nestlab.connect(f"sim:?prepared_for={tmp_path / 'none.yml'}")


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60)
@given(topologies)
def test_a_host_can_be_prepared_for_any_topology(topology):
    host = nestlab.connect(prepared_for=topology)
    findings = nestlab.Lab(topology, host).check()
    no_disks = {finding.subject for finding in findings if finding.code == "disk-format-wrong"}
    images = {
        f"image {disk.image}"
        for path, vm in topology.machines()
        if "/".join(path) in no_disks
        for _, disk in vm.all_disks
    }
    missing = {finding.subject for finding in findings if finding.code == "disk-missing"}
    assert missing <= no_disks | images


def test_the_adapters_of_a_team_are_of_one_model():
    """They were of different ones, so that every lab with a team was refused on such a host."""
    topology = nestlab.loads(
        "{name: t, switches: [{name: Team, switch_type: External, net_adapter: [LAN 7, LAN 8]}]}"
    )
    applied(topology, nestlab.connect(prepared_for=topology))


def test_a_disk_whose_windows_is_to_have_the_default_switch_has_a_client():
    """Each image had Windows Server, inside which no Default Switch was found."""
    topology = nestlab.loads(
        CLIENT.replace("memory_startup: 1GB", "memory_startup: 8GB")
        + "    nested: {switches: [{name: Default Switch, existing: true}]}\n"
    )
    applied(topology, nestlab.connect("sim:win11-ryzen", prepared_for=topology))
