import Azure
import Console
import ModeSwitch
import Report
import SecretRewrite
import TestDoubles
import Testing
import Usage

private func number(_ reason: StopReason) -> Int {
    switch reason {
    case .clusterGone: 0
    case .clusterRecreated: 1
    case .clusterStopped: 2
    case .clusterFailed: 3
    case .newKMSExperience: 4
    case .changedByOthers: 5
    case .keyUnusable: 6
    case .vaultUnusable: 7
    case .vaultFirewall: 8
    case .vaultPerimeter: 9
    case .vaultKeepsAccess: 10
    case .vaultShared: 11
    case .privateEndpoint: 12
    case .privateImpossible: 13
    case .oldPathUnproven: 14
    case .convergenceUnproven: 15
    case .secretsFailed: 16
    case .passIncomplete: 17
    case .soakFailed: 18
    case .proofFailed: 19
    case .armRefuses: 20
    case .apiServerUnreachable: 21
    case .checkRefuses: 22
    case .recordUnwritable: 23
    case .unknownKMS: 24
    case .vaultKeepsRules: 25
    case .keyNotMade: 26
    }
}

private let reasons: [StopReason] = Words.examples.compactMap {
    if case .stopped(let reason) = $0 { reason } else { nil }
}

@Test func `there is an example of every reason to stop`() {
    // A case that is added breaks the switch above, and then this list.
    #expect(Set(reasons.map(number)) == Set(0...26))
}

@Test(
    arguments: [SecretsAtRest.encrypted, .plaintext, .mixed, .unknown],
    [Intent.Purpose.switchMode, .makeSafe, .rotate, .migrate])
func `every ending has words, a state and a command`(atRest: SecretsAtRest, purpose: Intent.Purpose) throws {
    for target in [NetworkMode.privateAccess, .publicAccess] {
        let intent = makeIntent(target, purpose: purpose)
        for ending in Words.examples where ending != .finished {
            let seen = makeSeenOff(intent)
            let problem = try #require(Words.problem(for: ending, intent: intent, seen: seen, atRest: atRest))
            #expect(problem.what.contains("prod") || problem.what.contains("etcd/"))
            #expect(problem.state.text(for: .kubectl).hasPrefix(atRest.sentence))
            #expect(problem.state.text(for: .kubectl).contains("KMS is off. Vault kv-prod"))
            let commands = problem.next.text(for: .kubectl).split(separator: "\n").filter { $0.hasPrefix("  ") }
            #expect(!commands.isEmpty)
            for command in commands {
                #expect(["  kubectl ", "  az "].contains { command.hasPrefix($0) }, "\(command)")
            }
            #expect(problem.id.utf8.allSatisfy { $0 == UInt8(ascii: "-") || (97...122).contains($0) })
        }
    }
}

@Test func `each kind of reason has an id of its own`() {
    let intent = makeIntent()
    var kinds: [String: Set<Int>] = [:]
    for reason in reasons {
        let problem = Words.problem(for: .stopped(reason), intent: intent, seen: makeSeen(intent), atRest: .encrypted)
        kinds[problem?.id ?? "", default: []].insert(number(reason))
    }
    // One of them has an id for each kind of refusal that a person mends in a way of its own.
    #expect(kinds.count == 27 + 9)
    #expect(kinds.values.allSatisfy { $0.count == 1 })
}

@Test func `an interrupted run tells first that Secrets are plaintext and how to get out`() throws {
    let intent = makeIntent()
    let problem = try #require(
        Words.problem(
            for: .interrupted("SIGINT"), intent: intent, seen: makeSeenOff(intent), atRest: .plaintext))
    #expect(problem.id == "interrupted")
    #expect(problem.what == "The run on cluster prod in rg-prod was interrupted: SIGINT.")
    #expect(
        problem.state.text(for: .kubectl)
            == "Secrets are PLAINTEXT in etcd now. KMS is off. Vault kv-prod is open to the public network.")
    #expect(
        problem.next.text(for: .kubectl) == """
            Go on:
              kubectl kms-vault resume --subscription s-1 -g rg-prod --name prod
            To encrypt Secrets again first, in the mode that the vault allows:
              kubectl kms-vault make-safe --subscription s-1 -g rg-prod --name prod
            """)
}

@Test func `make-safe is told once, and nothing tells to resume a make-safe`() throws {
    let intent = makeIntent(purpose: .makeSafe)
    let problem = try #require(
        Words.problem(
            for: .stopped(.armRefuses(AzureRefusal(what: "no."))), intent: intent, seen: makeSeenOff(intent),
            atRest: .mixed))
    #expect(problem.what == "Azure refuses to change KMS of cluster prod in rg-prod: no.")
    #expect(!problem.next.text(for: .kubectl).contains("resume"))
    #expect(problem.next.text(for: .kubectl).split(separator: "make-safe").count == 2)
}

@Test func `failed Secrets that can be accepted come with the flag, others do not`() throws {
    let intent = makeIntent()
    func next(_ failures: [FailureClass: Int]) throws -> String {
        try #require(
            Words.problem(
                for: .stopped(.secretsFailed(failures)), intent: intent, seen: makeSeenOff(intent), atRest: .encrypted)
        ).next.text(for: .kubectl)
    }
    #expect(try next([.denied: 1]).contains("--name prod --accept-failures denied"))
    #expect(try !next([.denied: 1, .failed: 1]).contains("--accept-failures"))
    #expect(try !next([.denied: 1, .undecryptable: 1]).contains("--accept-failures"))
}

@Test func `a job that is done has nothing to tell, unless Secrets are left`() throws {
    let intent = makeIntent()
    var seen = makeSeen(intent)
    #expect(Words.problem(for: .finished, intent: intent, seen: seen, atRest: .encrypted) == nil)
    let began = seen.receipts.passBegins()
    seen.receipts.passEnded(PassReceipt(kind: .verify, failures: [.invalid: 1], complete: true, began: began))
    let problem = try #require(Words.problem(for: .finished, intent: intent, seen: seen, atRest: .encrypted))
    #expect(problem.id == "secrets-left")
    #expect(
        problem.what
            == "The run on cluster prod in rg-prod is done, but 1 Secret could not be rewritten: 1 refused as invalid."
    )
}

@Test func `hostile names and texts are escaped for people and quoted for shells`() throws {
    let intent = makeIntent(cluster: "x'; rm -rf $HOME\u{1B}[2J")
    let ending = Ending.stopped(.armRefuses(AzureRefusal(what: "boo\u{9B}31m\u{202E}evil\nKMS is on.")))
    let problem = try #require(
        Words.problem(for: ending, intent: intent, seen: makeSeen(intent), atRest: .encrypted))
    let everything = problem.what + problem.state.text(for: .kubectl) + problem.next.text(for: .kubectl)
    #expect(!everything.unicodeScalars.contains { $0.value == 0x1B || $0.value == 0x9B || $0.value == 0x202E })
    #expect(!problem.what.contains("\n"))
    #expect(problem.what.contains(#"boo\u{9b}31m\u{202e}evil\u{a}KMS is on"#))
    #expect(problem.next.text(for: .kubectl).contains(#"--name 'x'\''; rm -rf $HOME?[2J'"#))
}

@Test func `a run that changed nothing, or went back, is begun anew and not resumed`() throws {
    let intent = makeIntent()
    func next(_ ending: Ending, _ seen: Observation) throws -> String {
        try #require(Words.problem(for: ending, intent: intent, seen: seen, atRest: .encrypted)).next.text(
            for: .kubectl)
    }
    let anew = "kubectl kms-vault switch --subscription s-1 -g rg-prod --name prod --private"
    #expect(try next(.stopped(.passIncomplete), makeSeenOff(intent)).contains("kubectl kms-vault resume"))
    #expect(try next(.stopped(.passIncomplete), makeSeen(intent)).contains(anew))
    #expect(try next(.turnedBack(.passIncomplete), makeSeenOff(intent)).contains(anew))
}

@Test func `without evidence a state tells the command that proves it`() {
    let intent = makeIntent()
    let state = Words.state(intent, makeSeen(intent), .unknown).text(for: .kubectl)
    #expect(state.hasPrefix("This run did not turn KMS off."))
    #expect(state.contains("kubectl kms-vault verify --subscription s-1 -g rg-prod --name prod --patch checks it."))
    #expect(
        Words.state(intent, makeSeenOff(intent), .unknown).text(for: .kubectl).hasPrefix(SecretsAtRest.unknown.sentence)
    )
}

@Test func `what could not be read is not told as if it had been`() throws {
    let intent = makeIntent()
    var seen = makeSeen(intent)
    seen.cluster.presence = .unreadable("timeout")
    seen.vault.presence = .forbidden
    #expect(
        Words.state(intent, seen, .unknown).text(for: .kubectl)
            == "This run did not turn KMS off. It was not checked whether every Secret is encrypted; "
            + "kubectl kms-vault verify --subscription s-1 -g rg-prod --name prod --patch checks it. "
            + "The KMS settings could not be read. Vault kv-prod could not be read.")
}

@Test func `every step has a title`() {
    let intent = makeIntent()
    let steps: [(Step, String)] = [
        (.wait(.operation("Updating")), "Waiting for Azure: the cluster is Updating"),
        (.wait(.armUnreadable("timeout")), "Waiting for Azure to answer: timeout"),
        (
            .wait(.privateEndpointApproval),
            "Waiting for the approval of the vault's private endpoint connection"
        ),
        (.change(intent.offProfile), "Turning KMS off"),
        (.change(intent.targetProfile), "Turning KMS on, mode Private"),
        (.converge(.full), "Waiting until every API server has the new setting"),
        (.converge(.burst), "Checking again that every API server has the new setting"),
        (.rewrite(.rewrite), "Rewriting Secrets (now encrypted)"),
        (.rewrite(.verify), "Verifying every Secret"),
        (.rewrite(.beforeKeyChange), "Rewriting Secrets with the present key, before the key is changed"),
        (.rewrite(.repair), "Rewriting Secrets after a failed change"),
        (.openVault, "Opening vault kv-prod to the public network"),
        (.closeVault, "Closing vault kv-prod to the public network"),
        (.soak, "Watching that Secrets can still be written with the vault closed"), (.prove, "Proving the result"),
        (.stop(.proofFailed), "Stopped"), (.finish, "Done: KMS is Private"),
    ]
    for (step, title) in steps { #expect(StepWords.title(step, intent) == title) }
    let off = StepWords.title(.rewrite(.rewrite), intent, atRest: .mixed, kmsIsOn: false)
    #expect(off == "Rewriting Secrets (now plaintext)")
}

@Test func `make-safe is not told where it would stop for the same reason`() throws {
    let intent = makeIntent()
    let reasons: [StopReason] = [
        .clusterGone, .clusterRecreated, .clusterStopped, .newKMSExperience, .unknownKMS("why"),
        .keyUnusable(.deleted), .vaultUnusable(.softDeleted),
    ]
    for reason in reasons {
        let ending = Ending.stopped(reason)
        let problem = try #require(
            Words.problem(for: ending, intent: intent, seen: makeSeenOff(intent), atRest: .mixed))
        #expect(!problem.next.text(for: .kubectl).contains("make-safe"))
    }
    let other = try #require(
        Words.problem(
            for: .stopped(.armRefuses(AzureRefusal(what: ""))), intent: intent, seen: makeSeenOff(intent),
            atRest: .mixed))
    #expect(other.next.text(for: .kubectl).contains("make-safe"))
}
