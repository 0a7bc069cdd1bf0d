import Files
import HTTP
import JSON
import Processes

@testable import AzureAccount

extension Target {
    /// The files of az, and what gives out tokens.
    static let accounts = [
        Target("ini") { _ = try? INIDocument(parsing: text($0)) },
        Target("az-profile") { input in
            let parts = parts(input)
            let surroundings = surroundings(profile: parts[part: 0], clouds: parts[part: 1], config: parts[part: 2])
            for subscription in [nil, "sub"] {
                do {
                    let account = try AzureAccount.load(from: surroundings, subscription: subscription)
                    _ = (account.cloud.tokenURL(tenant: account.tenantID ?? ""), account.cloud.cacheEnvironments)
                } catch {
                    _ = "\(error)"
                }
            }
        },
        Target("token-cache") { input in
            guard let document = try? JSONValue(parsing: input) else { return }
            let cache = MSALCache(document: document)
            let accounts = document["Account"]?.object?.values.compactMap { $0["username"]?.string }.prefix(4) ?? []
            for user in accounts.map(Optional.some) + [nil] {
                let owner = MSALCache.Owner(
                    userName: user, clientID: MSALCache.azClientID, tenant: "00000000-0000-0000-0000-000000000001",
                    cloud: AzureCloud.builtIn[0])
                _ = cache.accessToken(for: "https://management.core.windows.net/", owner: owner, validAfter: 0)
                _ = cache.refreshToken(owner: owner)
            }
        },
        // Parts: profile, token cache, entries of service principals, the answer of Entra, what az printed.
        Target(
            "sign-in",
            awaiting: { input in
                let parts = parts(input)
                let surroundings = surroundings(
                    profile: parts[part: 0], cache: parts[part: 1], principals: parts[part: 2])
                let answers = Answers(parts[part: 3])
                let output = parts[part: 4]
                guard let account = try? AzureAccount.load(from: surroundings, subscription: nil) else { return }
                let cli = AzureCLI { _ throws(ProcessError) in
                    AzureCLI.Result(succeeded: output.count.isMultiple(of: 2), output: output, errors: output)
                }
                let tokens = AzureTokens(
                    account: account, surroundings: surroundings, transport: answers, metadataTransport: answers,
                    cli: cli,
                    time: .still)
                for claims in [nil, text(output)] {
                    do {
                        let token = try await tokens.token(
                            resource: "https://management.core.windows.net/", tenant: nil, claims: claims,
                            forceRefresh: false)
                        precondition(!token.secret.isEmpty)
                    } catch {
                        _ = "\(error)"
                    }
                }
            }),
    ]

    private static func surroundings(
        profile: [UInt8], clouds: [UInt8] = [], config: [UInt8] = [], cache: [UInt8]? = nil,
        principals: [UInt8]? = nil
    ) -> AzureSurroundings {
        var contents = ["/az/azureProfile.json": profile, "/az/clouds.config": clouds, "/az/config": config]
        contents["/az/msal_token_cache.json"] = cache
        contents["/az/service_principal_entries.json"] = principals
        return AzureSurroundings(
            environment: ["AZURE_CONFIG_DIR": "/az"], home: nil, files: MemoryFiles(contents))
    }
}
