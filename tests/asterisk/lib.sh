# Shared by up, down, restart and console; sourced, never run.
#
# Two settings select an instance, both from the environment:
#   ASTERISK_CACHE      where the Debian tree with Asterisk in it is kept
#   ASTERISK_PORT_BASE  base of the ports; each base is an instance of its own
#
# Layout of the cache folder:
#   lock             held by whoever builds, starts or stops something
#   build.log        output of the last debootstrap
#   root/            the Debian tree (complete once root/.complete is there)
#   root/srv/t<base> everything one instance reads and writes: etc, run, log,
#                    spool, lib, agi-bin, tls. It lies inside the tree so that
#                    no mount is needed to make it visible after chroot.
# shellcheck shell=bash

set -euo pipefail

SUITE=forky

if [ -z "${ASTERISK_CACHE:-}" ]; then
    ASTERISK_CACHE="${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/asterisk-sync"
fi
ASTERISK_CACHE="$(realpath -m -- "$ASTERISK_CACHE")"
ASTERISK_PORT_BASE="${ASTERISK_PORT_BASE:-15000}"

CACHE="$ASTERISK_CACHE"
ROOT="$CACHE/root"

say() { printf 'asterisk: %s\n' "$*" >&2; }
die() {
    say "$*"
    exit 1
}

case "$ASTERISK_PORT_BASE" in
'' | *[!0-9]*) die "ASTERISK_PORT_BASE is not a number: $ASTERISK_PORT_BASE" ;;
esac
if [ "$ASTERISK_PORT_BASE" -lt 1024 ] || [ "$ASTERISK_PORT_BASE" -gt 62000 ]; then
    die "ASTERISK_PORT_BASE must lie between 1024 and 62000: $ASTERISK_PORT_BASE"
fi

AMI_PORT=$((ASTERISK_PORT_BASE + 38))
AMI_TLS_PORT=$((ASTERISK_PORT_BASE + 39))
SIP_PORT=$((ASTERISK_PORT_BASE + 60))
IAX_PORT=$((ASTERISK_PORT_BASE + 69))
# Nobody listens there but tests, which Asterisk connects to.
OUTBOUND_PORT=$((ASTERISK_PORT_BASE + 80))
OUTBOUND_CALL_PORT=$((ASTERISK_PORT_BASE + 81))
AEAP_PORT=$((ASTERISK_PORT_BASE + 82))
RTP_START=$((ASTERISK_PORT_BASE + 100))
RTP_END=$((ASTERISK_PORT_BASE + 299))
HTTP_PORT=$((ASTERISK_PORT_BASE + 3088))
HTTPS_PORT=$((ASTERISK_PORT_BASE + 3089))

# The same folder as seen from inside the tree and from outside.
INSIDE="/srv/t$ASTERISK_PORT_BASE"
RUN="$ROOT$INSIDE"
CONF="$INSIDE/etc/asterisk.conf"

need_root() {
    [ "$(id -u)" = 0 ] || die "not root: chroot and debootstrap need it (uid is $(id -u))"
}

# One lock for the whole cache. A purge deletes the lock file too, so after
# waiting for it we make sure that it is still the file others will lock.
take_lock() {
    local waited=
    while :; do
        mkdir -p "$CACHE" || die "cannot create the cache folder $CACHE"
        exec 9>>"$CACHE/lock"
        if ! flock -n 9; then
            [ -n "$waited" ] || say "waiting for another run to let go of $CACHE/lock"
            waited=1
            flock -w 1800 9 || die "gave up waiting for $CACHE/lock after 30 minutes"
        fi
        [ "$(stat -L -c %i /proc/self/fd/9)" = "$(stat -c %i "$CACHE/lock" 2>/dev/null || echo none)" ] && return 0
    done
}

tree_complete() { [ -f "$ROOT/.complete" ]; }

# Processes of one instance carry its run folder in their environment, and so
# do the scripts they start. That finds them without a pid file that might be
# stale, and never finds an Asterisk which is not ours.
marked_pids() { # folder
    grep -lzxF "ASTERISK_TEST_INSTANCE=$1" /proc/[0-9]*/environ 2>/dev/null |
        sed -e 's#^/proc/##' -e 's#/environ$##' || true
}

running() { [ -n "$(marked_pids "$RUN")" ]; }

server_pid() {
    local p
    for p in $(marked_pids "$RUN"); do
        if [ "$(cat "/proc/$p/comm" 2>/dev/null || true)" = asterisk ]; then
            echo "$p"
            return 0
        fi
    done
    return 1
}

cli() { # one console command; CLI_TIMEOUT, if set, bounds it
    ${CLI_TIMEOUT:+timeout "$CLI_TIMEOUT"} chroot "$ROOT" /usr/bin/env -i HOME=/ PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb LANG=C.UTF-8 \
        /usr/sbin/asterisk -C "$CONF" -rx "$1" </dev/null
}

# The inode of the socket bound to a port, from /proc alone: a bare Debian has
# neither ss nor lsof, and connecting would leave a trace in the server's log.
port_inode() { # tcp|udp port
    cat "/proc/net/$1" "/proc/net/${1}6" 2>/dev/null |
        awk -v h="$(printf '%04X' "$2")" -v proto="$1" '
            { n = split($2, a, ":") }
            a[n] == h && (proto == "udp" || $4 == "0A") && !found { found = $10 }
            END { if (!found) exit 1; print found }'
}

healthy() {
    local out port
    running || return 1
    out="$(CLI_TIMEOUT=10 cli 'core waitfullybooted' 2>/dev/null)" || return 1
    case "$out" in *"fully booted"*) ;; *) return 1 ;; esac
    for port in $AMI_PORT $AMI_TLS_PORT $HTTP_PORT $HTTPS_PORT; do
        port_inode tcp "$port" >/dev/null || return 1
    done
    port_inode udp "$SIP_PORT" >/dev/null && port_inode udp "$IAX_PORT" >/dev/null
}

port_owner() { # tcp|udp port
    local inode p fd
    inode="$(port_inode "$1" "$2")" || return 1
    for p in /proc/[0-9]*; do
        for fd in "$p"/fd/*; do
            if [ "$(readlink "$fd" 2>/dev/null || true)" = "socket:[$inode]" ]; then
                echo "process ${p#/proc/} ($(tr '\0' ' ' 2>/dev/null <"$p/cmdline" | cut -c1-120))"
                return 0
            fi
        done
    done
    echo "a process that cannot be seen from here"
}

# A process that was killed has lost its environment, by which we know it, a
# moment before its sockets are closed.
wait_ports_free() { # tenths of a second
    local i
    for ((i = 0; i < $1; i++)); do
        port_inode tcp "$AMI_PORT" || port_inode tcp "$AMI_TLS_PORT" || port_inode tcp "$HTTP_PORT" ||
            port_inode tcp "$HTTPS_PORT" || port_inode udp "$SIP_PORT" || port_inode udp "$IAX_PORT" || return 0
        sleep 0.1
    done >/dev/null
    return 1
}

check_ports() {
    local spec proto port name owner bad=
    for spec in "tcp $AMI_PORT AMI" "tcp $AMI_TLS_PORT AMI-TLS" "tcp $HTTP_PORT HTTP" \
        "tcp $HTTPS_PORT HTTPS" "udp $SIP_PORT SIP" "udp $IAX_PORT IAX"; do
        read -r proto port name <<<"$spec"
        if owner="$(port_owner "$proto" "$port")"; then
            say "$proto port $port, wanted for $name, is taken by $owner"
            bad=1
        fi
    done
    [ -z "$bad" ] || die "free the port or set ASTERISK_PORT_BASE (it is $ASTERISK_PORT_BASE)"
}

last_log() {
    local f
    for f in "$RUN/log/console" "$RUN/log/full"; do
        if [ -s "$f" ]; then
            say "last lines of $f:"
            tail -n 25 "$f" >&2
        fi
    done
}

start_server() {
    local pid i
    wait_ports_free 50 || check_ports
    rm -f "$RUN/run/asterisk.ctl" "$RUN/run/asterisk.pid"
    # /proc and /dev are mounted in a mount namespace of the server's own: they
    # vanish with it, whichever way it ends, and the machine never sees them.
    # Where that is not permitted the device nodes in the tree have to do.
    local -a ns=()
    if unshare --mount true 2>/dev/null; then ns=(unshare --mount); fi
    # shellcheck disable=SC2016
    ASTERISK_TEST_INSTANCE="$RUN" setsid "${ns[@]}" "$BASH" -c '
        root=$1 conf=$2 run=$3 own_ns=$4
        if [ -n "$own_ns" ]; then
            mount -t proc proc "$root/proc" 2>/dev/null || mount --rbind /proc "$root/proc" 2>/dev/null || true
            mount --rbind /dev "$root/dev" 2>/dev/null || true
        fi
        ulimit -c 0
        ulimit -n 4096 2>/dev/null || true
        umask 022
        exec chroot "$root" /usr/bin/env -i ASTERISK_TEST_INSTANCE="$run" HOME=/tmp LANG=C.UTF-8 TERM=dumb \
            PATH=/usr/sbin:/usr/bin:/sbin:/bin \
            /usr/sbin/asterisk -f -U asterisk -G asterisk -C "$conf"
    ' start "$ROOT" "$CONF" "$RUN" "${ns[*]}" </dev/null >"$RUN/log/console" 2>&1 9>&- &
    pid=$!
    disown "$pid"
    for ((i = 0; i < 600; i++)); do
        if [ "$i" -gt 5 ] && ! running; then
            last_log
            die "asterisk exited while starting"
        fi
        if [ -S "$RUN/run/asterisk.ctl" ] && healthy; then return 0; fi
        sleep 0.1
    done
    last_log
    kill_server
    die "asterisk did not become ready within 60 seconds"
}

wait_gone() { # tenths of a second
    local i
    for ((i = 0; i < $1; i++)); do
        running || return 0
        sleep 0.1
    done
    return 1
}

kill_server() {
    local pids
    pids="$(marked_pids "$RUN")"
    # shellcheck disable=SC2086
    [ -z "$pids" ] || kill -KILL $pids 2>/dev/null || true
    wait_gone 100 || die "processes survive SIGKILL: $(marked_pids "$RUN" | tr '\n' ' ')"
}

stop_server() {
    local pid
    running || return 0
    if pid="$(server_pid)"; then
        if ! timeout 5 chroot "$ROOT" /usr/sbin/asterisk -C "$CONF" -rx 'core stop now' </dev/null >/dev/null 2>&1; then
            kill -TERM "$pid" 2>/dev/null || true
        fi
        wait_gone 100 || say "asterisk does not stop when asked, killing it"
    fi
    kill_server
}

# Mounts an interrupted debootstrap may have left below a folder, deepest
# first. Deleting a tree with the machine's /dev still bound in it would be a
# disaster, so a mount that stays is an error.
unmount_below() { # folder
    local dir
    awk -v d="$1/" 'index($2, d) == 1 { print $2 }' /proc/self/mounts | sort -r |
        while read -r dir; do
            umount "$dir" 2>/dev/null || umount -l "$dir" || die "cannot unmount $dir"
        done
}
