"""Files that a step writes into a disk: mounted, written, and dismounted whatever happens."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.errors import CmdletError
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.plan.disk_contents import CLEANUP_COUNT, DiskText, mount_folder, write_into_disk

DISK = r"D:\disks\new.vhdx"


def a_host(parent=r"D:\images\ws2022.vhdx", address="sim:ws2022-intel"):
    host = nestlab.connect(address)
    new = (
        {"ParentPath": parent, "Differencing": SwitchParameter.ON}
        if parent
        else {"SizeBytes": 64 << 20, "Dynamic": SwitchParameter.ON}
    )
    host.run(Cmdlet("New-VHD", {"Path": DISK, **new}))
    return host


def volume(host):
    return host.simulated_host.world.host.file(DISK).partitions[-1]


def is_left(host):
    left = host.run(Cmdlet("Test-Path", {"LiteralPath": mount_folder(DISK)}))
    return left.records[0]["Value"]


def test_a_file_is_written_into_the_windows_of_a_disk():
    host = a_host()
    text = DiskText(folder=r"Windows\Panther", name="unattend.xml", lines=["<a>", "</a>"])
    host.run(*write_into_disk(DISK, text, must_have="Windows"))
    assert volume(host).files[r"windows\panther\unattend.xml"] == "<a>\r\n</a>\r\n"
    assert not host.run(Cmdlet("Get-VHD", {"Path": DISK})).records[0]["Attached"]
    assert not is_left(host)


def test_a_new_disk_gets_a_volume_with_its_label():
    host = a_host(parent="")
    host.run(*write_into_disk(DISK, DiskText(name="meta-data", lines=["x: y"]), label="cidata"))
    assert (volume(host).label, volume(host).file_system) == ("cidata", "FAT")
    assert volume(host).files == {"meta-data": "x: y\r\n"}


@pytest.mark.parametrize("policy", ["OfflineAll", "OfflineInternal", "OfflineShared", "OnlineAll"])
def test_a_disk_that_windows_keeps_offline_is_brought_online(policy):
    host = a_host()
    host.simulated_host.world.quirks.san_policy = policy
    host.run(*write_into_disk(DISK, DiskText(name="a.txt", lines=["a"]), must_have="Windows"))
    assert volume(host).files["a.txt"] == "a\r\n"


def test_nothing_is_written_on_the_host_where_the_disk_has_no_volume():
    host = a_host(parent="")
    steps = write_into_disk(DISK, DiskText(name="a.txt", lines=["secret"]), must_have="Windows")
    with pytest.raises(CmdletError, match="Get-Item"):
        host.run(*steps[:-CLEANUP_COUNT])
    assert not any("a.txt" in path for path in host.simulated_host.world.host.files)
