#!/usr/bin/env bash
# pycdlib 1.22.0: a file added to a seed disk is read from its beginning, when the disk is written.
# A careful engineer would guess: `add_fp(fp, length, ...)` reads `length` bytes from where the file
# object is, at the moment of the call, as `tarfile.addfile` does.
# Instead, the position is ignored, and the bytes are taken when the image is written: a buffer that
# is used for user-data and then for meta-data puts the latter (cut to the former's length) into
# both, and a section of a larger file comes from the wrong place. The image is valid, and the guest
# boots without its configuration. Each file needs an object of its own that holds that file alone.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q pycdlib==1.22.0 2>/dev/null
cat > run.py <<'EOF'
import io
import tarfile

import pycdlib


def contents(iso):
    image = io.BytesIO()
    iso.write_fp(image)
    iso.close()
    iso.open_fp(image)
    found = []
    for name in ("/USER.;1", "/META.;1"):
        data = io.BytesIO()
        iso.get_file_from_iso_fp(data, iso_path=name)
        found.append(data.getvalue())
    return found


def disk():
    iso = pycdlib.PyCdlib()
    iso.new(joliet=3, vol_ident="cidata")
    return iso


buffer, iso = io.BytesIO(), disk()
for name, text in (("user-data", b"#cloud-config\n"), ("meta-data", b"instance-id: web\n")):
    buffer.seek(0)
    buffer.truncate()
    buffer.write(text)
    iso.add_fp(buffer, len(text), f"/{name[:4].upper()}.;1", joliet_path=f"/{name}")
print("one buffer:", contents(iso))
both, iso, archive = io.BytesIO(b"#cloud-config\ninstance-id: web\n"), disk(), io.BytesIO()
tape = tarfile.open(fileobj=archive, mode="w")
for name, size in (("user-data", 14), ("meta-data", 17)):
    both.seek(0 if name == "user-data" else 14)
    iso.add_fp(both, size, f"/{name[:4].upper()}.;1", joliet_path=f"/{name}")
    both.seek(0 if name == "user-data" else 14)
    entry = tarfile.TarInfo(name)
    entry.size = size
    tape.addfile(entry, both)
print("two sections:", contents(iso))
tape.close()
archive.seek(0)
tape = tarfile.open(fileobj=archive)
print("tarfile:", [tape.extractfile(entry).read() for entry in tape])
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
one buffer: [b'instance-id: w', b'instance-id: web\n']
two sections: [b'#cloud-config\n', b'#cloud-config\nins']
tarfile: [b'#cloud-config\n', b'instance-id: web\n']
EOF
echo "As described."
