import JSON
import SystemRig
import Testing

/// What a command ends with: its exit code, the problem's id, and `secretsAtRest`.
struct TableCell: Sendable {
    /// KEY-ID stands for the cluster's key without its version.
    let command: String
    let exitCode: Int32
    var problem = ""
    var atRest = "unknown"

    var words: [String] { command.split(separator: " ").map(String.init) }
    var looks: Bool { ["status", "list", "preflight"].contains(words[0]) }
}

/// A column of the table in docs/clusters.md: commands that change nothing, in the order in which one cluster gets
/// them, then those that do, of which each leaves the state as it is but for the last.
struct TableColumn: Sendable, CustomTestStringConvertible {
    let mode: String
    var newestVersion: String?
    let cells: [TableCell]
    /// PUTs of the cluster and changes of the vault that the column comes to.
    var operations = 0

    var testDescription: String { [mode, newestVersion].compactMap(\.self).joined(separator: " at ") }
    var isNew: Bool { mode.hasPrefix("Platform") || mode.hasPrefix("Customer") }
    var options: SandboxOptions {
        SandboxOptions(
            mode: mode, more: ["--rotation-seconds", "60"] + (newestVersion.map { ["--newest-version", $0] } ?? []))
    }
}

extension TableColumn {
    private static func refused(_ commands: String..., problem: String = "refused", code: Int32 = 3) -> [TableCell] {
        commands.map { TableCell(command: $0, exitCode: code, problem: problem) }
    }
    private static func done(_ commands: String..., atRest: String = "unknown") -> [TableCell] {
        commands.map { TableCell(command: $0, exitCode: 0, atRest: atRest) }
    }

    static let all: [TableColumn] = legacy + new + unknown

    private static let legacy = [
        TableColumn(
            mode: "Off",
            cells: refused(
                "preflight --private", "switch --private", "resume", "rotate", "rotate --new-version", "make-safe",
                "migrate --customer-managed", "rewrite-secrets", "verify --patch")
                + done(
                    "rewrite-secrets --dry-run=server", "migrate --customer-managed --key-id KEY-ID --dry-run",
                    "migrate --platform-managed --dry-run")
                + done("migrate --platform-managed", atRest: "encrypted"), operations: 1),
        TableColumn(
            mode: "OffWithKey",
            cells: refused("rewrite-secrets", "verify --patch")
                + refused("preflight --private", problem: "")
                + refused("switch --private", problem: "preflight", code: 6)
                + refused("resume", "rotate", "rotate --new-version", code: 6)
                + done(
                    "rewrite-secrets --dry-run=server", "migrate --platform-managed --dry-run",
                    "migrate --customer-managed --dry-run")
                + done("make-safe", atRest: "encrypted"), operations: 1),
        TableColumn(
            mode: "Public",
            cells: refused("resume", "rotate")
                + done(
                    "preflight --private", "switch --public", "rewrite-secrets --dry-run=server", "rewrite-secrets",
                    "migrate --platform-managed --dry-run")
                + done("verify --patch", "make-safe", atRest: "encrypted")
                + done("rotate --new-version", "migrate --customer-managed", atRest: "encrypted"), operations: 2),
        TableColumn(
            mode: "Private",
            cells: refused("resume", "rotate") + refused("rotate --new-version", problem: "preflight")
                + done("preflight --public", "switch --private", "rewrite-secrets --dry-run=server")
                + done("verify --patch", "make-safe", "migrate --customer-managed", atRest: "encrypted"),
            operations: 1),
    ]

    private static let new = [
        TableColumn(
            mode: "PlatformManaged",
            cells: refused(
                "preflight --private", "switch --private", "switch --public", "resume", "rotate",
                "rotate --new-version", "migrate --customer-managed")
                + done(
                    "migrate --platform-managed", "rewrite-secrets --dry-run=server", "rewrite-secrets",
                    "migrate --customer-managed --key-id KEY-ID --dry-run")
                + done("verify --patch", "make-safe", atRest: "encrypted")),
        TableColumn(
            mode: "PlatformManagedAfterLegacy",
            cells: refused("switch --private", "resume", "rotate --new-version")
                + done("make-safe", "verify --patch", "migrate --customer-managed", atRest: "encrypted"),
            operations: 1),
        TableColumn(
            mode: "PlatformManagedAfterCustomer", newestVersion: "2024-09-01",
            cells: refused("switch --private", "resume")
                + done("verify --patch", "make-safe", atRest: "encrypted")),
        TableColumn(
            mode: "CustomerPublic",
            cells: refused("resume", "rotate")
                + done(
                    "preflight --private", "switch --public", "rewrite-secrets --dry-run=server", "rewrite-secrets",
                    "migrate --customer-managed", "migrate --platform-managed --dry-run")
                + done("verify --patch", "make-safe", "rotate --new-version", atRest: "encrypted")),
        TableColumn(
            mode: "CustomerPrivate",
            cells: refused("resume", "rotate") + refused("rotate --new-version", problem: "preflight")
                + done(
                    "preflight --public", "switch --private", "rewrite-secrets --dry-run=server", "rewrite-secrets",
                    "migrate --customer-managed", "migrate --platform-managed --dry-run")
                + done("verify --patch", "make-safe", atRest: "encrypted")),
    ]

    /// Nothing tells. A setting that shows as off may mean plaintext.
    private static let unknown = [
        TableColumn(mode: "PlatformManaged", newestVersion: "2024-09-01", cells: unknownCells(code: 3)),
        TableColumn(mode: "PlatformManagedAfterLegacy", newestVersion: "2024-09-01", cells: unknownCells(code: 6)),
    ]
    private static func unknownCells(code: Int32) -> [TableCell] {
        refused(
            "make-safe", "resume", "switch --private", "rotate", "rotate --new-version", "migrate --platform-managed",
            "migrate --customer-managed --key-id KEY-ID", problem: "unknown-kms", code: code)
            + refused("preflight --private", "rewrite-secrets", "verify --patch", problem: "unknown-kms")
            + done("rewrite-secrets --dry-run=server")
    }
}

@Suite(.needsSandbox)
struct `The table of docs/clusters.md` {
    @Test(arguments: TableColumn.all)
    func `holds cell by cell`(_ column: TableColumn) async throws {
        try await inSandbox(column.options) { sandbox, plugin in
            let plainKey = sandbox.keyID.split(separator: "/").dropLast().joined(separator: "/")
                .replacing("https:/", with: "https://")
            for cell in column.cells {
                let command = cell.words.map { $0.replacing("KEY-ID", with: plainKey) }
                let result = try await plugin.run(
                    command + plugin.target + (cell.looks ? [] : ["--yes"]) + ["-o", "json"])
                #expect(result.exitCode == cell.exitCode, "\(cell.command): \(result.testDescription)")
                #expect(result.problem == cell.problem, "\(cell.command): \(result.testDescription)")
                #expect(result.secretsAtRest == cell.atRest, "\(cell.command): \(result.testDescription)")
            }
            let state = try await sandbox.state()
            #expect(state.operations.count == column.operations && state.legacyPuts == 0, "\(state.operations)")
            // What was plaintext before is plaintext only where nothing was changed.
            #expect(state.plaintext == 0 || column.operations == 0 && !column.isNew)
        }
    }
}
