"""How the simulated host finds what its cmdlets do."""

import subprocess
import sys
import types
from pathlib import Path

import pytest

from nestlab.simulator import cmdlets
from nestlab.simulator.cmdlets.registry import cmdlet, gather, handlers, modules
from nestlab.simulator.powershell.binding.signatures import signature

FOLDERS = {
    "hyper_v": {"Hyper-V"},
    "network": {"NetAdapter", "NetConnection", "NetTCPIP", "NetNat", "NetSecurity", "DnsClient", "Microsoft.PowerShell.Management"},
    "dhcp": {"DhcpServer"},
    "storage": {"Storage"},
    "windows": {
        "CimCmdlets", "Dism", "ServerManager", "SecureBoot", "Microsoft.PowerShell.Core", "Microsoft.PowerShell.Diagnostics",
        "Microsoft.PowerShell.Management", "Microsoft.PowerShell.Utility",
    },
}  # fmt: skip
"""Which module's cmdlets are in which folder; Test-Connection is beside Test-NetConnection."""


def module_with(**functions):
    module = types.ModuleType("made_up")
    for name, (names, function) in functions.items():
        function.__module__, function.__name__ = "made_up", name
        setattr(module, name, cmdlet(*names)(function))
    return module


def test_every_cmdlet_is_in_the_folder_of_its_module():
    for name, handler in handlers().items():
        folder = handler.__module__.removeprefix(f"{cmdlets.__name__}.").partition(".")[0]
        assert signature(name).module in FOLDERS[folder], name


def test_the_lines_of_the_sources_name_what_the_modules_define():
    # `gather` also refuses a cmdlet with two handlers, and one without a signature.
    assert dict(handlers()) == dict(gather(modules()))
    assert len(handlers()) > 140


def test_a_host_imports_the_modules_of_the_cmdlets_that_run(tmp_path):
    program = (
        "import sys, nestlab\n"
        "from nestlab.model import Cmdlet\n"
        "nestlab.connect('sim:ws2022-intel').run(Cmdlet('Get-VMSwitch'))\n"
        "print([name for name in sys.modules if name.startswith("
        "('nestlab.reachability', 'nestlab.simulator.cmdlets.dhcp', 'filelock', 'psrpcore'))])"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "[]"


def test_a_cmdlet_with_two_handlers_is_an_error():
    module = module_with(
        first=(["Get-VM"], lambda *_: None), second=(["Get-VMHost", "Get-VM"], lambda *_: None)
    )
    with pytest.raises(
        ValueError, match=r"Get-VM has two handlers: made_up\.first and made_up\.second"
    ):
        gather(iter([module]))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Get-Nothing", "which is not in signatures.json$"),
        ("get-vm", "which is not in signatures.json; the table spells it Get-VM"),
    ],
)
def test_a_handler_of_an_unknown_cmdlet_is_an_error(name, says):
    with pytest.raises(ValueError, match=rf"made_up\.only handles {name}, {says}"):
        gather(iter([module_with(only=([name], lambda *_: None))]))


def test_an_imported_handler_counts_where_it_is_defined():
    module = module_with(only=(["Get-VM"], lambda *_: None))
    other = types.ModuleType("other")
    other.only = module.only
    assert list(gather(iter([module, other]))) == ["Get-VM"]


def test_cmdlets_are_not_imported_before_a_host_needs_them():
    program = (
        "import sys, nestlab.simulator.host\n"
        "print(sum(name.startswith('nestlab.simulator.cmdlets.hyper_v') for name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "0"


def test_no_folder_has_more_than_fifteen_modules():
    package = Path(cmdlets.__file__).parents[1]
    folders = [package, *(path for path in package.rglob("*") if path.is_dir())]
    many = {path.name: len(list(path.glob("*.py"))) for path in folders}
    assert {name: number for name, number in many.items() if number > 15} == {}
