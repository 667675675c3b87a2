"""Archives whose bytes depend on their content alone: sorted names, one time, no owners."""

import base64
import csv
import gzip
import hashlib
import io
import lzma
import tarfile
import time
import zipfile


def files(tree):
    """The files below `tree`, sorted by their path in it."""
    found = (f for f in tree.rglob("*") if f.is_file())
    return sorted((f.relative_to(tree).as_posix(), f) for f in found)


def mode(name):
    return 0o755 if name.split("/")[-2:] == ["bin", "mnquant"] else 0o644


def tar(members, seconds):
    """A tar file of `(name, bytes)`, with the folders that they lie in."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        made = set()
        for name, content in members:
            parts = name.split("/")[:-1]
            for depth in range(1, len(parts) + 1):
                folder = "/".join(parts[:depth])
                if folder not in made:
                    made.add(folder)
                    archive.addfile(entry(folder, seconds, 0o755, tarfile.DIRTYPE))
            item = entry(name, seconds, mode(name), tarfile.REGTYPE)
            item.size = len(content)
            archive.addfile(item, io.BytesIO(content))
    return buffer.getvalue()


def entry(name, seconds, permissions, kind):
    item = tarfile.TarInfo(name)
    item.mtime, item.mode, item.type = seconds, permissions, kind
    item.uname = item.gname = "root"
    return item


def tarball(tree, out, facts):
    """`mnquant-VERSION-linux-x86_64.tar.gz`: unpack anywhere and put its `bin` on the path."""
    name = f"mnquant-{facts.version}-linux-x86_64"
    members = [(f"{name}/{path}", file.read_bytes()) for path, file in files(tree)]
    path = out / f"{name}.tar.gz"
    path.write_bytes(gzip.compress(tar(members, facts.time), 9, mtime=0))
    return path


def debian(tree, out, facts):
    """`mnquant_VERSION_amd64.deb`, an `ar` file of two tar files."""
    members = [(f"./usr/{path}", file.read_bytes()) for path, file in files(tree)]
    size = sum(len(content) for _, content in members) // 1024
    control = f"""Package: mnquant
Version: {facts.version}
Architecture: amd64
Maintainer: The mnquant authors <authors@mnquant.invalid>
Installed-Size: {size}
Depends: libc6 (>= {facts.libc})
Recommends: make
Suggests: gcc-arm-none-eabi, gcc-riscv64-unknown-elf, qemu-system-arm, qemu-system-misc
Section: devel
Priority: optional
Description: float neural networks to bit-exact int8 firmware
 Quantizes MobileNets and other small networks from ONNX, TensorFlow Lite,
 safetensors or PyTorch weights, compares them with the float ones, and writes
 C for microcontrollers that gives the same bytes as the host.
"""
    sums = "".join(f"{hashlib.md5(c).hexdigest()}  {n[2:]}\n" for n, c in members)
    about = [("./control", control.encode()), ("./md5sums", sums.encode())]
    parts = [("debian-binary", b"2.0\n"), ("control.tar.xz", packed(tar(about, facts.time))),
             ("data.tar.xz", packed(tar(members, facts.time)))]
    path = out / f"mnquant_{facts.version}_amd64.deb"
    with path.open("wb") as archive:
        archive.write(b"!<arch>\n")
        for name, content in parts:
            archive.write(f"{name:<16}{facts.time:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}`\n".encode())
            archive.write(content + b"\n" * (len(content) % 2))
    return path


def packed(content):
    return lzma.compress(content, preset=6)


def wheel(tree, module, out, facts):
    """The wheel: the module, the program as a script, and `share` as data below the prefix."""
    name = f"mnquant-{facts.version}"
    tag = f"py3-none-manylinux_{facts.libc.replace('.', '_')}_x86_64"
    about = f"{name}.dist-info"
    metadata = f"""Metadata-Version: 2.1
Name: mnquant
Version: {facts.version}
Summary: Float neural networks to bit-exact int8 firmware
License: Apache-2.0
Requires-Python: >=3.9
Requires-Dist: numpy>=1.21
Description-Content-Type: text/markdown

"""
    members = {f"{name}.data/scripts/mnquant": tree / "bin/mnquant"}
    for path, file in files(tree):
        if path.startswith("share/"):
            members[f"{name}.data/data/{path}"] = file
    for path, file in files(module):
        if "__pycache__" not in path:
            members[f"mnquant/{path}"] = file
    content = {path: file.read_bytes() for path, file in members.items()}
    content[f"{about}/METADATA"] = metadata.encode() + (module / "README.md").read_bytes()
    content[f"{about}/WHEEL"] = (
        f"Wheel-Version: 1.0\nGenerator: mnquant dist\nRoot-Is-Purelib: false\nTag: {tag}\n".encode())
    content[f"{about}/licenses/copyright"] = (tree / "share/doc/mnquant/copyright").read_bytes()
    content[f"{about}/sboms/mnquant.spdx.json"] = (
        tree / "share/doc/mnquant/sbom.spdx.json").read_bytes()
    record = io.StringIO()
    rows = csv.writer(record, lineterminator="\n")
    for path in sorted(content):
        digest = base64.urlsafe_b64encode(hashlib.sha256(content[path]).digest()).rstrip(b"=")
        rows.writerow([path, f"sha256={digest.decode()}", len(content[path])])
    rows.writerow([f"{about}/RECORD", "", ""])
    content[f"{about}/RECORD"] = record.getvalue().encode()
    path = out / f"{name}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member in [*sorted(content.keys() - {f"{about}/RECORD"}), f"{about}/RECORD"]:
            item = zipfile.ZipInfo(member, time.gmtime(facts.time)[:6])
            item.compress_type, item.create_system = zipfile.ZIP_DEFLATED, 3
            permissions = 0o755 if member.endswith("scripts/mnquant") else 0o644
            item.external_attr = (0o100000 | permissions) << 16
            archive.writestr(item, content[member], compresslevel=9)
    return path
