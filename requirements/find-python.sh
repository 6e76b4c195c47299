#!/bin/sh
# Print the first Python 3.11 to 3.13 that runs and can make an environment, or say in one sentence what is missing.
# An argument, when it is not empty, is the only one tried.

runs='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
candidates="python3.13 python3.12 python3.11 python3 python"
without_venv=""

try() {
    command -v "$1" >/dev/null 2>&1 || return 1
    "$1" -c "$runs" >/dev/null 2>&1 </dev/null || return 1
    if "$1" -c 'import ensurepip, venv' >/dev/null 2>&1 </dev/null; then
        printf '%s\n' "$1"
        exit 0
    fi
    without_venv="$1"
}

if [ -n "${1:-}" ]; then
    try "$1"
    candidates="$1"
else
    for name in $candidates; do
        try "$name"
    done
fi

if [ -n "$without_venv" ]; then
    echo "$without_venv was found, but it cannot make environments; on Debian or Ubuntu install the package python3-venv, then run make again." >&2
else
    echo "Afterglow needs Python 3.11, 3.12 or 3.13, and none was found among: $candidates; install one, or name it with make PYTHON=/path/to/python3." >&2
fi
exit 1
