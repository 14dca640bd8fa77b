"""Puts each resource of an operator into a file of its own, DIR/Kind/overlay-name.yaml; a kind without a schema is a finding."""

import sys
from pathlib import Path

import yaml

KUBERNETES = {"", "apps", "autoscaling", "batch", "policy"}


def main(folder, schemas, paths):
    known = {path.stem for path in Path(schemas).glob("*.json")}
    unknown = set()
    for path in map(Path, paths):
        for thing in filter(None, yaml.safe_load_all(path.read_text())):
            group = thing["apiVersion"].rpartition("/")[0]
            if group in KUBERNETES or group.endswith(".k8s.io"):
                continue
            if thing["kind"] not in known:
                unknown.add(f"{path.stem}: {thing['kind']} ({thing['apiVersion']}): no schema for it in {schemas}")
                continue
            into = Path(folder, thing["kind"], f"{path.stem}-{thing['metadata']['name']}.yaml")
            into.parent.mkdir(exist_ok=True)
            into.write_text(yaml.safe_dump(thing))
    print("\n".join(sorted(unknown)))
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
