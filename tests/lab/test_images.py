"""Images: one name in the file, and the file of the image wherever a VM is."""

import nestlab
from nestlab.model import Cmdlet

FILE = r"""
name: images
{images}
vms:
  - name: a
    memory_startup: 1GB
    state: 'Off'
    disk: {disk}
    network_adapters: []
"""
IMAGES = r"images: {ws: {path: 'D:\images\ws2022.vhdx', os: windows}}"
PATH = r"{parent: 'D:\images\ws2022.vhdx'}"


def lab_of(images, disk, host):
    return nestlab.Lab(nestlab.loads(FILE.format(images=images, disk=disk)), host)


def applied(lab):
    results = list(lab.apply(lab.plan()))
    assert all(result.ok for result in results), results
    return results


def disk_on(host, name="nestlab.images.a"):
    path = f"C:\\Users\\Public\\Documents\\Hyper-V\\Virtual Hard Disks\\{name}.vhdx"
    record = next(iter(host.run(Cmdlet("Get-VHD", {"Path": path}))))
    return record["ParentPath"], record["Size"]


def test_on_the_host_an_image_is_the_path_of_its_file():
    host = nestlab.connect()
    by_name, by_path = lab_of(IMAGES, "{image: ws}", host), lab_of("", PATH, host)
    assert by_name.plan() == by_path.plan()
    applied(by_name)
    assert by_name.plan().steps == by_path.plan().steps == ()
    assert disk_on(host)[0] == r"D:\images\ws2022.vhdx"


def test_a_disk_on_an_image_is_larger_where_the_file_says_so_and_grows_in_place():
    host = nestlab.connect()
    applied(lab_of(IMAGES, "{image: ws, size: 200GB}", host))
    assert disk_on(host)[1] == 200 << 30
    larger = lab_of(IMAGES, "{image: ws, size: 300GB}", host)
    assert [step.action for step in larger.plan()] == ["expand-disk"]
    applied(larger)
    assert disk_on(host)[1] == 300 << 30
    assert larger.plan().steps == ()


def test_a_disk_cannot_be_smaller_than_its_image():
    check = lab_of(IMAGES, "{image: ws, size: 20GB}", nestlab.connect()).check()
    assert "disk-smaller-than-image" in check.codes


def test_the_name_of_an_image_changes_and_its_disks_do_not():
    host = nestlab.connect()
    applied(lab_of(IMAGES, "{image: ws}", host))
    renamed = lab_of(IMAGES.replace("ws:", "win:"), "{image: win}", host)
    assert renamed.plan().steps == ()
