"""The Windows name of the machine's adapter on a new switch that another adapter has already.

Windows adds a number to the name then (https://github.com/pluralsight/PS-AutoLab-Env/issues/199).
A switch that is renamed keeps the name of its adapter in Windows.
"""

from __future__ import annotations

import pytest

import nestlab
from nestlab.apply import StepStarted
from nestlab.model import Cmdlet, SwitchParameter

ALIAS = "vEthernet (Lab)"
FILE = """
name: one
forwarding: true
routes: [{to: 10.77.0.0/16, via: 10.9.0.9}]
switches: [{name: Lab, switch_type: Internal, ip_address: 10.9.0.1/24, nat: 10.9.0.0/24, dns_servers: [1.1.1.1], interface_metric: 30}]
"""
FURTHER = """
name: one
switches: [{name: Other, switch_type: Internal, ip_address: 10.8.0.1/24, management_adapters: [{name: Lab, ip_address: 10.9.0.1/24}]}]
"""
PLAIN = "name: one\nswitches: [{name: Lab, switch_type: Internal}]\n"
RENAMED_SWITCH = (
    Cmdlet("New-VMSwitch", {"Name": "Lab", "SwitchType": "Internal"}),
    Cmdlet("Rename-VMSwitch", {"Name": "Lab", "NewName": "Office"}),
)
RENAMED_ADAPTER = (
    Cmdlet("New-VMSwitch", {"Name": "Office", "SwitchType": "Internal"}),
    Cmdlet("Rename-NetAdapter", {"Name": "vEthernet (Office)", "NewName": ALIAS}),
)
PHYSICAL = (Cmdlet("Rename-NetAdapter", {"Name": "NIC2", "NewName": ALIAS}),)
ADDRESS = Cmdlet(
    "New-NetIPAddress", {"InterfaceAlias": ALIAS, "IPAddress": "172.20.0.1", "PrefixLength": 24}
)
TWO_ADAPTERS = "sim:tests/cases/reported/two-adapters.json"


def of_theirs(host):
    """Return the settings of the adapter of others."""
    read = {
        "Get-NetIPAddress": ("IPAddress", "PrefixLength"),
        "Get-NetRoute": ("DestinationPrefix", "NextHop"),
        "Get-NetIPInterface": ("Dhcp", "Forwarding", "InterfaceMetric"),
        "Get-DnsClientServerAddress": ("ServerAddresses",),
    }
    where = {"InterfaceAlias": ALIAS, "AddressFamily": "IPv4"}
    return [
        [str(each[value]) for value in values]
        for name, values in read.items()
        for each in host.run(Cmdlet(name, where))
    ]


def occupied(cmdlets):
    host = nestlab.connect(TWO_ADAPTERS)
    host.run(*cmdlets, ADDRESS)
    return host


def lab(host, text):
    return nestlab.Lab(nestlab.loads(text), host)


@pytest.fixture(autouse=True)
def journals(monkeypatch, tmp_path):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))


@pytest.mark.parametrize("text", [FILE, FURTHER, PLAIN], ids=["switch", "further", "plain"])
@pytest.mark.parametrize(
    "cmdlets", [RENAMED_SWITCH, RENAMED_ADAPTER, PHYSICAL], ids=["switch", "adapter", "physical"]
)
def test_a_new_switch_leaves_the_adapter_with_its_name_alone(text, cmdlets):
    host = occupied(cmdlets)
    theirs = of_theirs(host)
    one = lab(host, text)
    plan = one.plan()
    assert [step.title for step in plan.steps if f"'{ALIAS}'" in " ".join(step.lines)] == []
    assert [str(result) for result in one.apply() if not result.ok] == []
    assert one.plan().is_empty
    assert of_theirs(host) == theirs
    assert [str(result) for result in one.undo() if not result.ok] == []
    assert of_theirs(host) == theirs
    assert all(result.ok for result in one.apply())
    assert all(result.ok for result in one.destroy())
    assert of_theirs(host) == theirs


@pytest.mark.parametrize("cmdlets", [RENAMED_SWITCH, PHYSICAL], ids=["switch", "physical"])
def test_an_adapter_that_gets_the_name_during_the_run_stays_as_it_is(cmdlets):
    host = nestlab.connect(TWO_ADAPTERS)
    one = lab(host, FILE[: FILE.index("forwarding")] + FILE[FILE.index("switches") :])
    theirs = []

    def occupy(event):
        if not theirs and isinstance(event, StepStarted):
            host.run(*cmdlets, ADDRESS)
            theirs.extend(of_theirs(host))

    assert f"'{ALIAS}'" in str(one.plan())
    assert [str(result) for result in one.apply(on_event=occupy) if not result.ok] == []
    assert of_theirs(host) == theirs
    assert one.plan().is_empty
    assert [str(result) for result in one.undo() if not result.ok] == []
    assert of_theirs(host) == theirs


def test_the_address_of_an_adapter_that_is_gone_is_not_set_on_another_one_of_the_switch():
    host = nestlab.connect(TWO_ADAPTERS)
    text = """
name: one
switches: [{name: Lab, switch_type: Internal, ip_address: 10.9.0.1/24, management_adapters: [NAME]}]
"""
    storage = "{name: Storage}"
    assert all(result.ok for result in lab(host, text.replace("NAME", storage)).apply())
    before = of_theirs(host)
    one = lab(host, text.replace("NAME", "{name: Storage, ip_address: 10.8.0.1/24}"))
    remove = Cmdlet(
        "Remove-VMNetworkAdapter", {"ManagementOS": SwitchParameter.ON, "Name": "Storage"}
    )
    gone = []

    def take(event):
        if not gone and isinstance(event, StepStarted):
            host.run(remove)
            gone.append(event)

    assert any(not result.ok for result in one.apply(on_event=take))
    assert of_theirs(host) == before
