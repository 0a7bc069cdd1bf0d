import ArgumentParser
import Console
import Live
import ModeSwitch

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the cluster's KMS mode, its key and vault, and what to do next.")

    @Flag(name: .shortAndLong, help: "Show it again every ten seconds until interrupted.") var watch = false
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let session = Session(output)
        do {
            repeat {
                let azure = try session.azure(connection)
                let subject = try await session.subject(connection, azure: azure, for: .looking)
                let job = RunJob(
                    subject: subject, options: RunOptions(), azure: azure, surroundings: session.surroundings,
                    interruptions: session.interruptions, runID: session.runID)
                let status = await StatusJob(job).read()
                try output.write(
                    status, exitCode: .done, secretsAtRest: status.secretsAtRest, session.surroundings)
                if watch { await session.interruptions.sleep(10) }
            } while watch && session.interruptions.reason == nil
        } catch {
            throw Failure.end(error, command: "status", changes: false, output: output)
        }
    }
}

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the KMS mode of every cluster in the subscriptions that you can read.")

    @Option(help: "Only this subscription: id or name.") var subscription: String?
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let session = Session(output)
        do {
            let azure = try AzureConnection(
                subscription: subscription, runID: session.runID, surroundings: session.surroundings)
            let result = await ListJob(azure).read(only: subscription)
            try output.write(result, exitCode: .done, secretsAtRest: .unknown, session.surroundings)
        } catch {
            throw Failure.end(error, command: "list", changes: false, output: output)
        }
    }
}
