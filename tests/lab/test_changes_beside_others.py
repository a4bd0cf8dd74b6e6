"""Changes of a NAT, a DHCP scope or an address of a switch, whose VMs of others came since the plan: kept, and said."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.errors import PlanRefused
from nestlab.lab.journal_folder import journals_of
from tests.lab.beside_others import add_guest, applied, coming, host_of, run

LAB = """
name: one
switches:
  - name: L1
    switch_type: Internal
    ip_address: 10.9.0.1/24
    nat: 10.9.0.0/24
    port_forwards: [{protocol: tcp, external_port: 8080, to: '10.9.0.7:80'}]
    dhcp: {range: 10.9.0.100-10.9.0.120, dns_servers: [10.9.0.5], reservations: [{ip_address: 10.9.0.101, mac_address: 00-15-5D-00-00-77}]}
vms:
  - {name: a, state: Off, memory_startup: 1GB, disk: {size: 10GB}, network_adapters: [{switch: L1, mac_address: 00-15-5D-00-00-77}]}
"""
WIDE = LAB.replace("nat: 10.9.0.0/24", "nat: 10.9.0.0/16")
RANGE = LAB.replace("10.9.0.120", "10.9.0.110")
ADDRESS = LAB.replace("10.9.0.1/24", "10.9.0.2/24")
BARE = LAB[: LAB.index("    ip_address:")] + LAB[LAB.index("vms:") :]
TWO = r"""
name: two
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}}
switches: [{name: L1, existing: true}]
vms: [{name: guest, memory_startup: 1GB, disk: {image: ws2022}, guest: {os: windows, credential: lab-admin}, network_adapters: [{switch: L1, ip_address: 10.9.7.50/24}]}]
"""
CONSENT = "`--disconnect-others` removes it anyway"
TRANSLATED = f"kept: it also translates what VM guest on switch L1 sends; {CONSENT}"
SERVED = f"kept: it may serve VM guest on switch L1; {CONSENT}"
USED = f"kept: VM guest on switch L1 may use 10.9.0.1/24; {CONSENT}"
ALIAS = {"InterfaceAlias": "vEthernet (L1)", "AddressFamily": "IPv4"}


@pytest.fixture
def host(monkeypatch, tmp_path):
    return host_of(monkeypatch, tmp_path)


def add_guest_of_another_network(host):
    """A VM of another lab whose address only the wide prefix has."""
    two = nestlab.loads(TWO)
    assert [str(each) for each in nestlab.Lab(two, host).apply() if not each.ok] == []


def now(host):
    """The prefix of the NAT, the ports forwarded, the range, router and reservations, the addresses."""
    (nat,) = run(host, "Get-NetNat")
    (scope,) = run(host, "Get-DhcpServerv4Scope")
    values = run(host, "Get-DhcpServerv4OptionValue", ScopeId=scope["ScopeId"])
    reserved = run(host, "Get-DhcpServerv4Reservation", ScopeId=scope["ScopeId"])
    return (
        nat["InternalIPInterfaceAddressPrefix"],
        sorted(each["ExternalPort"] for each in run(host, "Get-NetNatStaticMapping")),
        str(scope["EndRange"]),
        {each["OptionId"]: [*each["Value"]] for each in values},
        sorted(str(each["IPAddress"]) for each in reserved),
        sorted(str(each["IPAddress"]) for each in run(host, "Get-NetIPAddress", **ALIAS)),
    )


def refused(host, text):
    lab = nestlab.Lab(nestlab.loads(text), host)
    with pytest.raises(PlanRefused) as error:
        lab.plan()
    (finding,) = error.value.findings
    assert "`--disconnect-others`" in finding.hint
    assert [each.code for each in nestlab.drift(lab.topology, host)] == [finding.code]
    return finding


CHANGES = {
    "nat": (LAB, "replace-nat", TRANSLATED, "nat-in-use"),
    "range": (RANGE, "serve-addresses", SERVED, "dhcp-scope-in-use"),
    "address": (ADDRESS, "set-address", USED, "switch-address-in-use"),
}


BEFORE = {"nat": WIDE, "range": LAB, "address": LAB}
COMING = {"nat": add_guest_of_another_network, "range": add_guest, "address": add_guest}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_vm_of_others_that_came_since_the_plan_keeps_what_would_change(host, kind):
    text, action, why, code = CHANGES[kind]
    applied(host, BEFORE[kind])
    before = now(host)
    lab = nestlab.Lab(nestlab.loads(text), host)
    plan = lab.plan()
    assert {step.hazard for step in plan} == {"none"}
    results = [*lab.apply(plan, confirm=coming(host, COMING[kind]))]
    assert {result.status for result in results} == {"skipped"}
    first, *others = results
    assert (first.step.action, first.message) == (action, f"Not done: {why}")
    assert {each.message for each in others} <= {
        f"Not done: it needs a step that was not done: {first.step.title}"
    }
    assert {each.step.id for each in others} == {step.id for step in plan} - {first.step.id}
    assert now(host) == before
    assert refused(host, text).code == code
    lab = applied(host, text, disconnect_others=True)
    assert list(nestlab.drift(lab.topology, host)) == []


def test_a_second_switch_of_the_same_name_hides_no_vm_of_others(host):
    applied(host, LAB)

    def another(host):
        add_guest(host)
        run(host, "New-VMSwitch", Name="L1", SwitchType="Private")

    before = now(host)
    lab = nestlab.Lab(nestlab.loads(RANGE), host)
    first, *_ = lab.apply(lab.plan(), confirm=coming(host, another))
    assert first.message == f"Not done: {SERVED}"
    assert now(host) == before


@pytest.mark.parametrize("kind", CHANGES)
def test_undo_of_a_change_keeps_it_for_vms_of_others_that_came_since(host, kind):
    text, action, why, _ = CHANGES[kind]
    earlier, text = (LAB, WIDE) if kind == "nat" else (LAB, text)
    applied(host, earlier)
    applied(host, text)
    journal = journals_of(host)[0].path
    COMING[kind](host)
    before = now(host)
    results = {result.step.action: result for result in nestlab.undo(host, journal)}
    assert {result.status for result in results.values()} == {"skipped"}
    assert results[action].message == why.replace("10.9.0.1/24", "10.9.0.2/24")
    assert now(host) == before
    results = [*nestlab.undo(host, journal, disconnect_others=True)]
    assert {result.status for result in results} == {"done"}
    assert now(host) != before


def test_the_other_steps_of_the_run_go_on(host):
    applied(host, LAB)
    more = RANGE + "  - {name: b, state: Off, memory_startup: 1GB, disk: {size: 10GB}}\n"
    lab = nestlab.Lab(nestlab.loads(more), host)
    results = {
        r.step.action: r.status for r in lab.apply(lab.plan(), confirm=coming(host, add_guest))
    }
    assert (results["serve-addresses"], results["create-vm"]) == ("skipped", "done")
    assert "b" in [each["Name"] for each in run(host, "Get-VM")]


def test_a_changed_address_is_refused_while_vms_of_others_are_on_the_switch(host):
    applied(host, LAB)
    add_guest(host)
    finding = refused(host, ADDRESS)
    assert (finding.code, finding.subject) == ("switch-address-in-use", "switch L1")
    assert finding.message == (
        "its address 10.9.0.1/24 would change to 10.9.0.2/24; VM guest may use it, too"
    )
    plan = nestlab.Lab(nestlab.loads(ADDRESS), host).plan(disconnect_others=True)
    (step,) = (each for each in plan if each.action == "set-address")
    assert step.hazard == "may-cut-connection"
    assert step.why == "it has 10.9.0.1/24; VM guest on switch L1 may use 10.9.0.1/24, too"


def test_a_wider_network_with_the_same_address_takes_nothing_from_others(host):
    text = LAB[: LAB.index("    nat:")] + LAB[LAB.index("vms:") :]
    applied(host, text)
    add_guest(host)
    lab = applied(host, text.replace("10.9.0.1/24", "10.9.0.1/16"))
    assert list(nestlab.drift(lab.topology, host)) == []
    assert refused(host, text).code == "switch-address-in-use"


def test_an_address_that_the_file_no_longer_has_is_left_over_for_vms_of_others(host, tmp_path):
    text = LAB[: LAB.index("    nat:")] + LAB[LAB.index("vms:") :]
    applied(host, text)
    add_guest(host)
    lab = nestlab.Lab(nestlab.loads(BARE), host)
    plan = lab.plan()
    assert [*plan.steps] == []
    (left,) = plan.remainder
    assert (left.subject, left.holds) == ("address 10.9.0.1/24 of vEthernet (L1)", (USED,))
    assert [each.code for each in nestlab.drift(lab.topology, host)] == ["left-over"]
    plan = lab.plan(disconnect_others=True)
    assert {step.hazard for step in plan} == {"may-cut-connection"}
    plan.save(tmp_path / "plan.json")
    assert all(result.ok for result in lab.apply(nestlab.load_plan(tmp_path / "plan.json")))
    assert list(nestlab.drift(lab.topology, host)) == []


def test_an_address_that_the_file_no_longer_has_stays_for_vms_that_came_since(host):
    text = LAB[: LAB.index("    nat:")] + LAB[LAB.index("vms:") :]
    applied(host, text)
    lab = nestlab.Lab(nestlab.loads(BARE), host)
    results = [*lab.apply(lab.plan(), confirm=coming(host, add_guest))]
    assert [(each.status, each.message) for each in results] == [("skipped", f"Not done: {USED}")]
    addresses = [str(each["IPAddress"]) for each in run(host, "Get-NetIPAddress", **ALIAS)]
    assert addresses == ["10.9.0.1"]


def test_without_vms_of_others_nothing_is_asked_for(host):
    applied(host, LAB)
    for text in (WIDE, LAB, RANGE, ADDRESS):
        lab = nestlab.Lab(nestlab.loads(text), host)
        assert {step.hazard for step in lab.plan()} == {"none"}
        applied(host, text)
