internal import HTTP

/// The PEM bytes that libcurl is lent (CURL_BLOB_NOCOPY): one copy for all handles of an engine.
///
/// It has to outlive them; every `CurlTransfer` keeps it.
final class TLSMaterial {
    let authorities: UnsafeMutableRawBufferPointer?
    let certificate: UnsafeMutableRawBufferPointer?
    let key: UnsafeMutableRawBufferPointer?

    init(_ settings: TransportSettings) {
        if case .authorities(let pem) = settings.trust { authorities = Self.copy(pem) } else { authorities = nil }
        certificate = settings.identity.map { Self.copy($0.certificatePEM) }
        key = settings.identity.map { Self.copy($0.keyPEM) }
    }

    deinit {
        for bytes in [authorities, certificate, key] {
            bytes?.deallocate()
        }
    }

    private static func copy(_ bytes: [UInt8]) -> UnsafeMutableRawBufferPointer {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        copy.copyBytes(from: bytes)
        return copy
    }
}

/// The one connection of a transport that may have only one, once it is made.
final class OnlyConnection {
    private var name: String?

    /// Whether this is the first connection seen, or the same again.
    func allows(_ name: String) -> Bool {
        guard let first = self.name else {
            self.name = name
            return true
        }
        return first == name
    }
}
