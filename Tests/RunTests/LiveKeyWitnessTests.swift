import KubeAPI
import ModeSwitch
import Testing

@testable import Run

/// The witness of the metrics: shown where it can be had, never needed, and an alarm where it contradicts.
@Suite struct LiveKeyWitnessTests {
    private func witness(_ keys: (server: String, key: String, lastUsed: Double)...) -> LiveKeyWitness {
        var witness = LiveKeyWitness()
        for item in keys { witness.add(LiveKey(server: item.server, key: item.key, lastUsed: item.lastUsed)) }
        return witness
    }

    @Test func `nothing that can be read is not available, never passed`() {
        #expect(LiveKeyWitness().judge().verdict == .notAvailable)
        // What was used before the API servers took the new configuration says nothing of it.
        #expect(witness(("a", "k1", 100)).judge(since: 200).verdict == .notAvailable)
    }

    @Test func `all on one key pass, and the newest word of each server counts`() {
        let all = witness(("a", "k1", 50), ("a", "k2", 100), ("a", "k1", 60), ("b", "k2", 90))
        #expect(all.judge().verdict == .passed)
        #expect(all.commonKey == "k2")
        #expect(all.judge().detail.hasPrefix("2 of the API servers"))
    }

    @Test func `two keys at one time are an alarm`() {
        let split = witness(("a", "k1", 1000), ("b", "k2", 1100))
        #expect(split.judge().verdict == .failed)
        #expect(split.judge(since: 900).verdict == .failed)
        #expect(split.commonKey == nil)
    }

    @Test func `without probes an old use is no alarm, and after their proof it does not count`() {
        let idle = witness(("a", "k1", 1000), ("b", "k2", 5000))
        #expect(idle.judge().verdict == .notAvailable)
        #expect(idle.judge(since: 4000).verdict == .passed)
        #expect(idle.judge(since: 900).verdict == .failed)
    }

    @Test func `a key that was not changed is the same as before, and a changed one is another`() {
        let one = witness(("a", "k2", 100))
        #expect(one.judge(.same(as: "k2")).verdict == .passed)
        #expect(one.judge(.same(as: "k1")).verdict == .failed)
        #expect(one.judge(.other(than: "k1")).verdict == .passed)
        #expect(one.judge(.other(than: "k2")).verdict == .failed)
    }
}
