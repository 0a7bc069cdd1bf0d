import FoundationEssentials
import JSON
import SystemRig
import Testing

@Suite(.needsSandbox)
struct `Reports of runs` {
    @Test func `a switch leaves a report that stands alone, and a line for other machines`() async throws {
        try await inSandbox { sandbox, plugin in
            let page = plugin.folder + "/switch.html"
            let result = try await plugin.change("switch", "--private", "--report", page)
            #expect(result.exitCode == 0, "\(result.testDescription)")
            let digest = try #require(result.json?["digest"]?.string)
            #expect(result.errors.contains("Done: KMS is Private. Every Secret is encrypted. Exposed for "))
            #expect(result.errors.split(separator: "\n").last?.hasSuffix("Report: \(page) (\(digest))") == true)
            let context = try #require(result.json?["context"])
            for member in ["host", "toolVersion", "toolChecksum", "correlationID", "eTagAfter"] {
                #expect(context[member]?.string?.isEmpty == false, "\(member)")
            }
            #expect(context[path: "author", "azureObjectID"]?.string?.isEmpty == false)
            #expect(context[path: "author", "kubernetesUser"]?.string?.isEmpty == false)
            // What Azure itself calls its two operations.
            let operations = try await sandbox.state().document["operations"]?.array?.compactMap { $0["name"]?.string }
            let named = result.json?["changes"]?.array?.compactMap { $0[path: "azure", "operationID"]?.string }
            #expect(named == operations)

            let checked = try await plugin.run(["report", "--verify", page, "--digest", digest])
            #expect(checked.exitCode == 0 && checked.output.contains("as written"), "\(checked.output)")
            let here = try await plugin.run(["history"] + plugin.target + ["-o", "json"])
            let run = try #require(here.json?["runs"]?.array?.first)
            #expect(run["digest"]?.string == digest && run["reportIsHere"] == .bool(true))
            let there = try await plugin.machine("b").run(["history"] + plugin.target + ["-o", "json"])
            #expect(there.json?["runs"]?.array?.compactMap { $0["digest"]?.string } == [digest])
            let missing = try await plugin.machine("b").run(["report"] + plugin.target)
            #expect(missing.exitCode == 1 && missing.errors.contains("kubectl kms-vault history"), "\(missing.errors)")
        }
    }

    @Test func `one byte altered in a report is told, and so is another report`() async throws {
        try await inSandbox { _, plugin in
            let file = plugin.folder + "/switch.json"
            let result = try await plugin.change("switch", "--private", "--report", file)
            let digest = try #require(result.json?["digest"]?.string)
            #expect(Array(result.output.utf8) == (try [UInt8](Data(contentsOf: URL(filePath: file)))))
            let other = try await plugin.run(["report", "--verify", file, "--digest", "sha256:0"])
            #expect(other.exitCode == 1 && other.output.contains("another report"))
            var bytes = try Data(contentsOf: URL(filePath: file))
            // Within a value: a digit of "sha256" would make it no digest at all.
            let member = try #require(bytes.firstRange(of: Data(#""runID""#.utf8)))
            let place = try #require(
                bytes[member.upperBound...].firstIndex {
                    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                        || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
                })
            bytes[place] = bytes[place] == UInt8(ascii: "6") ? UInt8(ascii: "7") : UInt8(ascii: "6")
            try bytes.write(to: URL(filePath: file))
            let altered = try await plugin.run(["report", "--verify", file, "--digest", digest])
            #expect(altered.exitCode == 1 && altered.output.contains("altered"), "\(altered.output)")
        }
    }

    @Test func `a program reads the events of a run while it goes on, and its report at the end`() async throws {
        try await inSandbox { _, plugin in
            let result = try await plugin.run(["switch", "--private", "--yes", "-o", "jsonl"] + plugin.target)
            #expect(result.exitCode == 0, "\(result.testDescription)")
            let lines = try result.output.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
            let events = lines.dropLast()
            #expect(events.count > 10 && events.allSatisfy { $0["event"]?.string != nil && $0["at"]?.string != nil })
            let kinds = Set(events.compactMap { $0["event"]?.string })
            #expect(kinds.isSuperset(of: ["step", "pass"]), "\(kinds)")
            #expect(lines.last?["verdict"]?.string == "done" && lines.last?["digest"]?.string != nil)
        }
    }

    @Test func `Secrets that were replaced while KMS was off raise an alarm, and the report shows it`() async throws {
        // As the older runbook leaves it: KMS off with az, Secrets replaced, KMS on again.
        let options = SandboxOptions(mode: "Private", more: ["--secrets-plaintext"])
        try await inSandbox(options) { _, plugin in
            let status = try await plugin.run(["status"] + plugin.target)
            #expect(status.output.contains("not proven to be encrypted"), "\(status.output)")
            let looked = try await plugin.run(["verify"] + plugin.target)
            #expect(looked.output.contains("not proven"), "\(looked.output)")
            #expect(looked.output.contains("no pass over all Secrets was made; kubectl kms-vault verify --patch"))
            let mended = try await plugin.run(["verify", "--patch"] + plugin.target)
            let alarm = "ALARM: 40 of 40 Secrets were stored as plaintext or under an older key until now."
            #expect(mended.output.contains(alarm), "\(mended.testDescription)")
            let report = try await plugin.run(["report"] + plugin.target)
            #expect(report.output.contains(alarm), "\(report.testDescription)")
            let document = try await plugin.run(["report", "-o", "json"] + plugin.target)
            #expect(document.json?["command"]?.string == "verify")
            #expect(document.json?["passes"]?.array?.first?["rewritten"]?.integer == 40)
            let file = try #require(mended.output.split(separator: "\n").last { $0.hasPrefix("Report: ") })
            let path = String(file.dropFirst("Report: ".count).prefix { $0 != " " })
            let checked = try await plugin.run(["report", "--verify", path])
            #expect(checked.exitCode == 0, "\(checked.testDescription)")
            let again = try await plugin.run(["verify", "--patch"] + plugin.target)
            #expect(!again.output.contains("ALARM") && again.output.contains("proven"), "\(again.output)")
        }
    }

    @Test(.enabled(if: Browser.isThere, "chromium-headless-shell is needed (script/install-packages browser)"))
    func `the page asks nobody for anything, and can be read on a phone, by day and by night`() async throws {
        try await inSandbox { _, plugin in
            #expect(try await plugin.change("switch", "--private").exitCode == 0)
            let page = try await plugin.run(["report"] + plugin.target + ["-o", "html"])
            let file = plugin.folder + "/report.html"
            try Data(page.output.utf8).write(to: URL(filePath: file))
            let seen = try await Browser.look(at: file, plugin)
            let asked = seen["requests"]?.array?.compactMap(\.string) ?? []
            #expect(
                asked.count == 1 && asked[0].hasPrefix("file:///") && asked[0].hasSuffix("/report.html"), "\(asked)")
            #expect(seen["console"]?.array?.isEmpty == true, "\(seen)")
            let views = seen["views"]?.array ?? []
            #expect(views.count == 4)
            for view in views {
                #expect(view["heading"]?.string?.hasPrefix("Done: KMS is Private.") == true)
                #expect(view["needs"] == view["width"] && view["broken"] == .integer(0), "\(view)")
                // WCAG 2.2, 1.4.3: at least 4.5.
                #expect(view["contrast"]?.number ?? 0 >= 7 && view["smallest"]?.number ?? 0 >= 12, "\(view)")
            }
        }
    }
}

/// A headless Chromium, which page.py drives.
private enum Browser {
    static let program = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    static var isThere: Bool { program != nil }

    static func look(at file: String, _ plugin: Plugin) async throws -> JSONValue {
        guard let program else { throw RigError("no browser") }
        let run = try RunningProgram(
            "/usr/bin/env", ["python3", Rig.root + "/Tests/EndToEndTests/page.py", program, file],
            environment: plugin.environment, folder: plugin.folder)
        let result = try await run.result()
        #expect(result.exitCode == 0, "\(result.errors)")
        return try JSONValue(parsing: Array(result.output.utf8))
    }
}

extension JSONValue {
    fileprivate var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
}
