# shellcheck shell=bash
# Sourced: one line per phase; its output is kept in the folder $logs, and shown only if it fails.
: "${logs:?}"

# phase NAME MINUTES COMMAND...
phase() {
  local name=$1 minutes=$2 begun=$SECONDS log
  shift 2
  mkdir -p "$logs"
  log="$logs/${name// /-}.log"
  printf '%-28s' "$name"
  if timeout --foreground --kill-after=20 "$((minutes * 60))" "$@" >"$log" 2>&1 </dev/null; then
    printf 'ok (%s s)\n' "$((SECONDS - begun))"
  else
    local status=$?
    if ((status == 124)); then printf 'FAILED after %s minutes\n' "$minutes"; else printf 'FAILED (%s)\n' "$status"; fi
    tail -n 200 "$log"
    return 1
  fi
}

# The sum of cargo's "test result" lines in a log: "N passed, N failed".
cargo_tests() {
  awk '/^test result:/ { for (i = 2; i <= NF; i++) { if ($i ~ /^passed/) p += $(i - 1); if ($i ~ /^failed/) f += $(i - 1) } }
       END { printf "%d passed, %d failed", p, f }' "$1"
}
