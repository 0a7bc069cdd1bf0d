import Files
import FoundationEssentials
import Platform

/// Why the link was not made.
struct CompletionLinkError: Error, CustomStringConvertible {
    let description: String
}

/// The link under whose name kubectl asks this program for completions.
struct CompletionLink {
    /// Where kubectl finds the plugin.
    let folder: String
    /// What the link names: the plugin beside it, so that it stays right when that is replaced, or else this program.
    let target: String

    /// - Parameter folder: where to put it; nil for the folder on PATH that has the plugin.
    static func ofThisProcess(folder: String?) throws(CompletionLinkError) -> CompletionLink {
        let files = FileManager.default
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let onPath = path.split(separator: ":").filter { $0.hasPrefix("/") }.map(String.init)
        if let folder {
            guard !folder.isEmpty else { throw CompletionLinkError(description: "--dir names no folder") }
            guard onPath.contains(folder) else {
                throw CompletionLinkError(
                    description: "\(folder) is not on PATH, by its full name, where kubectl looks for the link")
            }
        }
        for folder in folder.map({ [$0] }) ?? onPath where files.isExecutableFile(atPath: folder + "/kubectl-kms_vault")
        {
            return CompletionLink(folder: folder, target: "kubectl-kms_vault")
        }
        guard let folder else {
            throw CompletionLinkError(
                description: "no folder on PATH has kubectl-kms_vault; install the plugin, or name a folder with --dir")
        }
        guard let program = programPath() else {
            throw CompletionLinkError(description: "the system does not tell where this program is")
        }
        return CompletionLink(folder: folder, target: program)
    }

    /// Makes it, or leaves it as it is.
    /// - Returns: what was done, for a person.
    func make() throws(CompletionLinkError) -> String {
        if (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) == target {
            return "\(link) is there already"
        }
        guard isOurs ?? true else {
            throw CompletionLinkError(
                description: "\(link) is there and is not a link of this program; remove it first")
        }
        // Made under another name and renamed, so that there is one at every moment.
        let new = "\(link).\(getpid())"
        guard symlink(target, new) == 0, rename(new, link) == 0 else {
            let reason = systemText(errno)
            unlink(new)
            throw CompletionLinkError(description: "\(link) could not be made: \(reason)")
        }
        return """
            made \(link) -> \(target): kubectl 1.26 or newer now completes kubectl kms-vault
            Before you uninstall the plugin with Krew, which leaves this link: kubectl kms-vault completion uninstall
            """
    }

    /// Takes it away: Krew, when it uninstalls the plugin, knows nothing of it.
    /// - Returns: what was done, for a person.
    func remove() throws(CompletionLinkError) -> String {
        guard let isOurs else { return "there is no \(link)" }
        guard isOurs else {
            throw CompletionLinkError(description: "\(link) is not a link of this program; it was left as it is")
        }
        guard unlink(link) == 0 else {
            throw CompletionLinkError(description: "\(link) could not be removed: \(systemText(errno))")
        }
        return "removed \(link)"
    }

    private var link: String { folder + "/" + CompletionAnswer.kubectlName }

    /// Whether what has the link's name is a link of this program, whole or dangling; nil if nothing has it.
    private var isOurs: Bool? {
        guard let present = try? FileManager.default.destinationOfSymbolicLink(atPath: link) else {
            return FileManager.default.fileExists(atPath: link) ? false : nil
        }
        return present.split(separator: "/").last.map { ["kubectl-kms_vault", "kubectl-kms-vault"].contains($0) }
            ?? false
    }
}
