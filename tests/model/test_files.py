"""A file is written whole or not at all."""

import errno
import os
import sys

import pytest

import nestlab
from nestlab import drawing
from nestlab.cli import main
from nestlab.drawing.positions import write_positions
from nestlab.errors import FileNotWritten, NestlabError
from nestlab.model.files import write_atomically

TEXT = "name: lab\nswitches: [{name: S, switch_type: Private}]\n"
LAB = nestlab.loads(TEXT)


@pytest.fixture
def full_disk(monkeypatch):
    def no_space(_handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("nestlab.model.files.os.fsync", no_space)


WRITERS = {
    "topology": lambda path: nestlab.save(LAB, path),
    "plan": lambda path: nestlab.Lab(LAB, nestlab.connect()).plan().save(path),
    "picture": lambda path: drawing.save(LAB, path.with_suffix(".svg")),
    "image": lambda path: drawing.save(LAB, path.with_suffix(".png")),
    "graph": lambda path: drawing.save(LAB, path.with_suffix(".mmd")),
    "positions": lambda path: write_positions(path, {"HV1": (1.0, 1)}),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_on_a_full_disk_nothing_is_left_and_the_error_says_so(tmp_path, full_disk, writer):
    with pytest.raises(NestlabError) as error:
        WRITERS[writer](tmp_path / "file.yml")
    assert "No space left on device" in str(error.value)
    assert "There is no space left on the disk" in str(error.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        ("plan", "lab.yml", "-o", "out.json"),
        ("draw", "lab.yml", "-o", "out.svg"),
        ("capture", "-o", "out.yml"),
    ],
)
def test_on_a_full_disk_a_command_ends_in_one_sentence(
    tmp_path, monkeypatch, capsys, full_disk, words
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lab.yml").write_text(TEXT, encoding="utf-8")
    assert main(list(words)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"{words[-1]}: " in captured.err
    assert "cannot be written: No space left on device" in captured.err
    assert "bug in nestlab" not in captured.err
    assert [path.name for path in tmp_path.iterdir()] == ["lab.yml"]


def test_the_old_file_stays_where_the_new_one_cannot_be_written(tmp_path, full_disk):
    (tmp_path / "file").write_text("old", encoding="utf-8")
    with pytest.raises(FileNotWritten):
        write_atomically(tmp_path / "file", "new")
    assert [(path.name, path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()] == [
        ("file", "old")
    ]


def test_text_is_written_as_utf_8_with_its_line_ends(tmp_path):
    write_atomically(tmp_path / "file", "ä\nb\r\n")
    assert (tmp_path / "file").read_bytes() == "ä\nb\r\n".encode()


@pytest.mark.parametrize("name", ["", "folder", "nowhere/file"])
def test_what_is_no_place_for_a_file_is_said_to_be_none(tmp_path, name):
    (tmp_path / "folder").mkdir()
    with pytest.raises(FileNotWritten, match="cannot be written"):
        write_atomically(tmp_path / name, "x")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions and symbolic links of POSIX")
def test_permissions_and_links_stay(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old", encoding="utf-8")
    target.chmod(0o600)
    link.symlink_to(target)
    write_atomically(link, "new")
    assert (
        link.is_symlink(),
        target.read_text(encoding="utf-8"),
        target.stat().st_mode & 0o777,
    ) == (True, "new", 0o600)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no /dev/null")
def test_what_is_no_file_is_written_to_as_it_is():
    write_atomically("/dev/null", "x")


def test_the_longest_name_can_be_written(tmp_path):
    write_atomically(tmp_path / ("x" * 250), "x")
    assert len(list(tmp_path.iterdir())) == 1
