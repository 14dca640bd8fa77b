"""A logical backup on disk: one dump, what it must hold, and whether a database that was restored from it holds that."""

import hashlib
import json
import os
import subprocess
import sys
import time

from database import SCHEMAS, Trouble, counts

NOT_TRUSTED = 3


def say(message):
    print(f"{os.path.basename(sys.argv[0])}: {message}", file=sys.stderr, flush=True)


def checksum(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def read_manifest(directory):
    """What the backup says of itself, after its file has proved to be the one that was written."""
    try:
        with open(os.path.join(directory, "manifest.json"), encoding="utf-8") as file:
            manifest = json.load(file)
        found = checksum(os.path.join(directory, "mailroom.dump"))
    except (OSError, ValueError) as cause:
        raise Trouble(f"{directory} is not a whole backup: {cause}", NOT_TRUSTED) from None
    if found != manifest["sha256"]:
        raise Trouble(f"{directory}/mailroom.dump is damaged: its SHA-256 is not that of the manifest", NOT_TRUSTED)
    return manifest


def migrations(database, db_migrate):
    """What db-migrate says of the database: version and state of every migration. Damage is refused, pending is told."""
    try:
        answer = subprocess.run([db_migrate, "status", "--check", "--output", "json"], env=database.environment(),
                                stdout=subprocess.PIPE, text=True, check=False)
    except OSError as cause:
        raise Trouble(f"{db_migrate} cannot be run: {cause.strerror}", 2) from None
    if answer.returncode not in (0, 3):
        raise Trouble(f"db-migrate status --check failed on {database.name} with exit code {answer.returncode}")
    return {"exit": answer.returncode, **json.loads(answer.stdout)}


def restore(directory, database, jobs):
    """Into an empty database. Whose tables they were and who might use them is left to `db-migrate roles`."""
    path = os.path.join(directory, "mailroom.dump")
    name = database.name.replace("\\", "\\\\").replace("'", "\\'")
    began = time.monotonic()
    # jobs > 1 builds indexes and checks foreign keys at the same time.
    database.run("pg_restore", "--no-password", "--exit-on-error", "--no-owner", "--no-privileges", f"--jobs={jobs}",
                 "--dbname", f"dbname='{name}'", path, code=NOT_TRUSTED)
    return time.monotonic() - began


def compare(database, manifest, db_migrate):
    """Whether the restored database is the one that was dumped, and one that this release can work with."""
    found = counts(database)
    wrong = [f"{table}: {manifest['rows'].get(table, 'no table')} dumped, {found.get(table, 'no table')} restored"
             for table in sorted({*found, *manifest["rows"]}) if found.get(table) != manifest["rows"].get(table)]
    if wrong:
        raise Trouble("rows differ: " + "; ".join(wrong), NOT_TRUSTED)
    # A sequence behind its table would hand out places in line a second time.
    if "messaging.inbound_events" in found:
        behind = database.ask("select coalesce(max(e.arrival), 0) > (select last_value from messaging.arrivals)"
                              " from messaging.inbound_events e", code=NOT_TRUSTED)
        if behind != ["f"]:
            raise Trouble("messaging.arrivals is behind messaging.inbound_events", NOT_TRUSTED)
    unfit = database.ask("select format('%I.%I', n.nspname, c.relname) from pg_index i"
                         " join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace"
                         f" where n.nspname in {SCHEMAS} and not (i.indisvalid and i.indisready)", code=NOT_TRUSTED)
    if unfit:
        raise Trouble("invalid indexes: " + ", ".join(unfit), NOT_TRUSTED)
    return migrations(database, db_migrate)


def sync(path):
    """Has a file, or a directory's names, on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
