"""What is linked into the shipped programs: asked of cargo, and of Cargo.lock for the checksums."""

import json
import re
import subprocess
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Program, and the package it is built from. The images build all three in one go (deploy/Dockerfile).
PROGRAMS = {
    "mailroom-gateway": "mailroom-gateway",
    "mailroom-worker": "mailroom-worker",
    "db-migrate": "mailroom-db-migrate",
}
TARGETS = ("x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu")

CRATES_IO = "registry+https://github.com/rust-lang/crates.io-index"


@dataclass
class Crate:
    """One crate of one version; `needs` are the keys of those it is linked with."""

    name: str
    version: str
    licence: str
    folder: Path
    ours: bool
    checksum: str
    needs: set[str] = field(default_factory=set)

    @property
    def key(self) -> str:
        return f"{self.name}@{self.version}"


def crates(target: str) -> dict[str, Crate]:
    """All crates that are linked into any of the programs, by key."""
    needs = _needs(target)
    described = _described(target)
    checksums = _checksums()
    found = {}
    for key in sorted(needs):
        package = described[key]
        ours = package["source"] is None
        if not ours and package["source"] != CRATES_IO:
            raise SystemExit(f"{key} is not of crates.io: {package['source']}")
        if not ours and key not in checksums:
            raise SystemExit(f"{key} has no checksum in Cargo.lock")
        found[key] = Crate(
            name=package["name"],
            version=package["version"],
            licence=_expression(package),
            folder=Path(package["manifest_path"]).parent,
            ours=ours,
            checksum=checksums.get(key, ""),
            needs=needs[key],
        )
    return found


def program(crates_of_all: dict[str, Crate], name: str) -> tuple[Crate, dict[str, Crate]]:
    """A program's own crate, and all that is linked into it."""
    package = PROGRAMS[name]
    root = next(crate for crate in crates_of_all.values() if crate.ours and crate.name == package)
    reached, open_keys = {}, sorted(root.needs)
    while open_keys:
        key = open_keys.pop()
        if key not in reached:
            reached[key] = crates_of_all[key]
            open_keys.extend(crates_of_all[key].needs)
    return root, dict(sorted(reached.items()))


def _needs(target: str) -> dict[str, set[str]]:
    """The linked crates, each with those it needs. Procedural macros run in the compiler and are not linked."""
    packages = [word for package in PROGRAMS.values() for word in ("--package", package)]
    lines = _cargo(
        "tree", *packages, "--target", target, "--edges", "normal,no-proc-macro", "--prefix", "depth", "--format", " {p}"
    ).splitlines()
    needs, above = {}, []
    for line in filter(None, lines):
        depth, name, version = re.match(r"(\d+) (\S+) v(\S+)", line).groups()
        key = f"{name}@{version}"
        needs.setdefault(key, set())
        del above[int(depth) :]
        if above:
            needs[above[-1]].add(key)
        above.append(key)
    return needs


def _described(target: str) -> dict[str, dict]:
    metadata = json.loads(_cargo("metadata", "--format-version", "1", "--filter-platform", target))
    return {f"{package['name']}@{package['version']}": package for package in metadata["packages"]}


def _checksums() -> dict[str, str]:
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text())
    return {f"{p['name']}@{p['version']}": p["checksum"] for p in lock["package"] if "checksum" in p}


def _expression(package: dict) -> str:
    """The SPDX expression; `MIT/Apache-2.0` is how older crates write OR."""
    if not package["license"]:
        raise SystemExit(f"{package['name']} {package['version']} names no licence")
    return re.sub(r"\s*/\s*", " OR ", package["license"])


def _cargo(command: str, *arguments: str) -> str:
    done = subprocess.run(
        ["cargo", command, "--locked", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"cargo {command} failed")
    return done.stdout
