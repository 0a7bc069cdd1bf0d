/// The ids of problems that keep a command from coming to its work. A run that began has those of `Words`.
package enum FailureID: String, Sendable, CaseIterable {
    case usage
    case refused
    case preflight
    case lockHeld = "lock-held"
    case apiServerUnreachable = "api-server-unreachable"
    case azure
    case azureCredential = "azure-credential"
    case kubernetes
    case kubernetesCredential = "kubernetes-credential"
    case kubeconfig
    case journal
    case interrupted
    case newKMSExperience = "new-kms-experience"
    case other

    /// What it means and what to do, for docs/troubleshooting.md; commands are lines that begin with two spaces. Nil
    /// for those that a run has too.
    private var explanation: String? {
        switch self {
        case .usage:
            """
            Options that contradict each other, a value that no option takes, or a question with nobody to answer it: without a
            terminal, `--yes` needs `-g` and `--name`. With kubectl's `flags cannot be placed before plugin name`, put them last:
              kubectl kms-vault status --context CONTEXT
            """
        case .refused:
            """
            What was asked for must not be done on this cluster, or the cluster that is meant cannot be told: the message says
            which. `--subscription`, `-g` and `--name` name the cluster; the API server must be that cluster's own.
              kubectl kms-vault status --subscription SUBSCRIPTION -g GROUP --name CLUSTER
            """
        case .preflight:
            """
            A check of preflight refuses; nothing was changed. Each refusal comes with the commands that mend it, and
            [preflight.md](preflight.md) has all checks by id.
              kubectl kms-vault preflight --private
            """
        case .lockHeld:
            """
            Another run holds the cluster: the process on the machine that is named. Wait for it, or end it there; whoever
            comes next may go on with it. The lock of a run that is gone is free within two minutes, without any help.
              kubectl kms-vault status --watch
            Only if the process cannot be reached and still renews its lock, take the lock away. A run that is still there
            looks at its lock before each change and stops. An operation that Azure has begun goes on, so look at the
            cluster before you start another run.
              kubectl get lease kms-vault-switch --namespace kube-system --output yaml
              kubectl delete lease kms-vault-switch --namespace kube-system
            """
        case .azure:
            """
            Azure refused a request before anything was changed; the message has Azure's own words, and the next step where
            there is a known one. For AuthorizationFailed see [rbac.md](rbac.md).
            """
        case .azureCredential:
            """
            There is no sign-in to Azure that can be used, or its token was refused.
              az account show
              az login
            """
        case .kubernetes:
            """
            The API server refused a request before anything was changed. For "forbidden" see [rbac.md](rbac.md).
              kubectl get --raw /readyz
            """
        case .kubernetesCredential:
            """
            The kubeconfig's user cannot sign in: a credential plugin that fails, a file that is missing, a token that ended.
              kubectl get --raw /version
            """
        case .kubeconfig:
            """
            A kubeconfig cannot be read, or does not say which API server is meant; the message names file and entry.
              kubectl config view
              kubectl config get-contexts
            """
        case .journal:
            """
            The record of an unfinished run cannot be read or written: the message names the file under `~/.local/state/kubectl-kms-vault`
            (or XDG_STATE_HOME) or the ConfigMap `kube-system/kms-vault-switch`. A run does not begin without a record of it.
              kubectl kms-vault status
            """
        case .other:
            """
            An error that has no words of its own here. `-v 6` shows every request, without anything secret in it.
              kubectl kms-vault status -v 6
            """
        case .apiServerUnreachable, .interrupted, .newKMSExperience: nil
        }
    }

    /// The part of docs/troubleshooting.md about them.
    static var documentation: [String] {
        var lines = ["", "# Problems before a run begins"]
        for id in allCases {
            guard let explanation = id.explanation else { continue }
            lines += ["", "## \(id.rawValue)", ""]
            var isCommand = false
            for line in explanation.split(separator: "\n") {
                if line.hasPrefix("  ") != isCommand { lines.append("") }
                isCommand = line.hasPrefix("  ")
                lines.append(isCommand ? "    " + line.dropFirst(2) : String(line))
            }
        }
        return lines
    }
}
