import JSON
import Testing

@testable import AzExtensionShim

@Suite
struct `Commands told to people who came through az` {
    private let words = AzWords(resourceGroup: "rg", name: "c")

    @Test(arguments: [
        ("kubectl kms-vault resume", "az aks kms-vault-mode resume -g rg -n c"),
        ("kubectl kms-vault status shows what is", "az aks kms-vault-mode show -g rg -n c shows what is"),
        (
            "kubectl kms-vault resume, or kubectl kms-vault make-safe",
            "az aks kms-vault-mode resume -g rg -n c, or az aks kms-vault-mode make-safe -g rg -n c"
        ),
        ("kubectl kms-vault switch --private", "az aks kms-vault-mode switch --mode Private -g rg -n c"),
        (
            "kubectl kms-vault make-safe --subscription s -g rg --name c",
            "az aks kms-vault-mode make-safe --subscription s -g rg --name c"
        ),
        ("kubectl kms-vault rewrite-secrets", "kubectl kms-vault rewrite-secrets"),
        ("kubectl kms-vault list --subscription s", "az aks kms-vault-mode list --subscription s"),
        ("kubectl get --raw /readyz", "kubectl get --raw /readyz"),
        ("", ""),
    ])
    func `are those of az`(_ text: String, _ expected: String) { #expect(words.translated(text) == expected) }

    @Test func `quote names that a shell would take apart`() {
        let words = AzWords(resourceGroup: "a b", name: "c;d")
        #expect(words.translated("kubectl kms-vault resume") == "az aks kms-vault-mode resume -g 'a b' -n 'c;d'")
    }

    @Test func `change only texts of a document, not its names`() {
        let document = words.translated(
            .object(["kubectl kms-vault resume": .array([.string("kubectl kms-vault resume"), .integer(1)])]))
        let expected = "az aks kms-vault-mode resume -g rg -n c"
        #expect(document == .object(["kubectl kms-vault resume": .array([.string(expected), .integer(1)])]))
    }
}
