import Testing
import Text

@Test func `SHA-256 agrees with known vectors`() {
    #expect(sha256Hex([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
        sha256Hex(Array("testAPIServerID".utf8)) == "14f9d63e669337ac6bfda2e2162915ee6a6067743eddd4e5c374b572f951ff37")
    let key = Array("https://example.vault.azure.net/keys/mykey/ABCD".utf8)
    #expect(sha256Hex(key) == "567d783db3043fe298fe0d9eeedb0029a3815cdd4fe4b059d018c91e6acffe3b")
    #expect(
        sha256Hex([UInt8](repeating: 0x61, count: 1000))
            == "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3")
}
