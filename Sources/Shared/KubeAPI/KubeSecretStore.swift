import HTTP
package import SecretRewrite

/// The Secrets of a cluster through its API server. Requests are sent once: whoever rewrites decides what is repeated.
package struct KubeSecretStore: SecretStore {
    private let client: KubeClient
    private let patchType: String

    /// - Parameter patchType: the media type under which `{}` is sent.
    package init(_ client: KubeClient, patchType: String = SecretRequests.patchType) {
        self.client = client
        self.patchType = patchType
    }

    package func namespaces(_ request: PageRequest) async throws(StoreFailure) -> NamePage {
        try await page(SecretRequests.page(["api", "v1", "namespaces"], limit: request.limit, token: request.token))
    }

    package func secrets(in namespace: String, _ request: PageRequest) async throws(StoreFailure) -> NamePage {
        guard isDNSSubdomain(namespace) else { throw .malformed(detail: "the namespace's name is not valid") }
        // A name out of a server's message is believed no more than one out of its list.
        let after = request.after.map { isDNSSubdomain($0) ? SecretRequests.token(after: $0) : "" }
        guard after != "" else { throw .malformed(detail: "the name to go on from is not valid") }
        if let revision = request.notOlderThan {
            return try await page(SecretRequests.wholeList(namespace: namespace, notOlderThan: revision))
        }
        return try await page(
            SecretRequests.list(namespace: namespace, limit: request.limit, token: request.token ?? after))
    }

    package func touch(_ name: String, in namespace: String, dryRun: Bool) async throws(StoreFailure) -> Int64 {
        guard isDNSSubdomain(namespace), isDNSSubdomain(name) else {
            throw .malformed(detail: "the Secret's name is not valid")
        }
        return try await client.table(
            SecretRequests.touch(name, in: namespace, dryRun: dryRun, patchType: patchType), secret: name
        ).resourceVersion
    }

    private func page(_ request: KubeRequest) async throws(StoreFailure) -> NamePage {
        let table = try await client.table(request, secret: nil)
        guard table.names.allSatisfy(isDNSSubdomain) else {
            throw .malformed(detail: "the list holds names that are not valid")
        }
        return NamePage(
            names: table.names, resourceVersion: table.resourceVersion, next: table.next, remaining: table.remaining)
    }
}

extension KubeClient {
    /// Sends a request once and gives its successful answer.
    func answer(_ request: KubeRequest, secret name: String?) async throws(StoreFailure) -> HTTPResponse {
        let response: HTTPResponse
        do throws(KubeError) { response = try await exchange(request) } catch {
            throw StoreFailure(error, secret: name)
        }
        guard (200..<300).contains(response.status) else { throw StoreFailure(KubeStatus(response), secret: name) }
        return response
    }

    /// Sends a request that asks for a Table without objects, once; the body is dropped here.
    func table(_ request: KubeRequest, secret name: String?) async throws(StoreFailure) -> TableAnswer {
        let response = try await answer(request, secret: name)
        do throws(TableAnswer.Refusal) {
            return try TableAnswer(parsing: response.body, withNames: name == nil)
        } catch {
            switch error {
            case .carriesObjects: throw .wouldSendData(detail: "the answer is not a Table without objects")
            case .malformed(let text): throw .malformed(detail: text)
            }
        }
    }
}
