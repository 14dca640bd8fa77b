"""How many connections an overlay may take from the database at most, against what it says that it is given."""

import configparser

from objects import pod_template

GIVEN = "mailroom/database-connections"
OWN = {"gateway": 2, "worker": 3}  # beside the working pool, one of them by the direct URL: see README.md
MIGRATION = 3  # the lock, the migration, and one that looks
ASKED_BY_AUTOSCALER = 1
BACKUP = 3  # the snapshot and the dump; later those that restore it and one that asks, where they do it on this server


def budget(overlay):
    space = overlay.of("Namespace")[0]
    given = space["metadata"].get("annotations", {}).get(GIVEN)
    most, parts = at_most(overlay)
    if given is None:
        if overlay.name != "dev":
            yield space, f"does not say how many connections the database gives ({GIVEN}); at most {most} are taken"
    elif most > int(given):
        yield space, f"at most {most} connections are taken ({parts}), {given} are given"


def at_most(overlay):
    pooled = overlay.get("Deployment", "mailroom-pgbouncer")
    parts = {"migration": MIGRATION, "autoscaler": ASKED_BY_AUTOSCALER if overlay.of("ScaledObject") else 0}
    parts["backup"] = BACKUP if overlay.of("CronJob") else 0
    for program, own in OWN.items():
        deployment = overlay.get("Deployment", f"mailroom-{program}")
        parts[program] = replicas(overlay, deployment) * (1 if pooled else each(deployment, program, own))
    if pooled:
        parts["pgbouncer"] = replicas(overlay, pooled) * len(OWN) * pool_size(overlay)
    return sum(parts.values()), ", ".join(f"{name} {count}" for name, count in parts.items())


def each(deployment, program, own):
    container = pod_template(deployment)["spec"]["containers"][0]
    values = {variable["name"]: variable.get("value") for variable in container.get("env", [])}
    pool = int(values.get("MAILROOM__DATABASE__MAX_CONNECTIONS", 10))
    hands = int(values.get("MAILROOM__WORK__HANDS", 2)) if program == "worker" else 0
    if any(name.startswith("MAILROOM__READS__REPLICA_URL") for name in values):
        own += 1  # looks how far the log is, for those who read from the replica
    return pool + own + 2 * hands


def replicas(overlay, deployment):
    """As many as there may be, and those of the next release beside them."""
    name = deployment["metadata"]["name"]
    most = deployment["spec"].get("replicas", 1)
    for kind, key in (("HorizontalPodAutoscaler", "maxReplicas"), ("ScaledObject", "maxReplicaCount")):
        for scaler in overlay.of(kind):
            if scaler["spec"]["scaleTargetRef"]["name"] == name:
                most = max(most, scaler["spec"][key])
    return most + deployment["spec"]["strategy"]["rollingUpdate"]["maxSurge"]


def pool_size(overlay):
    """Server connections of one pod for one role."""
    settings = configparser.ConfigParser(inline_comment_prefixes=None)
    files = next(c for c in overlay.of("ConfigMap") if c["metadata"]["name"].startswith("mailroom-pgbouncer"))["data"]
    settings.read_string("\n".join(line for line in files["pgbouncer.ini"].splitlines() if not line.startswith("%")))
    pooler = settings["pgbouncer"]
    return int(pooler["default_pool_size"]) + int(pooler["reserve_pool_size"])
