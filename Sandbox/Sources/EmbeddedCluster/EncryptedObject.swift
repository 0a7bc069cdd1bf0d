/// What KMS v2 stores behind its prefix: the protobuf message `v2.EncryptedObject` of k8s.io/apiserver
/// (pkg/storage/value/encrypt/envelope/kmsv2/v2/api.proto), fields 1, 2, 3 and 5.
struct EncryptedObject: Equatable {
    var encryptedData: [UInt8]
    var keyID: String
    var encryptedDEKSource: [UInt8]
    /// 1: a seed from which each write's key is expanded with HKDF.
    var sourceType = 1

    func serialized() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encryptedData.count + encryptedDEKSource.count + keyID.utf8.count + 16)
        Self.append(field: 1, encryptedData, to: &bytes)
        Self.append(field: 2, Array(keyID.utf8), to: &bytes)
        Self.append(field: 3, encryptedDEKSource, to: &bytes)
        bytes.append(5 << 3)
        Self.append(varint: sourceType, to: &bytes)
        return bytes
    }

    init(encryptedData: [UInt8], keyID: String, encryptedDEKSource: [UInt8]) {
        self.encryptedData = encryptedData
        self.keyID = keyID
        self.encryptedDEKSource = encryptedDEKSource
    }

    init?(serialized bytes: ArraySlice<UInt8>) {
        self.init(encryptedData: [], keyID: "", encryptedDEKSource: [])
        var rest = bytes
        while let tag = rest.first {
            rest = rest.dropFirst()
            guard let number = Self.varint(&rest) else { return nil }
            guard tag & 7 == 2 else {
                if tag == 5 << 3 { sourceType = number }
                continue
            }
            guard number >= 0, number <= rest.count else { return nil }
            let value = rest.prefix(number)
            rest = rest.dropFirst(number)
            switch tag >> 3 {
            case 1: encryptedData = Array(value)
            case 2: keyID = String(decoding: value, as: UTF8.self)
            case 3: encryptedDEKSource = Array(value)
            default: break
            }
        }
        guard !encryptedData.isEmpty, !keyID.isEmpty, !encryptedDEKSource.isEmpty else { return nil }
    }

    private static func append(field: UInt8, _ value: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(field << 3 | 2)
        append(varint: value.count, to: &bytes)
        bytes.append(contentsOf: value)
    }

    private static func append(varint value: Int, to bytes: inout [UInt8]) {
        var rest = UInt64(value)
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private static func varint(_ bytes: inout ArraySlice<UInt8>) -> Int? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 56, by: 7) {
            guard let byte = bytes.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return Int(value) }
        }
        return nil
    }
}
