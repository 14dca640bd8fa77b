"""The objects of an overlay, and which pods a selector means."""

from pathlib import Path

import yaml


def pod_template(thing):
    spec = thing["spec"]
    return spec["jobTemplate"]["spec"]["template"] if thing["kind"] == "CronJob" else spec["template"]


def containers(thing):
    spec = pod_template(thing)["spec"]
    return spec.get("initContainers", []) + spec["containers"]


def matches(selector, labels):
    """Whether labels are what a label selector asks for."""
    if any(labels.get(key) != value for key, value in selector.get("matchLabels", {}).items()):
        return False
    for term in selector.get("matchExpressions", []):
        if term["operator"] != "In":
            raise ValueError(f"operator {term['operator']} is not known here")
        if labels.get(term["key"]) not in term["values"]:
            return False
    return True


class Overlay:
    def __init__(self, path):
        self.name = Path(path).stem
        self.objects = [thing for thing in yaml.safe_load_all(Path(path).read_text()) if thing]

    def of(self, kind):
        return [thing for thing in self.objects if thing["kind"] == kind]

    def get(self, kind, name):
        return next((thing for thing in self.of(kind) if thing["metadata"]["name"] == name), None)

    def with_pods(self):
        templated = [thing for thing in self.objects if {"template", "jobTemplate"} & set(thing.get("spec", {}))]
        return [thing for thing in templated if "spec" in pod_template(thing)]

    def selects(self, selector, thing):
        return matches(selector, pod_template(thing)["metadata"].get("labels", {}))

    def is_open(self, thing, port):
        """Whether a NetworkPolicy lets somebody call this port."""
        for policy in self.of("NetworkPolicy"):
            if self.selects(policy["spec"]["podSelector"], thing):
                for rule in policy["spec"].get("ingress", []):
                    if any(each.get("port") == port for each in rule.get("ports", [])):
                        return True
        return False
