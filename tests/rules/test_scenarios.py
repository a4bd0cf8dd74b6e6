"""What nestlab says about each simulated host, word for word; and how long it takes for many VMs."""

from pathlib import Path

import pytest

import nestlab
from nestlab.model import Cmdlet
from nestlab.observe import observe
from nestlab.rules import host_findings
from nestlab.rules.host_report import host_report
from nestlab.simulator.scenarios import scenario_names
from tests.rules.wording import check_wording

CASES = Path(__file__).parents[1] / "cases" / "scenarios"
VERDICTS = {
    "ws2022-intel": "can-nest",
    "ws2025-amd": "can-nest",
    "ws2016-intel": "can-nest",
    "win11-ryzen": "can-nest",
    "win10-intel": "can-nest",
    "ws2019-amd": "cannot-nest",
    "win11-home": "cannot-nest",
    "no-role": "cannot-nest",
    "firmware-off": "cannot-nest",
    "azure-vm": "can-nest",
    "azure-trusted-launch": "cannot-nest",
    "kvm-guest": "can-nest",
    "arm64": "cannot-nest",
    "old-vms": "can-nest",
    "busy-host": "can-nest",
    "hyperv-admin-only": "can-nest",
}


@pytest.mark.parametrize("name", scenario_names())
def test_the_report_is_word_for_word(name, update_cases):
    if update_cases:
        CASES.mkdir(exist_ok=True)
    check_wording(
        CASES / f"{name}.txt",
        host_findings(observe(nestlab.connect(f"sim:{name}"))),
        update=update_cases,
    )


@pytest.mark.parametrize("name", VERDICTS)
def test_the_verdict_is_what_the_scenario_is_for(name):
    assert nestlab.check(nestlab.connect(f"sim:{name}"))[0].code == VERDICTS[name]


class Counting:
    """A session that counts its pipelines."""

    def __init__(self, inner):
        self.inner, self.calls = inner, 0

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def run(self, *statements, **options):
        self.calls += 1
        return self.inner.run(*statements, **options)


def crowded(count):
    host = nestlab.connect()
    host.run(
        *(
            Cmdlet("New-VM", {"Name": f"vm{number}", "NoVHD": nestlab_on()})
            for number in range(count)
        )
    )
    return host


def nestlab_on():
    from nestlab.model import SwitchParameter

    return SwitchParameter.ON


def test_two_hundred_vms_take_as_many_pipelines_as_three():
    few, many = Counting(nestlab.connect()), Counting(crowded(200))
    observe(few)
    report = host_report(observe(many))
    assert len([finding for finding in report.findings if finding.code.startswith("vm-")]) >= 200
    assert many.calls == few.calls <= 12
