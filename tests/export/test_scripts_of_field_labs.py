"""The scripts of the labs of the field: parsed by two grammars, and run twice on a simulated host.

All of them take five minutes: NESTLAB_SCRIPT_LABS=all.
"""

import os
import re
from pathlib import Path

import pytest

import nestlab
from tests.export.test_powershell_script import GRAMMARS, changes, export, run_script, syntax_errors
from tests.lab.test_field_labs import credentials_of, scenario_of

TOPOLOGIES = Path(__file__).parents[2] / "notebooks" / "topologies"
SOME = {
    "al-failover-iscsi",
    "azure-nested-nat-dhcp",
    "azure-vnet-routed",
    "container-host",
    "hypervdsc-set",
    "labbuilder-dc-dhcp-edge",
    "minikube-default-switch",
    "terraform-vm-from-scratch",
}
LABS = sorted(
    path
    for path in (TOPOLOGIES / "field").glob("*.yml")
    if os.environ.get("NESTLAB_SCRIPT_LABS") == "all" or path.stem in SOME
)
WITHOUT_WORK = ("Allow pings",)
"""Steps that a simulated host may not need: its images answer pings."""


def state(session, topology):
    """Everything that a capture of the host finds, without addresses made from the host's name.

    A script has those for the simulated host that it was planned on.
    """
    session.wait(600)  # guests that have just been started report their addresses later
    found = nestlab.capture(session, credential=credentials_of(topology))
    text = nestlab.topology_file.dumps(found)
    return re.sub(r"mac_address: 02(-[0-9A-F]{2}){5}", "mac_address: 02", text)


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)
def test_the_script_of_a_lab_reaches_the_state_that_apply_reaches_and_is_not_needed_again(
    path, tmp_path
):
    topology, script = export(path, tmp_path)
    for grammar in GRAMMARS:
        assert syntax_errors(script, grammar) == []
    host, other = (nestlab.connect(scenario_of(path), prepared_for=topology) for _ in range(2))
    ran = run_script(script, host)
    not_needed = [step for step, result in ran.results.items() if result != "done"]
    assert [step for step in not_needed if not any(text in step for text in WITHOUT_WORK)] == []
    host.wait(600)
    assert nestlab.Lab(topology, host).plan().is_empty
    assert all(result.ok for result in nestlab.Lab(topology, other).apply(workers=1))
    assert state(host, topology) == state(other, topology)
    again = run_script(script, host)
    assert {step for step, result in again.results.items() if result != "not needed"} == set()
    assert changes(again) == []
