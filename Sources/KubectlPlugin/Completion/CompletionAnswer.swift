import Console
import Files
import Kubeconfig
import Live

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

    static func write(_ words: [String]) async {
        let completion = Completion(of: words, in: .ofPlugin)
        let surroundings = Surroundings.ofThisProcess()
        var found: [Completion.Choice] = []
        if case .values(let kind) = completion.source {
            found = await CompletionValues(selection(completion.given), surroundings: surroundings).values(kind)
                .map { Completion.Choice(text: $0.name, help: $0.detail.printable()) }
        }
        TextWriter.standardOutput.write(completion.lines(found).joined(separator: "\n") + "\n")
    }

    private static func selection(_ given: [String: String]) -> SubjectSelection {
        var overrides = KubeconfigOverrides()
        overrides.kubeconfig = given["--kubeconfig"]
        overrides.context = given["--context"]
        overrides.cluster = given["--cluster"]
        overrides.user = given["--user"]
        var selection = SubjectSelection(kubeconfig: overrides)
        selection.subscription = given["--subscription"]
        selection.resourceGroup = given["--resource-group"]
        return selection
    }
}
