"""A parameter is acted out, or has no effect to be seen, or is refused by name."""

import re
from pathlib import Path

import pytest

from nestlab import simulator
from nestlab.errors import CmdletError
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.simulator.cmdlets.registry import handlers
from nestlab.simulator.powershell.binding.signatures import signature
from nestlab.simulator.powershell.binding.unsupported_parameters import UNSUPPORTED, WITHOUT_EFFECT
from nestlab.transport import connect


def test_no_parameter_of_a_simulated_cmdlet_is_ignored_in_silence():
    folder = Path(simulator.__file__).parent
    texts = [
        path.read_text(encoding="utf-8")
        for path in folder.rglob("*.py")
        if path.name != "unsupported_parameters.py"
    ]
    named = set(re.findall(r'"([A-Za-z0-9]+)"', "".join(texts)))
    for command in map(
        signature, handlers().keys() - {"Enter-PSSession", "Invoke-Command"}
    ):  # those always end in an error
        said = set(UNSUPPORTED.get(command.name, "").split())
        assert (
            set(command.own_names) - named - set(WITHOUT_EFFECT.split())
            <= said
            <= set(command.own_names)
        ), command.name


@pytest.mark.parametrize(
    ("name", "parameters", "refused"),
    [
        ("Set-VMMemory", {"VMName": "dc-archive", "ResourcePool": "x"}, "ResourcePoolName"),
        ("Get-NetIPAddress", {"SkipAs": True}, "SkipAsSource"),
        (
            "Set-VMNetworkAdapter",
            {"VMName": "dc-archive", "MaximumBandwidth": 1000},
            "MaximumBandwidth",
        ),
        (
            "Test-NetConnection",
            {"ComputerName": "192.0.2.1", "TraceRoute": SwitchParameter.ON},
            "TraceRoute",
        ),
    ],
)
def test_a_parameter_that_is_not_acted_out_is_refused_by_name(name, parameters, refused):
    with pytest.raises(CmdletError, match=f"does not simulate -{refused} of '{name}'") as caught:
        connect("sim:ws2022-intel").run(Cmdlet(name, parameters))
    assert caught.value.record.fully_qualified_error_id == f"NotSimulated,{name}"


def test_it_is_refused_before_the_first_command_of_the_pipeline_runs():
    host = connect("sim:ws2022-intel")
    before = host.simulated_host.world.to_dict()
    with pytest.raises(CmdletError, match="PackageName"):
        host.run(
            Cmdlet(
                "New-VM",
                {"Name": "a"},
                Cmdlet(
                    "Disable-WindowsOptionalFeature",
                    {"Online": SwitchParameter.ON, "FeatureName": "a", "PackageName": "b"},
                ),
            )
        )
    assert host.simulated_host.world.to_dict() == before


def test_a_switch_that_is_off_is_as_good_as_left_out():
    host = connect("sim:ws2022-intel")
    assert host.run(
        Cmdlet(
            "Test-NetConnection", {"ComputerName": "192.0.2.1", "TraceRoute": SwitchParameter.OFF}
        )
    ).records
