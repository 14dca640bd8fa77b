"""Whether everything that an object names is there: Secrets and their keys, ConfigMaps, Services' pods, ports."""

from objects import containers, matches, pod_template

# Which Secrets a program may be given; nobody else's.
ALLOWED = {
    "db-migrate": {"mailroom-database-owner"},
    "gateway": {"mailroom-database-gateway", "mailroom-endpoints"},
    "worker": {"mailroom-database-worker"},
    "pgbouncer": {"mailroom-pgbouncer"},
    "backup": {"mailroom-database-backup"},
}


def references(overlay):
    keys = secret_keys(overlay)
    yield from secrets_of_pods(overlay, keys)
    yield from others(overlay, keys)


def secret_keys(overlay):
    """The keys of each Secret; None where whatever a store has is taken."""
    keys = {}
    for secret in overlay.of("Secret"):
        keys[secret["metadata"]["name"]] = set(secret.get("data", {})) | set(secret.get("stringData", {}))
    for secret in overlay.of("ExternalSecret"):
        spec = secret["spec"]
        keys[spec["target"]["name"]] = None if "dataFrom" in spec else {item["secretKey"] for item in spec["data"]}
    return keys


def secrets_of_pods(overlay, keys):
    for thing in overlay.with_pods():
        spec = pod_template(thing)["spec"]
        component = pod_template(thing)["metadata"]["labels"].get("app.kubernetes.io/component")
        volumes = {volume["name"]: volume for volume in spec.get("volumes", [])}
        wanted = {volume["secret"]["secretName"] for volume in volumes.values() if "secret" in volume}
        for container in containers(thing):
            wanted |= {source["secretRef"]["name"] for source in container.get("envFrom", []) if "secretRef" in source}
            mounts = {mount["mountPath"]: mount["name"] for mount in container.get("volumeMounts", [])}
            for name in set(mounts.values()) - set(volumes):
                yield thing, f"{container['name']}: there is no volume {name}"
            if not volumes.get(mounts.get("/tmp"), {}).get("emptyDir"):
                yield thing, f"{container['name']}: has no /tmp"
            for variable in container.get("env", []):
                reference = variable.get("valueFrom", {}).get("secretKeyRef")
                if reference:
                    wanted.add(reference["name"])
                    yield from key_is_there(thing, keys, reference["name"], reference["key"])
                if not variable["name"].endswith("_FILE"):
                    continue
                folder, _, key = variable["value"].rpartition("/")
                secret = volumes.get(mounts.get(folder), {}).get("secret", {}).get("secretName")
                if not secret:
                    yield thing, f"{container['name']}: {variable['name']}: no Secret is mounted at {folder}"
                else:
                    yield from key_is_there(thing, keys, secret, key)
        for name in sorted(wanted):
            if name not in keys:
                yield thing, f"there is no Secret {name}"
            if name not in ALLOWED.get(component, set()):
                yield thing, f"Secret {name} is not for {component}"
        for volume in volumes.values():
            if "configMap" in volume and not overlay.get("ConfigMap", volume["configMap"]["name"]):
                yield thing, f"there is no ConfigMap {volume['configMap']['name']}"
        if not overlay.get("ServiceAccount", spec.get("serviceAccountName", "")):
            yield thing, f"there is no ServiceAccount {spec.get('serviceAccountName')}"


def key_is_there(thing, keys, secret, key):
    if keys.get(secret) is not None and key not in keys[secret]:
        yield thing, f"Secret {secret} has no key {key}"


def others(overlay, keys):
    deployments = overlay.of("Deployment")
    for service in overlay.of("Service"):
        chosen = [d for d in deployments if overlay.selects({"matchLabels": service["spec"]["selector"]}, d)]
        if len(chosen) != 1:
            yield service, f"leads to {len(chosen)} Deployments instead of one"
            continue
        ports = {port["name"] for container in containers(chosen[0]) for port in container.get("ports", [])}
        for port in service["spec"]["ports"]:
            if port["targetPort"] not in ports:
                yield service, f"Deployment {chosen[0]['metadata']['name']} has no port {port['targetPort']}"
    for thing in overlay.of("PodDisruptionBudget"):
        if not any(overlay.selects(thing["spec"]["selector"], deployment) for deployment in deployments):
            yield thing, "is about no Deployment"
    for policy in overlay.of("NetworkPolicy"):
        if not any(overlay.selects(policy["spec"]["podSelector"], thing) for thing in overlay.with_pods()):
            yield policy, "is about no pod"
    for monitor in overlay.of("ServiceMonitor"):
        watched = [s for s in overlay.of("Service") if matches(monitor["spec"]["selector"], s["metadata"].get("labels", {}))]
        if not watched:
            yield monitor, "watches no Service"
        for service in watched:
            names = {port["name"] for port in service["spec"]["ports"]}
            for endpoint in monitor["spec"]["endpoints"]:
                if endpoint["port"] not in names:
                    yield monitor, f"Service {service['metadata']['name']} has no port {endpoint['port']}"
            if monitor["spec"]["jobLabel"] not in service["metadata"]["labels"]:
                yield monitor, f"Service {service['metadata']['name']} has no label {monitor['spec']['jobLabel']}"
    for authentication in overlay.of("TriggerAuthentication"):
        for reference in authentication["spec"].get("secretTargetRef", []):
            if reference["name"] not in keys:
                yield authentication, f"there is no Secret {reference['name']}"
            else:
                yield from key_is_there(authentication, keys, reference["name"], reference["key"])
    for scaler in overlay.of("ScaledObject"):
        for trigger in scaler["spec"]["triggers"]:
            name = trigger.get("authenticationRef", {}).get("name")
            if not overlay.get("TriggerAuthentication", name):
                yield scaler, f"there is no TriggerAuthentication {name}"
