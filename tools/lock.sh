#!/bin/sh
# Pins every dependency with its hashes and without an address, for all platforms and from Python 3.11 on.
set -eu
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet uv

pin() {
    "$scratch/venv/bin/uv" pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
        --python-version 3.11 --upgrade "$@"
}

pin pyproject.toml --group build -o requirements.lock
pin pyproject.toml --group build --group test -c requirements.lock -o requirements-test.lock
pin --group nodejs -o requirements-nodejs.lock
npm install --package-lock-only --loglevel=error
