import YAML

/// Krew's rules for a manifest (kubernetes-sigs/krew: internal/index/validation/validate.go and
/// cmd/validate-krew-manifest), and those of the index's review (krew: "Naming guide", "Best practices").
struct KrewManifest {
    let document: YAMLNode
    /// The file's name without `.yaml`.
    let fileName: String

    /// What each rule says against the manifest; empty for one that Krew takes.
    var faults: [String] {
        headFaults + descriptionFaults
            + platforms.enumerated().flatMap { platformFaults($0.element, "platforms[\($0.offset)]") }
            + overlapFaults
    }

    private var spec: YAMLNode? { document["spec"] }
    private var platforms: [YAMLNode] { spec?["platforms"]?.items ?? [] }

    private func text(_ node: YAMLNode?) -> String { node?.scalar?.text ?? "" }

    // validate.go: ValidatePlugin, isSupportedAPIVersion, IsSafePluginName; validate-krew-manifest: name equals the
    // file's.
    private var headFaults: [String] {
        var faults: [String] = []
        if text(document["apiVersion"]) != "krew.googlecontainertools.github.com/v1alpha2" {
            faults.append("apiVersion")
        }
        if text(document["kind"]) != "Plugin" { faults.append("kind") }
        let name = text(document["metadata"]?["name"])
        if name.wholeMatch(of: /[\w-]+/) == nil { faults.append("name is not safe") }
        if name != fileName { faults.append("name is not the file's") }
        if name.wholeMatch(of: /(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])/) != nil { faults.append("name is Windows'") }
        if text(spec?["version"]).wholeMatch(of: /v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?/) == nil { faults.append("version") }
        if platforms.isEmpty { faults.append("no platform") }
        return faults
    }

    // validate.go: shortDescription required, one line; naming guide: a verb first, and who is meant is said.
    private var descriptionFaults: [String] {
        let short = text(spec?["shortDescription"])
        var faults: [String] = []
        if short.isEmpty { faults.append("no shortDescription") }
        if short.contains(where: \.isNewline) { faults.append("shortDescription has lines") }
        if short.count > 50 { faults.append("shortDescription is long") }
        if !short.contains("Azure Key Vault") { faults.append("shortDescription does not say which vault") }
        if short.lowercased().hasPrefix("plugin") { faults.append("shortDescription begins with Plugin") }
        if !text(spec?["caveats"]).contains("not HashiCorp") { faults.append("caveats do not say which vault") }
        return faults
    }

    // validate.go: validatePlatform, validateFiles, validateSelector.
    private func platformFaults(_ platform: YAMLNode, _ path: String) -> [String] {
        var faults: [String] = []
        if text(platform["uri"]).isEmpty { faults.append("\(path): no uri") }
        if text(platform["sha256"]).wholeMatch(of: /[a-f0-9]{64}/) == nil { faults.append("\(path): sha256") }
        let bin = text(platform["bin"])
        if bin.isEmpty || bin.hasPrefix("/") || bin.split(separator: "/").contains("..") {
            faults.append("\(path): bin")
        }
        if let files = platform["files"] {
            if files.items?.isEmpty ?? true { faults.append("\(path): files is empty") }
            for file in files.items ?? [] where text(file["from"]).isEmpty || text(file["to"]).isEmpty {
                faults.append("\(path): files without from or to")
            }
            for file in files.items ?? [] where text(file["to"]).split(separator: "/").contains("..") {
                faults.append("\(path): files lead outside")
            }
        }
        guard let selector = platform["selector"] else { return faults + ["\(path): no selector"] }
        let keys =
            (selector["matchLabels"]?.entries ?? []).map { text($0.key) }
            + (selector["matchExpressions"]?.items ?? []).map { text($0["key"]) }
        if keys.contains(where: { !["os", "arch"].contains($0) }) { faults.append("\(path): selector's keys") }
        if matches(platform).isEmpty { faults.append("\(path): matches no platform") }
        return faults
    }

    // validate-krew-manifest: every known pair of os and arch is matched at most once.
    private static let known = [
        "linux/amd64", "linux/arm64", "linux/arm", "linux/386", "linux/ppc64le", "darwin/amd64", "darwin/arm64",
        "windows/amd64", "windows/arm64", "windows/386", "linux/s390x",
    ]

    private func matches(_ platform: YAMLNode) -> Set<String> {
        let labels = platform["selector"]?["matchLabels"]
        return Set(
            Self.known.filter { pair in
                let parts = pair.split(separator: "/").map(String.init)
                let (os, arch) = (text(labels?["os"]), text(labels?["arch"]))
                return (os.isEmpty || os == parts[0]) && (arch.isEmpty || arch == parts[1])
            })
    }

    private var overlapFaults: [String] {
        Self.known.filter { pair in platforms.filter { matches($0).contains(pair) }.count > 1 }.map { "overlap: \($0)" }
    }
}
