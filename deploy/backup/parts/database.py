"""A database by its URL, as mailroom's programs take it, for the client tools of PostgreSQL and for db-migrate."""

import os
import subprocess
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

# The parameters of a URL, and what libpq calls them in the environment. A password on a command line is seen by everybody.
_NAMES = {
    "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE", "ssl-mode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "ssl-root-cert": "PGSSLROOTCERT",
    "ssl-ca": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "ssl-cert": "PGSSLCERT", "sslkey": "PGSSLKEY", "ssl-key": "PGSSLKEY",
    "application_name": "PGAPPNAME", "options": "PGOPTIONS", "connect_timeout": "PGCONNECT_TIMEOUT",
    "target_session_attrs": "PGTARGETSESSIONATTRS", "channel_binding": "PGCHANNELBINDING", "gssencmode": "PGGSSENCMODE",
}
_ONLY_SQLX = {"statement-cache-capacity"}


class Trouble(Exception):
    """What went wrong, in words that hold no secret, and the exit code that says so."""

    def __init__(self, message, code=1):
        super().__init__(message)
        self.code = code


# A set may be in a database of its own. What is done here is done to one database, with all sets in it.
SETS_OF_THEIR_OWN = tuple(f"MAILROOM_{name}_DATABASE_URL{suffix}" for name in ("MESSAGING", "DIRECTORY", "MAILBOX")
                          for suffix in ("", "_FILE"))


def from_environment(*variables):
    """The first database that one of these variables names, itself or with _FILE appended; None if there is none."""
    for variable in variables:
        url, path = os.environ.get(variable), os.environ.get(variable + "_FILE")
        if url and path:
            raise Trouble(f"{variable} and {variable}_FILE are both set: keep one", 2)
        if path:
            try:
                with open(path, encoding="utf-8") as file:
                    url = file.read().strip()
            except OSError as cause:
                raise Trouble(f"{variable}_FILE names {path}, which cannot be read: {cause.strerror}", 2) from None
        if url:
            return Database(url, variable)
    return None


class Database:
    """One database. What is not in its URL, libpq takes from its own environment (PGPASSFILE, PGPASSWORD)."""

    def __init__(self, url, said_by):
        parts = urlsplit(url)
        if parts.scheme not in ("postgres", "postgresql"):
            raise Trouble(f"{said_by} is not a URL like postgres://user@host:5432/name", 2)
        self._parts, self._said_by = parts, said_by
        login, _, places = parts.netloc.rpartition("@")
        user, _, password = login.partition(":")
        hosts, ports = [], []
        for place in places.split(",") if places else []:
            host, colon, port = place.rpartition(":")
            if not colon or place.endswith("]"):
                host, port = place, ""
            hosts.append(unquote(host.strip("[]")))
            ports.append(port)
        found = {
            "user": unquote(user), "password": unquote(password), "dbname": unquote(parts.path.lstrip("/")),
            "host": ",".join(hosts), "port": ",".join(ports) if any(ports) else "",
        }
        for name, value in parse_qsl(parts.query):
            if name not in _NAMES and name not in _ONLY_SQLX:
                raise Trouble(f"{said_by} has the parameter {name}, which is not known here", 2)
            found[name] = value
        self._settings = {_NAMES[name]: value for name, value in found.items() if value and name in _NAMES}

    @property
    def name(self):
        return self._settings.get("PGDATABASE") or os.environ.get("PGDATABASE") or self._settings.get("PGUSER", "")

    def named(self, name):
        """Another database of the same server."""
        query = urlencode([pair for pair in parse_qsl(self._parts.query) if pair[0] != "dbname"])
        url = self._parts._replace(path="/" + quote(name, safe=""), query=query).geturl()
        return Database(url, self._said_by)

    def environment(self):
        """For libpq's tools and for db-migrate alike; nothing else of the caller's may lead elsewhere."""
        led_elsewhere = ("PGSERVICE", "PGHOSTADDR", "MAILROOM_DIRECT_DATABASE_URL", "MAILROOM_DIRECT_DATABASE_URL_FILE",
                         "DATABASE_URL_FILE", *SETS_OF_THEIR_OWN)
        kept = {name: value for name, value in os.environ.items() if name not in led_elsewhere}
        return {**kept, **self._settings, "DATABASE_URL": self._parts.geturl()}

    def run(self, *command, code=1, accepted=(0,)):
        """Runs a program on this database. What it says to stderr goes to ours; what it prints is returned."""
        try:
            done = subprocess.run(command, env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  text=True, check=False)
        except OSError as cause:
            raise Trouble(f"{command[0]} cannot be run: {cause.strerror}", 2) from None
        if done.returncode not in accepted:
            raise Trouble(f"{os.path.basename(command[0])} failed with exit code {done.returncode}", code)
        return done.stdout

    def ask(self, sql, code=1):
        """The rows of one question, unaligned, without headers."""
        return self.run("psql", "-XqAtw", "-v", "ON_ERROR_STOP=1", "-c", sql, code=code).splitlines()


class Snapshot:
    """A transaction that stays open and sees one moment, so that the dump and the counts are of the same one."""

    def __init__(self, database):
        self._psql = subprocess.Popen(["psql", "-XqAtw", "-v", "ON_ERROR_STOP=1"], env=database.environment(), text=True,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        opened = self._ask("set idle_in_transaction_session_timeout = 0; set statement_timeout = 0;"
                           " begin isolation level repeatable read read only; select pg_export_snapshot();")
        self.id = opened[-1] if opened else ""

    def counts(self):
        return as_counts(self._ask(COUNT_ALL))

    def _ask(self, sql):
        try:
            self._psql.stdin.write(sql + "\n\\echo --end--\n")
            self._psql.stdin.flush()
        except BrokenPipeError:
            pass
        rows = []
        for line in self._psql.stdout:
            if line == "--end--\n":
                return rows
            rows.append(line.rstrip("\n"))
        raise Trouble("the database cannot be reached, or refused a question", 6 if not rows else 1)

    def close(self):
        self._psql.stdin.close()
        self._psql.wait()


SCHEMAS = ("messaging", "directory", "mailbox")

# Asks for the questions, then psql asks those: the rows of every table.
COUNT_ALL = r"""select format('select %L, count(*) from %I.%I', n.nspname || '.' || c.relname, n.nspname, c.relname)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('messaging', 'directory', 'mailbox') and c.relkind = 'r' order by 1
\gexec"""


def as_counts(rows):
    return {table: int(count) for table, count in (row.split("|") for row in rows)}


def counts(database):
    snapshot = Snapshot(database)
    try:
        return snapshot.counts()
    finally:
        snapshot.close()
