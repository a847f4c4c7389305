#!/usr/bin/env bash
# Format, lint, types, then all tests (borders and house style are tests): `numerek test` after its set-up.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
python=$PWD/.venv/bin/python
export PYTHONPATH=$PWD PYTHONSAFEPATH=1
unset PYTHONDONTWRITEBYTECODE # hundreds of servers and programs are started, and each would compile the house anew
failed=()

[ "${1:-}" != --on ] || exec bash deploy/test_on.sh "${@:2}"
[ "${1:-}" != --mutants ] || exec "$python" -m deploy.mutants "${@:2}"

check() {
    printf '== %s\n' "$1"
    "${@:2}" || failed+=("$1")
}

check format "$python" -m ruff format --check --quiet .
check lint "$python" -m ruff check --quiet .
check types "$python" -m mypy --no-error-summary .
printf '== tests\n'
"$python" -m pytest -n 2 "$@"
status=$?
if [ ${#failed[@]} -gt 0 ]; then
    printf 'numerek: not in order before the tests: %s\n' "${failed[*]}" >&2
    status=1
fi
exit "$status"
