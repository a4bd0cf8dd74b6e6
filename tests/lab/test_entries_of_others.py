"""Reservations, port forwards, addresses and routes that others made on a switch of a lab: kept, and said."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.cli import main
from nestlab.errors import PlanRefused
from tests.lab.beside_others import (
    FORWARD,
    KEPT_WITH,
    MAC,
    add_guest,
    applied,
    coming,
    forward,
    host_of,
    reserve,
    run,
)

LAB = """
name: one
switches:
  - name: L1
    switch_type: Internal
    ip_address: 10.9.0.1/24
    nat: 10.9.0.0/24
    port_forwards: [{protocol: tcp, external_port: 8080, to: '10.9.0.7:80'}]
    dhcp: {range: 10.9.0.100-10.9.0.120, reservations: [{ip_address: 10.9.0.101, mac_address: 00-15-5D-00-00-77}]}
routes: [{to: 10.70.0.0/24, via: 10.9.0.9}]
vms:
  - {name: a, state: Off, memory_startup: 1GB, disk: {size: 10GB}, network_adapters: [{switch: L1, mac_address: 00-15-5D-00-00-77}]}
"""
KEPT = (
    "kept: no run of one made it, as the journals here show, and VM guest on switch L1 may use it; "
    "`--disconnect-others` removes it anyway"
)
RESERVATION = f"reservation of 10.9.0.110 for bob ({MAC})"
THEIRS = [
    "address 10.20.0.1/24 of vEthernet (L1)",
    f"{FORWARD} on switch L1",
    f"{RESERVATION} on switch L1",
    "route to 10.77.0.0/24 via 10.9.0.50 on vEthernet (L1)",
]
NO_RUN = "; no run of one made it, as the journals here show"


@pytest.fixture
def host(monkeypatch, tmp_path):
    return host_of(monkeypatch, tmp_path)


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """Moves the journals to where no run wrote any."""
    return lambda: monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "elsewhere"))


def add_entries(host):
    reserve(host)
    forward(host)
    alias = {"InterfaceAlias": "vEthernet (L1)"}
    run(host, "New-NetIPAddress", **alias, IPAddress="10.20.0.1", PrefixLength=24)
    run(host, "New-NetRoute", **alias, DestinationPrefix="10.77.0.0/24", NextHop="10.9.0.50")


def forwards(host):
    return sorted(r["ExternalPort"] for r in run(host, "Get-NetNatStaticMapping"))


def reserved(host):
    records = run(host, "Get-DhcpServerv4Reservation", ScopeId="10.9.0.0")
    return sorted(str(record["IPAddress"]) for record in records)


def entries(host):
    """What is reserved and forwarded, and the addresses and routes of the switch's adapter."""
    alias = {"InterfaceAlias": "vEthernet (L1)", "AddressFamily": "IPv4"}
    addresses = (str(each["IPAddress"]) for each in run(host, "Get-NetIPAddress", **alias))
    routes = (each["DestinationPrefix"] for each in run(host, "Get-NetRoute", **alias))
    hops = (each for each in routes if each.startswith("10.7"))
    return reserved(host), forwards(host), sorted(addresses), sorted(hops)


OWN = (["10.9.0.101"], [8080], ["10.9.0.1"], ["10.70.0.0/24"])
BOTH = (
    ["10.9.0.101", "10.9.0.110"],
    [8080, 8443],
    ["10.20.0.1", "10.9.0.1"],
    ["10.70.0.0/24", "10.77.0.0/24"],
)


def test_what_no_run_made_is_kept_and_listed_while_vms_of_others_are_on_the_switch(host, tmp_path):
    lab = applied(host, LAB)
    add_guest(host)
    add_entries(host)
    plan = lab.plan()
    assert [*plan.steps] == []
    assert sorted((left.subject, left.holds) for left in plan.remainder) == [
        (subject, (KEPT,)) for subject in THEIRS
    ]
    text = str(plan).splitlines()
    assert text[0] == (
        "Nothing to do: host matches one, except for entries that no run of it made, which others "
        "may use."
    ).replace("host", plan.host)
    assert f"Left over: host: {THEIRS[1]} ({KEPT})" in text
    plan.save(tmp_path / "plan.json")
    assert [*lab.apply(nestlab.load_plan(tmp_path / "plan.json"))] == []
    assert entries(host) == BOTH


def test_drift_says_that_they_are_not_the_labs(host):
    lab = applied(host, LAB)
    add_guest(host)
    add_entries(host)
    found = [*nestlab.drift(lab.topology, host)]
    assert [(each.code, each.evidence) for each in found] == [("left-over", KEPT)] * 4
    assert f"{THEIRS[0]} is not in the file of one" in [each.message for each in found]
    assert "`nestlab apply --disconnect-others`" in found[0].hint


def test_with_consent_they_are_removed_by_hazardous_steps_that_name_them(host):
    lab = applied(host, LAB)
    add_guest(host)
    add_entries(host)
    plan = lab.plan(disconnect_others=True)
    assert sorted((step.action, step.hazard) for step in plan) == [
        ("remove-address", "may-cut-connection"),
        ("remove-port-forward", "may-cut-connection"),
        ("remove-reservation", "may-cut-connection"),
        ("remove-route", "may-cut-connection"),
    ]
    for step in plan:
        assert "VM guest on switch L1 may use it" in step.why or "10.20.0.1/24" in step.why
        assert "no run of one made" in step.why
    assert all(result.ok for result in lab.apply(plan))
    assert entries(host) == OWN
    assert lab.plan().remainder == ()


WITHOUT_VMS = "kept: no run of one made it, as the journals here show; `--disconnect-others` removes it anyway"


def test_without_vms_of_others_they_are_kept_as_well(host):
    lab = applied(host, LAB)
    add_entries(host)
    plan = lab.plan()
    assert [*plan.steps] == []
    assert sorted((left.subject, left.holds) for left in plan.remainder) == [
        (subject, (WITHOUT_VMS,)) for subject in THEIRS
    ]
    consented = lab.plan(disconnect_others=True)
    assert len(consented.steps) == 4
    assert {step.hazard for step in consented} == {"none"}
    assert all("no run of one made" in step.why for step in consented)
    assert all(result.ok for result in lab.apply(consented))
    assert entries(host) == OWN


UNKNOWN_CLAUSE = "; no journal here shows that a run of one made it"
UNKNOWN = (
    "kept: no journal here shows that a run of one made it; `--disconnect-others` removes it anyway"
)


def test_without_a_journal_entries_are_kept_as_well(host, elsewhere):
    lab = applied(host, LAB)
    add_entries(host)
    elsewhere()
    plan = lab.plan()
    assert [*plan.steps] == []
    assert sorted((left.subject, left.holds) for left in plan.remainder) == [
        (subject, (UNKNOWN,)) for subject in THEIRS
    ]
    consented = lab.plan(disconnect_others=True)
    assert sum(UNKNOWN_CLAUSE in step.why for step in consented) == 3
    assert all(result.ok for result in lab.apply(consented))
    assert entries(host) == OWN


def test_what_conflicts_with_the_file_is_repaired_where_no_vm_of_others_uses_it(host):
    lab = applied(host, LAB)
    forward_elsewhere(host)
    reserve(host, "10.9.0.102", "00-15-5D-00-00-78")
    alias = {"InterfaceAlias": "vEthernet (L1)"}
    run(host, "Remove-NetIPAddress", **alias, IPAddress="10.9.0.1", Confirm=False)
    run(host, "New-NetIPAddress", **alias, IPAddress="10.9.0.2", PrefixLength=24)
    run(host, "Remove-NetRoute", **alias, DestinationPrefix="10.70.0.0/24", Confirm=False)
    run(host, "New-NetRoute", **alias, DestinationPrefix="10.70.0.0/24", NextHop="10.9.0.8")
    taken = LAB.replace("10.9.0.101, mac", "10.9.0.102, mac")
    lab = applied(host, taken)
    assert lab.plan().remainder == ()
    assert entries(host) == (["10.9.0.102"], [8080], ["10.9.0.1"], ["10.70.0.0/24"])


def test_a_further_address_stays_where_the_file_gets_another_one(host):
    applied(host, LAB)
    alias = {"InterfaceAlias": "vEthernet (L1)"}
    run(host, "New-NetIPAddress", **alias, IPAddress="10.20.0.1", PrefixLength=24)
    lab = applied(host, LAB.replace("10.9.0.1/24", "10.9.0.2/24"))
    assert entries(host)[2] == ["10.20.0.1", "10.9.0.2"]
    assert [left.subject for left in lab.plan().remainder] == [THEIRS[0]]


def test_what_a_run_made_and_the_file_no_longer_has_is_removed(host):
    applied(host, LAB)
    add_guest(host)
    text = LAB.replace("routes: [{to: 10.70.0.0/24, via: 10.9.0.9}]\n", "")
    text = text.replace(
        "    port_forwards: [{protocol: tcp, external_port: 8080, to: '10.9.0.7:80'}]\n", ""
    )
    text = text.replace(
        ", reservations: [{ip_address: 10.9.0.101, mac_address: 00-15-5D-00-00-77}]", ""
    )
    lab = nestlab.Lab(nestlab.loads(text), host)
    plan = lab.plan()
    assert plan.remainder == ()
    assert "no run" not in str(plan)
    assert all(result.ok for result in lab.apply(plan))
    assert entries(host) == ([], [], ["10.9.0.1"], [])


def test_another_network_of_the_switch_keeps_a_further_address_of_others(host):
    bare = LAB[: LAB.index("    nat:")] + LAB[LAB.index("vms:") :]
    applied(host, bare)
    add_guest(host)
    alias = {"InterfaceAlias": "vEthernet (L1)"}
    run(host, "New-NetIPAddress", **alias, IPAddress="10.20.0.1", PrefixLength=24)
    lab = applied(host, bare.replace("10.9.0.1/24", "10.9.0.1/16"))
    records = run(host, "Get-NetIPAddress", **alias, AddressFamily="IPv4")
    found = sorted((str(each["IPAddress"]), each["PrefixLength"]) for each in records)
    assert found == [("10.20.0.1", 24), ("10.9.0.1", 16)]
    assert [left.subject for left in lab.plan().remainder] == [THEIRS[0]]


def test_a_switch_without_an_address_in_the_file_keeps_a_further_one_of_others(host):
    bare = LAB[: LAB.index("    nat:")] + LAB[LAB.index("vms:") :]
    bare = bare.replace(", mac_address: 00-15-5D-00-00-77", "")
    applied(host, bare)
    add_guest(host)
    alias = {"InterfaceAlias": "vEthernet (L1)"}
    run(host, "New-NetIPAddress", **alias, IPAddress="10.20.0.1", PrefixLength=24)
    run(host, "New-NetRoute", **alias, DestinationPrefix="0.0.0.0/0", NextHop="10.20.0.50")
    lab = applied(host, bare.replace("    ip_address: 10.9.0.1/24\n", ""))
    plan = lab.plan()
    assert [*plan.steps] == []
    assert [left.subject for left in plan.remainder] == [
        "address 10.9.0.1/24 of vEthernet (L1)",
        THEIRS[0],
        "gateway 10.20.0.50 of vEthernet (L1)",
    ]
    records = run(host, "Get-NetIPAddress", **alias, AddressFamily="IPv4")
    assert sorted(str(each["IPAddress"]) for each in records) == ["10.20.0.1", "10.9.0.1"]


def refused(host, text):
    with pytest.raises(PlanRefused) as error:
        nestlab.Lab(nestlab.loads(text), host).plan()
    (finding,) = error.value.findings
    return finding


def test_an_entry_of_the_file_that_conflicts_with_a_kept_one_is_refused(host):
    applied(host, LAB)
    add_guest(host)
    add_entries(host)
    finding = refused(host, LAB.replace("10.9.0.101", "10.9.0.110"))
    assert (finding.code, finding.subject) == ("remainder-conflict", "switch L1")
    assert finding.message == (
        "reserves 10.9.0.110 for 00-15-5D-00-00-77, and its DHCP scope has another entry: "
        f"{RESERVATION}; {KEPT}"
    )
    finding = refused(host, LAB.replace("8080", "8443"))
    assert (finding.code, finding.subject) == ("remainder-conflict", "switch L1")
    assert finding.message == (
        "forwards tcp port 8443, for which its NAT nestlab.one.L1 has another entry: "
        f"{FORWARD}; {KEPT}"
    )
    applied(host, LAB.replace("8080", "8443"), disconnect_others=True)


def test_a_reservation_by_hand_for_a_vm_of_the_lab_is_repaired(host):
    lab = applied(host, LAB)
    add_guest(host)
    run(host, "Remove-DhcpServerv4Reservation", ScopeId="10.9.0.0")
    reserve(host, "10.9.0.119", "00-15-5D-00-00-77")
    assert all(result.ok for result in lab.apply())
    assert reserved(host) == ["10.9.0.101"]


def forward_elsewhere(host):
    """Others forward the port of the lab to an address of theirs, by hand."""
    run(host, "Remove-NetNatStaticMapping", NatName="nestlab.one.L1", Confirm=False)
    forward(host, 8080)


ELSEWHERE = "forward of tcp port 8080 to 10.9.0.50:443"
WITHOUT_FORWARDS = LAB.replace(
    "    port_forwards: [{protocol: tcp, external_port: 8080, to: '10.9.0.7:80'}]\n", ""
)


def test_a_forward_of_the_labs_port_to_another_address_is_not_the_labs(host):
    applied(host, LAB)
    add_guest(host)
    forward_elsewhere(host)
    finding = refused(host, LAB)
    assert (finding.code, finding.subject) == ("remainder-conflict", "switch L1")
    assert finding.message == (
        "forwards tcp port 8080, for which its NAT nestlab.one.L1 has another entry: "
        f"{ELSEWHERE}; {KEPT}"
    )
    plan = nestlab.Lab(nestlab.loads(WITHOUT_FORWARDS), host).plan()
    assert [*plan.steps] == []
    assert [(left.subject, left.holds) for left in plan.remainder] == [
        (f"{ELSEWHERE} on switch L1", (KEPT,))
    ]
    applied(host, LAB, disconnect_others=True)
    (record,) = run(host, "Get-NetNatStaticMapping")
    assert str(record["InternalIPAddress"]) == "10.9.0.7"


def test_a_forward_that_others_replaced_since_the_plan_was_made_is_kept(host):
    applied(host, LAB)
    lab = nestlab.Lab(nestlab.loads(WITHOUT_FORWARDS), host)
    results = [*lab.apply(lab.plan(), confirm=coming(host, forward_elsewhere))]
    (result,) = (each for each in results if each.step.action == "remove-port-forward")
    assert (result.status, result.message) == (
        "skipped",
        f"Not done: kept: there is another entry by now: {ELSEWHERE}",
    )
    assert forwards(host) == [8080]


WIDER = LAB.replace("nat: 10.9.0.0/24", "nat: 10.9.0.0/16")
OTHER_RANGE = LAB.replace("10.9.0.120", "10.9.0.105")
WIDE = LAB.replace("nat: 10.9.0.0/24", "nat: 10.0.0.0/8")
TO_THEIRS = "forward of tcp port 8443 to 10.20.0.50:443 on switch L1"
KEPT_FOR = (
    "kept: no run of one made it, as the journals here show, and {} on switch Bsw may use it; "
    "`--disconnect-others` removes it anyway"
)


def add_switch_of_others(host, *vms):
    run(host, "New-VMSwitch", Name="Bsw", SwitchType="Internal")
    alias = {"InterfaceAlias": "vEthernet (Bsw)"}
    run(host, "New-NetIPAddress", **alias, IPAddress="10.20.0.1", PrefixLength=24)
    for vm in vms:
        run(host, "New-VM", Name=vm, NoVHD=True, SwitchName="Bsw")
    forward(host, address="10.20.0.50")


@pytest.mark.parametrize(
    ("vms", "users"),
    [(["guest"], "VM guest"), ([], "the network 10.20.0.0/24")],
    ids=["vm", "none"],
)
def test_a_forward_into_a_network_of_others_in_a_wide_prefix_is_kept(host, vms, users):
    applied(host, WIDE)
    add_switch_of_others(host, *vms)
    for text in (WIDE, WIDE.replace("10.0.0.0/8", "10.0.0.0/9")):
        plan = nestlab.Lab(nestlab.loads(text), host).plan()
        assert [step.action for step in plan if "port" in step.action] == (
            [] if text == WIDE else ["forward-port"]
        )
        assert [(left.subject, left.holds) for left in plan.remainder] == [
            (TO_THEIRS, (KEPT_FOR.format(users),))
        ]
    lab = applied(host, text)
    assert forwards(host) == [8080, 8443]
    (step,) = lab.plan(disconnect_others=True)
    assert step.hazard == "may-cut-connection"
    applied(host, text, disconnect_others=True)
    assert forwards(host) == [8080]


def test_a_wide_nat_created_again_with_consent_says_which_forwards_of_others_go(host):
    applied(host, WIDE)
    add_switch_of_others(host, "guest")
    lab = nestlab.Lab(nestlab.loads(WIDE.replace("10.0.0.0/8", "10.0.0.0/9")), host)
    (step,) = (each for each in lab.plan(disconnect_others=True) if each.action == "replace-nat")
    assert step.hazard == "may-cut-connection"
    assert "forward of tcp port 8443 to 10.20.0.50:443" in step.why


def test_a_nat_that_is_created_again_keeps_the_forwards_of_others(host):
    applied(host, LAB)
    add_guest(host)
    forward(host)
    lab = nestlab.Lab(nestlab.loads(WIDER), host)
    plan = lab.plan()
    assert [left.subject for left in plan.remainder] == [f"{FORWARD} on switch L1"]
    assert all(result.ok for result in lab.apply(plan))
    assert forwards(host) == [8080, 8443]
    assert [*lab.plan().steps] == []
    assert [left.subject for left in lab.plan().remainder] == [f"{FORWARD} on switch L1"]


def test_a_nat_whose_new_prefix_leaves_out_a_forward_of_others_needs_consent(host):
    applied(host, WIDER)
    add_guest(host)
    forward(host, address="10.9.7.50")
    finding = refused(host, LAB)
    assert (finding.code, finding.subject) == ("nat-in-use", "switch L1")
    lost = "; with it goes what no run of one made, as the journals here show: "
    entry = "forward of tcp port 8443 to 10.9.7.50:443"
    assert finding.message.endswith(lost + entry)
    lab = nestlab.Lab(nestlab.loads(LAB), host)
    (step,) = (each for each in lab.plan(disconnect_others=True) if each.action == "replace-nat")
    assert (step.hazard, step.why.endswith(lost + entry)) == ("may-cut-connection", True)
    applied(host, LAB, disconnect_others=True)
    assert forwards(host) == [8080]


def test_a_nat_or_scope_that_is_created_again_names_what_goes_with_it(host):
    applied(host, LAB)
    forward(host)
    reserve(host)
    both = nestlab.loads(OTHER_RANGE.replace("nat: 10.9.0.0/24", "nat: 10.9.0.0/16"))
    plan = nestlab.Lab(both, host).plan()
    lost = "; with it goes what no run of one made, as the journals here show: "
    whys = {step.action: (step.hazard, step.why) for step in plan}
    assert whys["replace-nat"] == ("none", "it translates 10.9.0.0/24")
    assert f"{FORWARD} on switch L1" in [left.subject for left in plan.remainder]
    served = f"its scope is 10.9.0.100 to 10.9.0.120{lost}{RESERVATION}"
    assert whys["serve-addresses"] == ("none", served)


def test_another_range_names_the_reservations_of_others_where_it_is_refused(host):
    applied(host, LAB)
    add_guest(host)
    reserve(host)
    finding = refused(host, OTHER_RANGE)
    assert finding.code == "dhcp-scope-in-use"
    assert finding.message.endswith(f"made, as the journals here show: {RESERVATION}")
    plan = nestlab.Lab(nestlab.loads(OTHER_RANGE), host).plan(disconnect_others=True)
    (step,) = (each for each in plan if each.action == "serve-addresses")
    assert (step.hazard, RESERVATION in step.why) == ("may-cut-connection", True)


def test_a_removed_nat_or_scope_names_what_goes_with_it(host):
    applied(host, LAB)
    forward(host)
    reserve(host)
    bare = LAB[: LAB.index("    nat:")] + LAB[LAB.index("vms:") :]
    whys = {s.action: s.why for s in nestlab.Lab(nestlab.loads(bare), host).plan()}
    assert whys["remove-nat"].endswith(f"as the journals here show: {FORWARD}")
    assert whys["remove-scope"].endswith(f"as the journals here show: {RESERVATION}")


LOST = "; with it goes what no run of one made, as the journals here show: "


@pytest.mark.parametrize("how", ["destroy", "prune"])
def test_destroy_and_prune_name_what_goes_with_a_nat_or_scope(host, how):
    lab = applied(host, LAB)
    forward(host)
    reserve(host)
    if how == "prune":
        lab = nestlab.Lab(nestlab.loads("name: one\n"), host)
    plan = lab.plan_destroy() if how == "destroy" else lab.plan(prune=True)
    whys = {step.action: step.why for step in plan}
    end = "; undo cannot restore it" if how == "prune" else ""
    assert whys["remove-nat"] == f"this topology created it{LOST}{FORWARD}{end}"
    assert whys["remove-scope"] == f"this topology created it{LOST}{RESERVATION}{end}"
    results = lab.destroy(plan) if how == "destroy" else lab.apply(plan)
    assert [str(each) for each in results if not each.ok] == []


def test_destroy_names_no_entry_of_the_file_or_of_a_run(host, monkeypatch, tmp_path):
    lab = applied(host, LAB)
    assert not any(LOST in step.why for step in lab.plan_destroy())
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "elsewhere"))
    assert not any(LOST in step.why for step in lab.plan_destroy())


def test_destroy_with_consent_names_vms_of_others_and_their_entries(host):
    lab = applied(host, LAB)
    add_guest(host)
    forward(host)
    reserve(host)
    plan = lab.plan_destroy(disconnect_others=True)
    whys = {step.action: step.why for step in plan}
    assert whys["remove-nat"] == f"this topology created it{LOST}{FORWARD}"
    assert whys["remove-scope"].endswith(f"it may serve VM guest, too{LOST}{RESERVATION}")


def test_a_vm_of_others_that_came_since_the_plan_was_made_keeps_what_is_in_the_way(host):
    applied(host, LAB)
    reserve(host, "10.9.0.102")
    lab = nestlab.Lab(nestlab.loads(LAB.replace("10.9.0.101, mac", "10.9.0.102, mac")), host)
    results = [*lab.apply(lab.plan(), confirm=coming(host, add_guest))]
    (kept,) = (each for each in results if each.status == "skipped")
    assert (kept.step.action, kept.message) == ("remove-reservation", f"Not done: {KEPT}")
    assert "10.9.0.102" in entries(host)[0]


def test_what_others_added_since_the_plan_was_made_keeps_a_nat_as_it_is(host):
    applied(host, LAB)
    add_guest(host)
    lab = nestlab.Lab(nestlab.loads(WIDER), host)
    results = [*lab.apply(lab.plan(), confirm=coming(host, forward))]
    (replaced,) = (each for each in results if each.step.action == "replace-nat")
    assert replaced.status == "skipped"
    assert replaced.message == f"Not done: {KEPT_WITH.format(FORWARD)}"
    assert {result.status for result in results} == {"skipped"}
    assert forwards(host) == [8080, 8443]


def test_what_others_reserved_since_the_plan_was_made_keeps_a_scope_as_it_is(host):
    applied(host, LAB)
    plan = nestlab.Lab(nestlab.loads(OTHER_RANGE), host).plan()

    def come(machine):
        add_guest(machine)
        reserve(machine)

    results = [
        *nestlab.Lab(nestlab.loads(OTHER_RANGE), host).apply(plan, confirm=coming(host, come))
    ]
    assert {result.status for result in results} == {"skipped"}
    assert results[0].message == f"Not done: {KEPT_WITH.format(RESERVATION)}"
    assert reserved(host) == ["10.9.0.101", "10.9.0.110"]
    assert refused(host, OTHER_RANGE).code == "dhcp-scope-in-use"


def test_the_command_line_lists_them_apart_from_what_the_lab_owns(host, tmp_path, capsys):
    address = f"sim:ws2022-intel?state={tmp_path / 'state.json'}"
    (tmp_path / "one.yml").write_text(LAB, encoding="utf-8")
    lasting = nestlab.connect(address)
    applied(lasting, LAB)
    add_guest(lasting)
    forward(lasting)
    lasting.close()
    assert main(["plan", str(tmp_path / "one.yml"), "--host", address]) == 0
    text = capsys.readouterr().out
    assert "Not in the file, made by no run, and kept for others:" in text
    assert f"{FORWARD} on switch L1" in text
    assert "Leftover objects" not in text


GUEST = """  - {name: guest, generation: 1, processor_count: 1, state: Off, memory_startup: 512MB, version: '10.0', network_adapters: [{switch: L1}]}
"""


def test_a_vm_that_the_file_names_without_the_mark_counts_as_others(host):
    applied(host, LAB)
    add_guest(host)
    run(host, "Rename-VMNetworkAdapter", VMName="guest", NewName="Network Adapter")
    forward(host)
    plan = nestlab.Lab(nestlab.loads(LAB + GUEST), host).plan()
    assert [*plan.steps] == []
    assert [(left.subject, left.holds) for left in plan.remainder] == [(THEIRS[1], (KEPT,))]
    bare = LAB[: LAB.index("    nat:")] + LAB[LAB.index("    dhcp:") :] + GUEST
    (left,) = nestlab.Lab(nestlab.loads(bare), host).plan().remainder
    assert "VM guest on switch L1" in left.holds[1]
    assert refused(host, OTHER_RANGE + GUEST).code == "dhcp-scope-in-use"


def test_a_vm_without_the_mark_that_the_file_has_on_no_switch_is_refused_by_name(host):
    applied(host, LAB)
    add_guest(host)
    elsewhere = GUEST.replace("{switch: L1}", "{name: Network Adapter}")
    with pytest.raises(PlanRefused) as error:
        nestlab.Lab(nestlab.loads(OTHER_RANGE + elsewhere), host).plan()
    errors = [each.code for each in error.value.findings if each.severity == "error"]
    assert errors == ["name-clash"]
