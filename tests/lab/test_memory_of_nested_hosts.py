"""What a nested host keeps for its own Windows: `validate` and the simulated host count the same."""

import re

import pytest

import nestlab
from nestlab.constants import host_memory_for, host_memory_reserve
from nestlab.errors import CmdletError, PlanRefused
from nestlab.model import Cmdlet, Size
from nestlab.observe import observe
from nestlab.rules.memory_budget import memory_budget

GB = 1 << 30
LAB = r"""
name: lab
images: {{ws2022: {{path: 'D:\images\ws2022.vhdx', os: windows, prepared: true}}}}
vms:
  - name: HV1
    memory_startup: {memory}
    disk: {{image: ws2022}}
    guest: {{os: windows, credential: lab-admin}}
    nested:
      vms:
        - {{name: inner, memory_startup: {inner}, disk: {{size: 20GB}}}}
"""


def applied(text, host):
    lab = nestlab.Lab(nestlab.loads(text), host)
    return {str(result.status) for result in lab.apply(lab.plan())}


def limit(memory):
    """The most memory that a VM inside can have, by the number of the rules."""
    return Size(int(memory - host_memory_reserve(memory)) // (2 << 20) * (2 << 20))


@pytest.mark.parametrize("memory", [4 * GB, 5 * GB, 12 * GB])
def test_the_file_is_accepted_up_to_what_the_host_starts(memory):
    fits, does_not = limit(memory), Size(limit(memory) + (2 << 20))
    host = nestlab.connect("sim:ws2022-intel")
    assert applied(LAB.format(memory=memory, inner=int(fits)), host) == {"done"}
    inside = host.guest("HV1", "lab-admin")
    inside.run(Cmdlet("Stop-VM", {"Name": "inner", "TurnOff": True, "Force": True}))
    inside.run(Cmdlet("Set-VMMemory", {"VMName": "inner", "StartupBytes": does_not}))
    with pytest.raises(CmdletError, match="0x8007000E"):
        inside.run(Cmdlet("Start-VM", {"Name": "inner"}))
    too_much = LAB.format(memory=memory, inner=int(does_not))
    assert "memory-overcommitted" in nestlab.validate(nestlab.loads(too_much)).codes


@pytest.mark.parametrize(("memory", "inner"), [("4GB", "3GB"), ("8GB", "7GB"), ("4GB", "20GB")])
def test_the_hint_has_a_value_with_which_the_lab_comes_up(memory, inner):
    text, host = LAB.format(memory=memory, inner=inner), nestlab.connect("sim:ws2022-intel")
    lab = nestlab.Lab(nestlab.loads(text), host)
    with pytest.raises(PlanRefused) as refused:
        lab.plan()
    (finding,) = (item for item in refused.value.findings if item.code == "memory-overcommitted")
    found = re.search(r"memory_startup of HV1 to (\w+)", finding.hint)
    assert found, finding.hint
    assert ":6:" in finding.location
    assert applied(LAB.format(memory=found[1], inner=inner), host) == {"done"}


def startup(hint):
    found = re.search(r"memory_startup(?: of HV1)? to (\w+) or more", hint)
    assert found, hint
    return found[1]


@pytest.mark.parametrize(("memory", "inner"), [("2GB", "3GB"), ("3GB", "2GB"), ("2GB", "20GB")])
def test_all_findings_about_the_memory_of_a_nested_host_give_one_figure(memory, inner):
    findings = nestlab.validate(nestlab.loads(LAB.format(memory=memory, inner=inner)))
    about = {item.code: startup(item.hint) for item in findings if "memory" in item.code}
    assert set(about) >= {"nested-memory-low"}
    (figure,) = set(about.values())
    corrected = nestlab.validate(nestlab.loads(LAB.format(memory=figure, inner=inner)))
    assert not [item for item in corrected if "memory" in item.code]


def test_what_is_found_inside_gives_the_figure_of_the_file():
    host = nestlab.connect("sim:ws2022-intel")
    assert applied(LAB.format(memory="4GB", inner="1GB"), host) == {"done"}
    inside = host.guest("HV1", "lab-admin")
    inside.run(Cmdlet("New-VM", {"Name": "more", "MemoryStartupBytes": Size(4 * GB)}))
    lab = nestlab.Lab(nestlab.loads(LAB.format(memory="4GB", inner="1GB")), host)
    (short,) = (item for item in lab.check() if item.code == "memory-inside-short")
    assert "those that are off included" in short.message
    wanted = nestlab.validate(nestlab.loads(LAB.format(memory="4GB", inner="5GB")))
    (overcommitted,) = (item for item in wanted if item.code == "memory-overcommitted")
    assert f"-StartupBytes {startup(overcommitted.hint)}" in " ".join(map(str, short.fix))


def test_the_host_itself_keeps_the_same_share():
    """`check` accepts a VM as large as the host can start, and none that is larger."""
    free = memory_budget(observe(nestlab.connect("sim:ws2022-intel"))).free
    most = Size(free // (2 << 20) * (2 << 20))
    text = "name: lab\nvms: [{{name: big, memory_startup: {0}}}]"
    for memory, refused in ((most, False), (Size(most + (2 << 20)), True)):
        host = nestlab.connect("sim:ws2022-intel")
        lab = nestlab.Lab(nestlab.loads(text.format(int(memory))), host)
        assert ("memory-not-enough" in lab.check().codes) is refused
    host.run(Cmdlet("New-VM", {"Name": "big", "MemoryStartupBytes": memory}))
    with pytest.raises(CmdletError, match="0x8007000E"):
        host.run(Cmdlet("Start-VM", {"Name": "big"}))


@pytest.mark.parametrize("vms", [1 << 20, 3 * GB, 3 * GB + 1, 62 * GB, 500 * GB])
def test_the_memory_for_vms_is_the_least_that_suffices(vms):
    found, step = host_memory_for(vms), 2 << 20
    assert found % step == 0
    assert found - host_memory_reserve(found) >= vms
    less = found - step
    assert less - host_memory_reserve(less) < vms
