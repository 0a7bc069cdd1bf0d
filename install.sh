#!/bin/sh
# Installs kubectl-kms-vault: from a release archive, or from this checkout.
#
# Usage: ./install.sh --archive FILE|FOLDER [--sha256 HEX | --unsigned] [--prefix DIR]
#        ./install.sh --from-source [--debug]                           [--prefix DIR]
#        ./install.sh --uninstall                                       [--prefix DIR]
#
# Of a FOLDER it takes the archive for this machine. An archive is installed only if its SHA-256 is the one given, or
# the one that the file SHA256SUMS beside it names; that file must be signed by who signs releases (SHA256SUMS.sig,
# checked with OpenSSH's ssh-keygen, if it is there), but for --unsigned: an archive that you built yourself.
#
# DIR/bin (default: ~/.local/bin) gets the program and the names that kubectl looks for: kubectl-kms_vault, and
# kubectl_complete-kms_vault for completion. DIR/share/man gets the manual. No root needed. What was installed is listed
# in DIR/share/kubectl-kms-vault/installed; --uninstall removes that, but for what was changed since.
#
# It needs a POSIX shell, tar, gzip, readlink and sha256sum (or shasum), and for --from-source Swift.
set -eu

# Who signs releases, as a line of OpenSSH's ALLOWED SIGNERS (ssh-keygen(1)): docs/releasing.md. Nobody yet.
signers=

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
unsigned=
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
        --unsigned) unsigned=yes ;;
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
case $prefix in
    *"
"*) fail "--prefix takes a folder whose name has no line break" ;;
esac
bin=$prefix/bin
program=$bin/kubectl-kms-vault
link=$bin/kubectl-kms_vault
completion=$bin/kubectl_complete-kms_vault
manual=$prefix/share/man/man1
# A line for each: "file SHA256 PATH" or "link TARGET PATH".
installed=$prefix/share/kubectl-kms-vault/installed

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

# The SHA-256 of the file $1.
hash_of() {
    if command -v sha256sum >/dev/null; then
        hash=$(sha256sum <"$1")
    else
        hash=$(shasum -a 256 <"$1")
    fi
    echo "${hash%% *}"
}

# Whether the path $3 is as it was installed: a file with the SHA-256 $2, or a link to $2.
is_ours() {
    case $1 in
        file) [ -f "$3" ] && [ ! -L "$3" ] && [ "$(hash_of "$3")" = "$2" ] ;;
        link) [ -L "$3" ] && [ "$(readlink "$3")" = "$2" ] ;;
        *) false ;;
    esac
}

# Removes what the list $1 names and is as it was installed, but for the paths in $2, and names what is not.
remove_listed() {
    # An upgrade that was interrupted leaves two lines for a path: one of them must hold.
    while read -r kind value path; do
        case $2 in *"
$path
"*) continue ;; esac
        if is_ours "$kind" "$value" "$path"; then
            rm -f -- "$path"
            echo "removed $path"
        fi
    done <"$1"
    while read -r kind value path; do
        case $2 in *"
$path
"*) continue ;; esac
        if [ -e "$path" ] || [ -L "$path" ]; then
            echo "left $path as it is: it was changed after it was installed" >&2
        fi
    done <"$1"
}

uninstall() {
    [ -f "$installed" ] || fail "nothing is installed in $prefix: there is no $installed"
    remove_listed "$installed" ""
    rm -f -- "$installed"
    rmdir -- "$prefix/share/kubectl-kms-vault" 2>/dev/null || true
}

# The pages of the manual in the folder $1, if there is one: without it the program works as well.
pages_in() {
    [ -d "${1:-}" ] || return 0
    for page in "$1"/kubectl-kms-vault*.1; do
        [ ! -f "$page" ] || basename -- "$page"
    done
}

# The manual from the folder $1.
put_manual() {
    mkdir -p -- "$manual" || {
        echo "its manual was not installed: there is no $manual" >&2
        return
    }
    for page in $(pages_in "$1"); do
        # Somebody's link is replaced, not written through.
        rm -f -- "$manual/$page" && cp -- "$1/$page" "$manual/$page" || {
            echo "its manual was not installed in $manual" >&2
            return
        }
    done
    echo "     and its manual in $manual: man kubectl-kms-vault"
}

# The list of what put installs: the program at $1, its links, and the manual at $2.
list_for() {
    echo "file $(hash_of "$1") $program"
    echo "link kubectl-kms-vault $link"
    [ -n "$foreign" ] || echo "link kubectl-kms_vault $completion"
    for page in $(pages_in "${2:-}"); do
        echo "file $(hash_of "$2/$page") $manual/$page"
    done
}

# Puts the program at $1 and the manual at $2, if there is one, in place. The program is written beside its place and
# renamed: an interruption leaves the old one whole. The list names everything before it is there.
put() {
    before=
    [ ! -x "$program" ] || before=$("$program" version 2>/dev/null) || before=
    foreign=
    [ ! -e "$completion" ] || [ -L "$completion" ] || foreign=yes
    mkdir -p -- "$bin"
    new=$(mktemp "$bin/.kubectl-kms-vault.XXXXXX")
    cp -- "$1" "$new"
    chmod 0755 "$new"
    "$new" version >/dev/null || fail "the program does not run on this machine; nothing was changed"
    mkdir -p -- "$prefix/share/kubectl-kms-vault"
    list_for "$1" "${2:-}" >"$work/list"
    if [ -f "$installed" ]; then cp -- "$installed" "$work/old"; else : >"$work/old"; fi
    cat "$work/old" "$work/list" >"$installed"
    mv -f -- "$new" "$program"
    new=
    ln -sfn kubectl-kms-vault "$link"
    echo "installed $("$program" version) as $program"
    [ -z "$before" ] || echo "instead of $before"
    echo "     and $link, the name that kubectl looks for"
    if [ -n "$foreign" ]; then
        echo "     and left $completion as it is, which is no link of this script" >&2
    else
        ln -sfn kubectl-kms_vault "$completion"
        echo "     and $completion, which kubectl 1.26 or newer asks at the Tab key"
    fi
    [ -z "$(pages_in "${2:-}")" ] || put_manual "$2"
    # What the version before had and this one has not.
    paths=
    while read -r kind value path; do paths="$paths
$path
"; done <"$work/list"
    remove_listed "$work/old" "$paths"
    cp -- "$work/list" "$installed"
    case ":$PATH:" in
        *":$bin:"*) echo "try: kubectl kms-vault --help" ;;
        *) echo "add it to PATH: export PATH=\"$bin:\$PATH\"" ;;
    esac
}

# The name of this machine in the names of archives; nothing where uname is not there.
machine() {
    case $(uname -s 2>/dev/null)/$(uname -m 2>/dev/null) in
        Linux/x86_64 | Linux/amd64) echo linux_amd64 ;;
        Linux/aarch64 | Linux/arm64) echo linux_arm64 ;;
        Darwin/x86_64) echo darwin_amd64 ;;
        Darwin/arm64) echo darwin_arm64 ;;
        /) ;;
        *) echo "unknown" ;;
    esac
}

# The archive for this machine in the folder $1.
archive_in() {
    here=$(machine)
    [ -n "$here" ] || fail "there is no uname to tell which archive in $1 is for this machine: name one"
    found=
    for file in "$1"/kubectl-kms-vault_v*_"$here".tar.gz; do
        [ -f "$file" ] || continue
        [ -z "$found" ] || fail "$1 has more than one archive for this machine ($here): name one"
        found=$file
    done
    [ -n "$found" ] || fail "$1 has no archive for this machine ($here)"
    printf '%s' "$found"
}

# Fails if the sums at $1 are not signed, by $2, as a release is.
check_signature() {
    if [ -z "$signers" ]; then
        echo "no signature was checked: no release is signed yet" >&2
    elif [ -n "$unsigned" ]; then
        echo "no signature was checked: --unsigned" >&2
    elif ! command -v ssh-keygen >/dev/null; then
        echo "no signature was checked: there is no ssh-keygen" >&2
    else
        [ -f "$2" ] || fail "there is no $2, and releases are signed: fetch it too," \
            "or give --unsigned for an archive that you built yourself; nothing was changed"
        printf '%s\n' "$signers" >"$work/signers"
        ssh-keygen -Y verify -f "$work/signers" -I "${signers%% *}" -n kubectl-kms-vault -s "$2" <"$1" >"$work/said" 2>&1 ||
            fail "$2 is no signature of $(dirname -- "$2")/SHA256SUMS by ${signers%% *}; nothing was changed"
        echo "signed by ${signers%% *}"
    fi
}

install_archive() {
    [ ! -d "$archive" ] || archive=$(archive_in "$archive")
    [ -f "$archive" ] || fail "there is no file $archive"
    name=$(basename -- "$archive")
    case $name in
        kubectl-kms-vault_v*_*_*.tar.gz)
            here=$(machine)
            case $name in
                *_"$here".tar.gz) ;;
                *) [ -z "$here" ] || fail "$name is not for this machine, which is $here; nothing was changed" ;;
            esac
            ;;
    esac
    work=$(mktemp -d "${TMPDIR:-/tmp}/kms-vault-install.XXXXXX")
    # Whoever may write beside it cannot change what is looked at here.
    cp -- "$archive" "$work/archive"
    if [ -z "$sha256" ]; then
        sums=$(dirname -- "$archive")/SHA256SUMS
        [ -f "$sums" ] || fail "nothing tells the SHA-256 of $archive: give --sha256, or put SHA256SUMS beside it"
        cp -- "$sums" "$work/sums"
        check_signature "$work/sums" "$sums.sig"
        sha256=$(sum_of "$work/sums" "$name")
        [ -n "$sha256" ] || fail "$sums does not name $name"
    fi
    found=$(hash_of "$work/archive")
    [ "$found" = "$sha256" ] ||
        fail "$archive is not what it should be: its SHA-256 is $found, not $sha256; nothing was changed"
    mkdir "$work/content"
    tar -xzf "$work/archive" -C "$work/content" || fail "$archive cannot be unpacked; nothing was changed"
    [ -f "$work/content/kubectl-kms-vault" ] || fail "there is no kubectl-kms-vault in $archive; nothing was changed"
    put "$work/content/kubectl-kms-vault" "$work/content/man/man1"
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
