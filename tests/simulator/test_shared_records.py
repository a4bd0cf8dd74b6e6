"""A record that is returned again says, after any change of the host, what the host's state says."""

from hypothesis import given, settings
from hypothesis import strategies as st

from nestlab.model import Cmdlet, Outcome, Record, SwitchParameter
from nestlab.observe.hyper_v import hyper_v_state
from nestlab.observe.networks import ip_interfaces, net_adapters
from nestlab.simulator.behaviour.network.ip_stack import ON_LINK
from nestlab.simulator.state.networking import NetIPAddress, NetRoute
from nestlab.transport import connect

ON = SwitchParameter.ON
READS = {
    name: (Cmdlet(name, parameters),)
    for name, parameters in {
        "Get-NetAdapter": {},
        "Get-NetIPInterface": {"AddressFamily": "IPv4"},
        "Get-NetIPAddress": {"AddressFamily": "IPv4"},
        "Get-NetRoute": {"AddressFamily": "IPv4"},
        "Get-DnsClientServerAddress": {"AddressFamily": "IPv4"},
        "Get-VMHost": {},
        "Get-VMSwitch": {},
        "Get-VMNetworkAdapter": {"ManagementOS": ON},
    }.items()
}
VLANS = Cmdlet(
    "Select-Object",
    {"Property": ["VMId", "VMName", "Id", "Name"], "ExpandProperty": "VlanSetting"},
)
READS["VLANs"] = (Cmdlet("Get-VMNetworkAdapter", {"ManagementOS": ON}, VLANS),)
TEXTS = st.sampled_from(["a", "A", "b", ""])
FLAGS = st.booleans()
NUMBERS = st.integers(0, 3)
EDITS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["name", "interface_description", "mac_address"]), TEXTS),
        st.tuples(st.sampled_from(["link", "enabled", "wireless"]), FLAGS),
        st.tuples(st.sampled_from(["dhcp", "forwarding"]), FLAGS),
        st.tuples(st.just("interface_metric"), st.sampled_from([None, 15, 30])),
        st.tuples(st.just("mtu"), st.sampled_from([1500, 1400])),
        st.tuples(st.just("dns_servers"), st.lists(st.sampled_from(["1.1.1.1", "9.9.9.9"]))),
        st.tuples(st.just("addresses"), st.sampled_from(["10.1.0.1", "10.1.0.2"])),
        st.tuples(st.just("routes"), st.sampled_from(["10.1.0.9", "10.1.0.8"])),
        st.tuples(st.just("notes"), TEXTS),
        st.tuples(st.just("switch name"), TEXTS),
        st.tuples(st.just("net_adapters"), FLAGS),
        st.tuples(st.just("own name"), TEXTS),
        st.tuples(st.just("own switch"), NUMBERS),
        st.tuples(st.just("own vlan"), NUMBERS),
        st.tuples(st.just("mac_address_spoofing"), FLAGS),
    ),
    min_size=1,
    max_size=12,
)


def prepared():
    host = connect()
    for name in ("Lab", "Far"):
        host.run(Cmdlet("New-VMSwitch", {"Name": name, "SwitchType": "Internal"}))
    return host


def change(machine, kind, value):
    """Change the state, also as no cmdlet would."""
    adapter, switch = machine.adapters[-1], machine.hyper_v.switches[-1]
    own = machine.hyper_v.management_adapters[-1]
    owner = adapter.ip if hasattr(adapter.ip, kind) else adapter
    match kind:
        case "addresses":
            value = [NetIPAddress(value, 24)]
        case "routes":
            value = [NetRoute("0.0.0.0/0", value)]
        case "notes":
            owner = switch
        case "switch name":
            switch.name = own.switch_name = value
            return
        case "net_adapters":
            owner, value = switch, [machine.adapters[0].device_id] if value else []
        case "own name":
            owner, kind = own, "name"
        case "own switch":
            switches = machine.hyper_v.switches
            owner, kind, value = own, "switch_id", switches[value % len(switches)].id
        case "own vlan":
            own.vlan.mode = "Access" if value else "Untagged"
            owner, kind = own.vlan, "access"
        case "mac_address_spoofing":
            owner = own
    setattr(owner, kind, value)


def said(records, **names):
    """The values of some properties, by what the state calls them."""
    return [{own: record.get(name) for own, name in names.items()} for record in records]


def of(objects, *names):
    return [{name: getattr(each, name) for name in names} for each in objects]


def check(machine, outcomes):
    """Compare what the reads returned with the state."""
    adapters = [each for each in machine.adapters if each.enabled and not each.bound_switch]
    assert said(
        outcomes["Get-NetAdapter"],
        name="Name",
        interface_description="InterfaceDescription",
        mac_address="PermanentAddress",
        device_id="DeviceID",
    ) == of(machine.adapters, "name", "interface_description", "mac_address", "device_id")
    assert [record["Status"] for record in outcomes["Get-NetAdapter"]] == [
        "Disabled" if not each.enabled else "Up" if each.link else "Disconnected"
        for each in machine.adapters
    ]
    interfaces = outcomes["Get-NetIPInterface"]
    assert said(interfaces, name="InterfaceAlias") == of(adapters, "name")
    assert [
        (r["Dhcp"] == "Enabled", r["Forwarding"] == "Enabled", r["NlMtu"]) for r in interfaces
    ] == [(each.ip.dhcp, each.ip.forwarding, each.ip.mtu) for each in adapters]
    assert [r["InterfaceMetric"] for r in interfaces if r["AutomaticMetric"] == "Disabled"] == [
        each.ip.interface_metric for each in adapters if each.ip.interface_metric is not None
    ]
    servers = outcomes["Get-DnsClientServerAddress"]
    assert [list(r["ServerAddresses"]) for r in servers] == [
        each.ip.dns_servers for each in adapters
    ]
    static = {(e.name, a.address) for e in adapters for a in e.ip.addresses}
    shown = {(r["InterfaceAlias"], r["IPAddress"]) for r in outcomes["Get-NetIPAddress"]}
    assert static <= shown
    hops = {(e.name, r.destination, r.next_hop) for e in adapters for r in e.ip.routes}
    routes = outcomes["Get-NetRoute"]
    shown = {(r["InterfaceAlias"], r["DestinationPrefix"], r["NextHop"]) for r in routes}
    assert {each for each in shown if each[2] != ON_LINK} == hops
    hyper_v = machine.hyper_v
    switches = outcomes["Get-VMSwitch"]
    assert said(switches, name="Name", notes="Notes") == of(hyper_v.switches, "name", "notes")
    managed = {own.switch_id for own in hyper_v.management_adapters}
    assert [
        (r["AllowManagementOS"], len(r["NetAdapterInterfaceDescriptions"])) for r in switches
    ] == [(each.id in managed, len(each.net_adapters)) for each in hyper_v.switches]
    own = outcomes["Get-VMNetworkAdapter"]
    assert [(r["Name"], str(r["SwitchId"]), str(r["MacAddressSpoofing"])) for r in own] == [
        (each.name, each.switch_id, "On" if each.mac_address_spoofing else "Off")
        for each in hyper_v.management_adapters
    ]
    assert [r["AccessVlanId"] for r in outcomes["VLANs"]] == [
        each.vlan.access for each in hyper_v.management_adapters
    ]


def states(outcome):
    return hyper_v_state(outcome), net_adapters(outcome), ip_interfaces(outcome)


def unread(outcome):
    """The same records as new objects, of which nothing was read yet."""
    copies = (Record(r.type_names, dict(r.properties), r.text) for r in outcome.records)
    return Outcome(tuple(copies))


@settings(max_examples=60)
@given(EDITS)
def test_records_and_states_follow_every_change(edits):
    host = prepared()
    machine = host.simulated_host.world.host
    for edit in [None, *edits]:
        if edit is not None:
            change(machine, *edit)
        outcomes = {name: host.run(*statements) for name, statements in READS.items()}
        check(machine, outcomes)
        whole = host.run(*(each for statements in READS.values() for each in statements))
        assert states(whole) == states(unread(whole)), edit


def test_what_is_done_to_a_list_does_not_change_the_host():
    host = prepared()
    statements = [each for statements in READS.values() for each in statements]
    expected, first = host.run(*statements), host.run(*statements)
    lists = [v for r in first.records for v in r.properties.values() if isinstance(v, list)]
    for each in lists:
        each.append("changed")
    assert lists
    assert host.run(*statements) == expected
    assert states(host.run(*statements)) == states(unread(expected))


def test_a_second_look_returns_the_same_records():
    host = prepared()
    for name, statements in READS.items():
        if name != "Get-VMHost":
            first, second = (host.run(*statements).records for _ in range(2))
            assert first, name
            assert all(
                one is other or one.readings is other.readings
                for one, other in zip(first, second, strict=True)
            ), name


def test_records_of_guests_are_not_kept():
    host = prepared()
    machine = host.simulated_host.world.host
    records = {}
    for outer in (None, machine):
        machine.outer_host = outer
        looks = [host.run(*READS["Get-NetRoute"]).records for _ in range(2)]
        records[outer is None] = [one is other for one, other in zip(*looks, strict=True)]
    assert all(records[True])
    assert not any(records[False])
