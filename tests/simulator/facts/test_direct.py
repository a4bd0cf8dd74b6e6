"""The ids of PowerShell Direct, which a session turns into errors of its own; and a few facts through plain pypsrp."""

import pytest

from nestlab.simulator.endpoint import serve
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.powershell.call import Call, PowerShellError
from nestlab.simulator.runspace import Runspace
from nestlab.transport.simulated import SimulatedSession
from tests.simulator.facts.typed import typed
from tests.simulator.facts.vectors import HYPER_V, all_vectors, fits, prepare, says

ADMINISTRATOR = "Administrator"
INVOKE = "Microsoft.PowerShell.Commands.InvokeCommandCommand"
BROKEN = "An error has occurred which Windows PowerShell cannot handle. A remote session might have ended."


class Silence:
    """Streams that nobody reads."""

    def output(self, record):
        """Take one object."""

    error = warning = verbose = progress = output


def host_with(*lines, scenario="ws2022-intel"):
    host = SimulatedHost.from_scenario(scenario)
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
        Runspace(host).guest(vm, ADMINISTRATOR, password).invoke([Call("Get-NetAdapter")], Silence())
    after = host.world.to_dict()
    assert {**before, "clock": None} == {**after, "clock": None}
    return caught.value.record


@pytest.mark.parametrize(
    ("lines", "vm", "error_id", "category", "text"),
    [
        ((), "X", "InvalidVMNameNotSingle", "InvalidArgument", "The input VMName X does not resolve to a single virtual machine."),
        (
            ("New-VM -Name a", "New-VM -Name a"), "a", "InvalidVMNameNotSingle", "InvalidArgument",
            "The input VMName a does not resolve to a single virtual machine.",
        ),
        ((), "dc-archive", "InvalidVMState", "InvalidArgument", "The virtual machine dc-archive is not in running state."),
        (("Start-VM -Name dc-archive",), "dc-archive", "PSSessionStateBroken", "OpenError", BROKEN),
    ],
    ids=["missing", "two-of-one-name", "off", "still-booting"],
)  # fmt: skip
def test_ids_of_the_way_into_a_guest(lines, vm, error_id, category, text):
    error = refused_entry(host_with(*lines), vm)
    assert (error.fully_qualified_error_id, error.category, error.message) == (f"{error_id},{INVOKE}", category, text)


def test_a_wrong_password():
    error = refused_entry(host_with("Start-VM -Name dc-archive", "boot"), "dc-archive", "wrong")
    assert error.message == "The credential is invalid."


def test_without_the_module():
    error = refused_entry(host_with(scenario="no-role"), "a")
    assert (error.error_id, error.category) == ("HyperVModuleNotAvailable", "NotInstalled")


PLAIN = ("errors/get-vm-missing", "errors/set-vmmemory-bad-state", "errors/new-netnat-overlap", "errors/get-netadapter-missing",
         "objects/vmstate-running", "objects/on-off-state", "objects/get-netnat")  # fmt: skip


def test_facts_through_plain_pypsrp():
    from pypsrp.powershell import PowerShell, RunspacePool
    from pypsrp.wsman import WSMan

    vectors = {vector.name: vector for vector in all_vectors()}
    host = SimulatedHost.from_scenario("ws2022-intel")
    with serve(host, clock_rate=1.0) as endpoint:
        wsman = WSMan("localhost", port=endpoint.port, username=endpoint.user, password=endpoint.password, ssl=False, no_proxy=True)
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
        assert says(vector.refused["text"].replace("{id of build-agent}", "..."), error.exception.adapted_properties["Message"])
        return
    assert errors == []
    for item, expected in zip(objects, vector.gives, strict=True):
        for name, value in expected.items():
            actual = item.adapted_properties[name]
            assert fits(actual, value) or str(actual) == str(value).partition(" (")[0], name
