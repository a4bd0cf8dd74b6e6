"""Fifteen lines of plain pypsrp, which share no code with nestlab: what any client of a Windows host could be."""

import sys

from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

if __name__ == "__main__":
    port, user, password, authority, wanted = sys.argv[1:]
    wsman = WSMan("localhost", port=int(port), username=user, password=password, cert_validation=authority, no_proxy=True)
    with RunspacePool(wsman) as pool:
        for name, options in (("New-VM", {"Generation": 2, "NoVHD": None}), ("Get-VM", {})):
            with PowerShell(pool) as shell:
                shell.add_cmdlet(name).add_parameter("Name", wanted).add_parameters(options)
                for item in shell.invoke():
                    properties = item.adapted_properties
                    sys.stdout.write(f"{properties['Name']} {properties['State']} {shell.state} {len(shell.streams.error)}\n")
