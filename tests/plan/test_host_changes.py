import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from nestlab.model import Size
from nestlab.model.state import FirewallRuleState
from nestlab.plan import host_changes
from nestlab.plan.host_changes import state_digests
from tests.plan.states import host, interface, switch, vm

ROOT = Path(__file__).parents[2]


def test_what_comes_and_goes_by_itself_is_no_change():
    before = host(
        vms=(vm("a", heartbeat="NoContact"),),
        interfaces=(interface("Ethernet", "192.0.2.10/24", interface_metric=25),),
    )
    after = host(
        vms=(vm("a", heartbeat="OkApplicationsHealthy", memory_assigned=Size.parse("2GB")),),
        interfaces=(interface("Ethernet", "192.0.2.10/24", interface_metric=15),),
    )
    assert host_changes({(): before}, {(): after}) == ()


def test_every_change_is_a_sentence_of_its_own():
    before = host(vms=(vm("a"),), switches=(switch("S"),))
    after = replace(host(vms=(vm("a", "Off"),), switches=(switch("T"),)))
    changes = host_changes({(): before}, {(): after})
    assert [str(change) for change in changes] == [
        "host: switch S is gone",
        "host: VM a (id-of-a) changed (state)",
        "host: switch T is new",
    ]
    assert [change.name for change in changes] == ["S", "a", "T"]
    # A digest tells that something changed, and not what.
    assert [str(change) for change in host_changes(state_digests({(): before}), {(): after})] == [
        str(change).removesuffix(" (state)") for change in changes
    ]


def test_a_firewall_rule_that_is_gone_has_its_name():
    before = replace(host(), firewall_rules=(FirewallRuleState(name="nestlab-lab"),))
    (change,) = host_changes({(): before}, {(): host()})
    assert change.name == "nestlab-lab"
    assert str(change) == "host: firewall rule nestlab-lab is gone"


def test_a_machine_that_answers_no_more():
    assert [str(change) for change in host_changes({("HV1",): host()}, {})] == [
        "HV1 does not answer any more"
    ]


def test_what_is_kept_in_a_file_is_the_same_in_every_process():
    code = "import json; from tests.plan.test_host_changes import busy; from nestlab.plan.host_changes import state_digests; print(json.dumps(state_digests({(): busy()})[()]))"
    there = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    assert json.loads(there) == state_digests({(): busy()})[()]


def busy():
    features = frozenset({"Hyper-V", "DHCP", "Hyper-V-PowerShell", "Containers"})
    disks = [rf"d:\{letter}.vhdx" for letter in "abcdefgh"]
    return host(vms=(vm("a (b)", id="1"),), switches=(switch("S"),), features=features, disks=disks)


def test_a_name_is_told_from_its_label():
    names = {change.name for change in host_changes({(): busy()}, {(): host()})}
    assert names >= {"a (b)", "S", r"d:\a.vhdx"}
