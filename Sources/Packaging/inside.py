"""What is inside the packages: names, versions, licences, and the bill of materials."""

import hashlib
import json
import re
import subprocess
import time
from pathlib import Path


class Facts:
    """What the pages and packages say of a build."""

    def __init__(self, root, checkouts, program, folders, version, commit, seconds, libc):
        self.root, self.checkouts, self.program, self.folders = root, checkouts, program, folders
        self.version, self.commit, self.time = version, commit, seconds
        self.libc = ".".join(map(str, libc))

    @property
    def models(self):
        """Name and hash of each bundled model."""
        index = json.loads((self.root / "calibration/models/models.json").read_text())
        return [(m["name"], m["sha256"], m["dataset"]) for m in index["models"]]

    def parts(self):
        """Name, version, licence and its text of everything that others wrote, sorted."""
        pins = json.loads((self.root / "Package.resolved").read_text())["pins"]
        pinned = {p["identity"]: p["state"]["version"] for p in pins}
        swift = re.search(r"Swift version (\S+)", said("swift", "--version")).group(1)
        runtime = Path(said("which", "swiftc").strip()).resolve().parents[1]
        gcc = said("gcc", "-dumpversion").strip()
        packages = ["swift-argument-parser", "swift-protobuf"]
        return sorted([
            ("Swift runtime, Foundation Essentials and Dispatch", swift,
             "Apache-2.0 WITH Swift-exception",
             (runtime / "share/swift/LICENSE.txt").read_text()),
            *[(name, pinned[name], "Apache-2.0 WITH Swift-exception",
               (self.checkouts / name / "LICENSE.txt").read_text()) for name in packages],
            ("libjpeg-turbo", debian("libjpeg62-turbo-dev"), "IJG AND BSD-3-Clause AND Zlib",
             copyright("libjpeg62-turbo-dev")),
            ("libpng", debian("libpng-dev"), "libpng-2.0", copyright("libpng-dev")),
            ("zlib", debian("zlib1g-dev"), "Zlib", copyright("zlib1g-dev")),
            ("libstdc++ and libgcc", f"{gcc} ({debian(f'libstdc++-{gcc}-dev')})",
             "GPL-3.0-or-later WITH GCC-exception-3.1", copyright("libgcc-s1")),
        ])


def said(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def debian(package):
    return said("dpkg-query", "-W", "-f=${Version}", package)


def copyright(package):
    return Path(f"/usr/share/doc/{package}/copyright").read_text()


DATA = """Bundled models: float MobileNets, trained from nothing by calibration/training/train.py and
licensed as mnquant is, Apache-2.0. Those whose name begins with cifar10 were trained on CIFAR-10 (Alex
Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009), which its authors offer
without naming a license; no image of it is in this package. The others were trained on pictures that
mnquant draws itself."""


def notices(facts):
    """The file `copyright`: each licence in full."""
    own = (facts.root / "LICENSE").read_text()
    rule = "-" * 78
    names = "\n".join(f"  {n} {v}: {l}" for n, v, l, _ in facts.parts())
    models = "\n".join(f"  {n}, SHA-256 {h}" for n, h, _ in facts.models)
    text = [f"mnquant {facts.version} ({facts.commit}): Apache-2.0\n\nThe program also holds:\n\n"
            f"{names}\n\n{DATA}\n\n{models}\n\nThe C files below share/mnquant, which it writes into "
            f"firmware, are mnquant's own.\n", f"mnquant\n\n{own}"]
    text += [f"{name} {version}\n\n{full}" for name, version, _, full in facts.parts()]
    return f"\n{rule}\n".join(part.rstrip() + "\n" for part in text)


def bill(facts):
    """The bill of materials in SPDX 2.3."""
    digest = hashlib.sha256(facts.program.read_bytes()).hexdigest()
    made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(facts.time))
    packages = [package("mnquant", facts.version, "Apache-2.0", digest)]
    for name, version, licence, _ in facts.parts():
        packages.append(package(name, version, licence))
    packages += [package(name, facts.version, "Apache-2.0", sha256)
                 for name, sha256, _ in facts.models]
    own = packages[0]["SPDXID"]
    relations = [relation("SPDXRef-DOCUMENT", "DESCRIBES", own)]
    relations += [relation(own, "CONTAINS", p["SPDXID"]) for p in packages[1:]]
    return json.dumps({
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"mnquant-{facts.version}",
        "documentNamespace": f"urn:mnquant:{facts.version}:{facts.commit}:{digest}",
        "creationInfo": {"created": made, "creators": ["Tool: mnquant-dist"]},
        "packages": packages, "relationships": relations,
    }, indent=2, ensure_ascii=False) + "\n"


def package(name, version, licence, sha256=None):
    entry = {"SPDXID": "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]+", "-", name), "name": name,
             "versionInfo": version, "licenseConcluded": licence, "licenseDeclared": licence,
             "copyrightText": "NOASSERTION", "downloadLocation": "NOASSERTION",
             "filesAnalyzed": False}
    if sha256:
        entry["checksums"] = [{"algorithm": "SHA256", "checksumValue": sha256}]
    return entry


def relation(one, kind, other):
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}
