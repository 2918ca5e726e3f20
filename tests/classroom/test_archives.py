"""Archives from strangers: what may be graded comes out, and nothing else happens."""

import bz2
import gzip
import io
import os
import stat
import struct
import tarfile
import zipfile

import pytest

from grader.classroom.received import archives
from grader.errors import UsageError

CODE = b"def f(x):\n    return x\n"


@pytest.fixture
def archive(tmp_path):
    """Write an archive and give its path."""

    def write(name: str, data: bytes):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], method=zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as made:
        for name, data in members:
            made.writestr(name, data)
    return buffer.getvalue()


def tarred(*members: tarfile.TarInfo | tuple[str, bytes], form=tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as made:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                made.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                made.addfile(info, io.BytesIO(member[1]))
    return buffer.getvalue()


def refusal(path) -> str:
    with pytest.raises(UsageError) as caught:
        archives.read(path)
    assert caught.value.advice
    return caught.value.problem


FILES = (("hw/ex03.py", CODE), ("notes.ipynb", b"{}"), ("data.csv", b"1,2"))
PACKED = {
    "a.zip": zipped(*FILES),
    "stored.zip": zipped(*FILES, method=zipfile.ZIP_STORED),
    "a.tar": tarred(*FILES),
    "a.tar.gz": gzip.compress(tarred(*FILES)),
    "a.TGZ": gzip.compress(tarred(*FILES)),
    "a.tar.bz2": bz2.compress(tarred(*FILES)),
    "zip in truth.tar": zipped(*FILES),
    "gzip in truth.tar": gzip.compress(tarred(*FILES)),
}


@pytest.mark.parametrize("name", PACKED)
def test_an_archive_gives_its_python_files_and_notebooks(archive, name):
    """Whatever it is packed with, and whatever its name says that it is."""
    contents = archives.read(archive(name, PACKED[name]))
    assert contents.files == {"hw/ex03.py": CODE, "notes.ipynb": b"{}"}
    assert list(contents.passed_over) == ["data.csv"]


@pytest.mark.parametrize("name", ["../up.py", "/etc/cron.d/x.py", "a/../../up.py", "C:\\x.py"])
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_a_name_that_points_outside_is_passed_over(archive, tmp_path, kind, name):
    """It is not read, nothing is written, and the files beside it count."""
    pack = {"zip": zipped, "tar": tarred}[kind]
    path = archive(f"a.{kind}", pack((name, CODE), ("ex03.py", CODE)))
    before = sorted(tmp_path.parent.rglob("*"))
    contents = archives.read(path)
    assert contents.files == {"ex03.py": CODE}
    assert "outside" in next(iter(contents.passed_over.values()))
    assert sorted(tmp_path.parent.rglob("*")) == before


def tar_member(name: str, kind: bytes, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def zip_link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return info


ODD = {
    "symbolic link": tarred(tar_member("ex03.py", tarfile.SYMTYPE, "/etc/passwd")),
    "hard link": tarred(tar_member("ex03.py", tarfile.LNKTYPE, "other.py")),
    "character device": tarred(tar_member("ex03.py", tarfile.CHRTYPE)),
    "block device": tarred(tar_member("ex03.py", tarfile.BLKTYPE)),
    "pipe": tarred(tar_member("ex03.py", tarfile.FIFOTYPE)),
    "link in a zip": zipped((zip_link("ex03.py"), b"/etc/passwd")),
}


@pytest.mark.parametrize("name", ODD)
def test_a_link_or_a_device_is_never_followed(archive, name):
    """It is passed over, and said to be one."""
    contents = archives.read(archive("a.zip" if "zip" in name else "a.tar", ODD[name]))
    assert contents.files == {}
    assert contents.passed_over == {"ex03.py": "it is a link or a device"}


def test_an_archive_in_an_archive_stays_closed(archive):
    """One level is what people hand in; more is where bombs are."""
    inner = zipped(("ex03.py", CODE))
    contents = archives.read(archive("a.zip", zipped(("inner.zip", inner), ("ex01.py", CODE))))
    assert list(contents.files) == ["ex01.py"]
    assert "not opened" in contents.passed_over["inner.zip"]


def test_what_systems_leave_behind_is_not_spoken_of(archive):
    """Checkpoints of Jupyter, forks of the Mac's Finder, and hidden files."""
    names = (".ipynb_checkpoints/ex03.ipynb", "__MACOSX/._ex03.py", "hw/.ex03.py.swp.py")
    contents = archives.read(archive("a.zip", zipped(*((name, CODE) for name in names))))
    assert (contents.files, contents.passed_over) == ({}, {})


def test_a_member_over_a_megabyte_is_not_read_to_its_end(archive):
    """A bomb that calls itself Python costs a megabyte of memory, whatever it expands to."""
    bomb = zipped(("ex03.py", b"\n" * (20 << 20)), ("ex01.py", CODE))
    contents = archives.read(archive("a.zip", bomb))
    assert list(contents.files) == ["ex01.py"]
    assert contents.passed_over["ex03.py"] == "it has over 1 MiB"


def test_a_member_that_expands_beyond_measure_is_passed_over(archive):
    """What fits a megabyte, but is next to nothing when packed, is no program."""
    contents = archives.read(archive("a.zip", zipped(("ex03.py", b"\n" * (1 << 20)))))
    assert "200 fold" in contents.passed_over["ex03.py"]


def test_a_zip_that_lies_about_a_size_is_found_out(archive):
    """The size that a member claims decides nothing."""
    data = bytearray(zipped(("ex03.py", b"x = 1\n" * 1000)))
    entry = data.find(b"PK\x01\x02")
    struct.pack_into("<I", data, entry + 24, 10)  # the size that it is said to expand to
    contents = archives.read(archive("a.zip", bytes(data)))
    assert contents.files == {}
    assert list(contents.passed_over) == ["ex03.py"]


def test_many_members_at_one_place_are_a_bomb_that_does_not_go_off(archive):
    """Overlapping members (one body, a thousand entries) end at the bound on the total."""
    body = os.urandom(20_000) * 40
    single = zipped(("0.py", body))
    entry = single.find(b"PK\x01\x02")
    record = single[entry : single.find(b"PK\x05\x06")]
    count = 400
    directory = b"".join(
        record.replace(b"0.py", f"{n:04}"[-1:].encode() + b".py") for n in range(count)
    )
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(directory), entry, 0)
    assert "16 MiB" in refusal(archive("a.zip", single[:entry] + directory + end))


def test_a_directory_of_millions_is_not_even_read(archive):
    """The table of contents is bounded before it is parsed."""
    single = zipped(("0.txt", b""))
    entry = single.find(b"PK\x01\x02")
    record = single[entry : single.find(b"PK\x05\x06")]
    directory = record * 100_000
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 0, 0, len(directory), entry, 0)
    assert "table of contents" in refusal(archive("a.zip", single[:entry] + directory + end))


def test_too_many_members_are_refused(archive):
    """Five thousand are more than anybody's homework."""
    members = [(f"{n}.txt", b"") for n in range(archives.MAX_MEMBERS + 1)]
    assert "more than 5000 members" in refusal(archive("a.tar.gz", gzip.compress(tarred(*members))))


def test_too_much_code_is_refused(archive):
    """The files of an archive are bounded together too."""
    members = [(f"{n}.py", b"# code\n") for n in range(archives.MAX_FILES + 1)]
    assert "more than 500 Python files" in refusal(archive("a.zip", zipped(*members)))


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress], ids=["gzip", "bzip2"])
def test_a_tar_that_expands_without_end_is_refused(archive, pack):
    """It is gone through no further than a multiple of its own size."""
    info = tarfile.TarInfo("zeros.bin")
    info.size = 300 << 20
    header = info.tobuf()
    bomb = pack(header + b"\0" * (8 << 20))
    assert "beyond all measure" in refusal(archive("a.tar.gz", bomb))


def test_an_extended_header_without_end_is_refused(archive):
    """A tar's own metadata is bounded like a zip's directory."""
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 4 << 20
    data = info.tobuf() + b"1" * (4 << 20) + tarred(("ex03.py", CODE))
    assert "cannot be opened" in refusal(archive("a.tar", data))


DAMAGED = {
    "cut.zip": PACKED["a.zip"][:120],
    "cut.tar.gz": PACKED["a.tar.gz"][:60],
    "noise.zip": b"PK\x03\x04" + bytes(range(256)) * 8,
    "noise.tar": bytes(range(256)) * 8,
    "text.zip": b"This is my homework.",
    "empty.zip": b"",
    "page.tar.gz": b"<html>Please log in</html>",
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_archive_is_said_to_be(archive, name):
    """Damage gives a sentence, never a traceback."""
    assert f"The archive {name} cannot be opened" in refusal(archive(name, DAMAGED[name]))


@pytest.mark.parametrize("flip", range(0, 300, 7))
def test_a_flipped_byte_never_escapes_as_another_error(archive, flip):
    """Wherever the damage is, the files come out, or a reason."""
    for name in ("a.zip", "a.tar.gz", "a.tar"):
        data = bytearray(PACKED[name])
        data[flip % len(data)] ^= 0xFF
        try:
            contents = archives.read(archive(name, bytes(data)))
        except UsageError:
            continue
        assert len(contents.files) <= 3


def test_kinds_that_are_not_opened_are_named(archive):
    """7z, rar and xz are refused, with what to hand in instead."""
    for name in ("a.7z", "a.rar", "a.tar.xz"):
        assert "only .zip, .tar" in refusal(archive(name, b"7z\xbc\xaf\x27\x1c"))


def test_an_encrypted_member_is_passed_over(archive):
    """Nobody told us the password."""
    data = bytearray(zipped(("ex03.py", CODE)))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(signature) + offset
        data[place] |= 1
    contents = archives.read(archive("a.zip", bytes(data)))
    assert contents.passed_over == {"ex03.py": "it is encrypted"}
