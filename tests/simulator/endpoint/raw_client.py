"""Fifteen lines of plain pypsrp, which share no code with nestlab: what any client of a Windows host could be.

They build a switch and a VM, put one on the other, start it, look at it, and take both away again.
"""

import sys

from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

if __name__ == "__main__":
    port, user, password, authority, vm, switch = sys.argv[1:]
    steps = [
        ("New-VMSwitch", {"Name": switch, "SwitchType": "Private"}),
        ("New-VM", {"Name": vm, "NoVHD": None, "SwitchName": switch}),
    ]
    steps += [
        ("Start-VM", {"Name": vm}),
        ("Get-VM", {"Name": vm}),
        ("Get-VMNetworkAdapter", {"VMName": vm}),
    ]
    steps += [
        ("Stop-VM", {"Name": vm, "TurnOff": None}),
        ("Remove-VM", {"Name": vm, "Force": None}),
    ]
    steps += [("Remove-VMSwitch", {"Name": switch, "Force": None})]
    wsman = WSMan(
        "localhost",
        port=int(port),
        username=user,
        password=password,
        cert_validation=authority,
        no_proxy=True,
    )
    with RunspacePool(wsman) as pool:
        for name, options in steps:
            with PowerShell(pool) as shell:
                found = [
                    item.adapted_properties
                    for item in shell.add_cmdlet(name).add_parameters(options).invoke()
                ]
                told = [
                    (item["Name"], str(item.get("State")), item.get("SwitchName")) for item in found
                ]
                sys.stdout.write(f"{name} {told} {shell.state} {shell.streams.error}\n")
