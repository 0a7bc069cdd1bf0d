/// How an API server stores Secrets, as far as decisions tell apart.
package enum StoredForm: String, Sendable, Codable, Hashable {
    case plaintext
    case encrypted
}
