"""Reads Grafana dashboards and writes every PromQL expression of them as a rule, for promtool: OUTPUT FILE..."""

import json
import re
import sys
from pathlib import Path

import yaml

# What Grafana puts in place of its own variables; any other variable is a label's value.
OWN = {"__rate_interval": "5m", "__interval": "1m", "__interval_ms": "60000", "__range": "1h", "__range_s": "3600",
       "__range_ms": "3600000", "__from": "0", "__to": "1"}
VARIABLE = re.compile(r"\$(\w+)|\$\{(\w+)(?:[.:][^}]*)?\}|\[\[(\w+)(?::[^\]]*)?\]\]")


def plain(expression):
    return VARIABLE.sub(lambda found: OWN.get(next(filter(None, found.groups())), "anything"), expression)


def expressions(value):
    """Wherever they are in a dashboard: panels, rows, annotations, variables."""
    if isinstance(value, list):
        for item in value:
            yield from expressions(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in ("expr", "query") and isinstance(item, str) and item.strip():
                yield from promql(key, item, value)
            elif isinstance(item, (list, dict)):
                yield from expressions(item)


def promql(key, text, owner):
    if key == "expr":
        yield text
        return
    # `query` is also the text of variables that are lists or constants, and of functions of Grafana's own.
    function = re.fullmatch(r"(label_values|query_result|label_names|metrics)\((.*)\)", text.strip(), re.S)
    if function and function[1] in ("label_values", "query_result"):
        inner = function[2]
        if function[1] == "label_values":
            inner = inner.rpartition(",")[0]
        if inner.strip():
            yield inner
    elif not function and owner.get("type") not in ("datasource", "custom", "constant", "textbox", "interval", "query"):
        if "refId" in owner and "expr" not in owner and "rawSql" not in owner:
            yield text


def main(output, paths):
    groups, findings, uids = [], [], {}
    for path in paths:
        try:
            dashboard = json.loads(Path(path).read_text())
        except ValueError as error:
            findings.append(f"{path}: {error}")
            continue
        uid = dashboard.get("uid")
        if not uid or not dashboard.get("title"):
            findings.append(f"{path}: has no uid, or no title")
        if uid in uids:
            findings.append(f"{path}: has the uid of {uids[uid]}")
        uids[uid] = path
        found = list(expressions(dashboard))
        if not found:
            findings.append(f"{path}: asks for nothing")
        ids = [panel["id"] for panel in dashboard.get("panels", []) if "id" in panel]
        if len(ids) != len(set(ids)):
            findings.append(f"{path}: panels share an id")
        rules = [{"record": f"dashboard:expression:{number}", "expr": plain(text)} for number, text in enumerate(found)]
        groups.append({"name": str(path), "rules": rules})
    Path(output).write_text(yaml.safe_dump({"groups": groups}))
    print("\n".join(findings))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
