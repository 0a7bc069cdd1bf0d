/// Makes the 32 bytes of a key from its identifier: the same at every start, so that what is stored stays readable.
///
/// Nothing that the sandbox keeps is secret; what matters is that two keys differ.
enum KeyMaterial {
    static func derive(_ text: String) -> [UInt8] {
        var state: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        var bytes: [UInt8] = []
        while bytes.count < 32 {
            // SplitMix64.
            state &+= 0x9e37_79b9_7f4a_7c15
            var word = state
            word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
            word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
            word ^= word >> 31
            withUnsafeBytes(of: word) { bytes.append(contentsOf: $0) }
        }
        return bytes
    }
}
