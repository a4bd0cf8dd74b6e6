"""Routes in a capture: those of the file's adapters are in it, the others are listed one by one."""

import pytest

import nestlab
from nestlab.cli import main
from nestlab.lab import capture_all
from nestlab.model import Cmdlet

TO, VIA = "10.77.0.0/16", "10.1.0.9"


def host_with(text):
    host = nestlab.connect("sim:ws2022-intel")
    results = nestlab.Lab(nestlab.loads(f"name: routes\n{text}"), host).apply()
    assert [str(result) for result in results if not result.ok] == []
    return host


def add_route(host, alias, via=VIA, **parameters):
    where = {"DestinationPrefix": TO, "InterfaceAlias": alias, "NextHop": via}
    host.run(Cmdlet("New-NetRoute", {**where, **parameters}))


def routes_in(found):
    return [(str(route.to), str(route.via)) for route in found.topology.routes]


def planned(found, host):
    plan = nestlab.Lab(found.topology, host).plan()
    return str(plan.steps), plan.remainder


def test_a_route_that_only_a_journal_knows_is_listed_as_its_plan_lists_it(tmp_path):
    host = nestlab.connect("sim:ws2022-intel")
    text = f"name: routes\n{SWITCH}\nroutes: [{{to: {TO}, via: 192.0.2.9}}]"
    lab = nestlab.Lab(nestlab.loads(text), host, tmp_path / "1.jsonl")
    assert [str(result) for result in lab.apply() if not result.ok] == []
    found = capture_all(host, of_topology="routes")
    plan = nestlab.Lab(found.topology, host, tmp_path / "1.jsonl").plan()
    (left,) = plan.remainder
    (loss,) = found.losses
    assert loss.startswith(f"{left.subject} on {left.holds[0]}: left out")


SWITCH = "switches: [{name: A, switch_type: Internal, ip_address: 10.1.0.1/24}]"


def test_a_route_on_a_physical_adapter_is_listed_on_screen_and_in_a_comment(tmp_path, capsys):
    address = f"sim:ws2022-intel?state={tmp_path / 'host.json'}"
    host = nestlab.connect(address)
    list(nestlab.Lab(nestlab.loads(f"name: routes\n{SWITCH}"), host).apply())
    add_route(host, "Ethernet", "192.0.2.9")
    line = f"route to {TO} via 192.0.2.9 on Ethernet: left out"
    for scope in ([], ["--of-topology", "routes"]):
        file = tmp_path / "found.yml"
        assert main(["capture", "--host", address, "--force", "-o", str(file), *scope]) == 0
        assert line in capsys.readouterr().err
        assert f"# - {line}" in file.read_text("utf-8")
        assert nestlab.load(file).routes == ()
        assert main(["plan", str(file), "--host", address]) == 0
        assert "Nothing to do" in capsys.readouterr().out


def test_a_route_on_a_switch_that_is_not_captured_is_listed():
    host = host_with(SWITCH)
    host.run(Cmdlet("New-VMSwitch", {"Name": "B", "SwitchType": "Internal"}))
    where = {"InterfaceAlias": "vEthernet (B)", "IPAddress": "10.2.0.1", "PrefixLength": 24}
    host.run(Cmdlet("New-NetIPAddress", where))
    add_route(host, "vEthernet (B)", "10.2.0.9")
    whole = capture_all(host)
    assert (routes_in(whole), whole.losses) == ([(TO, "10.2.0.9")], ())
    own = capture_all(host, of_topology="routes")
    assert routes_in(own) == []
    (loss,) = own.losses
    assert loss.startswith(f"route to {TO} via 10.2.0.9 on vEthernet (B): left out")


FURTHER = """
switches:
  - name: A
    switch_type: Internal
    ip_address: 10.2.0.1/24
    management_adapters: [{name: Storage, ip_address: 10.1.0.1/24}]
"""


def test_a_route_on_a_further_adapter_of_a_switch_is_in_the_file():
    host = host_with(FURTHER)
    add_route(host, "vEthernet (Storage)")
    found = capture_all(host)
    assert (routes_in(found), found.losses) == ([(TO, VIA)], ())
    assert planned(found, host) == ("()", ())


def test_the_metric_of_a_route_is_listed():
    host = host_with(SWITCH)
    add_route(host, "vEthernet (A)", RouteMetric=7)
    found = capture_all(host)
    assert routes_in(found) == [(TO, VIA)]
    (loss,) = found.losses
    assert loss.startswith(f"route to {TO} via {VIA} on vEthernet (A): its metric 7 is not")
    assert planned(found, host) == ("()", ())


GUEST = """
switches: [{name: A, switch_type: Internal, ip_address: 10.1.0.1/24}]
vms:
  - name: web
    memory_startup: 1GB
    disk: {parent: 'D:\\images\\ws2022.vhdx'}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{name: Ethernet, switch: A, ip_address: 10.1.0.2/24}]
"""


@pytest.mark.parametrize("renamed", [False, True])
def test_a_route_of_a_guest_is_in_the_file_or_listed_with_the_guest(renamed):
    host = host_with(GUEST)
    guest = host.guest("web", "lab-admin")
    add_route(guest, "Ethernet")
    if renamed:
        # Windows in the guest then shows no adapter with the MAC address that the VM has.
        world = host.simulated_host.world.host
        (vm,) = (vm for vm in world.hyper_v.vms if vm.name == "web")
        (adapter,) = (a for a in world.guest(vm).adapters if a.name == "Ethernet")
        adapter.mac_address = "02155D00FFFF"
    found = capture_all(host, of_topology="routes", credential="lab-admin")
    (web,) = found.topology.vms
    listed = [loss for loss in found.losses if "route" in loss]
    if renamed:
        assert web.routes == ()
        assert listed[0].startswith(f"web: route to {TO} via {VIA} on Ethernet: left out")
    else:
        assert [(str(r.to), str(r.via)) for r in web.routes] == [(TO, VIA)]
        assert listed == []


def test_further_addresses_of_an_adapter_are_listed_and_the_plan_keeps_them():
    host = host_with(SWITCH)
    where = {"InterfaceAlias": "vEthernet (A)", "PrefixLength": 24}
    host.run(Cmdlet("New-NetIPAddress", {**where, "IPAddress": "10.20.0.1"}))
    found = capture_all(host)
    assert [str(each.ip_address) for each in found.topology.switches] == ["10.1.0.1/24"]
    (loss,) = found.losses
    assert loss == (
        "address 10.20.0.1/24 of vEthernet (A): left out, because a file has one address of an "
        "adapter; declare an adapter of its own for it if the lab needs it"
    )
    steps, (left,) = planned(found, host)
    assert (steps, left.subject) == ("()", "address 10.20.0.1/24 of vEthernet (A)")
