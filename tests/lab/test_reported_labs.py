"""Labs and hosts that people reported trouble with, and that nestlab answers now.

The files are in `tests/cases/reported`; their first lines say what is expected.
"""

from pathlib import Path

import pytest

import nestlab
from nestlab.lab.capture import capture_all
from nestlab.model import Cmdlet

CASES = Path(__file__).parents[1] / "cases" / "reported"


def lab(name, host="ws2022-intel"):
    where = CASES / f"{host}.json"
    return nestlab.Lab(
        nestlab.load(CASES / f"{name}.yml"),
        nestlab.connect(f"sim:{where}" if where.exists() else f"sim:{host}"),
    )


def said(findings, code):
    (found,) = (finding for finding in findings if finding.code == code)
    return f"{found.message} {found.hint}"


def cmdlets(plan):
    return [str(cmdlet) for step in plan.steps for cmdlet in step.cmdlets]


def test_a_linux_guest_of_generation_2_boots_under_its_template():
    there = lab("linux-secure-boot")
    said_to_do = cmdlets(there.plan())
    (template,) = (n for n, text in enumerate(said_to_do) if "Set-VMFirmware" in text)
    (start,) = (n for n, text in enumerate(said_to_do) if "Start-VM" in text)
    assert "MicrosoftUEFICertificateAuthority" in said_to_do[template]
    assert template < start


def test_odd_memory_is_an_error_before_anything_is_built():
    found = nestlab.validate(nestlab.load(CASES / "memory-odd.yml"))
    assert [code for code in found.codes if code != "nothing-to-boot"] == [
        "memory-not-possible"
    ] * 3
    assert "4076MB or 4078MB" in str(found)


def test_an_undeclared_default_switch_gets_advice_that_works():
    there = lab("existing-switch", "win10-intel")
    found = said(there.check(), "unknown-switch")
    assert "does not have" not in found
    text = (CASES / "existing-switch.yml").read_text(encoding="utf-8")
    assert "{name: Default Switch, existing: true}" in found
    followed = nestlab.loads(
        text.replace("vms:", "switches: [{name: Default Switch, existing: true}]\nvms:")
    )
    again = nestlab.Lab(followed, there.host)
    assert again.check().ok
    assert all(result.ok for result in again.apply())


@pytest.mark.parametrize("host", ["win10-intel", "default-switch-nl"])
def test_a_declared_default_switch_is_known_by_its_id(host):
    found = said(lab("default-switch-declared", host).check(), "default-switch-declared")
    assert "known by its Id" in found
    assert "can be neither renamed nor changed" in found
    assert "172.29.26.98/28" in found
    assert "does not last" in found
    assert "rename the" not in found


@pytest.mark.parametrize("bound_to", ["vEthernet (Office)", "Office", "office"])
def test_a_switch_on_a_switch_is_an_error_that_names_the_way_to_do_it(bound_to):
    text = (CASES / "vethernet-as-adapter.yml").read_text(encoding="utf-8")
    found = nestlab.validate(nestlab.loads(text.replace("vEthernet (Office)", bound_to)))
    assert "belongs to switch Office" in said(found, "switch-on-a-switch")
    assert "Connect the adapters of its VMs to Office" in said(found, "switch-on-a-switch")


@pytest.mark.parametrize("bound_to", ["vEthernet (Office)", "Office"])
def test_a_switch_on_a_switch_of_the_host_is_an_error_that_names_existing(bound_to):
    host = nestlab.connect()
    host.run(Cmdlet("New-VMSwitch", {"Name": "Office", "NetAdapterName": "Ethernet"}))
    wanted = f"name: lab\nswitches: [{{name: Lab, switch_type: External, net_adapter: {bound_to}}}]"
    found = nestlab.Lab(nestlab.loads(wanted), host).check()
    assert "{name: Office, existing: true}" in said(found, "net-adapter-missing")
    followed = nestlab.loads("name: lab\nswitches: [{name: Office, existing: true}]")
    assert nestlab.Lab(followed, host).check().ok


def test_an_adapter_that_a_switch_of_others_has_gets_advice_that_works():
    host = nestlab.connect()
    host.run(Cmdlet("New-VMSwitch", {"Name": "Office", "NetAdapterName": "Ethernet"}))
    wanted = "name: lab\nswitches: [{name: Lab, switch_type: External, net_adapter: Ethernet}]"
    found = nestlab.Lab(nestlab.loads(wanted), host).check()
    assert "{name: Office, existing: true}" in said(found, "net-adapter-in-use")


def test_windows_on_an_empty_disk_is_a_warning_before_anything_is_built():
    found = nestlab.validate(nestlab.load(CASES / "nothing-to-boot.yml"))
    assert found.codes == ("nothing-to-boot",)


def test_a_team_is_refused_by_the_check_and_by_the_host():
    there = lab("team-adapter", "nic-team")
    assert "Switch Embedded Teaming" in said(there.check(), "uplink-is-a-team")
    with pytest.raises(nestlab.CmdletError) as refused:
        there.host.run(Cmdlet("New-VMSwitch", {"Name": "LabExt", "NetAdapterName": "Team1"}))
    assert refused.value.record.error_id == "InvalidParameter"


def test_a_child_of_a_running_vm_s_disk_is_refused_by_the_check():
    found = said(lab("parent-in-use", "parent-in-use").check(), "parent-in-use")
    assert "the disk of the running VM golden" in found
    assert "0x80070020" in found
    assert "every disk based on it becomes unusable once that VM writes again" in found


def test_a_trunk_takes_ranges_and_gives_them_on_as_such():
    there = lab("vlan-range")
    (vlan,) = (text for text in cmdlets(there.plan()) if "Set-VMNetworkAdapterVlan" in text)
    assert "-AllowedVlanIdList '1-10' -NativeVlanId 0" in vlan
    assert all(result.ok for result in there.apply())
    (adapter,) = nestlab.capture(there.host).machine(("fw",)).network_adapters
    assert adapter.vlan.to_dict() == {"trunk": ["1-10"], "native": 0}


def test_a_switch_on_two_adapters_is_a_team_whose_members_all_need_spoofing():
    there = lab("embedded-team")
    assert there.check().ok
    assert nestlab.trace(there.topology, "NODE1", "internet").reachable
    assert all(result.ok for result in there.apply())
    assert there.plan().steps == ()
    text = (CASES / "embedded-team.yml").read_text(encoding="utf-8")
    unsafe = nestlab.loads(text.replace("mac_address_spoofing: true, ", ""))
    found = nestlab.validate(unsafe)
    assert [item.subject for item in found if item.code == "spoofing-required"] == [
        "adapter NODE1/Mgmt1",
        "adapter NODE1/Mgmt2",
    ]


def test_a_team_is_captured_whole():
    host = nestlab.connect(f"sim:{CASES / 'two-adapters.json'}")
    team = {"Name": "Team", "NetAdapterName": ["NIC1", "NIC2"], "EnableEmbeddedTeaming": True}
    host.run(Cmdlet("New-VMSwitch", team))
    (switch,) = nestlab.capture(host).switches
    assert switch.net_adapters == ("NIC1", "NIC2")


def test_the_host_s_own_adapter_can_be_in_a_vlan():
    there = lab("management-os-vlan")
    assert there.check().ok
    said_to_do = cmdlets(there.plan())
    assert (
        "Set-VMNetworkAdapterVlan -ManagementOS -VMNetworkAdapterName 'Mgmt' -Access -VlanId 10"
        in said_to_do
    )
    assert all(result.ok for result in there.apply())
    assert there.verify().ok


ONE_VM = """
name: one
switches: [{name: Lab, switch_type: Internal, ip_address: 10.0.0.1/24}]
vms:
  - name: PC1
    %s
"""


@pytest.mark.parametrize(
    "keys",
    [
        "memory_startup: 2000000001",
        "memory_startup: 31MB",
        "{memory_startup: 2GB, dynamic_memory: {minimum: 1001MB, maximum: 4GB}}",
        "{memory_startup: 2GB, dynamic_memory: {minimum: 1GB, maximum: 4097MB}}",
    ],
)
def test_memory_that_hyper_v_refuses_is_an_error_wherever_it_is_said(keys):
    text = ONE_VM % "disk: {size: 10GB}"
    text = text.replace("disk:", keys.strip("{}") + "\n    disk:") if keys[0] != "{" else text
    if keys[0] == "{":
        startup, dynamic = keys[1:-1].split(", ", maxsplit=1)
        text = text.replace("disk:", f"{startup}\n    {dynamic}\n    disk:")
    assert "memory-not-possible" in nestlab.validate(nestlab.loads(text)).codes


@pytest.mark.parametrize(
    "adapter",
    ["dhcp: true", "gateway: 10.0.0.1, ip_address: 10.0.0.9/24", "dns_servers: [1.1.1.1]"],
)
def test_whatever_is_to_be_set_in_windows_needs_something_to_boot(adapter):
    keys = f"guest: {{os: windows, credential: c}}\n    disk: {{size: 40GB}}\n    network_adapters: [{{switch: Lab, {adapter}}}]"
    assert "nothing-to-boot" in nestlab.validate(nestlab.loads(ONE_VM % keys)).codes


@pytest.mark.parametrize("guest", ["", "guest: {os: linux}\n    state: Off\n    "])
def test_nothing_needs_to_boot_where_no_guest_is_waited_for(guest):
    keys = f"{guest}disk: {{size: 40GB}}"
    assert "nothing-to-boot" not in nestlab.validate(nestlab.loads(ONE_VM % keys)).codes


def test_a_linux_guest_is_waited_for_and_needs_something_to_boot():
    keys = "guest: {os: linux}\n    disk: {size: 40GB}"
    assert "nothing-to-boot" in nestlab.validate(nestlab.loads(ONE_VM % keys)).codes


@pytest.mark.parametrize(
    ("scenario", "refused"), [("ws2022-intel", True), ("ws2025-amd", True), ("ws2019-amd", False)]
)
def test_a_team_of_windows_is_refused_from_server_2022_on(tmp_path, scenario, refused):
    text = (CASES / "nic-team.json").read_text(encoding="utf-8")
    path = tmp_path / "team.json"
    path.write_text(text.replace("ws2022-intel", scenario), encoding="utf-8")
    wanted = nestlab.load(CASES / "team-adapter.yml")
    codes = nestlab.Lab(wanted, nestlab.connect(f"sim:{path}")).check().codes
    assert ("uplink-is-a-team" in codes) is refused


@pytest.mark.parametrize(
    ("commands", "said_of_it"),
    [
        (
            [("Add-VMNetworkAdapter", {"VMName": "PC9", "Name": "Twin"})] * 2,
            "another adapter of this VM has this name",
        ),
        (
            [("New-VMSwitch", {"Name": "Twin", "SwitchType": "Private"})] * 2,
            "another switch has this name",
        ),
        (
            [
                ("New-VMSwitch", {"Name": "S", "SwitchType": "Internal"}),
                (
                    "Set-VMNetworkAdapterVlan",
                    {
                        "ManagementOS": True,
                        "VMNetworkAdapterName": "S",
                        "Isolated": True,
                        "PrimaryVlanId": 5,
                        "SecondaryVlanId": 6,
                    },
                ),
            ],
            "VLAN mode Private",
        ),
    ],
)
def test_what_capture_cannot_write_is_named(commands, said_of_it):
    host = nestlab.connect()
    host.run(Cmdlet("New-VM", {"Name": "PC9", "MemoryStartupBytes": 1 << 30}))
    for name, parameters in commands:
        host.run(Cmdlet(name, parameters))
    found = capture_all(host)
    captured, losses = found.topology, found.losses
    assert any(said_of_it in loss for loss in losses), losses
    assert "error" not in {item.severity for item in nestlab.validate(captured)}
