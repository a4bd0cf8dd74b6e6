"""What others made on what a lab owns: left out of the capture of the lab, listed, and kept by its plan."""

import pytest

import nestlab
from nestlab.cli import main
from nestlab.lab import capture_all
from tests.lab.beside_others import FORWARD, MAC, applied, forward, host_of, reserve, run

LAB = """
name: one
switches:
  - name: L1
    switch_type: Internal
    ip_address: 10.9.0.1/24
    nat: 10.9.0.0/24
    port_forwards: [{protocol: tcp, external_port: 8080, to: '10.9.0.7:80'}]
    dhcp: {range: 10.9.0.100-10.9.0.120, reservations: [{ip_address: 10.9.0.101, mac_address: 00-15-5D-00-00-77}]}
    management_adapters: [{name: Store, ip_address: 10.31.0.1/24}]
routes: [{to: 10.70.0.0/24, via: 10.9.0.9}]
vms:
  - {name: a, state: Off, memory_startup: 1GB, disk: {size: 10GB}, network_adapters: [{switch: L1, mac_address: 00-15-5D-00-00-77}]}
"""
WHY = "left out, because no run of one made it, as the journals here show: it may be another user's"
THEIRS = [
    f"{FORWARD} on switch L1",
    f"reservation of 10.9.0.110 for bob ({MAC}) on switch L1",
    "adapter Bobs of the machine on switch L1 (10.30.0.1/24, route to 10.78.0.0/24 via 10.30.0.9)",
    "address 10.1.0.1/24 of vEthernet (L1)",
    "route to 10.77.0.0/24 via 10.9.0.50 on vEthernet (L1)",
]


@pytest.fixture
def host(monkeypatch, tmp_path):
    return host_of(monkeypatch, tmp_path)


def add_theirs(host):
    forward(host)
    reserve(host)
    run(host, "Add-VMNetworkAdapter", ManagementOS=True, Name="Bobs", SwitchName="L1")
    bobs, own = {"InterfaceAlias": "vEthernet (Bobs)"}, {"InterfaceAlias": "vEthernet (L1)"}
    run(host, "New-NetIPAddress", **bobs, IPAddress="10.30.0.1", PrefixLength=24)
    run(host, "New-NetRoute", **bobs, DestinationPrefix="10.78.0.0/24", NextHop="10.30.0.9")
    run(host, "New-NetIPAddress", **own, IPAddress="10.1.0.1", PrefixLength=24)
    run(host, "New-NetRoute", **own, DestinationPrefix="10.77.0.0/24", NextHop="10.9.0.50")


def test_it_is_left_out_and_listed_and_the_plan_of_the_capture_keeps_it(host):
    lab = applied(host, LAB)
    before = capture_all(host, of_topology="one").topology
    add_theirs(host)
    found = capture_all(host, of_topology="one")
    assert found.losses == tuple(f"{each}: {WHY}" for each in THEIRS)
    assert all(f"- {loss}" in found.comments for loss in found.losses)
    assert found.topology.to_dict() == before.to_dict()
    (switch,) = found.topology.switches
    assert [own.name for own in switch.management_adapters] == ["Store"]
    assert [each.external_port for each in switch.port_forwards] == [8080]
    assert str(switch.ip_address) == "10.9.0.1/24"
    plans = [nestlab.Lab(each, host).plan() for each in (found.topology, lab.topology)]
    assert [[*plan.steps] for plan in plans] == [[], []]
    left = [sorted(each.subject for each in plan.remainder) for plan in plans]
    assert left[0] == left[1]
    assert left[0] == sorted(each.partition(" (10.30")[0] for each in THEIRS)


def test_without_a_journal_it_is_in_the_file_and_said_to_be_not_known(host, monkeypatch, tmp_path):
    applied(host, LAB)
    add_theirs(host)
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "elsewhere"))
    found = capture_all(host, of_topology="one")
    (switch,) = found.topology.switches
    assert [own.name for own in switch.management_adapters] == ["Store", "Bobs"]
    assert [each.external_port for each in switch.port_forwards] == [8080, 8443]
    (line,) = (each for each in found.owners if "journal" in each)
    assert line.startswith(
        "No journal of one is on this computer, so it is not known who made these entries; they "
        "are in the file: "
    )
    assert all(each in line for each in (*THEIRS[:3], THEIRS[4]))
    assert line in found.comments
    plan = nestlab.Lab(found.topology, host).plan()
    assert [*plan.steps] == []
    listed = " ".join(found.losses)
    assert all(left.subject in listed for left in plan.remainder)


def test_what_runs_made_and_what_an_adopted_switch_has_is_captured(host):
    applied(host, LAB)
    found = capture_all(host, of_topology="one")
    assert (found.losses, [each for each in found.owners if "journal" in each]) == ((), [])
    whole = capture_all(host).topology
    assert found.topology.switches == whole.switches
    run(host, "New-VMSwitch", Name="Cl", SwitchType="Internal")
    run(host, "New-NetIPAddress", InterfaceAlias="vEthernet (Cl)", IPAddress="10.8.0.1", PrefixLength=24)  # fmt: skip
    run(host, "Add-VMNetworkAdapter", ManagementOS=True, Name="Nas", SwitchName="Cl")
    text = "name: two\nswitches: [{name: Cl, switch_type: Internal, ip_address: 10.8.0.1/24, management_adapters: [{name: Nas}]}]"
    lab = nestlab.Lab(nestlab.loads(text), host)
    assert all(result.ok for result in lab.adopt(lab.plan_adopt()))
    adopted = capture_all(host, of_topology="two").topology
    assert [own.name for own in adopted.switches[0].management_adapters] == ["Nas"]


def test_a_nat_and_a_scope_of_others_for_the_network_are_left_out(host):
    bare = "name: one\nswitches: [{name: L1, switch_type: Internal, ip_address: 10.9.0.1/24}]"
    applied(host, bare)
    run(host, "New-NetNat", Name="Bobs", InternalIPInterfaceAddressPrefix="10.9.0.0/24")
    found = capture_all(host, of_topology="one")
    (switch,) = found.topology.switches
    assert switch.nat is None
    (loss,) = found.losses
    assert loss.startswith("NAT Bobs (10.9.0.0/24): left out, because it does not have a name")
    assert [*nestlab.Lab(found.topology, host).plan().steps] == []


def test_a_further_address_of_a_physical_adapter_is_listed(host):
    applied(host, LAB)
    run(host, "New-NetIPAddress", InterfaceAlias="Ethernet", IPAddress="192.0.2.77", PrefixLength=24)  # fmt: skip
    found = capture_all(host, of_topology="one")
    (loss,) = found.losses
    assert loss.startswith("address 192.0.2.77/24 of Ethernet: left out, because a file has one")
    plan = nestlab.Lab(found.topology, host).plan()
    assert ([*plan.steps], plan.remainder) == ([], ())


GUEST = """
name: one
switches: [{name: A, switch_type: Internal, ip_address: 10.1.0.1/24}]
vms:
  - name: web
    memory_startup: 1GB
    disk: {parent: 'D:\\images\\ws2022.vhdx'}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{name: Ethernet, switch: A, ip_address: 10.1.0.2/24}]
"""


def test_a_further_address_in_a_guest_is_listed_and_kept(host):
    applied(host, GUEST)
    guest = host.guest("web", "lab-admin")
    run(guest, "New-NetIPAddress", InterfaceAlias="Ethernet", IPAddress="10.1.0.40", PrefixLength=24)  # fmt: skip
    found = capture_all(host, of_topology="one", credential="lab-admin")
    subject = "address 10.1.0.40/24 of Ethernet"
    assert [loss for loss in found.losses if loss.startswith(f"web: {subject}: left out")]
    lab = nestlab.Lab(found.topology, host)
    plan = lab.plan()
    assert [*plan.steps] == []
    assert [(left.machine, left.subject) for left in plan.remainder] == [(("web",), subject)]
    assert all(result.ok for result in lab.apply(lab.plan(disconnect_others=True)))
    records = run(guest, "Get-NetIPAddress", InterfaceAlias="Ethernet", AddressFamily="IPv4")
    assert [str(each["IPAddress"]) for each in records] == ["10.1.0.2"]


def test_the_command_line_lists_it_on_the_screen_and_in_the_file(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    address, file = f"sim:ws2022-intel?state={tmp_path / 'host.json'}", tmp_path / "found.yml"
    host = nestlab.connect(address)
    applied(host, LAB)
    add_theirs(host)
    host.close()
    options = ["--host", address, "--of-topology", "one", "--force", "-o", str(file)]
    assert main(["capture", *options]) == 0
    said, text = capsys.readouterr().err, file.read_text("utf-8")
    for each in THEIRS:
        assert f"  {each}: {WHY}" in said
        assert f"# - {each}: {WHY}" in text
    assert main(["plan", str(file), "--host", address]) == 0
    assert main(["--language", "es", "capture", *options]) == 0
    assert "puede ser de otro usuario" in capsys.readouterr().err
