package import Files
import Platform
import Text

/// What tells this process from all others, here and on other machines: a name of a host may be given twice, and a
/// number of a process is used again after a restart and within each container.
package struct ProcessIdentity: Sendable {
    package var host: String
    package var processID: Int32
    /// When it started, in clock ticks since the boot (proc(5), /proc/pid/stat, field 22).
    package var start: UInt64?
    /// The kernel's number for its namespace of process numbers (pid_namespaces(7)).
    package var namespace: String?
    /// The kernel's name for this boot (random(4), /proc/sys/kernel/random/boot_id).
    package var boot: String?
    /// Looks at a process of our own namespace.
    package var look: @Sendable (Int32) -> Sighting

    /// What is seen of a process number.
    package enum Sighting: Sendable, Hashable {
        case running(start: UInt64?)
        case gone
    }

    package init(
        host: String, processID: Int32, start: UInt64? = nil, namespace: String? = nil, boot: String? = nil,
        look: @escaping @Sendable (Int32) -> Sighting
    ) {
        self.host = host
        self.processID = processID
        self.start = start
        self.namespace = namespace
        self.boot = boot
        self.look = look
    }

    /// That of this process.
    package static func ofThisProcess(host: String, processID: Int32, files: any FileReading) -> ProcessIdentity {
        var identity = ProcessIdentity(host: host, processID: processID) { look($0, files) }
        if case .running(let start) = look(processID, files) { identity.start = start }
        identity.namespace = pidNamespace()
        identity.boot = text("/proc/sys/kernel/random/boot_id", files)?.trimmed
        return identity
    }

    /// `HOST_PID.START.NAMESPACE.BOOT_RUN`; `HOST_PID_RUN` where the system does not tell the rest.
    package func holder(run: String) -> String {
        guard let start, let namespace, let boot else { return "\(host)_\(processID)_\(run)" }
        return "\(host)_\(processID).\(start).\(namespace).\(boot)_\(run)"
    }

    /// Whether the process that holds a lock is surely gone. Nothing is said of another boot, namespace or host, nor of
    /// a holder who does not tell them: two machines may have one name, and only time tells whether that one lives.
    package func isSurelyGone(_ holder: Holder) -> Bool {
        guard let place = holder.place, place.boot == boot, place.namespace == namespace, holder.host == host else {
            return false
        }
        switch look(holder.processID) {
        case .gone: return true
        case .running(let start): return start.map { $0 != place.start } ?? false
        }
    }

    private static func look(_ process: Int32, _ files: any FileReading) -> Sighting {
        if kill(process, 0) == -1, errno == ESRCH { return .gone }
        guard let stat = text("/proc/\(process)/stat", files) else { return .running(start: nil) }
        return sighting(stat: stat)
    }

    /// The name of the program, in parentheses, may hold anything, parentheses and spaces too.
    static func sighting(stat: String) -> Sighting {
        guard let close = stat.lastIndex(of: ")") else { return .running(start: nil) }
        let fields = stat[stat.index(after: close)...].split(whereSeparator: \.isWhitespace)
        // A process that ended and that nobody asked about yet renews nothing any more.
        if let state = fields.first, state == "Z" || state == "X" { return .gone }
        return .running(start: fields.count > 19 ? UInt64(fields[19]) : nil)
    }

    private static func pidNamespace() -> String? {
        var buffer = [CChar](repeating: 0, count: 64)
        let count = readlink("/proc/self/ns/pid", &buffer, buffer.count)
        guard count > 0 else { return nil }
        // As `pid:[4026531836]`.
        let digits = String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
            .filter(\.isNumber)
        return digits.isEmpty ? nil : digits
    }

    private static func text(_ path: String, _ files: any FileReading) -> String? {
        (try? files.read(path, limit: 4096)).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// Who holds a lock, as its Lease says it.
package struct Holder: Sendable, Hashable, CustomStringConvertible {
    struct Place: Sendable, Hashable {
        let start: UInt64
        let namespace: String
        let boot: String
    }

    let host: String
    let processID: Int32
    let run: String
    /// Nil for holders of older versions of this program.
    let place: Place?

    /// Nil for what this program did not write.
    package init?(_ identity: String) {
        let parts = identity.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count >= 3 else { return nil }
        let process = parts[parts.count - 2].split(separator: ".", omittingEmptySubsequences: false)
        guard let number = Int32(process[0]), number > 0 else { return nil }
        switch process.count {
        case 1: place = nil
        case 4:
            guard let start = UInt64(process[1]), !process[2].isEmpty, !process[3].isEmpty else { return nil }
            place = Place(start: start, namespace: String(process[2]), boot: String(process[3]))
        default: return nil
        }
        host = parts.dropLast(2).joined(separator: "_")
        processID = number
        run = String(parts[parts.count - 1])
    }

    package var description: String { "process \(processID) on \(host.printable(limit: 253))" }

    /// A holder in words; what this program did not write is shown as it stands.
    package static func words(_ identity: String) -> String {
        Holder(identity)?.description ?? identity.printable(limit: 253)
    }
}

extension String {
    fileprivate var trimmed: String? {
        let text = String(self[...].split(whereSeparator: \.isWhitespace).first ?? "")
        return text.isEmpty ? nil : text
    }
}
