import Files

extension Kubeconfig {
    /// Reads and merges the files that client-go's loading rules name (tools/clientcmd/loader.go).
    ///
    /// A file given by flag stands alone and must exist. Else those in KUBECONFIG, separated by colons, or
    /// `.kube/config` of the home folder; of these, files that do not exist are passed over. The first file that
    /// defines a name has the whole entry, and the first that sets the current context sets it.
    package static func load(
        explicitFile: String?, _ environment: KubeEnvironment
    ) throws(KubeconfigError) -> Kubeconfig {
        var result = Kubeconfig()
        var problems: [KubeconfigProblem] = []
        for name in fileNames(explicitFile: explicitFile, environment) {
            do throws(FileError) {
                let bytes = try environment.files.read(name, limit: largestFile)
                do throws(KubeconfigError) {
                    var content = try Kubeconfig(parsing: bytes, file: name)
                    content.resolvePaths(in: absolutePath(parentFolder(of: name), in: environment.workingDirectory))
                    result.add(content)
                } catch {
                    problems += error.problems
                }
            } catch {
                if error.kind == .missing, explicitFile.nonEmpty == nil {
                    result.missingFiles.append(name)
                } else {
                    problems.append(KubeconfigProblem(.unreadable(error)))
                }
            }
        }
        guard problems.isEmpty else { throw KubeconfigError(problems) }
        return result
    }

    static func fileNames(explicitFile: String?, _ environment: KubeEnvironment) -> [String] {
        if let file = explicitFile.nonEmpty { return [file] }
        if let list = environment.variable("KUBECONFIG") {
            var seen: Set<Substring> = []
            return list.split(separator: ":").filter { seen.insert($0).inserted }.map(String.init)
        }
        return environment.homeDirectory.nonEmpty.map { [$0 + "/.kube/config"] } ?? []
    }

    /// Adds a file of lower precedence.
    private mutating func add(_ other: Kubeconfig) {
        clusters.merge(other.clusters) { first, _ in first }
        users.merge(other.users) { first, _ in first }
        contexts.merge(other.contexts) { first, _ in first }
        if currentContext.isEmpty { currentContext = other.currentContext }
        files += other.files
    }

    /// Relative paths are meant from the folder of the file that holds them.
    private mutating func resolvePaths(in folder: String) {
        func resolve(_ path: inout String) {
            if !path.isEmpty, !path.hasPrefix("/") { path = absolutePath(path, in: folder) }
        }
        for name in clusters.keys {
            resolve(&clusters[name, default: ClusterEntry()].certificateAuthority)
        }
        for name in users.keys {
            var user = users[name, default: UserEntry()]
            resolve(&user.clientCertificate)
            resolve(&user.clientKey)
            resolve(&user.tokenFile)
            // A command without a slash is looked for in PATH.
            if var exec = user.exec, exec.command.contains("/") {
                resolve(&exec.command)
                user.exec = exec
            }
            users[name] = user
        }
    }
}
