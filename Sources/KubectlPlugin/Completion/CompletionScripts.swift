import ArgumentParser

/// What a person may want of `completion`.
enum CompletionSetup: String, CaseIterable, ExpressibleByArgument {
    case bash
    case zsh
    case fish
    case kubectl
    case install
    case uninstall

    /// What the shell is to read; nil for what is done with the link. Each script asks the program that is being
    /// completed, so that it stays right when the program is replaced by a newer one.
    var script: String? {
        switch self {
        case .bash: Self.bashScript
        case .zsh: Self.zshScript
        case .fish: Self.fishScript
        case .kubectl: Self.kubectlScript
        case .install, .uninstall: nil
        }
    }

    /// bash replaces what follows the last of those characters in COMP_WORDBREAKS that it cuts words at, and puts a
    /// choice on the line as it is: whoever names a context must not write a command there.
    private static let bashScript = #"""
        # Completion of kubectl-kms-vault in bash. In ~/.bashrc: source <(kubectl-kms-vault completion bash)
        _kubectl_kms_vault() {
            local line=${COMP_LINE:0:COMP_POINT} directive word cut choice value
            local breaks=${COMP_WORDBREAKS//[^=:]/}
            local -a words choices
            read -ra words <<<"$line"
            [[ $line == *[[:space:]] ]] && words+=("")
            word=${words[-1]}
            mapfile -t choices < <("${words[0]/#\~\//$HOME/}" __complete "${words[@]:1}" 2>/dev/null)
            ((${#choices[@]})) || return
            directive=${choices[-1]#:}
            unset 'choices[-1]'
            COMPREPLY=()
            cut=
            [[ -z $breaks ]] || cut=${word%"${word##*[$breaks]}"}
            case $directive in
                0 | 16)
                    [[ $word != --*=* ]] || value=${word%%=*}=
                    mapfile -t choices < <(compgen "$([[ $directive == 0 ]] && echo -f || echo -d)" -- "${word#"$value"}")
                    choices=("${choices[@]/#/$value}")
                    compopt -o filenames
                    for choice in "${choices[@]}"; do COMPREPLY+=("${choice#"$cut"}"); done
                    return
                    ;;
            esac
            for choice in "${choices[@]}"; do
                choice=${choice%%$'\t'*}
                printf -v choice %q "${choice#"$cut"}"
                COMPREPLY+=("$choice")
            done
        }
        complete -F _kubectl_kms_vault kubectl-kms-vault kubectl-kms_vault

        """#

    private static let zshScript = #"""
        #compdef kubectl-kms-vault kubectl-kms_vault
        # Completion of kubectl-kms-vault in zsh. In ~/.zshrc, after compinit: source <(kubectl-kms-vault completion zsh)
        _kubectl_kms_vault() {
            local -a lines described
            local line directive
            lines=("${(@f)$("${words[1]/#\~\//$HOME/}" __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
            directive=${lines[-1]#:}
            for line in "${(@)lines[1,-2]}"; do
                line=${line//\\/\\\\}
                line=${line//:/\\:}
                described+=("${line/$'\t'/:}")
            done
            case $directive in
                0) compset -P '*='; _files ;;
                16) compset -P '*='; _files -/ ;;
                *) _describe -t values 'kubectl kms-vault' described ;;
            esac
        }
        # Sourced, or loaded from a folder of fpath in the middle of a completion.
        if [[ $funcstack[1] == _* ]]; then
            _kubectl_kms_vault "$@"
        else
            compdef _kubectl_kms_vault kubectl-kms-vault kubectl-kms_vault
        fi

        """#

    private static let fishScript = #"""
        # Completion of kubectl-kms-vault in fish. In ~/.config/fish/config.fish: kubectl-kms-vault completion fish | source
        function __kubectl_kms_vault_complete
            set -l words (commandline -opc)
            set -l word (commandline -ct)
            set -l program $words[1]
            set -e words[1]
            set -l lines ($program __complete $words "$word" 2>/dev/null)
            switch "$lines[-1]"
                case ':0' ':16'
                    set -l flag (string match -r -- '^--[^=]*=' "$word")
                    set -l paths (__fish_complete_path (string replace -r -- '^--[^=]*=' '' "$word"))
                    printf '%s\n' "$flag"$paths
                case '*'
                    set -e lines[-1]
                    printf '%s\n' $lines
            end
        end
        for name in kubectl-kms-vault kubectl-kms_vault
            complete -c $name -f -a '(__kubectl_kms_vault_complete)'
        end

        """#

    /// For a folder on PATH, as `kubectl_complete-kms_vault`; `install` makes a link instead.
    private static let kubectlScript = #"""
        #!/bin/sh
        # Completion of `kubectl kms-vault`: an executable file kubectl_complete-kms_vault on PATH (kubectl 1.26 or newer).
        exec kubectl-kms_vault __complete "$@"

        """#
}
