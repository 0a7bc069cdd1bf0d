import Azure
import AzureAccount
import Console
import HTTP
import JSON
import ModeSwitch
import Report
import TestDoubles
import Testing
import Usage

@testable import Commands
@testable import Connections

/// az as it is before `az login`, or after its sign-in has ended.
private struct NoTokens: AzureTokenSource {
    let error: AzureTokenError

    func token(
        resource: String, tenant: String?, claims: String?, forceRefresh: Bool
    ) async throws(AzureTokenError) -> AzureToken { throw error }
}

private let commands: [(CommandRequest.Command, ExitCode)] = [
    (.list, .failed), (.status, .failed), (.preflight, .refused), (switching, .refused), (.resume, .refused),
    (.makeSafe, .refused),
]

@Suite struct `A sign-in that does not serve` {
    private func failures(
        _ desk: Desk, named: Bool
    ) async throws -> [(problem: RunReport.Problem, code: ExitCode, expected: ExitCode)] {
        var result: [(RunReport.Problem, ExitCode, ExitCode)] = []
        for (command, expected) in commands {
            let seen = await desk.run(command, to(.privateAccess)) { selection in
                if !named { (selection.resourceGroup, selection.name) = (nil, nil) }
            }
            result.append((try #require(seen.failure).problem, seen.exitCode, expected))
        }
        return result
    }

    @Test(arguments: [true, false]) func `is the first thing that every command says`(named: Bool) async throws {
        let error = AzureTokenError(
            .interactionRequired, source: "az account get-access-token",
            detail: "AADSTS70043: The refresh token has expired.",
            advice: "run az logout, then az login --tenant \"t\"")
        try await onDesk { desk in
            var desk = desk
            desk.tokens = NoTokens(error: error)
            for (problem, code, expected) in try await failures(desk, named: named) {
                #expect(code == expected && problem.id == "azure-credential")
                #expect(problem.what == error.what && problem.next.text(for: .kubectl) == error.advice)
            }
        }
    }

    @Test func `is told from rights that no subscription gives`() async throws {
        try await onDesk { desk in
            desk.azure.change { state in
                state.instead = { _, request in
                    guard request.contains("managedClusters") else { return nil }
                    let body = #"{"error":{"code":"AuthorizationFailed","message":"no right"}}"#
                    return HTTPResponse(status: 403, body: Array(body.utf8))
                }
            }
            for (problem, code, expected) in try await failures(desk, named: false) {
                #expect(code == expected && problem.id == "azure")
                #expect(problem.what.contains("AuthorizationFailed"))
                #expect(problem.next.text(for: .kubectl).contains("rbac --azure"))
            }
        }
    }

    @Test func `leaves subscriptions of other tenants unsearched, which is said`() {
        let search = ClusterSearch(found: [], searched: 1, unreadable: [], elsewhere: ["Far (3)"])
        #expect(search.advice.hasSuffix("subscriptions of other tenants were not searched (Far (3))"))
        let result = ListResult(clusters: [], unreadable: [], notSearched: search.elsewhere)
        let texts = result.sections.compactMap { if case .text(let text) = $0 { text } else { nil } }
        #expect(texts.contains { $0.hasPrefix("Not searched") && $0.hasSuffix("Far (3)") })
    }

    @Test func `is not blamed for a request that Azure does not know`() async throws {
        try await onDesk { desk in
            desk.azure.change { state in
                state.instead = { _, request in
                    guard request.contains("managedClusters") else { return nil }
                    let body = #"{"error":{"code":"UnsupportedThing","message":"not in this cloud"}}"#
                    return HTTPResponse(status: 400, body: Array(body.utf8))
                }
            }
            for (problem, _, _) in try await failures(desk, named: true).dropFirst() {
                #expect(
                    problem.what.contains("UnsupportedThing") && !problem.next.text(for: .kubectl).contains("az login"))
                #expect(!problem.next.isEmpty)
            }
        }
    }
}
