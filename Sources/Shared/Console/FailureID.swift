/// The ids of problems that end a command before its work begins. Those of a run that began are in `Words`.
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
    case output
    case interrupted
    case newKMSExperience = "new-kms-experience"
    case unknownKMS = "unknown-kms"
    case other

    /// What it means and what to do, for docs/troubleshooting.md; commands are lines that begin with two spaces. Nil
    /// for those that a run has too.
    private var explanation: String? {
        switch self {
        case .usage:
            """
            Options that contradict each other, a value that is not allowed, or a question with nobody to answer it:
            without a terminal, `--yes` needs `-g` and `--name`. If kubectl says `flags cannot be placed before plugin
            name`, put the flags last:
              kubectl kms-vault status --context CONTEXT
            """
        case .refused:
            """
            The command is not allowed on this cluster, or it is not clear which cluster is meant: the message says
            which. `--subscription`, `-g` and `--name` name the cluster; the API server must be that cluster's own.
              kubectl kms-vault status --subscription SUBSCRIPTION -g GROUP --name CLUSTER
            """
        case .preflight:
            """
            A check of preflight refuses; nothing was changed. Each refusal comes with the commands that fix it, and
            [preflight.md](preflight.md) has all checks by id.
              kubectl kms-vault preflight --private
            """
        case .lockHeld:
            """
            Another run holds the lock of this cluster: the process on the machine that is named. Wait until it has
            ended, or end it there; then you can resume it. The lock of a run that is gone is free within two minutes.
              kubectl kms-vault status --watch
            Delete the lock only if the process still renews it and you cannot reach that machine. A run that is still
            there looks at its lock before each change, and stops. An operation that Azure has begun goes on, so look
            at the cluster before you start another run.
              kubectl get lease kms-vault-switch --namespace kube-system --output yaml
              kubectl delete lease kms-vault-switch --namespace kube-system
            """
        case .azure:
            """
            Azure refused a request before anything was changed. The message has Azure's own words, and the next step
            if one is known. For AuthorizationFailed see [rbac.md](rbac.md).
            """
        case .azureCredential:
            """
            You are not signed in to Azure, or Azure refused the token.
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
            The kubeconfig's user cannot sign in: a credential plugin failed, a file is missing, or a token has expired.
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
            The record of an unfinished run cannot be read or written. The message names the file under
            `~/.local/state/kubectl-kms-vault` (or XDG_STATE_HOME) or the ConfigMap `kube-system/kms-vault-switch`.
            A run does not begin without a record.
              kubectl kms-vault status
            """
        case .output:
            """
            The result could not be written to standard output: the disk is full, or the file was closed. What the command
            did stands; the exit code is 1 where it would have been 0. The last run's report is kept:
              kubectl kms-vault report
            """
        case .other:
            """
            Any other error. `-v 6` shows every request, without secrets.
              kubectl kms-vault status -v 6
            """
        case .apiServerUnreachable, .interrupted, .newKMSExperience, .unknownKMS: nil
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
