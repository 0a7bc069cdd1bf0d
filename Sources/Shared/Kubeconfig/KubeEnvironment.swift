package import Files

/// What the rules for kubeconfig look at outside of the files and flags; passed in, never asked of the process.
package struct KubeEnvironment: Sendable {
    package var variables: [String: String]
    /// Where `.kube/config` is looked for; nil when the person has no home.
    package var homeDirectory: String?
    /// An absolute path, against which relative names of files are resolved.
    package var workingDirectory: String
    package var files: any FileReading

    package init(
        variables: [String: String], homeDirectory: String?, workingDirectory: String, files: any FileReading
    ) {
        self.variables = variables
        self.homeDirectory = homeDirectory
        self.workingDirectory = workingDirectory
        self.files = files
    }

    /// A variable; one that is set to nothing counts as not set, as everywhere in client-go.
    func variable(_ name: String) -> String? {
        guard let value = variables[name], !value.isEmpty else { return nil }
        return value
    }
}

/// A path without `.`, `..` and doubled slashes, as Go's filepath.Join gives it; `base` is absolute.
func absolutePath(_ path: String, in base: String) -> String {
    var parts: [Substring] = []
    for part in (path.hasPrefix("/") ? path : base + "/" + path).split(separator: "/") where part != "." {
        if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
}
