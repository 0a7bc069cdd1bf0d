import AzureStandIn
import Foundation
import Testing

/// Remembers for how long it was asked to wait, and does not.
private actor Naps {
    private(set) var seconds: [Double] = []

    func take(_ seconds: Double) async {
        self.seconds.append(seconds)
        await Task.yield()
    }
}

/// Azure's own durations.
struct TimeTests {
    @Test(arguments: [1, 0.01])
    func `an update takes as long as recorded, scaled, and so does its PUT`(scale: Double) async throws {
        let naps = Naps()
        try await Azure.run(configure: {
            $0.timeScale = scale
            $0.putSeconds = 2...9
            $0.sleep = { await naps.take($0) }
        }) { azure async throws in
            let answer = try await azure.putKMS(azure.off)
            let put = try #require(await naps.seconds.first)
            #expect((2 * scale...9 * scale).contains(put))
            _ = try await azure.finish(answer)
            let update = await naps.seconds.dropFirst().reduce(0, +)
            #expect((99 * scale...221 * scale).contains(update))
        }
    }

    @Test func `updates differ in how long they take`() async throws {
        var durations: Set<Double> = []
        for _ in 0..<3 {
            let naps = Naps()
            try await Azure.run(configure: { $0.sleep = { await naps.take($0) } }) { azure async throws in
                _ = try await azure.finish(try await azure.putKMS(azure.off))
                durations.insert(await naps.seconds.reduce(0, +))
            }
        }
        #expect(durations.count == 3)
    }

    @Test func `the stages come in the recorded order`() async throws {
        // Each wait lasts until it is let go, so that every stage is seen.
        let gate = Gate()
        await gate.close()
        try await Azure.run(configure: { $0.sleep = { _ in await gate.pass() } }) { azure async throws in
            let target = try azure.operationTarget(try await azure.putKMS(azure.off))
            var seen: [String] = []
            while seen.last != "Succeeded" {
                let status = try await azure.send("GET", target).json()["status"]?.string ?? ""
                guard status != seen.last else {
                    await gate.step()
                    await Task.yield()
                    continue
                }
                seen.append(status)
            }
            let order = [
                "InProgress", "ProvisioningControlPlane", "ReconcilingDNS", "ReconcilingAddons", "Succeeded",
            ]
            #expect(seen == order)
            await gate.open()
        }
    }

    @Test func `polls are told to hurry only where time is scaled`() async throws {
        for (scale, expected) in [(1.0, nil), (0.1, "3"), (0.001, "1")] as [(Double, String?)] {
            let gate = Gate()
            await gate.close()
            try await Azure.run(configure: {
                $0.timeScale = scale
                $0.sleep = { _ in await gate.pass() }
            }) { azure async throws in
                let target = try azure.operationTarget(try await azure.putKMS(azure.off))
                #expect(await azure.send("GET", target).header("retry-after") == expected)
                await gate.open()
            }
        }
    }
}
