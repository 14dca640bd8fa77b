"""Whether every pipeline of an OpenTelemetry collector is made of what the same file sets up, and all of that is used."""

import sys
from pathlib import Path

import yaml

PARTS = ("receivers", "processors", "exporters")


def findings(settings):
    service = settings.get("service") or {}
    pipelines = service.get("pipelines") or {}
    connectors = set(settings.get("connectors") or {})
    if not pipelines:
        yield "there is no pipeline"
    used = {part: set() for part in PARTS}
    for name, pipeline in pipelines.items():
        for part in PARTS:
            chosen = set(pipeline.get(part) or [])
            used[part] |= chosen
            known = set(settings.get(part) or {}) | (connectors if part != "processors" else set())
            for missing in sorted(chosen - known):
                yield f"pipeline {name}: {part} has no {missing}"
            if part != "processors" and not chosen:
                yield f"pipeline {name}: has no {part}"
        if set(pipeline) - set(PARTS):
            yield f"pipeline {name}: does not know {', '.join(sorted(set(pipeline) - set(PARTS)))}"
    for part in PARTS:
        for unused in sorted(set(settings.get(part) or {}) - used[part]):
            yield f"{part}: {unused} is in no pipeline"
    for missing in sorted(set(service.get("extensions") or []) - set(settings.get("extensions") or {})):
        yield f"extensions has no {missing}"


def main(paths):
    found = 0
    for path in paths:
        try:
            settings = yaml.safe_load(Path(path).read_text()) or {}
        except yaml.YAMLError as error:
            print(f"{path}: {error}")
            found += 1
            continue
        for finding in findings(settings):
            print(f"{path}: {finding}")
            found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
