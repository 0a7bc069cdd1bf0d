import Testing

@testable import SecretRewrite

/// What becomes of a migration, look by look.
@Suite struct MigrationWatchTests {
    private let watch = MigrationWatch(MigrationWatch.Limits(objects: 100, scale: 1), startedAt: 1000)

    private func migration(_ state: Migration.State, _ message: String = "") -> Migration {
        Migration(name: "kms-vault-x", uid: "u", resource: .secrets, state: state, message: message)
    }

    private func why(_ verdict: MigrationWatch.Verdict) -> String {
        if case .givenUp(let why) = verdict { why } else { "" }
    }

    @Test func `one that nobody takes up is given up after a minute`() {
        #expect(watch.judge(migration(.untouched), now: 1060) == .wait)
        #expect(why(watch.judge(migration(.untouched), now: 1061)).contains("no controller"))
    }

    @Test func `one that runs has five minutes, and more with more objects`() {
        #expect(watch.judge(migration(.running), now: 1302) == .wait)
        let late = watch.judge(migration(.running, "migrated 7 of 9"), now: 1303)
        #expect(why(late).contains("no end") && why(late).contains("migrated 7 of 9"))
        #expect(MigrationWatch.Limits(objects: 50_000, scale: 1).end == 1300)
    }

    @Test func `one that succeeded or failed is over whenever that is seen`() {
        #expect(watch.judge(migration(.succeeded), now: 9999) == .succeeded)
        #expect(why(watch.judge(migration(.failed, "denied"), now: 1001)) == "it failed: denied")
        #expect(why(watch.judge(nil, now: 1001)).contains("deleted"))
    }

    @Test func `silence is borne for as long as the work may take`() {
        #expect(watch.cannotLook("503", now: 1200) == .wait)
        #expect(why(watch.cannotLook("503", now: 1400)).contains("503"))
    }

    @Test func `migrations of others are waited for until they end, or for so long`() {
        let done = [migration(.succeeded), migration(.failed)]
        #expect(watch.judgeOthers(done, now: 1000) == .succeeded)
        #expect(watch.judgeOthers(done + [migration(.untouched)], now: 1001) == .wait)
        #expect(why(watch.judgeOthers([migration(.running)], now: 1400)).contains("kms-vault-x"))
    }

    @Test func `scaled waits never shrink to nothing`() {
        #expect(MigrationWatch.Limits(objects: 0, scale: 0.001) == MigrationWatch.Limits(objects: 0, scale: 0.01))
    }
}
