#!/bin/sh
# Makes a clone ready to run: Debian's packages, .venv, front-end files, message catalogues.
# Quick when nothing has changed. `tools/setup.sh test` also gets what the tests need.
set -eu
cd "$(dirname "$0")/.."

purpose=${1:-run}
python=.venv/bin/python

say() { printf '%s\n' "$*"; }

stop() {
    say "$*" >&2
    exit 1
}

quietly() {
    # Runs a command whose output matters only when it fails.
    log=$(mktemp)
    if "$@" >"$log" 2>&1 </dev/null; then
        rm -f "$log"
    else
        tail -n 25 "$log" >&2
        rm -f "$log"
        return 1
    fi
}

state_of() { printf '%s %s\n' "$(pwd)" "$(cat "$@" | cksum)"; }

is_done() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

# ── what the operating system must have ───────────────────────────────────────────────────────────────
find_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
            say "$name"
            return
        fi
    done
}

has_library() {
    for folder in /usr/lib /usr/lib64 /usr/local/lib /lib /usr/lib/*-linux-*; do
        [ ! -e "$folder/$1" ] || return 0
    done
    return 1
}

has_postgresql() {
    command -v initdb >/dev/null || [ -n "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ]
}

has_chromium() { command -v chromium >/dev/null; }

has_redis() { command -v redis-server >/dev/null; }

has_gos_log() { [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb/tlog ]; }

wanted_to_run() {
    if [ ! -x "$python" ]; then
        found=$(find_python)
        if [ -z "$found" ]; then
            say python3 python3-venv
        elif ! "$found" -c 'import venv, ensurepip' 2>/dev/null; then
            say python3-venv
        fi
    fi
    if [ "$(uname)" = Linux ]; then
        has_library libpango-1.0.so.0 || say libpango-1.0-0
        has_library libpangoft2-1.0.so.0 || say libpangoft2-1.0-0
        has_library libharfbuzz-subset.so.0 || say libharfbuzz-subset0
    fi
}

wanted_to_test() {
    has_chromium || say chromium
    has_postgresql || say postgresql
    has_redis || say redis-server
    # Programs that are not ours look at documents, books and the public log.
    command -v qpdf >/dev/null || say qpdf
    command -v pdfsig >/dev/null || say poppler-utils
    command -v hledger >/dev/null || say hledger
    command -v go >/dev/null || say golang-go
    has_gos_log || say golang-golang-x-mod-dev
}

can_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

install() {
    say "Installing from Debian: $*"
    quietly apt-get update &&
        DEBIAN_FRONTEND=noninteractive quietly apt-get install -y --no-install-recommends "$@" ||
        stop "These packages could not be installed: $*"
}

packages_to_run() {
    wanted=$(wanted_to_run | xargs)
    [ -n "$wanted" ] || return 0
    can_install || stop "The portal needs packages that are not installed. Ask an administrator to run

    apt-get install -y --no-install-recommends $wanted

and then start again."
    # shellcheck disable=SC2086
    install $wanted
}

packages_to_test() {
    wanted=$(wanted_to_test | xargs)
    [ -n "$wanted" ] || return 0
    if can_install; then
        # shellcheck disable=SC2086
        install $wanted
    elif [ -n "${PORTAL_REQUIRE_ALL:-}" ]; then
        stop "The tests need packages that are not installed: apt-get install -y --no-install-recommends $wanted"
    else
        say "Some tests will be left out; to run them all: apt-get install -y --no-install-recommends $wanted"
    fi
}

faster_browser() {
    # Without its windows Chromium takes a third of the time. Where that cannot be had, the other one serves.
    command -v chromium-headless-shell >/dev/null && return
    ! can_install || DEBIAN_FRONTEND=noninteractive quietly apt-get install -y --no-install-recommends \
        chromium-headless-shell 2>/dev/null || true
}

# ── Python ────────────────────────────────────────────────────────────────────────────────────────────
environment() {
    place=.venv/.portal-place
    if [ -x "$python" ] && { ! "$python" -c '' 2>/dev/null || { [ -f "$place" ] && ! is_done "$place" "$(pwd)"; }; }; then
        say "The virtual environment was made elsewhere; making it anew."
        rm -rf .venv
    fi
    if [ ! -x "$python" ]; then
        found=$(find_python)
        [ -n "$found" ] || stop "Python 3.11 or newer is needed."
        quietly "$found" -m venv .venv || stop "The virtual environment could not be made."
    fi
    is_done "$place" "$(pwd)" || pwd >"$place"
}

pip_install() { quietly "$python" -m pip install --disable-pip-version-check --no-deps "$@"; }

python_packages() {
    run_state=$(state_of requirements.lock)
    test_state=$(state_of requirements-test.lock)
    if [ "$purpose" = test ]; then
        is_done .venv/.portal-test "$test_state" && return
        say "Installing Python packages for the tests (under a minute, only this once) …"
        pip_install --require-hashes -r requirements-test.lock || stop "The Python packages could not be installed."
        say "$test_state" >.venv/.portal-test
    else
        is_done .venv/.portal-run "$run_state" && return
        say "Installing Python packages (about half a minute, only this once) …"
        pip_install --require-hashes -r requirements.lock || stop "The Python packages could not be installed."
    fi
    # The tests' list holds all that running needs, in the same versions.
    say "$run_state" >.venv/.portal-run
}

portal_itself() {
    state=$(state_of pyproject.toml)
    is_done .venv/.portal-itself "$state" && return
    pip_install --no-build-isolation -e . || stop "The portal itself could not be installed."
    say "$state" >.venv/.portal-itself
}

# ── front-end files ───────────────────────────────────────────────────────────────────────────────────
has_npm() { command -v npm >/dev/null && [ "$(npm --version | cut -d. -f1)" -ge 7 ]; }

front_end() {
    state=$(state_of package.json package-lock.json tools/setup.sh tools/common_fonts.py)
    is_done node_modules/.portal "$state" && [ -f static/vendor/htmx.min.js ] && return
    PATH="$(pwd)/.venv/bin:$PATH"
    if ! has_npm; then
        say "There is no npm here; getting Node.js from PyPI (200 MB, only this once) …"
        pip_install --require-hashes -r requirements-nodejs.lock || stop "Node.js could not be installed."
    fi
    say "Installing front-end files …"
    quietly npm ci --loglevel=error || stop "The front-end files could not be installed."
    vendor
    say "$state" >node_modules/.portal
}

vendor() {
    fresh=node_modules/.vendor
    google=node_modules/@expo-google-fonts
    rm -rf "$fresh"
    mkdir -p "$fresh/fonts"
    cp node_modules/htmx.org/dist/htmx.min.js "$fresh/"
    cp node_modules/htmx.org/LICENSE "$fresh/htmx.LICENSE.txt"
    # Documents: SC has the characters of GBK and of the 2013 table; JP is there for some rare ones that it lacks.
    # Emoji stand in many donors' names.
    for font in noto-sans-sc/400Regular noto-sans-sc/700Bold \
        noto-serif-sc/400Regular noto-serif-sc/600SemiBold noto-serif-sc/700Bold \
        noto-sans-jp/400Regular noto-sans-jp/700Bold noto-serif-jp/400Regular noto-serif-jp/700Bold \
        noto-emoji/400Regular; do
        cp "$google/$font"/*.ttf "$fresh/fonts/"
    done
    quietly "$python" -m tools.common_fonts "$fresh/fonts" || stop "The small copies of the fonts could not be made."
    cp "$google/noto-sans-sc/LICENSE_FONT" "$fresh/fonts/LICENSE.txt"
    cp "$google/noto-emoji/LICENSE_FONT" "$fresh/fonts/NotoEmoji.LICENSE.txt"
    mkdir -p static
    rm -rf static/vendor
    mv "$fresh" static/vendor
}

# ── words ─────────────────────────────────────────────────────────────────────────────────────────────
catalogues() {
    for source in portal/translations/*/LC_MESSAGES/*.po; do
        [ -f "$source" ] || continue
        compiled=${source%.po}.mo
        if [ ! -f "$compiled" ] || [ -n "$(find "$source" -newer "$compiled")" ]; then
            quietly "$python" -m babel.messages.frontend compile -i "$source" -o "$compiled" ||
                stop "The message catalogue $source could not be compiled."
        fi
    done
}

packages_to_run
[ "$purpose" != test ] || packages_to_test
[ "$purpose" != test ] || faster_browser
environment
python_packages
portal_itself
front_end
catalogues
