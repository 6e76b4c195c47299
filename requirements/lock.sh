#!/bin/sh
# Write the locks from pyproject.toml; the argument is the uv program. All are resolved together first, so that they agree.
set -eu
uv="${1:-uv}"
cd "$(dirname "$0")/.."
all=$(mktemp)
trap 'rm -f "$all"' EXIT

resolve() {
    "$uv" pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
        --no-header --no-emit-index-url --no-emit-find-links --no-annotate "$@"
}

resolve pyproject.toml --extra studio --extra cluster --extra exchange --extra test --extra check --extra build --output-file "$all" --upgrade
for name in runtime studio cluster exchange test check; do
    case "$name" in
        runtime) extra="" ;;
        studio | cluster | exchange) extra="--extra $name" ;;
        *) extra="--extra studio --extra $name" ;;
    esac
    # shellcheck disable=SC2086 # an empty extra must vanish
    resolve pyproject.toml $extra --constraint "$all" --output-file "requirements/$name.txt" --upgrade
done
printf 'editables>=0.5\nhatchling>=1.27\n' | resolve - --constraint "$all" --output-file requirements/build.txt --upgrade
