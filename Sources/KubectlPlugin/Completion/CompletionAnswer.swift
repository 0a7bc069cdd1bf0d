import Commands
import Connections
import Console
import Files
import Kubeconfig
import Platform
import Text

/// Answers a shell, or kubectl, that completes a word.
enum CompletionAnswer {
    /// The word with which the scripts of shells begin their question.
    static let question = "__complete"
    /// The name under which kubectl looks for the completion of this plugin (kubectl, pkg/cmd/plugin_completion.go).
    static let kubectlName = "kubectl_complete-kms_vault"

    /// The words to complete, if this process was started to do so.
    static func words(_ arguments: [String]) -> [String]? {
        guard let program = arguments.first else { return nil }
        if program.split(separator: "/").last.map(String.init) == kubectlName { return Array(arguments.dropFirst()) }
        return arguments.dropFirst().first == question ? Array(arguments.dropFirst(2)) : nil
    }

    /// Seconds after which a shell gets no answer of files and servers: what cannot be cancelled, such as a file system
    /// that hangs, must not hang the shell.
    private static let patience: UInt32 = 6

    static func write(_ words: [String]) async {
        // Whoever asks servers holds tokens, as in `Session`.
        try? secureProcess()
        signal(SIGPIPE, SIG_IGN)
        let completion = Completion(of: words, in: .ofPlugin)
        var found: [Completion.Choice] = []
        if case .values(let kind) = completion.source {
            signal(SIGALRM) { _ in _exit(0) }
            alarm(patience)
            let surroundings = Surroundings.ofThisProcess()
            let selection = selection(completion.given, home: surroundings.home)
            found = await CompletionValues(selection, surroundings: surroundings).values(kind)
                .map { Completion.Choice(text: $0.name, help: $0.detail.printable()) }
        }
        TextWriter.standardOutput.write(completion.lines(found).joined(separator: "\n") + "\n")
    }

    private static func selection(_ given: [String: String], home: String?) -> SubjectSelection {
        var overrides = KubeconfigOverrides()
        // The shell will put the home folder in when the line is run.
        overrides.kubeconfig = given["--kubeconfig"].map { file in
            for sign in ["~/", "$HOME/"] where file.hasPrefix(sign) {
                return (home ?? "") + "/" + file.dropFirst(sign.count)
            }
            return file
        }
        overrides.context = given["--context"]
        overrides.cluster = given["--cluster"]
        overrides.user = given["--user"]
        var selection = SubjectSelection(kubeconfig: overrides)
        selection.subscription = given["--subscription"]
        selection.resourceGroup = given["--resource-group"]
        return selection
    }
}
