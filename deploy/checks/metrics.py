"""Whether every mailroom_* metric that rules and dashboards below DIR ask for is made somewhere."""

import re
import sys
from pathlib import Path

import yaml

NAME = re.compile(r"(?<![:\w])mailroom_[a-z0-9_]+")
MADE = re.compile(r'"(mailroom_[a-z0-9_]+)"')
PARTS = re.compile(r"_(bucket|sum|count)$")


def made(folder):
    """By the programs, as text in their source, or by the exporter of the database, as its queries say."""
    names = set()
    for path in Path("crates").glob("*/src/**/*.rs"):
        names.update(MADE.findall(path.read_text()))
    for path in Path(folder).glob("postgres-exporter/*.y*ml"):
        for query, told in (yaml.safe_load(path.read_text()) or {}).items():
            names.update(f"{query}_{name}" for column in told.get("metrics", []) for name in column)
    return names


def main(folder):
    names = made(folder)
    asked = 0
    missing = set()
    wanted = [*Path(folder).glob("prometheus/rules/*.yml"), *Path(folder).glob("grafana/**/*.json")]
    for path in wanted:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if line.lstrip().startswith("#"):
                continue
            for name in NAME.findall(line):
                asked += 1
                if name not in names and PARTS.sub("", name) not in names:
                    missing.add(f"{path}:{number}: {name} is made nowhere")
    print("\n".join(sorted(missing)))
    if not asked:
        print(f"nothing below {folder} asks for a metric of mailroom")
    return 1 if missing or not asked else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
