"""Troubles of real hosts, caused by a quirk: a lab says what is wrong, and can be completed once that is fixed."""

from pathlib import Path

import pytest

import nestlab
from nestlab.known_errors.lookup import explain_all
from nestlab.model import Cmdlet

TOPOLOGIES = Path(__file__).parents[1] / "cases" / "topologies"


def lab_on(tmp_path, topology, **quirks):
    host = nestlab.connect()
    for name, value in quirks.items():
        assert hasattr(host.simulated_host.world.quirks, name)
        setattr(host.simulated_host.world.quirks, name, value)
    return host, nestlab.Lab(
        nestlab.load(TOPOLOGIES / f"{topology}.yml"), host, tmp_path / "journal.jsonl"
    )


def test_an_adapter_that_keeps_its_dhcp_is_explained_and_fixed():
    host = nestlab.connect()
    host.simulated_host.world.quirks.dhcp_stays_on = ["vEthernet (S)"]
    address = Cmdlet(
        "New-NetIPAddress",
        {"InterfaceAlias": "vEthernet (S)", "IPAddress": "10.0.0.1", "PrefixLength": 24},
    )
    host.run(Cmdlet("New-VMSwitch", {"Name": "S", "SwitchType": "Internal"}))
    with pytest.raises(nestlab.errors.CmdletError) as caught:
        host.run(address)
    known = explain_all(caught.value.record)
    assert known.code == "adapter-still-dhcp"
    assert "Set-NetIPInterface -InterfaceAlias '<adapter>' -Dhcp Disabled" in known.fix
    host.run(
        Cmdlet("Set-NetIPInterface", {"InterfaceAlias": "vEthernet (S)", "Dhcp": "Disabled"}),
        address,
    )


def test_a_lab_ends_dhcp_before_it_gives_an_address(tmp_path):
    _, lab = lab_on(tmp_path, "nat-lab", dhcp_stays_on=["vEthernet (LabNet)"])
    assert [result.message for result in lab.apply() if not result.ok] == []
    assert lab.verify().ok


@pytest.mark.parametrize(
    ("topology", "quirk"), [("nat-lab", "management_service_seconds"), ("nat-lab", "address_move_seconds"), ("bridged-lab", "address_move_seconds")]
)  # fmt: skip
def test_what_comes_a_moment_later_is_waited_for(tmp_path, topology, quirk):
    _, lab = lab_on(tmp_path, topology, **{quirk: 20.0})
    assert [result.message for result in lab.apply() if not result.ok] == []
    assert lab.verify().ok


def test_an_adapter_that_stays_bound_takes_no_switch_until_it_is_freed():
    host = nestlab.connect()
    host.simulated_host.world.quirks.uplinks_stay_bound = ["Ethernet"]
    external = Cmdlet("New-VMSwitch", {"Name": "S", "NetAdapterName": "Ethernet"})
    host.run(
        external,
        Cmdlet("Remove-VMSwitch", {"Name": "S", "Force": nestlab.model.SwitchParameter.ON}),
    )
    with pytest.raises(nestlab.errors.CmdletError, match="already bound") as caught:
        host.run(external)
    assert explain_all(caught.value.record).code == "adapter-in-use"
    host.run(Cmdlet("Disable-NetAdapterBinding", {"Name": "Ethernet", "ComponentID": "vms_pp"}))
    (switch,) = host.run(external)
    assert switch["SwitchType"] == "External"
