import ClusterModel
import Foundation
import Testing

@testable import KMSPlugin

struct KeyCipherTests {
    private let material = [UInt8](repeating: 7, count: 32)

    @Test func `what a key sealed it opens, and no two seals are alike`() throws {
        let cipher = KeyCipher(keyID: "https://a/keys/k/1", material: material)
        let plain = Data("a data key".utf8)
        let sealed = try cipher.seal(plain)
        #expect(try cipher.open(sealed) == plain)
        #expect(try cipher.seal(plain) != sealed)
    }

    @Test(arguments: ["https://a/keys/k/2", "https://b/keys/k/1"])
    func `another key refuses, even of the same material`(other: String) throws {
        let sealed = try KeyCipher(keyID: "https://a/keys/k/1", material: material).seal(Data([1, 2, 3]))
        #expect(throws: VaultRefusal.self) { try KeyCipher(keyID: other, material: material).open(sealed) }
    }

    @Test(arguments: [Data(), Data([1]), Data(repeating: 0, count: 60)])
    func `bytes that nobody sealed are refused`(noise: Data) {
        let cipher = KeyCipher(keyID: "https://a/keys/k/1", material: material)
        #expect(throws: VaultRefusal.self) { try cipher.open(noise) }
    }
}
