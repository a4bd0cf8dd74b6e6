"""PowerShell Direct with a password of its own, a guest that is lost; and a few facts through plain pypsrp."""

import pytest

from nestlab.model import Secret, SwitchParameter
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.powershell.call import Call, CollectingSink, PowerShellError
from nestlab.simulator.runspace import Runspace
from nestlab.transport.simulated import SimulatedSession
from tests.simulator.facts.typed import typed
from tests.simulator.facts.vectors import HYPER_V, all_vectors, fits, prepare, says

ADMINISTRATOR = "Administrator"
INVOKE = "Microsoft.PowerShell.Commands.InvokeCommandCommand"
BROKEN = "An error has occurred which Windows PowerShell cannot handle. A remote session might have ended."


def host_with(*lines):
    host = SimulatedHost.from_scenario("ws2022-intel")
    session = SimulatedSession(Runspace(host), "sim:prepared")
    for line in lines:
        if line == "boot":
            session.wait(300)
        else:
            session.run(typed(line)[1])
    host.world.guest_passwords = {ADMINISTRATOR: "right"}
    return host


def refused_entry(host, vm, password="right"):
    before = host.world.to_dict()
    with pytest.raises(PowerShellError) as caught:
        Runspace(host).guest(vm, ADMINISTRATOR, password).invoke(
            [Call("Get-NetAdapter")], CollectingSink()
        )
    after = host.world.to_dict()
    assert {**before, "clock": None} == {**after, "clock": None}
    return caught.value.record


def test_a_wrong_password():
    error = refused_entry(host_with("Start-VM -Name dc-archive", "boot"), "dc-archive", "wrong")
    assert (error.message, error.category, error.error_id) == (
        "The credential is invalid.",
        "OpenError",
        "PSSessionStateBroken",
    )


def test_a_wrong_password_of_an_interactive_session():
    host = host_with("Start-VM -Name dc-archive", "boot")
    sink = CollectingSink()
    credential = Secret("credential", ADMINISTRATOR, "wrong")
    arguments = (("VMName", "dc-archive"), ("Credential", credential))
    Runspace(host).invoke([Call("Enter-PSSession", arguments)], sink)
    (error,) = sink.errors
    assert (error.message, error.category, error.fully_qualified_error_id, error.target) == (
        "The credential is invalid.",
        "InvalidArgument",
        "CreateRemoteRunspaceForVMFailed,Microsoft.PowerShell.Commands.EnterPSSessionCommand",
        "",
    )


def test_a_guest_that_goes_away_under_its_session():
    host = host_with("Start-VM -Name dc-archive", "boot")
    guest = Runspace(host).guest("dc-archive", ADMINISTRATOR, "right")
    with pytest.raises(PowerShellError) as caught:
        guest.invoke(
            [Call("Restart-Computer", (("Force", SwitchParameter.ON),)), Call("Get-NetAdapter")],
            CollectingSink(),
        )
    error = caught.value.record
    assert (error.fully_qualified_error_id, error.category, error.message) == (
        f"PSSessionStateBroken,{INVOKE}",
        "OpenError",
        BROKEN,
    )


PLAIN = ("errors/get-vm-missing", "errors/set-vmmemory-bad-state", "errors/new-netnat-overlap", "errors/get-netadapter-missing",
         "objects/vmstate-running", "objects/on-off-state", "objects/get-netnat")  # fmt: skip


def test_facts_through_plain_pypsrp():
    from pypsrp.powershell import PowerShell, RunspacePool
    from pypsrp.wsman import WSMan

    vectors = {vector.name: vector for vector in all_vectors()}
    host = SimulatedHost.from_scenario("ws2022-intel")
    with serve(host, clock_rate=1.0) as endpoint:
        wsman = WSMan(
            "localhost",
            port=endpoint.port,
            username=endpoint.user,
            password=endpoint.password,
            ssl=False,
            no_proxy=True,
        )
        with wsman, RunspacePool(wsman) as pool:
            for name in PLAIN:
                prepare(host, vectors[name])
                cmdlet = typed(vectors[name].when)[1]
                with PowerShell(pool) as shell:
                    shell.add_cmdlet(cmdlet.name).add_parameters(dict(cmdlet.parameters))
                    same(shell.invoke(), shell.streams.error, vectors[name])


def same(objects, errors, vector):
    """Compare what plain pypsrp read with a vector; an enum is an object whose text is the name."""
    if vector.refused:
        (error,) = errors
        assert error.fq_error == vector.refused["id"].replace(",HV.", f",{HYPER_V}")
        assert says(
            vector.refused["text"].replace("{id of build-agent}", "..."),
            error.exception.adapted_properties["Message"],
        )
        return
    assert errors == []
    for item, expected in zip(objects, vector.gives, strict=True):
        for name, value in expected.items():
            actual = item.adapted_properties[name]
            assert fits(actual, value) or str(actual) == str(value).partition(" (")[0], name
