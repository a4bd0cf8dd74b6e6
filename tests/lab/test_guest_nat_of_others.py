"""A NAT in a guest that is a router, which others use: their forwards, routes and VMs stay, and it is said."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.errors import PlanRefused
from nestlab.lab.journal_folder import journals_of
from nestlab.model import Cmdlet
from nestlab.simulator.faults import Fault
from tests.lab.beside_others import EVERY_ADDRESS, applied, coming, host_of, run

LAB = r"""
name: one
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}}
switches:
  - {name: Wan, switch_type: Internal, ip_address: 192.168.100.1/24}
  - {name: Lan, switch_type: Private}
vms:
  - name: router
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    nat: {inside: 10.1.0.0/16, outside: Wan}
    network_adapters:
      - {name: Out, switch: Wan, ip_address: 192.168.100.11/24, gateway: 192.168.100.1}
      - {name: In, switch: Lan, ip_address: 10.1.0.1/24}
"""
SMALLER = LAB.replace("10.1.0.0/16", "10.1.0.0/24")
WITHOUT = LAB.replace("    nat: {inside: 10.1.0.0/16, outside: Wan}\n", "    forwarding: true\n")
NAT = "nestlab.one.router"
FORWARD = "forward of tcp port 8443 to 10.1.0.50:443"
FAR = "forward of tcp port 8443 to 10.1.7.50:443"
NO_RUN = "no run of one made it, as the journals here show; `--disconnect-others` removes it anyway"
HAS = "kept: it has what no run of one made, as the journals here show: {}; `--disconnect-others` removes it anyway"
SENDS = "what VM guest on switch Lan sends"
TRANSLATES = f"kept: it also translates {SENDS}; `--disconnect-others` removes it anyway"


@pytest.fixture
def host(monkeypatch, tmp_path):
    found = host_of(monkeypatch, tmp_path)
    applied(found, LAB)
    return found


def router_of(host):
    machine = host.simulated_host.world.host
    return machine.guest(machine.hyper_v.vms_named("router")[0])


def inside(host, name, **parameters):
    """The records of a cmdlet that another user runs in the router."""
    return host.guest("router", "lab-admin").run(Cmdlet(name, parameters)).records


def forward(host, address="10.1.0.50"):
    external = {"ExternalIPAddress": EVERY_ADDRESS, "ExternalPort": 8443}
    internal = {"InternalIPAddress": address, "InternalPort": 443}
    of = {"NatName": NAT, "Protocol": "TCP"}
    inside(host, "Add-NetNatStaticMapping", **of, **external, **internal)


def add_guest(host):
    run(host, "New-VM", Name="guest", NoVHD=True, SwitchName="Lan")


def now(host):
    """The prefix of the NAT, and where each port is forwarded."""
    nats = {each["InternalIPInterfaceAddressPrefix"] for each in inside(host, "Get-NetNat")}
    mappings = inside(host, "Get-NetNatStaticMapping")
    return nats, {each["ExternalPort"]: str(each["InternalIPAddress"]) for each in mappings}


def lab_of(host, text):
    return nestlab.Lab(nestlab.loads(text), host)


def refused(host, text):
    with pytest.raises(PlanRefused) as error:
        lab_of(host, text).plan()
    (finding,) = error.value.findings
    assert (finding.code, finding.subject) == ("nat-in-use", "router")
    assert [each.code for each in nestlab.drift(nestlab.loads(text), host)] == ["nat-in-use"]
    return finding.message


def test_a_forward_of_others_is_listed_and_removed_with_consent_only(host):
    forward(host)
    lab = lab_of(host, LAB)
    plan = lab.plan()
    assert [*plan.steps] == []
    assert [(each.subject, each.holds) for each in plan.remainder] == [
        (FORWARD, (f"kept: {NO_RUN}",))
    ]
    (found,) = nestlab.drift(lab.topology, host)
    assert (found.code, found.evidence) == ("left-over", f"kept: {NO_RUN}")
    (step,) = lab.plan(disconnect_others=True)
    assert (step.action, step.hazard) == ("remove-port-forward", "may-cut-connection")
    applied(host, LAB, disconnect_others=True)
    assert now(host) == ({"10.1.0.0/16"}, {})


def test_another_prefix_keeps_a_forward_of_others_and_undo_does_so_too(host):
    forward(host)
    applied(host, SMALLER)
    assert now(host) == ({"10.1.0.0/24"}, {8443: "10.1.0.50"})
    assert all(result.ok for result in nestlab.undo(host, journals_of(host)[0].path))
    assert now(host) == ({"10.1.0.0/16"}, {8443: "10.1.0.50"})


def test_a_prefix_without_the_address_of_a_forward_of_others_needs_consent(host):
    forward(host, "10.1.7.50")
    assert refused(host, SMALLER).endswith(FAR)
    (step, *_) = lab_of(host, SMALLER).plan(disconnect_others=True)
    assert (step.action, step.hazard) == ("replace-nat", "may-cut-connection")
    assert FAR in step.why
    applied(host, SMALLER, disconnect_others=True)
    assert now(host) == ({"10.1.0.0/24"}, {})


def test_a_prefix_that_may_leave_out_a_vm_of_others_needs_consent(host):
    add_guest(host)
    assert SENDS in refused(host, SMALLER)
    applied(host, SMALLER, disconnect_others=True)
    assert now(host)[0] == {"10.1.0.0/24"}


def test_a_nat_that_the_file_no_longer_has_is_left_over_for_others(host):
    add_guest(host)
    forward(host)
    plan = lab_of(host, WITHOUT).plan()
    assert [*plan.steps] == []
    (left,) = plan.remainder
    assert left.subject == f"NAT {NAT}"
    assert left.holds == ("10.1.0.0/16", TRANSLATES, HAS.format(FORWARD))
    applied(host, WITHOUT, disconnect_others=True)
    assert now(host) == (set(), {})


@pytest.mark.parametrize("text", [SMALLER, WITHOUT], ids=["replace", "remove"])
@pytest.mark.parametrize("what", ["forward", "vm"])
def test_what_came_since_the_plan_keeps_the_nat(host, text, what):
    lab = lab_of(host, text)
    act = {"forward": lambda host: forward(host, "10.1.7.50"), "vm": add_guest}[what]
    before = now(host)[0]
    result, *_ = lab.apply(lab.plan(), confirm=coming(host, act))
    why = HAS.format(FAR) if what == "forward" else TRANSLATES
    assert (result.status, result.message) == ("skipped", f"Not done: {why}")
    assert now(host)[0] == before


@pytest.mark.parametrize("what", ["forward", "vm"])
def test_undo_keeps_a_prefix_that_others_use_by_now(host, what):
    applied(host, SMALLER)
    applied(host, LAB)
    journal = journals_of(host)[0].path
    forward(host, "10.1.7.50") if what == "forward" else add_guest(host)
    why = HAS.format(FAR) if what == "forward" else TRANSLATES
    (result,) = nestlab.undo(host, journal)
    assert (result.status, result.message) == ("skipped", why)
    (result,) = nestlab.undo(host, journal, disconnect_others=True)
    assert result.status == "done"
    assert now(host) == ({"10.1.0.0/24"}, {})


def test_undo_keeps_a_nat_that_others_use_by_now(host):
    applied(host, WITHOUT)
    applied(host, LAB)
    add_guest(host)
    results = {each.step.action: each for each in nestlab.undo(host, journals_of(host)[0].path)}
    created = results["create-nat"]
    assert (created.status, created.message) == ("skipped", TRANSLATES)
    assert now(host)[0] == {"10.1.0.0/16"}


@pytest.mark.parametrize("cmdlet", ["New-NetNat", "Add-NetNatStaticMapping"])
def test_a_change_that_fails_restores_the_nat_with_the_forwards_of_others(host, cmdlet):
    forward(host)
    lab = lab_of(host, SMALLER)
    plan = lab.plan()
    host.simulated_host.inject_faults(Fault("fail", cmdlet, 1))
    result, *_ = lab.apply(plan)
    assert result.status == "failed"
    assert result.message.endswith("10.1.0.0/16 was restored, with its port forwards.")
    assert now(host) == ({"10.1.0.0/16"}, {8443: "10.1.0.50"})


def test_a_route_of_others_stays_and_their_vms_behind_the_router_are_named(host):
    found = inside(host, "Get-NetIPAddress", IPAddress="10.1.0.1")
    alias = found[0]["InterfaceAlias"]
    to = {"InterfaceAlias": alias, "DestinationPrefix": "10.77.0.0/24", "NextHop": "10.1.0.50"}
    inside(host, "New-NetRoute", **to)
    plan = lab_of(host, LAB).plan()
    (left,) = plan.remainder
    assert [*plan.steps] == []
    assert "no run of one made it" in left.holds[0]
    (step,) = lab_of(host, LAB).plan(disconnect_others=True)
    assert (step.action, step.hazard) == ("remove-route", "none")
    add_guest(host)
    plan = lab_of(host, LAB).plan()
    assert [*plan.steps] == []
    (left,) = plan.remainder
    assert left.subject == f"route to 10.77.0.0/24 via 10.1.0.50 on {alias}"
    assert "VM guest on switch Lan may use it" in left.holds[0]
    (step,) = lab_of(host, LAB).plan(disconnect_others=True)
    assert step.hazard == "may-cut-connection"


def test_a_nat_of_routing_and_remote_access_is_said_not_to_be_read(host):
    inside(host, "Remove-NetNat", Name=NAT, Confirm=False)
    router_of(host).features["Routing"] = "Installed"
    (step,) = lab_of(host, LAB).plan()
    assert step.action == "create-nat"
    assert step.why.endswith("; its role Routing may translate as well, which is not read")


@pytest.mark.parametrize("prefix", ["10.1.0.0/20", "172.30.0.0/24"])
def test_a_nat_of_others_in_the_guest_is_named_where_it_is_in_the_way(host, prefix):
    inside(host, "Remove-NetNat", Name=NAT, Confirm=False)
    inside(host, "New-NetNat", Name="Corp", InternalIPInterfaceAddressPrefix=prefix)
    if prefix.startswith("172"):
        assert [step.action for step in lab_of(host, LAB).plan()] == ["create-nat"]
        return
    with pytest.raises(PlanRefused) as error:
        lab_of(host, LAB).plan()
    (finding,) = error.value.findings.errors
    assert (finding.code, finding.subject) == ("nat-taken", "router")
    assert finding.message == (
        "translates 10.1.0.0/16, which overlaps 10.1.0.0/20 of the NAT Corp on router: it would be "
        "refused"
    )


def test_a_router_that_translates_for_vms_of_others_is_removed_with_consent_only(host):
    add_guest(host)
    lab = lab_of(host, LAB)
    plan = lab.plan_destroy()
    assert "remove-vm" not in [step.action for step in plan]
    (kept,) = (each for each in plan.unchanged if each.subject == "VM router")
    assert kept.why == TRANSLATES
    plan = lab.plan_destroy(disconnect_others=True)
    step = next(each for each in plan if each.action == "remove-vm")
    assert step.why.endswith(f"; it also translates {SENDS}, which nothing translates after that")
    results = [*lab.destroy(plan, disconnect_others=True)]
    assert [str(each) for each in results if not each.ok] == []


def test_a_router_is_not_recreated_while_it_translates_for_vms_of_others(host):
    add_guest(host)
    changed = LAB.replace("name: router", "name: router\n    generation: 1")
    with pytest.raises(PlanRefused) as error:
        lab_of(host, changed).plan(recreate=["router"])
    assert "it also translates what VM guest on switch Lan sends" in str(error.value)
