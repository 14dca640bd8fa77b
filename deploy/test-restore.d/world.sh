# shellcheck shell=bash
# A private world for test-restore: PostgreSQL servers, gateway and worker, and how they are ended. Sourced by it; it has set:
: "${work:?}" "${bin:?}" "${backup:?}" "${parts:?}" "${archive_timeout:?}" "${started:?}" "${seed:?}" "${rate:?}"

declare -A running=()

say() { printf '%7.1f  %s\n' "$(($(date +%s%N) / 100000000 - started))e-1" "$*"; }
fail() {
    echo "test-restore: $*" >&2
    exit 1
}
now() { date +%s.%6N; }
since() { awk -v from="$1" -v to="$(now)" 'BEGIN { printf "%.1f", to - from }'; }
utc() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ; }

# use NAME [DATABASE]: psql, db-migrate and the programs speak with this server from now on.
use() {
    export PGHOST=$work/$1 PGUSER=mailroom PGDATABASE=${2:-mailroom}
    export DATABASE_URL="postgres://mailroom@localhost/$PGDATABASE?host=$work/$1"
}

# create_primary NAME: a new server that archives.
create_primary() {
    mkdir -p "$work/$1" "$work/$1-archive"
    initdb --pgdata "$work/$1/data" --username mailroom --auth trust --encoding UTF8 --no-locale --data-checksums \
        >"$work/$1/initdb.log" || fail "initdb failed: $work/$1/initdb.log"
    sed "s|^archive_command = .*|archive_command = '$backup/archive-wal $work/$1-archive \"%p\" \"%f\"'|
         s|^archive_timeout = .*|archive_timeout = ${archive_timeout}s|" "$backup/pitr.conf" >"$work/$1/data/pitr.conf"
    cat >>"$work/$1/data/postgresql.conf" <<'CONF'
include = 'pitr.conf'
max_wal_size = 1GB
CONF
    start_server "$1"
    createdb --host "$work/$1" --username mailroom mailroom
}

# start_server NAME: returns when it takes writes: a restored one, when its recovery is over. 1 if that does not happen.
start_server() {
    local data=$work/$1/data
    cat >>"$data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$work/$1'
CONF
    running[$1]=server
    pg_ctl --pgdata "$data" --log "$work/$1/log" --timeout 300 --wait start >"$work/$1/start.log" 2>&1 || return 1
    until [[ $(psql -XqAt -h "$work/$1" -U mailroom -d postgres -c 'select pg_is_in_recovery()' 2>/dev/null) == f ]]; do
        pg_ctl --pgdata "$data" status >/dev/null || return 1
        sleep 0.05
    done
}

stop_server() {
    pg_ctl --pgdata "$work/$1/data" --mode fast --wait stop >/dev/null 2>&1 || true
    unset "running[$1]"
}

# destroy_server NAME: as if its machine were gone, with the disk. Every child of the postmaster leads a group of its own.
destroy_server() {
    local postmaster child children
    postmaster=$(head -1 "$work/$1/data/postmaster.pid")
    children=$(pgrep -P "$postmaster" || true)
    kill -9 "$postmaster"
    for child in $children; do
        kill -9 -- "-$child" 2>/dev/null || true
    done
    rm -rf "$work/$1/data"
    unset "running[$1]"
}

# start_programs: gateway and worker on the database in use; returns when both are ready. Sets api and ready_at.
start_programs() {
    local public admin worker
    read -r public admin worker < <(python3 -c '
import socket
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*(one.getsockname()[1] for one in held))')
    api=127.0.0.1:$public
    MAILROOM__PROFILE=development MAILROOM__SERVER__LISTEN=$api MAILROOM__ADMIN__LISTEN=127.0.0.1:$admin \
        MAILROOM__SHUTDOWN__DRAIN_DELAY_MS=0 "$bin/mailroom-gateway" 2>>"$work/gateway.log" &
    running[gateway]=$!
    MAILROOM__ADMIN__LISTEN=127.0.0.1:$worker MAILROOM__SHUTDOWN__DRAIN_DELAY_MS=0 \
        "$bin/mailroom-worker" 2>>"$work/worker.log" &
    running[worker]=$!
    await_ready gateway "$admin"
    # shellcheck disable=SC2034 # Read by test-restore.
    ready_at=$(now)
    await_ready worker "$worker"
}

await_ready() {
    local try
    for ((try = 0; try < 600; try++)); do
        curl -fs -o "$work/readyz" "http://127.0.0.1:$2/readyz" && return
        kill -0 "${running[$1]}" 2>/dev/null || fail "the $1 ended: $(tail -1 "$work/$1.log")"
        sleep 0.05
    done
    fail "the $1 did not become ready: $(cat "$work/readyz" 2>/dev/null)"
}

# end_process NAME: SIGTERM, and waits.
end_process() {
    [[ -n ${running[$1]:-} ]] || return 0
    kill "${running[$1]}" 2>/dev/null || true
    wait "${running[$1]}" 2>/dev/null || true
    unset "running[$1]"
}

stop_programs() {
    end_process gateway
    end_process worker
}

# start_traffic RUN: sends until end_process traffic; its ledger is ledger-RUN.
start_traffic() {
    python3 -B "$parts/traffic.py" --to "$api" --ledger "$work/ledger-$1" --run "$1" --seed "$seed" --rate "$rate" &
    running[traffic]=$!
}

# fill PART EVENTS: rows of an older time.
fill() { psql -Xq -v ON_ERROR_STOP=1 -v "part=$1" -v "events=$2" -f "$parts/fill.sql"; }

clean_up() {
    local name
    for name in traffic gateway worker; do
        end_process "$name"
    done
    for name in "${!running[@]}"; do
        if [[ ${running[$name]} == server ]]; then
            pg_ctl --pgdata "$work/$name/data" --mode immediate --wait stop >/dev/null 2>&1 || true
        fi
    done
    if [[ -n $keep ]]; then
        echo "kept: $work"
    else
        rm -rf "$work"
    fi
}
