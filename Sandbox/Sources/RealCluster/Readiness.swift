import Foundation
import Glibc

/// Asks `isReady` again and again; a refused connection counts as "not yet".
///
/// - Throws: `RealClusterError` when the program ends or the time is over.
func waitUntilReady(
    _ name: String, child: ChildProcess?, seconds: Int, _ isReady: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
        if let child, child.hasEnded {
            throw RealClusterError.ended(program: name, status: "\(await child.end)", lastLines: child.lastLines)
        }
        if (try? await isReady()) == true { return }
        try await Task.sleep(for: .milliseconds(100))
    }
    throw RealClusterError.notReady(name: name, seconds: seconds, lastLines: child?.lastLines ?? "")
}

/// Ports of the loopback interface that nobody listens on right now.
func freePorts(_ count: Int) throws -> [Int] {
    var descriptors: [Int32] = []
    // All stay open until the last is found, so that they differ.
    defer { descriptors.forEach { close($0) } }
    return try (0..<count).map { _ in
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        descriptors.append(descriptor)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard result else {
            throw RealClusterError.notStarted(
                program: "a server", reason: "no port is free: \(String(cString: strerror(errno)))")
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
