import Foundation
import Glibc
import HTTP
import JSON
import SystemRig

/// What can be done to the machine behind a sandbox with a real cluster.
extension SandboxProcess {
    /// The writes that ARM has taken, in order, as "PUT managedClusters" and "PATCH vaults".
    func writes() async throws -> [String] {
        try await requests().compactMap { request in
            let words = request.split(separator: " ").map(String.init)
            guard words.count == 3, ["PUT", "PATCH", "DELETE"].contains(words[0]), words[2].hasPrefix("2")
            else { return nil }
            let kind = ["managedClusters", "vaults"].first { words[1].lowercased().contains("/\($0.lowercased())/") }
            return "\(words[0]) \(kind ?? words[1])"
        }
    }

    /// Starts one API server again.
    func recover(replica: Int64) async throws {
        try await control(.post, "cluster/recover", .object(["replica": .integer(replica)]))
    }

    /// kill -9 of one API server. Nobody tells the balancer, which goes on sending it its share of connections.
    func killAPIServer(replica: Int) throws {
        guard let server = try apiServers().first(where: { $0.replica == replica }) else {
            throw RigError("API server \(replica) does not run")
        }
        guard kill(server.process, SIGKILL) == 0 else { throw RigError("kill: \(errno)") }
    }

    struct APIServerProcess {
        var process: pid_t
        var replica: Int
        var certificates: String
        var etcd: String
    }

    /// The API servers, told from their command lines.
    func apiServers() throws -> [APIServerProcess] {
        let parent = try String(contentsOfFile: folder + "/state.pid", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        return try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { name in
            guard let process = pid_t(name),
                let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
                status.contains("\nPPid:\t\(parent)\n"),
                let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline")
            else { return nil }
            let arguments = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            func value(_ flag: String) -> String? {
                arguments.first { $0.hasPrefix(flag + "=") }.map { String($0.dropFirst(flag.count + 1)) }
            }
            guard let certificates = value("--cert-dir"), let etcd = value("--etcd-servers"),
                let address = value("--advertise-address")?.split(separator: ".").last, let number = Int(address)
            else { return nil }
            return APIServerProcess(
                process: process, replica: number - 1, certificates: certificates, etcd: etcd)
        }
    }
}
