"""Hosts with a lab that nestlab did not create: one that it built, without marks and without its names."""

import nestlab
from nestlab.model import Cmdlet, SwitchParameter

NOTES = "  Built by Ada.\r\nAsk before changing. "


def sessions(topology, host):
    """Yield the host, and each nested host of a topology, as sessions."""
    yield host
    for vm in topology.vms:
        if vm.nested is not None:
            yield host.guest(vm.name, vm.guest.credential)


def run(session, name, pipe=None, **parameters):
    return session.run(Cmdlet(name, parameters, pipe)).records


def unmark(topology, host, notes=NOTES):
    """Take the marks of a topology away at every level, and give its NATs and DHCP scopes
    names of their own."""
    for session in sessions(topology, host):
        for kind in ("VM", "VMSwitch"):
            for record in run(session, f"Get-{kind}"):
                if f"nestlab:{topology.name}" in record["Notes"]:
                    text = Cmdlet(f"Set-{kind}", {"Notes": notes})
                    run(session, f"Get-{kind}", text, Id=record["Id"])
        for nat in run(session, "Get-NetNat"):
            if nat["Name"].startswith("nestlab."):
                rename_nat(session, nat)
        rename_scopes(session)


def rename_nat(session, nat):
    name, prefix = nat["Name"].split(".")[-1], nat["InternalIPInterfaceAddressPrefix"]
    run(session, "Remove-NetNat", Name=nat["Name"], Confirm=SwitchParameter.OFF)
    run(session, "New-NetNat", Name=f"Nat of {name}", InternalIPInterfaceAddressPrefix=prefix)


def rename_scopes(session):
    try:
        scopes = run(session, "Get-DhcpServerv4Scope")
    except nestlab.NestlabError:
        return  # the role is not installed
    for scope in scopes:
        if scope["Name"].startswith("nestlab."):
            name = f"Scope of {scope['Name'].split('.')[-1]}"
            run(session, "Set-DhcpServerv4Scope", ScopeId=scope["ScopeId"], Name=name)


def foreign_host(topology, address="sim:ws2022-intel"):
    """Return a host with what a topology says, which nestlab did not create."""
    host = nestlab.connect(address)
    assert [str(result) for result in nestlab.Lab(topology, host).apply() if not result.ok] == []
    unmark(topology, host)
    return host


def world(host):
    """Return all of a simulated host but its clock."""
    found = host.simulated_host.world.to_dict()
    return {key: value for key, value in found.items() if key != "clock"}


def notes_of(session, kind="VM"):
    return {record["Name"]: record["Notes"] for record in run(session, f"Get-{kind}")}
