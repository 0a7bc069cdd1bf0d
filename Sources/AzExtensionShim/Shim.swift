import AzureAccount
import Commands
import Connections
import Console
import Files
import FoundationEssentials
import HTTP
import JSON
import ModeSwitch
import Run
import Usage

/// One conversation with az: a request, and what it takes to answer it.
struct Shim {
    let writer: MessageWriter

    /// Carries out the one request and returns the exit code.
    func serve(_ lines: AsyncStream<InputLine>) async -> Int32 {
        writer.send(.hello)
        // Nobody has asked for anything: az went away, or somebody tried the program by hand.
        guard let first = await lines.first(where: { _ in true }) else { return ModeSwitch.ExitCode.usage.rawValue }
        let environment = ProcessInfo.processInfo.environment
        do {
            guard case .line(let bytes) = first, let document = try? JSONValue(parsing: bytes) else {
                throw RequestError("the first line is not a JSON document")
            }
            let request = try ShimRequest(document, kubeconfigVariable: environment["KUBECONFIG"])
            return await carryOut(request, lines)
        } catch let mismatch as ProtocolMismatch {
            writer.send(.mismatch(mismatch))
        } catch {
            writer.send(.failure("usage", "\(error)", next: "az aks kms-vault-mode --help"))
        }
        return ModeSwitch.ExitCode.usage.rawValue
    }

    private func carryOut(_ request: ShimRequest, _ lines: AsyncStream<InputLine>) async -> Int32 {
        let conversation = Conversation(writer)
        let interruptions = Interruption(limit: request.timeout)
        let selection = request.command.selection
        let frontEnd = PipeFrontEnd(
            writer: writer, conversation: conversation,
            style: .az(resourceGroup: selection.resourceGroup, name: selection.name), yes: request.yes)
        var surroundings = Surroundings.ofThisProcess(
            observer: request.isVerbose ? TracingObserver(writer: writer) : nil)
        surroundings.isInteractive = false
        // Standard input is the conversation's: a kubeconfig that is read from a stream would take tokens out of it.
        surroundings.files = DiskFiles()
        let runner = CommandRunner(frontEnd, surroundings: surroundings, interruptions: interruptions) {
            [request] _, surroundings, runID in
            let tokens = AzureTokens(tenantID: request.tenantID, time: surroundings.time) {
                question throws(AzureTokenError) in
                try await conversation.token(question)
            }
            return try AzureConnection(
                request.cloud, subscriptionID: request.subscriptionID, tenantID: request.tenantID, tokens: tokens,
                runID: runID, surroundings: surroundings)
        }
        let answers: @Sendable () async -> Void = {
            for await line in lines {
                if case .line(let bytes) = line, let answer = try? JSONValue(parsing: bytes) {
                    await conversation.receive(answer)
                }
            }
            // The end of input is the end of az, whatever ended it.
            interruptions.request("az has gone")
            await conversation.end()
        }
        return await alongside([answers]) { await runner.run(request.command).rawValue }
    }
}

/// Shows requests to whoever debugs; their texts are redacted where they are made.
private struct TracingObserver: HTTPObserver {
    let writer: MessageWriter

    func exchangeEnded(_ exchange: HTTPExchange) {
        writer.sendUnlessFull(
            .progress(
                event: .object(["event": .string("trace"), "level": .integer(6), "text": .string("\(exchange)")]),
                line: nil))
    }
}

extension Message {
    /// The side that is older has to be renewed; this one cannot tell which of them is.
    static func mismatch(_ mismatch: ProtocolMismatch) -> Message {
        let theirs = mismatch.theirs.map { "protocol \($0)" } ?? "no protocol"
        return .failure(
            "protocol-mismatch",
            "the extension speaks \(theirs), and this shim (\(productVersion)) protocol \(ShimProtocol.version)",
            next: "install both in the same version: az extension add --upgrade --name aks-kms-vault-mode")
    }
}
