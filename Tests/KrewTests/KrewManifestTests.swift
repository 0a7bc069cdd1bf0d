import Foundation
import Testing
import YAML

private let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

@Suite
struct `The Krew manifest` {
    private static func text() throws -> String {
        try String(contentsOfFile: root + "/krew/kms-vault.yaml", encoding: .utf8)
    }

    private func faults(_ text: String, fileName: String = "kms-vault") throws -> [String] {
        KrewManifest(document: try #require(try YAMLNode.parse(Array(text.utf8))), fileName: fileName).faults
    }

    @Test func `is one that Krew takes`() throws { #expect(try faults(try Self.text()) == []) }

    @Test func `is in the layout of an index as well: plugins/, by its name, as a file`() throws {
        let index = root + "/plugins"
        #expect(try FileManager.default.contentsOfDirectory(atPath: index) == ["kms-vault.yaml"])
        #expect(try String(contentsOfFile: index + "/kms-vault.yaml", encoding: .utf8) == Self.text())
        // Krew passes over what is no regular file (internal/index/indexscanner/scanner.go).
        let type = try FileManager.default.attributesOfItem(atPath: index + "/kms-vault.yaml")[.type]
        #expect(type as? FileAttributeType == .typeRegular)
    }

    @Test func `names the version of the product`() throws {
        let source = try String(contentsOfFile: root + "/Sources/Shared/Connections/Version.swift", encoding: .utf8)
        let version = try #require(source.firstMatch(of: /productVersion = "([^"]+)"/)).1
        #expect(try Self.text().contains("version: v\(version)\n"))
        for machine in ["amd64", "arm64"] {
            #expect(try Self.text().contains("/v\(version)/kubectl-kms-vault_v\(version)_linux_\(machine).tar.gz"))
        }
    }

    /// Each of Krew's rules, broken.
    @Test(arguments: [
        ("v1alpha2", "v1alpha1", "apiVersion"), ("kind: Plugin", "kind: Plugins", "kind"),
        ("name: kms-vault", "name: ../kms", "name is not safe"),
        ("name: kms-vault", "name: kms", "name is not the file's"),
        ("version: v0.1.0", "version: 0.1.0", "version"),
        ("shortDescription: ", "shortdescription: ", "no shortDescription"),
        ("shortDescription: Switch", "shortDescription: Plugin to switch", "shortDescription begins with Plugin"),
        (
            "Azure Key Vault to private or public", "vault to private or public",
            "shortDescription does not say which vault"
        ),
        ("not HashiCorp", "or HashiCorp", "caveats do not say which vault"),
        ("      uri: ", "      url: ", "platforms[0]: no uri"),
        ("      sha256: ", "      sha256: X", "platforms[0]: sha256"),
        ("bin: kubectl-kms-vault", "bin: ../kubectl-kms-vault", "platforms[0]: bin"),
        ("from: LICENSE", "form: LICENSE", "platforms[0]: files without from or to"),
        ("          to: .\n", "          to: ../..\n", "platforms[0]: files lead outside"),
        ("          os: linux", "          system: linux", "platforms[0]: selector's keys"),
        ("os: linux", "os: plan9", "platforms[0]: matches no platform"),
        ("arch: arm64", "arch: amd64", "overlap: linux/amd64"),
        ("  platforms:", "  platform:", "no platform"),
    ])
    func `would be refused if it broke a rule`(_ part: String, _ broken: String, _ fault: String) throws {
        let text = try Self.text()
        #expect(text.contains(part))
        #expect(try faults(text.replacingOccurrences(of: part, with: broken)).contains(fault))
    }

    @Test func `would be refused if two platforms overlapped`() throws {
        let text = try Self.text()
        let platform = try #require(text.range(of: "    - selector:"))
        #expect(
            try faults(text + String(text[platform.lowerBound...])) == ["overlap: linux/amd64", "overlap: linux/arm64"])
    }
}
