"""What the manifests of an overlay must have beyond their schema: arguments are files as kustomize writes them."""

import sys

from connections import budget
from objects import Overlay, containers, pod_template
from references import references

IMAGES = {"mailroom-gateway", "mailroom-worker", "mailroom-db-migrate", "mailroom-backup", "pgbouncer"}


def pods(overlay):
    """Every container: which image, as whom, with what."""
    releases = {job["metadata"]["labels"].get("app.kubernetes.io/version", "") for job in overlay.of("Job")}
    for thing in overlay.with_pods():
        template = pod_template(thing)
        spec = template["spec"]
        context = spec.get("securityContext", {})
        if (context.get("runAsNonRoot"), context.get("runAsUser")) != (True, 65532):
            yield thing, "does not run as 65532, not root"
        if context.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield thing, "has no seccomp profile RuntimeDefault"
        if spec.get("automountServiceAccountToken") is not False:
            yield thing, "gets a service account's token"
        if spec.get("enableServiceLinks") is not False:
            yield thing, "gets variables of Services, which look like settings (enableServiceLinks)"
        if spec.get("hostNetwork") or spec.get("hostPID") or spec.get("hostIPC"):
            yield thing, "is in a namespace of the host"
        for container in containers(thing):
            where = container["name"]
            image, _, tag = container["image"].partition("@")[0].rpartition("/")[2].partition(":")
            if image not in IMAGES:
                yield thing, f"{where}: image {image!r} is none of {', '.join(sorted(IMAGES))}"
            if tag in ("", "latest"):
                yield thing, f"{where}: image {container['image']!r} says no release"
            if image.startswith("mailroom-"):
                releases.add(tag)
            rights = container.get("securityContext", {})
            if rights.get("allowPrivilegeEscalation") is not False:
                yield thing, f"{where}: may escalate privileges"
            if rights.get("readOnlyRootFilesystem") is not True:
                yield thing, f"{where}: may write to its root"
            if rights.get("capabilities") != {"drop": ["ALL"]}:
                yield thing, f"{where}: does not drop all capabilities and no more"
            if rights.get("privileged") or rights.get("runAsUser", 65532) != 65532:
                yield thing, f"{where}: runs as somebody else"
            resources = container.get("resources", {})
            for resource in ("cpu", "memory"):
                if resource not in resources.get("requests", {}):
                    yield thing, f"{where}: requests no {resource}"
            if set(resources.get("limits", {})) != {"memory"}:
                yield thing, f"{where}: is to be limited in memory, and in nothing else"
            names = [variable["name"] for variable in container.get("env", [])]
            for name in sorted({name for name in names if names.count(name) > 1}):
                yield thing, f"{where}: {name} is set twice"
            for variable in container.get("env", []):
                if variable["name"].endswith(("URL", "SECRET", "PASSWORD", "TOKEN")) and "value" in variable:
                    yield thing, f"{where}: {variable['name']} stands in the manifest"
    for job in overlay.of("Job"):
        if not any(release and job["metadata"]["name"].endswith(f"-{release}") for release in releases):
            yield job, "is not named after its release"
    if len(releases) != 1:
        yield None, f"tags and app.kubernetes.io/version name several releases: {', '.join(sorted(releases))}"


def running(overlay):
    """What a Deployment needs to start, to be watched, to be spread and to stop."""
    for thing in overlay.of("Deployment"):
        spec = pod_template(thing)["spec"]
        for container in spec["containers"]:
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                if probe not in container:
                    yield thing, f"{container['name']}: has no {probe}"
            if container["image"].rpartition("/")[2].startswith("mailroom-"):
                for probe, path in (("startupProbe", "/readyz"), ("readinessProbe", "/readyz"), ("livenessProbe", "/livez")):
                    get = container.get(probe, {}).get("httpGet", {})
                    if (get.get("path"), get.get("port")) != (path, "admin"):
                        yield thing, f"{container['name']}: {probe} is to ask {path} at port admin"
                yield from stopping(thing, spec, container)
        if thing["metadata"]["name"] != "mailroom-pgbouncer":
            waits = [c for c in spec.get("initContainers", []) if c.get("args", [""])[0] == "wait"]
            if not waits:
                yield thing, "does not wait for the migration (init container)"
        spread = {constraint["topologyKey"] for constraint in spec.get("topologySpreadConstraints", [])}
        for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname"):
            if key not in spread:
                yield thing, f"is not spread by {key}"
        if not [b for b in overlay.of("PodDisruptionBudget") if overlay.selects(b["spec"]["selector"], thing)]:
            yield thing, "has no PodDisruptionBudget"


def stopping(thing, spec, container):
    """Kubernetes waits longer than the program, and the program drains before its deadline."""
    values = {variable["name"]: variable.get("value") for variable in container.get("env", [])}
    deadline = int(values.get("MAILROOM__SHUTDOWN__DEADLINE_MS", 9000))
    drain = int(values.get("MAILROOM__SHUTDOWN__DRAIN_DELAY_MS", 2000))
    if drain >= deadline:
        yield thing, f"drains for {drain} ms, but is cut off after {deadline} ms"
    if spec.get("terminationGracePeriodSeconds", 30) * 1000 < deadline + 5000:
        yield thing, f"is killed before its deadline of {deadline} ms and 5 s have passed"


def scaling(overlay):
    """One autoscaler for a Deployment, and then nobody else says how many there are."""
    aimed = {}
    for kind in ("HorizontalPodAutoscaler", "ScaledObject"):
        for scaler in overlay.of(kind):
            name = scaler["spec"]["scaleTargetRef"]["name"]
            aimed.setdefault(name, []).append(f"{kind}/{scaler['metadata']['name']}")
            if kind == "ScaledObject" and scaler["spec"].get("minReplicaCount", 0) < 1:
                yield scaler, "may scale to none"
    for name, scalers in aimed.items():
        target = overlay.get("Deployment", name)
        if not target:
            yield None, f"{' and '.join(scalers)}: there is no Deployment {name}"
            continue
        if len(scalers) > 1:
            yield target, f"is scaled by {' and '.join(scalers)}"
        if "replicas" in target["spec"]:
            yield target, f"says how many replicas, and so does {scalers[0]}"


def namespace(overlay):
    """One namespace, restricted, for everything, and nothing open in it that is not said."""
    spaces = overlay.of("Namespace")
    if len(spaces) != 1:
        yield None, f"{len(spaces)} namespaces instead of one"
        return
    name = spaces[0]["metadata"]["name"]
    if spaces[0]["metadata"].get("labels", {}).get("pod-security.kubernetes.io/enforce") != "restricted":
        yield spaces[0], "does not enforce restricted pods"
    for thing in overlay.objects:
        if thing["kind"] != "Namespace" and thing["metadata"].get("namespace") != name:
            yield thing, f"is not in namespace {name}"
    for policy in overlay.of("NetworkPolicy"):
        spec = policy["spec"]
        if spec["podSelector"] == {} and set(spec["policyTypes"]) == {"Ingress", "Egress"}:
            if "ingress" not in spec and "egress" not in spec:
                break
    else:
        yield None, "no NetworkPolicy denies everything by default"
    for policy in overlay.of("NetworkPolicy"):
        for rule in policy["spec"].get("ingress", []) + policy["spec"].get("egress", []):
            if not rule.get("ports") or not (rule.get("from") or rule.get("to")):
                yield policy, "opens all ports, or opens them for everybody"
    for thing in overlay.of("Deployment"):
        for container in containers(thing):
            for port in container.get("ports", []):
                if not overlay.is_open(thing, port["containerPort"]):
                    yield thing, f"nobody may call port {port['containerPort']}"


def secrets(overlay):
    """Secrets are in no manifest, but for development, where they say that they are fakes."""
    development = overlay.name == "dev"
    for secret in overlay.of("Secret"):
        if not development:
            yield secret, "a Secret with values in it, outside of development"
    for thing in overlay.with_pods():
        for container in containers(thing):
            for variable in container.get("env", []):
                if variable.get("value") == "development" and not development:
                    yield thing, f"{container['name']}: runs as in development"


def main(paths):
    findings = 0
    for path in paths:
        overlay = Overlay(path)
        for rule in (pods, running, scaling, namespace, secrets, references, budget):
            for thing, finding in rule(overlay):
                where = f"{thing['kind']}/{thing['metadata']['name']}" if thing else "all"
                print(f"{overlay.name}: {where}: {finding}")
                findings += 1
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
