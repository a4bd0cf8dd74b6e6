"""There is one undo, whatever wrote the journal."""

import contextlib

import pytest

import nestlab
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.topology import Topology
from nestlab.simulator.faults import Fault


def running_change(tmp_path):
    """Return a host on which a nesting change left its VM running, and the change's journal."""
    host, path = nestlab.connect(), tmp_path / "j.jsonl"
    host.run(Cmdlet("Start-VM", {"Name": "build-agent"}))
    host.wait(300)
    assert nestlab.enable_nesting(host, "build-agent", journal=path).ok
    return host, path


def test_a_lab_waits_for_guests_too_where_it_undoes_a_change_of_nesting(tmp_path):
    host, path = running_change(tmp_path)
    events = []
    results = list(
        nestlab.Lab(Topology(name="lab"), host).undo(
            path, on_event=lambda event: events.append(event.to_dict())
        )
    )
    assert [result.message for result in results if not result.ok] == []
    waits = [event for event in events if "to shut down" in event.get("activity", "")]
    assert waits, "the guest was still starting"
    assert [event["event"] for event in events].count("finished") == 1


def test_disconnecting_others_reaches_the_undo_of_a_lab_and_of_its_journal(tmp_path):
    topology = nestlab.loads("name: lab\nswitches: [{name: S, switch_type: Private}]")
    host, path = nestlab.connect(), tmp_path / "j.jsonl"
    lab = nestlab.Lab(topology, host, path)
    assert all(result.ok for result in lab.apply())
    host.run(Cmdlet("Connect-VMNetworkAdapter", {"VMName": "sql-test", "SwitchName": "S"}))
    assert [result.status for result in lab.undo()] == ["skipped"]
    assert [result.status for result in nestlab.undo(host, path, disconnect_others=True)] == [
        "done"
    ]


LAB = """
name: lab
switches: [{{name: S, switch_type: Internal{address}}}]
"""
ALIAS = "vEthernet (S)"


def addresses(host):
    asked = {"InterfaceAlias": ALIAS, "AddressFamily": "IPv4", "ErrorAction": "SilentlyContinue"}
    return sorted(record["IPAddress"] for record in host.run(Cmdlet("Get-NetIPAddress", asked)))


def applied(host, path, address):
    text = LAB.format(address=f", ip_address: {address}")
    lab = nestlab.Lab(nestlab.loads(text), host, path)
    assert [str(result) for result in lab.apply() if not result.ok] == []
    return lab


@pytest.mark.parametrize("chain", [("10.1.0.1/24", "10.1.0.2/24"), ("10.1.0.1/24", "10.9.0.1/16")])
@pytest.mark.parametrize("between", ["nothing", "removed", "back to the first"])
@pytest.mark.parametrize("before", ["no address", "an address"])
def test_what_a_later_apply_superseded_is_undone_after_it(tmp_path, chain, between, before):
    host, path = nestlab.connect(), tmp_path / "j.jsonl"
    host.run(
        Cmdlet("New-VMSwitch", {"Name": "S", "SwitchType": "Internal", "Notes": "nestlab:lab"})
    )
    own = {"InterfaceAlias": ALIAS, "IPAddress": "10.5.0.1", "PrefixLength": 24}
    if before == "an address":
        host.run(Cmdlet("New-NetIPAddress", own))
    was = addresses(host)
    applied(host, path, chain[0])
    if between == "removed":
        gone = {"InterfaceAlias": ALIAS, "IPAddress": "10.1.0.1", "Confirm": SwitchParameter.OFF}
        host.run(Cmdlet("Remove-NetIPAddress", gone))
    lab = applied(host, path, chain[1])
    if between == "back to the first":
        lab = applied(host, path, chain[0])
    assert [str(result) for result in lab.undo() if not result.ok] == []
    assert addresses(host) == was
    assert list(lab.undo()) == []


NAT = ", nat: 10.0.0.0/24, port_forwards: [{protocol: tcp, external_port: 8080, to: '10.0.0.5:80'}]"
OTHER_NAT = NAT.replace("8080", "8081")
SCOPE, OTHER_SCOPE = (
    f", dhcp: {{range: 10.0.0.{first}-10.0.0.{last}}}" for first, last in ((20, 50), (30, 60))
)

FULL_SCOPE, OTHER_FULL_SCOPE = (
    f", dhcp: {{range: 10.0.0.20-10.0.0.50, router: 10.0.0.{host}, dns_servers: [10.0.0.{host}], "
    f"reservations: [{{ip_address: 10.0.0.{host}, mac_address: 00-15-5D-00-00-10}}]}}"
    for host in (60, 61)
)


CHANGING = (
    "Remove-NetNat",
    "New-NetNat",
    "Add-NetNatStaticMapping",
    "Remove-DhcpServerv4Scope",
    "Add-DhcpServerv4Scope",
    "Set-DhcpServerv4OptionValue",
    "Add-DhcpServerv4Reservation",
    "Remove-DhcpServerv4Reservation",
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (NAT, ""),
        (NAT, OTHER_NAT),
        (SCOPE, ""),
        (SCOPE, OTHER_SCOPE),
        (FULL_SCOPE, ""),
        (FULL_SCOPE, OTHER_FULL_SCOPE),
        (FULL_SCOPE, OTHER_SCOPE),
    ],
    ids=[
        "NAT removed",
        "NAT changed",
        "scope removed",
        "scope changed",
        "scope with options removed",
        "options changed",
        "range and options changed",
    ],
)
@pytest.mark.parametrize("interrupted_at", [None, "Remove-", "New-", "Add-", "Set-"])
@pytest.mark.parametrize("kind", ["drop", "fail"])
def test_what_a_lab_removed_or_changed_is_created_again(
    tmp_path, before, after, interrupted_at, kind
):
    host = nestlab.connect()
    first, second = (
        nestlab.Lab(
            nestlab.loads(LAB.format(address=f", ip_address: 10.0.0.1/24{more}")),
            host,
            tmp_path / f"{number}.jsonl",
        )
        for number, more in enumerate((before, after))
    )
    for lab in (first, second):
        # The journal of the second lab does not show that the first one made the entries.
        plan = lab.plan(disconnect_others=True)
        assert [str(result) for result in lab.apply(plan) if not result.ok] == []
    assert first.plan().steps
    if interrupted_at is not None:
        faults = [Fault(kind, name) for name in CHANGING if name.startswith(interrupted_at)]
        host.simulated_host.inject_faults(*faults)
        with contextlib.suppress(nestlab.HostError):
            list(second.undo())
        host.simulated_host.clear_faults()
    assert [str(result) for result in second.undo() if not result.ok] == []
    assert first.plan().is_empty
