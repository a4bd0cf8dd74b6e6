"""Static routes and gateways of every machine when networks change: set again, moved, or refused with a reason."""

import json
from datetime import UTC, datetime

import pytest

import nestlab
from nestlab.errors import PlanRefused, StalePlan
from nestlab.model import Cmdlet

TODAY = f"{datetime.now(UTC):%Y-%m-%d}"


def internal(settings="", name="A"):
    """Return an Internal switch with these settings, such as an address and a gateway."""
    return f"{{name: {name}, switch_type: Internal{settings and ', '}{settings}}}"


A = f"switches: [{internal('ip_address: 10.1.0.1/24')}"
ROUTE = "routes: [{to: 10.77.0.0/16, via: 10.1.0.9}]"
GUEST = """
vms:
  - name: web
    memory_startup: 1GB
    disk: {parent: 'D:\\images\\ws2022.vhdx'}
    guest: {os: windows, credential: lab-admin}
"""


def lab_of(text, host):
    return nestlab.Lab(nestlab.loads(f"name: routes\n{text}"), host)


def applied(text, host=None, **options):
    """Apply a file with all consent; then a plan has nothing to do."""
    host = host or nestlab.connect()
    lab = lab_of(text, host)
    results = [*lab.apply(lab.plan(prune=True, **options))]
    assert [str(result) for result in results if not result.ok] == []
    after = lab.plan()
    assert (str(after.steps), after.deferred, after.remainder) == ("()", (), ())
    return host


def machine_of(host, *path):
    machine = host.simulated_host.world.host
    for name in path:
        machine = machine.guest(next(vm for vm in machine.hyper_v.vms if vm.name == name))
    return machine


def routes(host, *path):
    """Return the routes of a machine that have a next hop: adapter, destination, next hop."""
    return [
        (adapter.name, route.destination, route.next_hop)
        for adapter in machine_of(host, *path).adapters
        for route in adapter.ip.routes
        if not route.dhcp and route.destination != "0.0.0.0/0"
    ]


def gateways(host, *path):
    return [
        (adapter.name, route.next_hop)
        for adapter in machine_of(host, *path).adapters
        for route in adapter.ip.routes
        if route.destination == "0.0.0.0/0" and (path or adapter.name != "Ethernet")
    ]


def refusal(text, host, **options):
    with pytest.raises(PlanRefused) as refused:
        lab_of(text, host).plan(**options)
    (error,) = (item for item in refused.value.findings if item.severity == "error")
    return error


OVER_A = ("vEthernet (A)", "10.77.0.0/16", "10.1.0.9")


def test_a_next_hop_in_no_network_of_the_host_is_refused_before_anything_is_done():
    error = refusal(f"{A}]\n{ROUTE.replace('10.1.0.9', '10.8.0.9')}", nestlab.connect())
    assert (error.code, error.subject) == ("next-hop-outside-networks", "host")
    assert "10.8.0.9" in error.message
    assert "10.1.0.0/24" in error.evidence


@pytest.mark.parametrize("prune", [False, True])
def test_a_route_over_a_switch_that_leaves_the_file_is_refused_where_it_would_be_lost(prune):
    host = applied(f"{A}]\n{ROUTE}")
    assert refusal(ROUTE, host, prune=prune).code == "next-hop-outside-networks"
    assert routes(host) == [OVER_A]
    applied("", host)
    assert routes(host) == []


def test_a_next_hop_in_a_network_of_the_host_that_is_not_in_the_file_is_accepted():
    host = applied("routes: [{to: 10.77.0.0/16, via: 192.0.2.9}]")
    assert [where for where, *_ in routes(host)] == ["Ethernet"]


def test_a_route_stays_where_its_network_leaves_the_file_and_is_set_again_when_its_adapter_is_new():
    host = applied(f"{A}]\n{ROUTE}")
    without = f"switches: [{internal()}]\n{ROUTE}"
    applied(without, host)
    assert routes(host) == [OVER_A]
    nothing = lab_of(without, host).plan()
    assert nothing.is_empty
    assert [item.code for item in nothing.warnings] == ["next-hop-outside-networks"]
    applied("switches: [{name: A, switch_type: Private}]", host)
    assert routes(host) == []
    applied(without, host)
    assert routes(host) == [OVER_A]


def test_a_route_moves_to_the_adapter_that_gets_the_network_of_its_next_hop():
    host = applied(f"{A}, {internal('ip_address: 10.2.0.1/24', 'B')}]\n{ROUTE}")
    swapped = A.replace("10.1.0.1", "10.3.0.1")
    applied(f"{swapped}, {internal('ip_address: 10.1.0.1/24', 'B')}]\n{ROUTE}", host)
    assert routes(host) == [("vEthernet (B)", *OVER_A[1:])]


ONE = "    network_adapters: [{name: one, switch: A, ip_address: 10.1.0.5/24}]\n"
INSIDE = "    routes: [{to: 10.77.0.0/16, via: 10.1.0.9}]\n"


def test_a_route_in_a_guest_is_set_again_on_the_adapter_that_replaces_its_adapter():
    host = applied(f"{A}]{GUEST}{ONE}{INSIDE}")
    assert len(routes(host, "web")) == 1
    applied(f"{A}]{GUEST}{ONE.replace('one', 'other')}{INSIDE}", host)
    assert len(routes(host, "web")) == 1


def test_a_next_hop_outside_the_networks_of_a_guest_is_an_error_of_the_file():
    topology = nestlab.loads(f"name: x\n{A}]{GUEST}{ONE}{INSIDE.replace('10.1.0.9', '10.8.0.9')}")
    (error,) = (item for item in nestlab.validate(topology) if item.severity == "error")
    assert (error.code, error.subject) == ("next-hop-outside-networks", "web")


def test_a_route_in_a_guest_over_an_adapter_without_an_address_is_set_there_and_warned_of():
    text = f"switches: [{internal()}]{GUEST}{ONE.replace(', ip_address: 10.1.0.5/24', '')}{INSIDE}"
    host = applied(text)
    assert len(routes(host, "web")) == 1
    warned = [item.code for item in nestlab.validate(nestlab.loads(f"name: x\n{text}"))]
    assert "next-hop-outside-networks" in warned
    renamed = text.replace("name: one", "name: other")
    applied(renamed, host)
    assert len(routes(host, "web")) == 1


# -- gateways


NO_ADDRESS = f"switches: [{internal('gateway: 10.1.0.254')}]"


def with_address(gateway):
    """Return the address of an adapter on A as keys, with a gateway where there is one."""
    return ", ".join(filter(None, ("ip_address: 10.1.0.5/24", gateway and f"gateway: {gateway}")))


@pytest.mark.parametrize("gateway", ["10.1.0.254", "10.1.0.253", ""])
def test_an_address_is_set_on_a_switch_that_has_a_gateway_without_an_address(gateway):
    host = applied(NO_ADDRESS)
    assert gateways(host) == [("vEthernet (A)", "10.1.0.254")]
    applied(f"switches: [{internal(with_address(gateway))}]", host)
    assert gateways(host) == ([("vEthernet (A)", gateway)] if gateway else [])


@pytest.mark.parametrize("gateway", ["10.1.0.1", "10.1.0.2", ""])
def test_an_address_is_set_in_a_guest_that_has_a_gateway_without_an_address(gateway):
    host = applied(f"{A}]{GUEST}{ONE.replace('ip_address: 10.1.0.5/24', 'gateway: 10.1.0.1')}")
    assert [hop for _, hop in gateways(host, "web")] == ["10.1.0.1"]
    applied(f"{A}]{GUEST}{ONE.replace('ip_address: 10.1.0.5/24', with_address(gateway))}", host)
    assert [hop for _, hop in gateways(host, "web")] == ([gateway] if gateway else [])


def test_the_gateway_that_dhcp_gave_is_replaced_with_the_address():
    served = internal("ip_address: 10.1.0.1/24, dhcp: {range: 10.1.0.100-10.1.0.120}")
    scope = f"switches: [{served}]"
    by_dhcp = ONE.replace("ip_address: 10.1.0.5/24", "dhcp: true")
    host = applied(f"{scope}{GUEST}{by_dhcp}")
    assert [hop for _, hop in gateways(host, "web")] == ["10.1.0.1"]
    applied(f"{scope}{GUEST}{ONE.replace('5/24', '5/24, gateway: 10.1.0.1')}", host)
    assert [hop for _, hop in gateways(host, "web")] == ["10.1.0.1"]


def test_a_gateway_without_an_address_is_warned_of():
    (warning,) = nestlab.validate(nestlab.loads(f"name: x\n{NO_ADDRESS}"))
    assert (warning.code, warning.severity) == ("gateway-without-address", "warning")
    topology = nestlab.loads(f"name: x\nswitches: [{internal(with_address('10.1.0.254'))}]")
    assert "gateway-without-address" not in {item.code for item in nestlab.validate(topology)}


def test_an_address_that_comes_is_undone_to_the_gateway_without_an_address():
    host = applied(NO_ADDRESS)
    lab = lab_of(f"switches: [{internal(with_address('10.1.0.254'))}]", host)
    assert all(result.ok for result in lab.apply())
    assert all(result.ok for result in lab.undo())
    assert lab_of(NO_ADDRESS, host).plan().is_empty


# -- the External switch of a nested host


def nested_host(*switches):
    return f"""{A}]
vms:
  - name: HV
    memory_startup: 6GB
    processor_count: 4
    disk: {{parent: 'D:\\images\\ws2022.vhdx'}}
    guest: {{os: windows, credential: lab-admin}}
    network_adapters:
      - {{name: one, switch: A, ip_address: 10.1.0.5/24, gateway: 10.1.0.1, mac_address_spoofing: true}}
      - {{name: two, switch: A, mac_address_spoofing: true}}
    nested: {{switches: [{", ".join(switches)}]}}
    routes: [{{to: 10.77.0.0/16, via: 10.1.0.9}}]
"""


ON_ONE = "{name: Bridge, switch_type: External, net_adapter: one}"


def addresses(host, *path):
    return [
        (adapter.name, address.address)
        for adapter in machine_of(host, *path).adapters
        for address in adapter.ip.addresses
        if address.origin == "Manual" and not adapter.bound_switch
    ]


def test_the_address_gateway_and_route_of_an_adapter_follow_it_into_a_switch_and_back():
    host = applied(nested_host())
    assert addresses(host, "HV") == [("Ethernet", "10.1.0.5")]
    applied(nested_host(ON_ONE), host)
    assert addresses(host, "HV") == [("vEthernet (Bridge)", "10.1.0.5")]
    assert routes(host, "HV") == [("vEthernet (Bridge)", *OVER_A[1:])]
    kept = lab_of(nested_host(), host).plan()
    assert (kept.steps, len(kept.remainder)) == ((), 1)
    applied(nested_host(), host)
    assert addresses(host, "HV") == [("Ethernet", "10.1.0.5")]
    assert routes(host, "HV") == [("Ethernet", *OVER_A[1:])]


def test_the_address_of_an_adapter_is_set_when_its_switch_has_moved_to_another_one():
    host = applied(nested_host(ON_ONE))
    applied(nested_host(ON_ONE.replace("one", "two")), host)
    assert [where for where, _ in addresses(host, "HV")] == ["Ethernet"]
    assert [where for where, *_ in routes(host, "HV")] == ["Ethernet"]


def test_the_address_of_an_adapter_is_set_once_its_switch_is_shared_with_windows_again():
    alone = ON_ONE.replace("}", ", allow_management_os: false}")
    without = nested_host(alone).replace("routes:", "x-routes:")
    host = applied(without)
    assert addresses(host, "HV") == []
    plan = lab_of(nested_host(ON_ONE), host).plan()
    assert [str(item.why) for item in plan.deferred] == [
        "Windows in HV has no adapter on the switch Bridge yet"
    ]
    applied(nested_host(ON_ONE), host)
    assert addresses(host, "HV") == [("vEthernet (Bridge)", "10.1.0.5")]
    assert routes(host, "HV") == [("vEthernet (Bridge)", *OVER_A[1:])]


def test_an_address_that_was_removed_with_its_link_is_set_again_by_undo():
    text = f"{A}]{GUEST}{ONE}"
    host = applied(text)
    lab = lab_of(text.replace("ip_address: 10.1.0.5/24", "connected: false"), host)
    assert all(result.ok for result in lab.apply())
    assert addresses(host, "web") == []
    assert [str(result) for result in lab.undo() if not result.ok] == []
    assert addresses(host, "web") == [("Ethernet", "10.1.0.5")]
    assert lab_of(text, host).plan().is_empty


EXISTING = "switches: [{name: Plain, existing: true}]"
OVER_EXISTING = f"{EXISTING}\nroutes: [{{to: 10.99.0.0/24, via: 10.66.0.7}}]"


def host_with_existing_switch(tmp_path, monkeypatch):
    """Return a host with a switch of others, whose routes nestlab does not own."""
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    path = tmp_path / "scenario.json"
    switch = {"name": "Plain", "switch_type": "Internal", "ip_address": "10.66.0.1/24"}
    scenario = {"description": "A host", "based_on": "ws2022-intel", "switches": [switch]}
    path.write_text(json.dumps(scenario), encoding="utf-8")
    return nestlab.connect(f"sim:{path}")


def add_route(host, via, to="10.99.0.0/24", **more):
    values = {"DestinationPrefix": to, "InterfaceAlias": "vEthernet (Plain)", "NextHop": via}
    host.run(Cmdlet("New-NetRoute", {**values, **more}))


def own_routes(host):
    return [(to, via) for _, to, via in routes(host) if to.startswith("10.9")]


def test_a_route_that_leaves_the_file_is_left_over_and_pruned_as_journals_show_it(
    tmp_path, monkeypatch
):
    host = applied(OVER_EXISTING, host_with_existing_switch(tmp_path, monkeypatch))
    add_route(host, "10.66.0.9", to="10.98.0.0/24")  # of others, in no journal
    lab = lab_of(EXISTING, host)
    plan = lab.plan()
    assert plan.is_empty
    assert [str(item) for item in plan.remainder] == [
        "host: route to 10.99.0.0/24 via 10.66.0.7 (vEthernet (Plain))"
    ]
    left = [item for item in nestlab.drift(lab.topology, host) if item.code == "left-over"]
    assert ["10.99.0.0/24" in item.message for item in left] == [True]
    pruning = lab.plan(prune=True)
    assert [(step.title, step.why) for step in pruning] == [
        (
            "Remove the route to 10.99.0.0/24 via 10.66.0.7",
            (
                f"a run of routes added it, as its journal of {TODAY} shows; "
                "no journal here shows that another lab has it"
            ),
        )
    ]
    assert all(result.ok for result in lab.apply(pruning))
    assert own_routes(host) == [("10.98.0.0/24", "10.66.0.9")]
    assert (lab.plan().remainder, lab.plan_destroy().is_empty) == ((), True)
    assert all(result.ok for result in lab.undo())
    assert ("10.99.0.0/24", "10.66.0.7") in own_routes(host)
    assert len(lab.plan().remainder) == 1


def test_a_pruned_route_is_no_overlap(tmp_path, monkeypatch):
    host = applied(OVER_EXISTING, host_with_existing_switch(tmp_path, monkeypatch))
    lab = lab_of("switches: [{name: B, switch_type: Internal, ip_address: 10.99.0.1/24}]", host)
    assert "route-overlap" in {warning.code for warning in lab.plan().warnings}
    pruning = lab.plan(prune=True)
    assert [warning.code for warning in pruning.warnings] == []
    assert all(result.ok for result in lab.apply(pruning))
    assert own_routes(host) == []


def test_a_route_whose_next_hop_changes_replaces_the_one_that_journals_show(tmp_path, monkeypatch):
    host = applied(OVER_EXISTING, host_with_existing_switch(tmp_path, monkeypatch))
    lab = lab_of(OVER_EXISTING.replace("10.66.0.7", "10.66.0.8"), host)
    plan = lab.plan()
    assert [(step.title, step.why) for step in plan] == [
        (
            "Remove the route to 10.99.0.0/24 via 10.66.0.7",
            (
                f"a run of routes added it, as its journal of {TODAY} shows; "
                "the file has it via 10.66.0.8"
            ),
        ),
        (
            "Add a route to 10.99.0.0/24 via 10.66.0.8",
            "host has no such route on vEthernet (Plain)",
        ),
    ]
    assert plan.remainder == ()
    assert [item.code for item in nestlab.drift(lab.topology, host)] == ["drift", "drift"]
    assert all(result.ok for result in lab.apply())
    assert sorted(own_routes(host)) == [("10.99.0.0/24", "10.66.0.8")]
    assert lab.plan().is_empty
    assert all(result.ok for result in lab.undo())
    assert sorted(own_routes(host)) == [("10.99.0.0/24", "10.66.0.7")]


def test_a_route_of_others_to_the_same_destination_is_named_before_anything_is_done(
    tmp_path, monkeypatch
):
    host = host_with_existing_switch(tmp_path, monkeypatch)
    add_route(host, "10.66.0.9")  # of others, in no journal
    lab = lab_of(OVER_EXISTING, host)
    with pytest.raises(PlanRefused) as refused:
        lab.plan()
    (finding,) = refused.value.findings.errors
    assert (finding.code, finding.subject) == ("route-conflict", "host")
    assert finding.message == (
        "has a route to 10.99.0.0/24 via 10.66.0.7, and the host has one via 10.66.0.9 "
        "on vEthernet (Plain), which no run of routes added"
    )
    assert "route-conflict" in lab.check().codes
    assert [item.code for item in nestlab.drift(lab.topology, host)] == ["route-conflict"]


def test_a_route_of_others_that_comes_beside_the_one_of_the_file_is_a_difference(
    tmp_path, monkeypatch
):
    host = applied(OVER_EXISTING, host_with_existing_switch(tmp_path, monkeypatch))
    add_route(host, "10.66.0.9")
    lab = lab_of(OVER_EXISTING, host)
    plan = lab.plan()
    assert (plan.is_empty, [item.code for item in plan.warnings]) == (True, ["route-conflict"])
    assert [item.code for item in nestlab.drift(lab.topology, host)] == ["route-conflict"]
    changed = lab_of(OVER_EXISTING.replace("10.66.0.7", "10.66.0.8"), host)
    with pytest.raises(PlanRefused, match=r"via 10\.66\.0\.9"):
        changed.plan()


def test_a_route_with_another_metric_than_the_one_of_a_run_is_of_others(tmp_path, monkeypatch):
    host = applied(OVER_EXISTING, host_with_existing_switch(tmp_path, monkeypatch))
    lab = lab_of(OVER_EXISTING, host)
    planned = lab.plan_destroy()
    where = {"DestinationPrefix": "10.99.0.0/24", "NextHop": "10.66.0.7"}
    host.run(Cmdlet("Remove-NetRoute", {**where, "Confirm": False}))
    add_route(host, "10.66.0.7", RouteMetric=5)
    assert lab.plan().is_empty
    assert lab_of(EXISTING, host).plan().remainder == ()
    plan = lab.plan_destroy()
    assert plan.is_empty
    left = {item.subject: item.why for item in plan.unchanged}
    assert left["route to 10.99.0.0/24"] == (
        "it is kept, via 10.66.0.7 on vEthernet (Plain): its metric is 5, and nestlab adds routes "
        "with 256; "
        "Remove-NetRoute -DestinationPrefix '10.99.0.0/24' -NextHop '10.66.0.7' removes it"
    )
    kept = (
        "kept: the route to 10.99.0.0/24 via 10.66.0.7 has the metric 5, and nestlab adds routes "
        "with 256"
    )
    with pytest.raises(StalePlan):
        list(lab.destroy(planned))
    assert [result.message for result in lab.undo()] == [kept]
    assert own_routes(host) == [("10.99.0.0/24", "10.66.0.7")]
