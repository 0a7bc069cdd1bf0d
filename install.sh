#!/bin/bash
# Installs kubectl-kms-vault from this checkout.
#
# Usage: ./install.sh --from-source [--prefix DIR] [--debug]
#        ./install.sh --uninstall   [--prefix DIR]
#
# DIR/bin (default: ~/.local/bin) gets the program and the name that kubectl looks for, kubectl-kms_vault.
set -euo pipefail

fail() {
    echo "install.sh: $*" >&2
    exit 1
}

usage() { sed -n '2,/^set /{/^# \{0,1\}/s///p}' "${BASH_SOURCE[0]}"; }

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
prefix=${HOME:-}/.local
action=
configuration=release
while (($#)); do
    case $1 in
        --from-source) action=source ;;
        --uninstall) action=uninstall ;;
        --debug) configuration=debug ;;
        --prefix)
            (($# > 1)) || fail "--prefix takes a folder"
            prefix=$2
            shift
            ;;
        --prefix=*) prefix=${1#*=} ;;
        -h | --help)
            usage
            exit 0
            ;;
        *) fail "unknown option '$1' (see --help)" ;;
    esac
    shift
done
[[ $prefix == /* ]] || fail "--prefix takes an absolute folder, not '$prefix'"
bin=$prefix/bin
program=$bin/kubectl-kms-vault
link=$bin/kubectl-kms_vault

uninstall() {
    local removed=0 file
    for file in "$link" "$program"; do
        if [[ -e $file || -L $file ]]; then
            rm -f -- "$file"
            echo "removed $file"
            removed=1
        fi
    done
    ((removed)) || echo "nothing is installed in $bin"
}

install_from_source() {
    command -v swift >/dev/null || fail "swift is not on PATH; this builds with Swift $(cat "$root/.swift-version")"
    local library
    for library in libcurl yaml-0.1; do
        pkg-config --exists "$library" 2>/dev/null ||
            fail "the development files of $library are missing: apt-get install libcurl4-openssl-dev libyaml-dev pkg-config"
    done
    swift build --package-path "$root" --configuration "$configuration" --product kubectl-kms-vault
    local built
    built=$(swift build --package-path "$root" --configuration "$configuration" --show-bin-path)/kubectl-kms-vault
    mkdir -p -- "$bin"
    # Written beside its place and renamed: an interrupted installation leaves the old program whole.
    new=$(mktemp "$bin/.kubectl-kms-vault.XXXXXX")
    trap 'rm -f -- "$new"' EXIT
    cp -- "$built" "$new"
    chmod 0755 "$new"
    mv -f -- "$new" "$program"
    ln -sfn kubectl-kms-vault "$link"
    "$program" version >/dev/null || fail "the installed program does not run"
    echo "installed $program"
    echo "     and $link, the name that kubectl looks for"
    case ":$PATH:" in
        *":$bin:"*) echo "try: kubectl kms-vault --help" ;;
        *) echo "add it to PATH: export PATH=\"$bin:\$PATH\"" ;;
    esac
}

case $action in
    source) install_from_source ;;
    uninstall) uninstall ;;
    *)
        usage >&2
        exit 2
        ;;
esac
