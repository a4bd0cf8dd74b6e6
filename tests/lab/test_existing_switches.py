"""Switches that are there already: used, traced as they are, never created, changed or removed."""

import json

import pytest

import nestlab
from nestlab.errors import HostUnreachable
from nestlab.model import Cmdlet
from nestlab.model.ownership import owner_mark
from nestlab.topology_file import dumps

ON_DEFAULT = """
name: on-default
switches: [{name: Default Switch, existing: true}]
vms:
  - name: PC1
    memory_startup: 4GB
    disk: {parent: 'D:\\images\\ws2022.vhdx'}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: Default Switch, dhcp: true}]
checks:
  - {from: PC1, to: internet, expect: reachable}
  - {from: host, to: PC1, expect: reachable}
"""
DUTCH = {
    "description": "Windows 10 with a translated Default Switch",
    "based_on": "win10-intel",
    "switches": [
        {
            "name": "Standaard schakeloptie",
            "switch_type": "Internal",
            "id": "c08cb7b8-9b3c-408e-8e30-5e16a3aeb444",
        }
    ],
}
OFFICE = """
name: guest-lab
switches: [{name: Office, existing: true}]
vms:
  - name: PC1
    memory_startup: 4GB
    disk: {parent: 'D:\\images\\ws2022.vhdx'}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: %s, ip_address: 192.0.2.50/24, gateway: 192.0.2.1}]
checks: [{from: PC1, to: internet, expect: reachable}, {from: host, to: PC1, expect: reachable}]
"""
NEW_SWITCH = {"Name": "Office", "Notes": "Ask Ada before changing."}
KINDS = {
    "external": {**NEW_SWITCH, "NetAdapterName": "Ethernet"},
    "internal": {**NEW_SWITCH, "SwitchType": "Internal"},
    "private": {**NEW_SWITCH, "SwitchType": "Private"},
}


def switches(host):
    """Return the switches of a host with all that could be changed of them."""
    return [
        tuple(str(record.get(key)) for key in ("Id", "Name", "SwitchType", "Notes"))
        for record in host.run(Cmdlet("Get-VMSwitch"))
    ]


@pytest.fixture(params=["win10-intel", "dutch"])
def client(request, tmp_path):
    if request.param == "win10-intel":
        return nestlab.connect("sim:win10-intel")
    path = tmp_path / "dutch.json"
    path.write_text(json.dumps(DUTCH), encoding="utf-8")
    return nestlab.connect(f"sim:{path}")


def test_a_lab_rides_on_the_default_switch_in_any_language(client):
    lab = nestlab.Lab(nestlab.loads(ON_DEFAULT), client)
    before = switches(client)
    assert lab.check().ok
    assert all(result.ok for result in lab.apply())
    assert lab.verify().ok
    assert lab.plan().steps == ()
    assert switches(client) == before
    assert all(result.ok for result in lab.destroy())
    assert switches(client) == before


def test_undo_leaves_the_default_switch(client):
    lab = nestlab.Lab(nestlab.loads(ON_DEFAULT), client)
    before = switches(client)
    assert all(result.ok for result in lab.apply())
    assert all(result.ok for result in lab.undo())
    assert switches(client) == before
    assert "PC1" not in [record["Name"] for record in client.run(Cmdlet("Get-VM"))]


def test_the_default_switch_is_captured_as_existing(client):
    lab = nestlab.Lab(nestlab.loads(ON_DEFAULT), client)
    assert all(result.ok for result in lab.apply())
    captured = nestlab.capture(client)
    assert [switch.to_dict() for switch in captured.switches] == [
        {"name": "Default Switch", "existing": True}
    ]
    (adapter,) = captured.machine(("PC1",)).network_adapters
    assert (adapter.switch, adapter.dhcp, adapter.ip_address) == ("Default Switch", True, None)


def test_addresses_of_the_default_switch_change_with_a_restart_and_the_lab_goes_on(client):
    lab = nestlab.Lab(nestlab.loads(ON_DEFAULT), client)
    assert all(result.ok for result in lab.apply())
    (before,) = lab.with_observed_switches().switches
    client.run(Cmdlet("Restart-Computer", {"Force": True}))
    with pytest.raises(HostUnreachable):
        client.run(Cmdlet("Get-VM"))
    client.wait(1200)
    (after,) = lab.with_observed_switches().switches
    assert after.ip_address != before.ip_address
    assert all(result.ok for result in lab.apply())
    assert lab.verify().ok


@pytest.mark.parametrize("name", ["Office", "office"])
def test_an_external_switch_of_others_is_used(name):
    host = nestlab.connect()
    host.run(Cmdlet("New-VMSwitch", KINDS["external"]))
    before = switches(host)
    lab = nestlab.Lab(nestlab.loads(OFFICE % name), host)
    assert lab.check().ok
    assert all(result.ok for result in lab.apply())
    assert lab.verify().ok
    assert all(result.ok for result in lab.destroy())
    assert switches(host) == before


@pytest.mark.parametrize("kind", ["internal", "private"])
def test_the_observed_type_decides_what_a_check_says(kind):
    """Office is External for a file alone to say; on this host it leads nowhere."""
    host = nestlab.connect()
    host.run(Cmdlet("New-VMSwitch", KINDS[kind]))
    topology = nestlab.loads(OFFICE % "Office")
    assert nestlab.validate(topology).ok
    assert nestlab.trace(topology, "PC1", "internet").status == "undetermined"
    found = nestlab.Lab(topology, host).check()
    assert "check-contradicted" in found.codes
    # What the host shows of a check is not also said to be unknown.
    known = {item.subject for item in found if item.code == "check-contradicted"}
    assert known.isdisjoint(item.subject for item in found if item.code == "check-undetermined")


def test_a_nat_that_is_there_is_traced():
    host = nestlab.connect()
    host.run(Cmdlet("New-VMSwitch", KINDS["internal"]))
    address = {"InterfaceAlias": "vEthernet (Office)", "IPAddress": "10.7.0.1", "PrefixLength": 24}
    host.run(Cmdlet("New-NetIPAddress", address))
    host.run(
        Cmdlet("New-NetNat", {"Name": "Theirs", "InternalIPInterfaceAddressPrefix": "10.7.0.0/24"})
    )
    topology = nestlab.loads(
        OFFICE.replace("192.0.2.50/24", "10.7.0.5/24").replace("192.0.2.1}", "10.7.0.1}") % "Office"
    )
    lab = nestlab.Lab(topology, host)
    (switch,) = lab.with_observed_switches().switches
    assert str(switch.nat) == "10.7.0.0/24"
    assert nestlab.trace(lab.with_observed_switches(), "PC1", "internet").reachable
    assert all(result.ok for result in lab.apply())
    assert lab.verify().ok
    assert all(result.ok for result in lab.destroy())
    assert [record["Name"] for record in host.run(Cmdlet("Get-NetNat"))] == ["Theirs"]


NATTED = """
name: guest-lab
switches: [{name: Office, existing: true}]
vms:
  - name: PC1
    memory_startup: 4GB
    disk: {parent: 'D:\\images\\ws2022.vhdx'}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: Office, ip_address: 10.7.0.5/24, gateway: 10.7.0.1, dns_servers: [1.1.1.1]}]
  - name: PC2
    memory_startup: 4GB
    disk: {parent: 'D:\\images\\ws2022.vhdx'}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: Office, dhcp: true}]
checks: [{from: PC1, to: internet}, {from: PC2, to: internet}]
"""


def test_what_the_file_leaves_open_is_answered_by_the_host():
    """What `--host` shows is no longer said to be open, and what nobody serves is said."""
    host = nestlab.connect()
    host.run(Cmdlet("New-VMSwitch", KINDS["internal"]))
    address = {"InterfaceAlias": "vEthernet (Office)", "IPAddress": "10.7.0.1", "PrefixLength": 24}
    host.run(Cmdlet("New-NetIPAddress", address))
    host.run(
        Cmdlet("New-NetNat", {"Name": "Theirs", "InternalIPInterfaceAddressPrefix": "10.7.0.0/24"})
    )
    topology = nestlab.loads(NATTED)
    before = nestlab.validate(topology)
    hints = [item.hint for item in before if item.code == "check-undetermined"]
    assert len(hints) == 2
    assert all("reads the existing switch Office" in hint for hint in hints)
    assert not any("ip_address" in hint for hint in hints)
    found = nestlab.Lab(topology, host).check()
    left = [item for item in found if item.code == "check-undetermined"]
    assert [item.subject for item in left] == ["check 2"]
    assert "give adapter PC2/Network Adapter an ip_address" in left[0].hint
    unserved = [item for item in found if item.code == "dhcp-without-server"]
    assert [(item.severity, item.subject) for item in unserved] == [
        ("warning", "adapter PC2/Network Adapter")
    ]


def test_a_nat_that_get_netnat_does_not_show_may_translate_on_a_switch_that_exists():
    """The hint of `nat-may-be-hidden` is to use the switch of that NAT: it must not be refused."""
    host = nestlab.connect("sim:busy-host")
    text = OFFICE.replace("Office", "nat").replace("4GB", "2GB") % "nat"
    text = text.replace("192.0.2.50/24", "172.30.0.50/20").replace("192.0.2.1}", "172.30.0.1}")
    lab = nestlab.Lab(nestlab.loads(text), host)
    assert "check-contradicted" not in lab.check().codes
    assert all(result.ok for result in lab.apply(lab.plan()))
    assert lab.verify().ok


def test_a_trace_where_a_nat_may_be_hidden_says_what_is_not_known():
    text = OFFICE.replace("Office", "nat") % "nat"
    text = text.replace("192.0.2.50/24", "172.30.0.50/20").replace("192.0.2.1}", "172.30.0.1}")
    lab = nestlab.Lab(nestlab.loads(text), nestlab.connect("sim:busy-host"))
    observed = lab.with_observed_switches()
    found = nestlab.trace(observed, "PC1", "internet")
    assert (found.status, found.fixes) == ("undetermined", ())
    assert "the Host Network Service may hold one for Docker, WSL or connection" in str(found)
    assert nestlab.trace(observed, "host", "PC1").reachable
    # It is a topology as any other: the file has no key for what was observed of hidden NATs.
    assert "hidden" not in dumps(observed)


def test_no_fix_asks_for_a_nat_in_the_file_on_a_switch_that_exists():
    """`existing: true` allows no `nat`."""
    host = nestlab.connect()
    host.run(Cmdlet("New-VMSwitch", KINDS["internal"]))
    address = {"InterfaceAlias": "vEthernet (Office)", "IPAddress": "10.7.0.1", "PrefixLength": 24}
    host.run(Cmdlet("New-NetIPAddress", address))
    text = OFFICE.replace("192.0.2.50/24", "10.7.0.5/24").replace("192.0.2.1}", "10.7.0.1}")
    lab = nestlab.Lab(nestlab.loads(text % "Office"), host)
    found = nestlab.trace(lab.with_observed_switches(), "PC1", "internet")
    (fix,) = found.fixes
    assert [cmdlet.name for cmdlet in fix.cmdlets] == ["New-NetNat"]
    assert (found.status, fix.in_file) == ("unreachable", ())


INTERNAL = """
name: second
switches: [{name: Second, switch_type: Internal, ip_address: 10.4.0.1/24}]
vms:
  - name: PC1
    memory_startup: 4GB
    disk: {parent: 'D:\\images\\ws2022.vhdx'}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: Second, ip_address: 10.4.0.11/24, gateway: 10.4.0.1}]
checks: [{from: PC1, to: internet, expect: %s}]
"""


def host_with_nat(prefix, name="Theirs"):
    """Return a host with a NAT of someone else."""
    host = nestlab.connect()
    host.run(Cmdlet("New-NetNat", {"Name": name, "InternalIPInterfaceAddressPrefix": prefix}))
    return host


def test_a_nat_of_the_host_that_covers_a_network_of_the_lab_translates_it():
    lab = nestlab.Lab(nestlab.loads(INTERNAL % "reachable"), host_with_nat("10.0.0.0/13"))
    assert "check-contradicted" in nestlab.validate(lab.topology).codes
    assert "check-contradicted" not in lab.check().codes
    assert nestlab.trace(lab.with_observed_switches(), "PC1", "internet").reachable
    assert all(result.ok for result in lab.apply(lab.plan()))
    assert lab.verify().ok


def test_a_nat_of_the_host_contradicts_a_check_that_nothing_leaves_the_lab():
    lab = nestlab.Lab(nestlab.loads(INTERNAL % "unreachable"), host_with_nat("10.0.0.0/13"))
    assert nestlab.validate(lab.topology).ok
    (found,) = (item for item in lab.check() if item.code == "check-contradicted")
    assert "nestlab trace --host" in found.hint


@pytest.mark.parametrize(
    ("prefix", "name"), [("10.9.0.0/16", "Theirs"), ("10.0.0.0/13", "nestlab.second.Second")]
)
def test_other_nats_of_the_host_translate_nothing_of_the_lab(prefix, name):
    """One of another network, and one of this lab, which the file does not have any more."""
    lab = nestlab.Lab(nestlab.loads(INTERNAL % "reachable"), host_with_nat(prefix, name))
    assert "check-contradicted" in lab.check().codes
    assert not nestlab.trace(lab.with_observed_switches(), "PC1", "internet").reachable


def test_two_labs_share_a_switch_that_one_of_them_made():
    host = nestlab.connect()
    owner = nestlab.Lab(
        nestlab.loads(
            "name: owner\nswitches: [{name: Office, switch_type: External, net_adapter: Ethernet}]"
        ),
        host,
    )
    guest = nestlab.Lab(nestlab.loads(OFFICE % "Office"), host)
    assert all(result.ok for lab in (owner, guest) for result in lab.apply())
    (kept,) = (item for item in owner.plan_destroy().unchanged if item.subject == "switch Office")
    assert "PC1" in kept.why
    assert all(result.ok for result in guest.destroy())
    assert [notes for *_, notes in switches(host)] == [owner_mark("owner")]


def test_a_switch_of_its_own_that_the_file_calls_existing_now_stays():
    host = nestlab.connect()
    made = "name: lab\nswitches: [{name: Office, switch_type: Private}]"
    assert all(result.ok for result in nestlab.Lab(nestlab.loads(made), host).apply())
    kept = nestlab.Lab(nestlab.loads("name: lab\nswitches: [{name: Office, existing: true}]"), host)
    assert kept.plan(prune=True).steps == ()
    assert kept.plan_destroy().steps == ()


def test_a_plan_is_refused_where_the_switch_is_not_there():
    lab = nestlab.Lab(nestlab.loads(OFFICE % "Office"), nestlab.connect())
    with pytest.raises(nestlab.NestlabError) as refused:
        lab.plan()
    assert [item.code for item in refused.value.findings.errors] == ["existing-switch-missing"]


def test_the_default_switch_of_a_nested_client_is_used_once_its_role_is_in():
    host = nestlab.connect("sim:win11-ryzen")
    topology = nestlab.loads(
        """
name: dev-box
switches: [{name: Default Switch, existing: true}]
vms:
  - name: DEV
    memory_startup: 8GB
    disk: {parent: 'D:\\images\\win11.vhdx'}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: Default Switch, dhcp: true}]
    nested:
      switches: [{name: Default Switch, existing: true}]
      vms:
        - name: minikube
          memory_startup: 2GB
          disk: {size: 20GB}
          network_adapters: [{switch: Default Switch, dhcp: true}]
"""
    )
    assert nestlab.validate(topology).ok
    lab = nestlab.Lab(topology, host)
    assert all(result.ok for result in lab.apply())
    assert lab.plan().steps == ()
    assert nestlab.trace(topology, "DEV/minikube", "internet").status == "reachable"


def test_what_an_existing_switch_leads_to_is_not_known_without_a_host():
    topology = nestlab.loads(
        """
name: two
switches: [{name: Office, existing: true}, {name: Lab, switch_type: Internal, ip_address: 10.0.0.1/24}]
vms:
  - {name: a, network_adapters: [{switch: Office, ip_address: 192.0.2.5/24, gateway: 192.0.2.1}]}
  - {name: b, network_adapters: [{switch: Office, ip_address: 192.0.2.6/24}]}
  - {name: c, network_adapters: [{switch: Lab, ip_address: 10.0.0.5/24, gateway: 10.0.0.1}]}
"""
    )
    status = {
        (one, other): nestlab.trace(topology, one, other).status
        for one, other in (("a", "b"), ("a", "internet"), ("a", "host"), ("b", "c"), ("a", "c"))
    }
    assert status.pop(("a", "b")) == "reachable"
    assert set(status.values()) <= {"undetermined", "unreachable"}
    assert status["a", "internet"] == "undetermined"


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ("{name: A}", "missing-key"),
        ("{name: A, existing: false}", "missing-key"),
        ("{name: A, existing: maybe}", "wrong-type"),
        ("{name: A, existing: true, switch_type: Bridged}", "bad-value"),
    ],
)
def test_a_switch_has_a_type_or_is_there_already(keys, code):
    with pytest.raises(nestlab.NestlabError) as refused:
        nestlab.loads(f"name: lab\nswitches: [{keys}]")
    assert refused.value.findings.codes == (code,)


def test_existing_is_kept_by_saving():
    text = "name: lab\nswitches:\n  - {name: Office, existing: true}\n"
    assert dumps(nestlab.loads(text)) == text


def test_settings_of_an_existing_switch_are_said_to_have_no_effect():
    found = nestlab.validate(
        nestlab.loads(
            "name: lab\nswitches: [{name: A, existing: true, dns_servers: [1.1.1.1], interface_metric: 5}]"
        )
    )
    assert found.codes == ("key-without-effect",) * 2


@pytest.mark.parametrize(
    "name", ["vEthernet (Default Switch)", "Default Switch", "vEthernet (Standardswitch)"]
)
def test_an_adapter_of_the_default_switch_gets_the_same_advice_in_each_language(name):
    text = f"name: lab\nswitches: [{{name: E, switch_type: External, net_adapter: {name}}}]"
    findings = nestlab.Lab(
        nestlab.loads(text), nestlab.connect("sim:win11-ryzen?language=de")
    ).check()
    (found,) = [each for each in findings if each.code == "net-adapter-missing"]
    assert "a switch cannot be bound to another switch" in found.message
    assert "existing: true" in found.hint
