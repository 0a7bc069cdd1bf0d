import Dispatch
import Foundation

/// SIGTERM and SIGINT as the end of the work instead of the end of the process.
enum Signals {
    /// Runs `work` until it returns or a signal comes; a signal cancels it, which is no error.
    static func untilOne(_ work: @escaping @Sendable () async throws -> Void) async -> Result<Void, any Error> {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        let sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { continuation.yield() }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        return await withTaskGroup(of: Result<Void, any Error>?.self) { group in
            group.addTask {
                do { return .success(try await work()) } catch { return .failure(error) }
            }
            group.addTask {
                for await _ in stream { break }
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            continuation.finish()
            guard let first else {
                await group.waitForAll()
                return .success(())
            }
            return first
        }
    }
}
