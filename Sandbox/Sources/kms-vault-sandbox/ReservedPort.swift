import Foundation

/// A port of the loopback address, kept from others until this program ends: it must be known long before the server
/// listens, as keys' identifiers hold it, and meanwhile other sandboxes look for ports, too.
///
/// A socket is bound to it and never listens. Linux lets the server bind the same port as long as both allow reuse,
/// which the server does by default; who asks for any port is not given this one.
struct ReservedPort {
    let number: Int

    init() throws {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard handle >= 0 else { throw SandboxError("no socket: errno \(errno)") }
        var (yes, address) = (Int32(1), sockaddr_in())
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                fcntl(handle, F_SETFD, FD_CLOEXEC) == 0
                    && setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size)) == 0
                    && bind(handle, $0, length) == 0 && getsockname(handle, $0, &length) == 0
            }
        }
        guard isBound else {
            close(handle)
            throw SandboxError("no free port: errno \(errno)")
        }
        number = Int(UInt16(bigEndian: address.sin_port))
    }
}
