import Text

/// The name of one run: a random UUID (RFC 9562, version 4).
///
/// Foundation's own UUID reads /dev/urandom, and where there is none (a bare root of a container) all of its UUIDs are
/// the same one. Swift's generator asks the kernel.
package func makeRunID() -> String {
    var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    let digits = bytes.map { hexadecimal($0, digits: 2) }
    let groups = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16]
    return groups.map { digits[$0].joined() }.joined(separator: "-")
}
