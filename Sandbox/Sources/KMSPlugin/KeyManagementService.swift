import ClusterModel
import Foundation
import GRPCCore

/// The three calls of the KMS v1 plugin protocol, answered for one key over one network path.
///
/// The vault is asked at every call and nothing is kept: what outlives a closed vault is the API server's own cache.
struct KeyManagementService: V1beta1_KeyManagementService.SimpleServiceProtocol {
    let route: KeyRoute
    let access: any KeyAccess

    func version(
        request: V1beta1_VersionRequest, context: ServerContext
    ) async throws -> V1beta1_VersionResponse {
        var response = V1beta1_VersionResponse()
        // The API server of 1.20 refuses every other version than this one.
        response.version = "v1beta1"
        response.runtimeName = "kms-vault-sandbox"
        response.runtimeVersion = "0.1.0"
        return response
    }

    func encrypt(
        request: V1beta1_EncryptRequest, context: ServerContext
    ) async throws -> V1beta1_EncryptResponse {
        var response = V1beta1_EncryptResponse()
        response.cipher = try await withCipher(to: .encrypt) { try $0.seal(request.plain) }
        return response
    }

    func decrypt(
        request: V1beta1_DecryptRequest, context: ServerContext
    ) async throws -> V1beta1_DecryptResponse {
        var response = V1beta1_DecryptResponse()
        response.plain = try await withCipher(to: .decrypt) { try $0.open(request.cipher) }
        return response
    }

    private func withCipher(to action: KeyUsage, _ use: (KeyCipher) throws -> Data) async throws -> Data {
        do {
            let material = try await access.keyMaterial(keyID: route.keyID, over: route.path, to: action)
            return try use(KeyCipher(keyID: route.keyID, material: material))
        } catch {
            // Azure's plugin passes the vault's answer on in the text of a status that has no code of its own.
            throw RPCError(code: .unknown, message: "failed to \(action.rawValue): \(error)")
        }
    }
}
