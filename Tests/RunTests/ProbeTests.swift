import SecretRewrite
import Testing

@testable import Run

@Suite struct ProbeTests {
    @Test func `a run's own probes are known by their names, and nothing else is`() {
        for name in ConvergenceSampler.names(runID: "2A6F0D11-9C39-4D0E-9C39-0A6A2F1D0B11") {
            #expect(ConvergenceSampler.isName(name))
        }
        let others = [
            "kms-vault-probe-", "kms-vault-probe-2a6f0d119c39", "kms-vault-probe-2a6f0d119c39-4",
            "kms-vault-probe-2a6f0d119c39-1-1", "kms-vault-probe-mine-1", "my-kms-vault-probe-2a6f0d119c39-1",
            "kms-vault-probe-2A6F0D119C39-1", "db",
        ]
        for name in others { #expect(!ConvergenceSampler.isName(name)) }
    }

    @Test func `a pass leaves out the run's own probes and takes those of a lost run`() async throws {
        let own = ConvergenceSampler.names(runID: "aaaaaaaaaaaa")
        let lost = ConvergenceSampler.names(runID: "bbbbbbbbbbbb")
        let store = ProbeFreeStore(base: FixedStore(names: own + lost + ["db"]), probes: Set(own))
        #expect(try await store.secrets(in: RunLock.namespace, PageRequest()).names == lost + ["db"])
        #expect(try await store.secrets(in: "default", PageRequest()).names == own + lost + ["db"])
    }
}

private struct FixedStore: SecretStore {
    let names: [String]

    func namespaces(_ request: PageRequest) async throws(StoreFailure) -> NamePage {
        NamePage(names: [RunLock.namespace], resourceVersion: 1)
    }

    func secrets(in namespace: String, _ request: PageRequest) async throws(StoreFailure) -> NamePage {
        NamePage(names: names, resourceVersion: 1)
    }

    func touch(_ name: String, in namespace: String, dryRun: Bool) async throws(StoreFailure) -> Int64 { 1 }
}
