import HTTP
import Text

/// Requests for the token of a managed identity, by the service that the environment names.
enum ManagedIdentityRequest {
    /// App Service and its like (IDENTITY_ENDPOINT), else the machine's metadata service, whose address
    /// AZURE_POD_IDENTITY_AUTHORITY_HOST replaces.
    static func make(
        _ identity: ManagedIdentityID, resource: String, surroundings: AzureSurroundings
    ) -> HTTPRequest {
        if let endpoint = surroundings.variable("IDENTITY_ENDPOINT"),
            let header = surroundings.variable("IDENTITY_HEADER")
        {
            let query =
                [("api-version", "2019-08-01"), ("resource", resource)]
                + selector(identity, object: "principal_id", resource: "mi_res_id")
            return request(endpoint, query, headers: ["X-IDENTITY-HEADER": header])
        }
        let host = surroundings.variable("AZURE_POD_IDENTITY_AUTHORITY_HOST") ?? "http://169.254.169.254"
        let query =
            [("api-version", "2018-02-01"), ("resource", resource)]
            + selector(identity, object: "object_id", resource: "msi_res_id")
        return request(
            withoutSlash(host) + "/metadata/identity/oauth2/token", query, headers: ["Metadata": "true"])
    }

    /// Azure Cloud Shell's own service.
    static func cloudShell(resource: String) -> HTTPRequest {
        HTTPRequest(
            .post, "http://localhost:50342/oauth2/token",
            headers: ["Metadata": "true", "Content-Type": "application/x-www-form-urlencoded"],
            body: Array("resource=\(percentEncoded(resource))".utf8), timeout: 30, maximumBodyBytes: 1 << 20)
    }

    private static func selector(
        _ identity: ManagedIdentityID, object: String, resource: String
    ) -> [(String, String)] {
        switch identity {
        case .systemAssigned: []
        case .client(let id): [("client_id", id)]
        case .object(let id): [(object, id)]
        case .resource(let id): [(resource, id)]
        }
    }

    private static func request(_ url: String, _ query: [(String, String)], headers: HTTPHeaders) -> HTTPRequest {
        let text = query.map { "\($0.0)=\(percentEncoded($0.1))" }.joined(separator: "&")
        // Where there is no such service nothing answers at all, so the wait is short.
        return HTTPRequest(.get, "\(url)?\(text)", headers: headers, timeout: 10, maximumBodyBytes: 1 << 20)
    }
}
