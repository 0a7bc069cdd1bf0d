#!/bin/sh
# Installs kubectl-kms-vault: from a release archive, or from this checkout.
#
# Usage: ./install.sh --archive FILE [--sha256 HEX] [--prefix DIR]
#        ./install.sh --from-source [--debug]       [--prefix DIR]
#        ./install.sh --uninstall                   [--prefix DIR]
#
# An archive is installed only if its SHA-256 is the one given, or the one that the file SHA256SUMS beside it names.
# DIR/bin (default: ~/.local/bin) gets the program and the names that kubectl looks for: kubectl-kms_vault, and
# kubectl_complete-kms_vault for completion. DIR/share/man gets the manual. No root needed.
#
# It needs a POSIX shell, tar, gzip and sha256sum, and for --from-source Swift.
set -eu

fail() {
    echo "install.sh: $*" >&2
    exit 1
}

# Nothing but built-ins here and below where they do: sed and awk are not everywhere.
usage() {
    while IFS= read -r line; do
        case $line in
            '#!'*) ;;
            '# '*) echo "${line#'# '}" ;;
            '#') echo ;;
            *) break ;;
        esac
    done <"$0"
}

# The SHA-256 that the sums at $1 give for the file $2; nothing where they do not name it.
sum_of() {
    while read -r sum name; do
        if [ "${name#\*}" = "$2" ]; then
            echo "$sum"
            break
        fi
    done <"$1"
}

# The value of an option, which must be there.
value() {
    [ $# -ge 2 ] || fail "$1 takes a value"
    printf '%s' "$2"
}

prefix=${HOME:-}/.local
action=
archive=
sha256=
configuration=release
while [ $# -gt 0 ]; do
    case $1 in
        --archive)
            archive=$(value "$@")
            action=archive
            shift
            ;;
        --sha256)
            sha256=$(value "$@")
            shift
            ;;
        --prefix)
            prefix=$(value "$@")
            shift
            ;;
        --prefix=*) prefix=${1#*=} ;;
        --from-source) action=source ;;
        --uninstall) action=uninstall ;;
        --debug) configuration=debug ;;
        -h | --help)
            usage
            exit 0
            ;;
        *) fail "unknown option '$1' (see --help)" ;;
    esac
    shift
done
case $prefix in
    /*) ;;
    *) fail "--prefix takes an absolute folder, not '$prefix'" ;;
esac
bin=$prefix/bin
program=$bin/kubectl-kms-vault
link=$bin/kubectl-kms_vault
completion=$bin/kubectl_complete-kms_vault
manual=$prefix/share/man/man1
# By their names: others may have pages that begin as ours do.
pages=kubectl-kms-vault.1
for command in status preflight switch resume make-safe rewrite-secrets verify list history report rbac options completion version; do
    pages="$pages kubectl-kms-vault-$command.1"
done

# Whatever ends this leaves no half-written file behind.
work=
new=
clean_up() {
    [ -z "$work" ] || rm -rf -- "$work"
    [ -z "$new" ] || rm -f -- "$new"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

remove() {
    if [ -e "$1" ] || [ -L "$1" ]; then
        rm -f -- "$1"
        echo "removed $1"
        removed=yes
    fi
}

# The manual from the folder $1: without it the program works as well.
put_manual() {
    if ! mkdir -p -- "$manual"; then
        echo "its manual was not installed: there is no $manual" >&2
        return
    fi
    for page in $pages; do
        # Somebody's link is replaced, not written through.
        rm -f -- "$manual/$page" && cp -- "$1/$page" "$manual/$page" || {
            echo "its manual was not installed in $manual" >&2
            return
        }
    done
    echo "     and its manual in $manual: man kubectl-kms-vault"
}

uninstall() {
    removed=
    [ ! -L "$completion" ] || remove "$completion"
    remove "$link"
    remove "$program"
    for page in $pages; do remove "$manual/$page"; done
    [ -n "$removed" ] || echo "nothing is installed in $bin"
}

# Puts the program at $1 and the manual at $2, if there is one, in place. The program is written beside its place and
# renamed: an interruption leaves the old one whole.
put() {
    before=
    [ ! -x "$program" ] || before=$("$program" version 2>/dev/null) || before=
    mkdir -p -- "$bin"
    new=$(mktemp "$bin/.kubectl-kms-vault.XXXXXX")
    cp -- "$1" "$new"
    chmod 0755 "$new"
    "$new" version >/dev/null || fail "the program does not run on this machine; nothing was changed"
    mv -f -- "$new" "$program"
    new=
    ln -sfn kubectl-kms-vault "$link"
    echo "installed $("$program" version) as $program"
    [ -z "$before" ] || echo "instead of $before"
    echo "     and $link, the name that kubectl looks for"
    if [ -e "$completion" ] && [ ! -L "$completion" ]; then
        echo "     and left $completion as it is, which is no link of this script" >&2
    else
        ln -sfn kubectl-kms_vault "$completion"
        echo "     and $completion, which kubectl 1.26 or newer asks at the Tab key"
    fi
    [ ! -d "${2:-}" ] || put_manual "$2"
    case ":$PATH:" in
        *":$bin:"*) echo "try: kubectl kms-vault --help" ;;
        *) echo "add it to PATH: export PATH=\"$bin:\$PATH\"" ;;
    esac
}

install_archive() {
    [ -f "$archive" ] || fail "there is no file $archive"
    if [ -z "$sha256" ]; then
        sums=$(dirname -- "$archive")/SHA256SUMS
        [ -f "$sums" ] || fail "nothing tells the SHA-256 of $archive: give --sha256, or put SHA256SUMS beside it"
        sha256=$(sum_of "$sums" "$(basename -- "$archive")")
        [ -n "$sha256" ] || fail "$sums does not name $(basename -- "$archive")"
    fi
    found=$(sha256sum <"$archive")
    found=${found%% *}
    [ "$found" = "$sha256" ] || fail "$archive is not what it should be: its SHA-256 is $found, not $sha256; nothing was changed"
    work=$(mktemp -d "${TMPDIR:-/tmp}/kms-vault-install.XXXXXX")
    tar -xzf "$archive" -C "$work" || fail "$archive cannot be unpacked; nothing was changed"
    [ -f "$work/kubectl-kms-vault" ] || fail "there is no kubectl-kms-vault in $archive; nothing was changed"
    put "$work/kubectl-kms-vault" "$work/man/man1"
}

install_from_source() {
    root=$(cd "$(dirname -- "$0")" && pwd)
    command -v swift >/dev/null || fail "swift is not on PATH; this builds with Swift $(cat "$root/.swift-version")"
    for library in libcurl yaml-0.1; do
        pkg-config --exists "$library" 2>/dev/null ||
            fail "the development files of $library are missing: apt-get install libcurl4-openssl-dev libyaml-dev pkg-config"
    done
    swift build --package-path "$root" --configuration "$configuration" --product kubectl-kms-vault
    built=$(swift build --package-path "$root" --configuration "$configuration" --show-bin-path)/kubectl-kms-vault
    work=$(mktemp -d "${TMPDIR:-/tmp}/kms-vault-install.XXXXXX")
    [ "$configuration" = debug ] || "$root/script/build-manual" "$built" "$work/man1" ||
        echo "its manual could not be built; the program is installed without it" >&2
    put "$built" "$work/man1"
}

case $action in
    archive) install_archive ;;
    source) install_from_source ;;
    uninstall) uninstall ;;
    *)
        usage >&2
        exit 2
        ;;
esac
