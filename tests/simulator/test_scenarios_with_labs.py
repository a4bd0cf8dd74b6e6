"""Every scenario with every example: the right verdict, and a lab to its last level, or the finding that says why not."""

from dataclasses import replace
from pathlib import Path

import pytest

import nestlab
from nestlab.errors import CmdletError, PlanRefused
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.simulator.scenarios import scenario_names

TOPOLOGIES = Path(__file__).parents[1] / "cases" / "topologies"
EXAMPLES = sorted(path.stem for path in TOPOLOGIES.glob("*.yml"))
VERDICTS = ("can-nest", "cannot-nest", "nesting-not-known")

# The verdict, and what of the findings says so.
HOSTS = {
    "ws2022-intel": ("can-nest", "processor-supported"),
    "ws2022-spanish": ("can-nest", "processor-supported"),
    "ws2022-generalized": ("can-nest", "processor-supported"),
    "ws2025-amd": ("can-nest", "processor-supported"),
    "ws2016-intel": ("can-nest", "version-supported"),
    "win11-ryzen": ("can-nest", "default-switch"),
    "win10-intel": ("can-nest", "default-switch"),
    "ws2019-amd": ("cannot-nest", "build-too-old"),
    "win11-home": ("cannot-nest", "edition-without-hyper-v"),
    "no-role": ("cannot-nest", "role-not-installed"),
    "firmware-off": ("cannot-nest", "virtualization-off"),
    "azure-vm": ("can-nest", "nat-only"),
    "azure-trusted-launch": ("cannot-nest", "extensions-not-known"),
    "kvm-guest": ("can-nest", "host-is-virtual"),
    "arm64": ("cannot-nest", "processor-not-supported"),
    "old-vms": ("can-nest", "vm-version-too-old"),
    "busy-host": ("can-nest", "ambiguous-name"),
    "hyperv-admin-only": ("can-nest", "account-not-administrator"),
}
# Where the examples cannot be built: the finding that forbids the plan.
REFUSED = {
    "ws2019-amd": "platform-cannot-nest",
    "win11-home": "platform-cannot-nest",
    "no-role": "platform-cannot-nest",
    "firmware-off": "platform-cannot-nest",
    "azure-trusted-launch": "platform-cannot-nest",
    "arm64": "platform-cannot-nest",
    "busy-host": "memory-not-enough",
    "hyperv-admin-only": "rights-missing",
}
# The same, of one example: Azure's network carries no bridge.
REFUSED_ALONE = {("azure-vm", "bridged-lab"): "bridge-in-azure"}
PAIRS = [(name, example) for name in scenario_names() for example in EXAMPLES]
REFUSALS = {
    pair: REFUSED.get(pair[0]) or REFUSED_ALONE[pair]
    for pair in PAIRS
    if pair[0] in REFUSED or pair in REFUSED_ALONE
}


def topology_for(scenario, example):
    topology = nestlab.load(TOPOLOGIES / f"{example}.yml")
    if scenario != "ws2022-generalized":
        return topology
    images = tuple(replace(image, prepared=image.os != "windows") for image in topology.images)
    return replace(topology, images=images)


def lab_on(scenario, example, tmp_path):
    return nestlab.Lab(
        topology_for(scenario, example),
        nestlab.connect(f"sim:{scenario}"),
        tmp_path / "journal.jsonl",
    )


def world_of(lab):
    data = lab.host.simulated_host.world.to_dict()
    return {key: value for key, value in data.items() if key != "clock"}


@pytest.mark.parametrize("name", scenario_names())
def test_check_gives_the_verdict_and_its_reason(name):
    verdict, reason = HOSTS[name]
    codes = [finding.code for finding in nestlab.check(nestlab.connect(f"sim:{name}"))]
    assert [code for code in codes if code in VERDICTS] == [verdict]
    assert reason in codes


@pytest.mark.parametrize(("name", "example"), [pair for pair in PAIRS if pair not in REFUSALS])
def test_a_lab_is_built_to_its_last_level(name, example, tmp_path):
    lab = lab_on(name, example, tmp_path)
    assert lab.check().ok
    before = world_of(lab)
    assert [result.message for result in lab.apply() if not result.ok] == []
    assert lab.plan().is_empty
    assert all(
        check.passed or check.status == "undetermined" for check in lab.verify()
    )  # Linux guests are not observed
    assert [result.message for result in lab.destroy() if not result.ok] == []
    assert world_of(lab) == before


@pytest.mark.parametrize(("name", "example"), sorted(REFUSALS))
def test_a_lab_that_cannot_be_built_is_refused_before_anything_is_touched(name, example, tmp_path):
    lab = lab_on(name, example, tmp_path)
    before = world_of(lab)
    reason = REFUSALS[name, example]
    assert reason in [finding.code for finding in lab.check() if finding.severity == "error"]
    for refused in (lab.plan, lambda: list(lab.apply())):
        with pytest.raises(PlanRefused) as caught:
            refused()
        assert reason in [finding.code for finding in caught.value.findings]
        assert all(
            finding.message and finding.hint
            for finding in caught.value.findings
            if finding.severity == "error"
        )
    assert world_of(lab) == before


@pytest.mark.parametrize("name", ["ws2019-amd", "arm64"])
def test_who_goes_on_by_hand_meets_the_refusal_at_the_start(name):
    host = nestlab.connect(f"sim:{name}")
    host.run(Cmdlet("New-VM", {"Name": "HV1"}))
    host.run(Cmdlet("Set-VMProcessor", {"VMName": "HV1", "ExposeVirtualizationExtensions": True}))
    with pytest.raises(CmdletError, match="this platform does not support nested virtualization"):
        host.run(Cmdlet("Start-VM", {"Name": "HV1"}))


def test_the_way_out_of_no_role_works():
    host = nestlab.connect("sim:no-role")
    host.run(
        Cmdlet(
            "Install-WindowsFeature",
            {
                "Name": "Hyper-V",
                "IncludeManagementTools": SwitchParameter.ON,
                "Restart": SwitchParameter.ON,
            },
        )
    )
    host.wait(600)
    assert "can-nest" in [finding.code for finding in nestlab.check(host)]


def test_a_second_nat_is_refused_before_build_20348_and_only_there():
    def nats(name):
        host = nestlab.connect(f"sim:{name}")
        for number in (1, 2):
            prefix = f"10.{number}.0.0/24"
            host.run(
                Cmdlet(
                    "New-NetNat",
                    {
                        "Name": f"n{number}",
                        "InternalIPInterfaceAddressPrefix": prefix,
                        "ErrorAction": "SilentlyContinue",
                    },
                )
            )
        return len(host.run(Cmdlet("Get-NetNat")).records)

    assert {
        name: nats(name) for name in ("ws2016-intel", "win10-intel", "ws2022-intel", "win11-ryzen")
    } == {
        "ws2016-intel": 1,
        "win10-intel": 1,
        "ws2022-intel": 2,
        "win11-ryzen": 2,
    }
