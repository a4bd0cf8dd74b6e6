"""An address or a MAC address that a VM of others on a switch of the lab has: plan, apply and drift say it, as check does."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.errors import PlanRefused
from nestlab.model import Cmdlet, ErrorRecord, Outcome
from nestlab.simulator.powershell.roles.session_configuration import load_configuration
from nestlab.simulator.runspace import Runspace
from nestlab.transport.simulated import SimulatedSession

HEAD = r"""
name: {name}
images: {{ws2022: {{path: 'D:\images\ws2022.vhdx', os: windows, prepared: true}}}}
defaults: {{vm: {{memory_startup: 1GB, disk: {{image: ws2022}}, guest: {{os: windows, credential: lab-admin}}}}}}
"""
ONE = (
    HEAD.format(name="one")
    + """
switches: [{name: Own, switch_type: Internal, ip_address: 10.9.0.1/24SERVICE}]
vms:
  - {name: c1, network_adapters: [{switch: Own, ip_address: 10.9.0.7/24}]}
"""
)
THEIRS = (
    HEAD.format(name="two")
    + """
switches: [{name: Own, existing: true}]
vms: [{name: theirs, network_adapters: [{switch: Own, ip_address: 10.9.0.50/24, mac_address: 00-15-5D-0A-0A-0A}]}]
"""
)
SECOND = "  - {name: c2, network_adapters: [{switch: Own, %s}]}\n"
MAC = "mac_address: 00-15-5D-0A-0A-0A"
SERVICES = ["", ", nat: 10.9.0.0/24", ", dhcp: {range: 10.9.0.100-10.9.0.120}"]
CHANGES = {
    "the address of a new VM": (
        lambda text: text + SECOND % "ip_address: 10.9.0.50/24",
        "address-in-use",
    ),
    "the MAC address of a new VM": (lambda text: text + SECOND % MAC, "mac-address-in-use"),
    "the address of the switch": (
        lambda text: text.replace("10.9.0.1/24", "10.9.0.50/24"),
        "address-in-use",
    ),
    "the address of a VM": (
        lambda text: text.replace("10.9.0.7/24", "10.9.0.50/24"),
        "address-in-use",
    ),
    "the MAC address of a VM": (
        lambda text: text.replace("10.9.0.7/24", "10.9.0.7/24, " + MAC),
        "mac-address-in-use",
    ),
}


def lab(host, text):
    return nestlab.Lab(nestlab.loads(text), host)


def failed(results):
    return [str(result) for result in results if not result.ok]


@pytest.fixture(scope="module", params=SERVICES, ids=["plain", "nat", "dhcp"])
def applied(request, tmp_path_factory):
    """Return a host with the lab, and a running VM of others on its switch; and the file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NESTLAB_JOURNALS", str(tmp_path_factory.mktemp("journals")))
        host, text = nestlab.connect(), ONE.replace("SERVICE", request.param)
        assert failed(lab(host, text).apply()) == []
        assert failed(lab(host, THEIRS).apply()) == []
        yield host, text


def in_use(findings):
    return [str(each) for each in findings if each.code in {"address-in-use", "mac-address-in-use"}]


@pytest.mark.parametrize("change", CHANGES)
def test_what_check_refuses_plan_and_apply_refuse_and_drift_says(applied, change):
    host, text = applied
    edit, code = CHANGES[change]
    changed = lab(host, edit(text))
    said = in_use(changed.check())
    assert any(code in each and "the VM theirs of the topology two" in each for each in said)
    with pytest.raises(PlanRefused) as refused:
        changed.plan()
    assert in_use(refused.value.findings) == said
    with pytest.raises(PlanRefused):
        list(changed.apply())
    found = nestlab.drift(changed.topology, host)
    assert {each.code for each in found if each.severity == "error"} == {code}


def test_a_session_with_the_exported_role_is_told_as_well(applied, tmp_path):
    host, text = applied
    topology = nestlab.loads(CHANGES["the address of a new VM"][0](text))
    nestlab.export_topology(topology, tmp_path / "role", to="jea")
    role = load_configuration(tmp_path / "role")
    session = SimulatedSession(Runspace(host.simulated_host, configuration=role), "sim:")
    with pytest.raises(PlanRefused) as refused:
        nestlab.Lab(topology, session).plan()
    assert len(in_use(refused.value.findings)) == 1


def test_the_lab_as_it_is_has_no_conflict(applied):
    host, text = applied
    assert lab(host, text).plan().is_empty
    assert list(nestlab.drift(nestlab.loads(text), host)) == []


def adapters_read(host, act):
    """Return the VMs whose network adapters an act reads, each as often as it is read."""
    names: list[str] = []
    run = type(host).run

    def kept(self, *statements: Cmdlet, **options: object) -> Outcome:
        outcome = run(self, *statements, **options)
        names.extend(record["VMName"] for record in outcome.of_type("VMNetworkAdapter"))
        return outcome

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(host), "run", kept)
        act()
    return sorted(names)


def test_only_vms_on_the_switches_of_the_lab_are_read():
    host = nestlab.connect()
    own = lab(host, ONE.replace("SERVICE", ""))
    assert failed(own.apply()) == []
    alone = adapters_read(host, own.plan)
    host.run(Cmdlet("New-VMSwitch", {"Name": "Apart", "SwitchType": "Private"}))
    for number in range(3):
        vm = {"Name": f"apart-{number}", "NoVHD": True, "SwitchName": "Apart"}
        host.run(Cmdlet("New-VM", vm), Cmdlet("Set-VM", {"Name": f"apart-{number}", "Notes": "x"}))
    assert set(adapters_read(host, own.plan)) == set(alone) == {"c1"}


def test_adapters_of_others_that_cannot_be_read_are_a_warning():
    host = nestlab.connect()
    text = ONE.replace("SERVICE", "")
    assert failed(lab(host, text).apply()) == []
    assert failed(lab(host, THEIRS).apply()) == []
    run = type(host).run

    def refusing(self, *statements: Cmdlet, **options: object) -> Outcome:
        asked = [each for each in statements if "Where-Object" in str(each)]
        if asked and len(asked) == len(statements):
            error = ErrorRecord("Access is denied.", "PermissionDenied", "AccessDenied")
            return Outcome(errors=(error,))
        return run(self, *statements, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(host), "run", refusing)
        plan = lab(host, text + SECOND % "ip_address: 10.9.0.60/24").plan()
    (warning,) = [each for each in plan.warnings if each.code == "others-not-read"]
    assert "is not known whether they have addresses of the file" in warning.message
    assert warning.evidence == "Access is denied."


def test_a_dynamic_mac_address_of_a_running_vm_of_others_counts():
    host = nestlab.connect()
    text = ONE.replace("SERVICE", "")
    assert failed(lab(host, text).apply()) == []
    host.run(
        Cmdlet("New-VM", {"Name": "bob", "NoVHD": True, "SwitchName": "Own"}),
        Cmdlet("Start-VM", {"Name": "bob"}),
    )
    (adapter,) = host.run(Cmdlet("Get-VMNetworkAdapter", {"VMName": "bob"}))
    with pytest.raises(PlanRefused) as refused:
        lab(host, text + SECOND % f"mac_address: {adapter['MacAddress']}").plan()
    assert [each.code for each in refused.value.findings.errors] == ["mac-address-in-use"]
