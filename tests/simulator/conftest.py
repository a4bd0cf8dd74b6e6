import pytest

from nestlab.errors import CmdletError
from nestlab.model import Cmdlet, Size, SwitchParameter
from nestlab.transport import connect

GB = 1 << 30


class Console:
    """A user at a host, who types cmdlets and reads records and errors."""

    def __init__(self, session):
        self.session = session

    def __call__(self, name, /, *switches, **parameters):
        return list(
            self.session.run(
                Cmdlet(name, {**dict.fromkeys(switches, SwitchParameter.ON), **parameters})
            )
        )

    def one(self, name, /, *switches, **parameters):
        (record,) = self(name, *switches, **parameters)
        return record

    def refused(self, name, /, *switches, **parameters):
        """The error record of a cmdlet that must fail, and must change nothing."""
        before = self.world()
        with pytest.raises(CmdletError) as caught:
            self(name, *switches, **parameters)
        assert self.world() == before
        return caught.value.record

    def world(self):
        data = self.session.simulated_host.world.to_dict()
        data.pop("clock")
        return data

    def guest(self, vm, seconds=90):
        self.session.wait(seconds)
        return Console(self.session.guest(vm, "lab-admin"))

    def new_vm(
        self,
        name,
        *,
        memory="1GB",
        switch=None,
        parent=r"D:\images\ws2022.vhdx",
        start=False,
        expose=False,
    ):
        disk = {}
        if parent:
            path = rf"D:\lab\{name}.vhdx"
            self("New-VHD", "Differencing", Path=path, ParentPath=parent)
            disk = {"VHDPath": path}
        more = {"SwitchName": switch} if switch else {}
        self(
            "New-VM", Name=name, Generation=2, MemoryStartupBytes=Size.parse(memory), **disk, **more
        )
        if expose:
            self("Set-VMProcessor", VMName=name, ExposeVirtualizationExtensions=True)
        if start:
            self("Start-VM", Name=name)


@pytest.fixture
def host():
    return Console(connect("sim:ws2022-intel"))


@pytest.fixture
def nested(host):
    """A nested host HV1 on an Internal switch Lab, its role installed and restarted."""
    host("New-VMSwitch", Name="Lab", SwitchType="Internal")
    host.new_vm("HV1", memory="8GB", switch="Lab", start=True, expose=True)
    inside = host.guest("HV1")
    inside("Install-WindowsFeature", "IncludeManagementTools", Name="Hyper-V")
    inside("Restart-Computer", "Force")
    inside.session.wait(300)
    host("Enable-VMIntegrationService", VMName="HV1", Name="Guest Service Interface")
    for image in ("ws2022", "ubuntu2404"):
        path = f"C:\\images\\{image}.vhdx"
        host(
            "Copy-VMFile",
            "CreateFullPath",
            Name="HV1",
            SourcePath=path.replace("C:", "D:"),
            DestinationPath=path,
            FileSource="Host",
        )
    return inside
