import Azure
import Commands
import FoundationEssentials
import JSON
import ModeSwitch
import Run
import TestDoubles
import Testing

func onDesk(_ body: (Desk) async throws -> Void) async throws {
    let desk = try Desk()
    defer { desk.clear() }
    try await body(desk)
}

func to(_ target: NetworkMode) -> RunOptions {
    var options = RunOptions()
    options.target = target
    options.targetIsNamed = true
    return options
}

let switching = CommandRequest.Command.switchMode(dryRun: false)

extension Desk {
    /// Whether nothing in Azure and nothing in the cluster was changed, probes and the lock left out.
    func expectUntouched(_ location: SourceLocation = #_sourceLocation) {
        #expect(azure.read { $0.puts.isEmpty && $0.vaultAccess == "Enabled" }, sourceLocation: location)
        #expect(!azure.read { $0.asked.contains { $0.hasPrefix("PATCH") } }, sourceLocation: location)
        #expect(kube.forms == [KubeDouble.encrypted: 12], sourceLocation: location)
    }

    /// What a run leaves in the cluster: its record, a Lease that nobody holds, and no probe.
    func expectTidy(_ location: SourceLocation = #_sourceLocation) {
        kube.read { kube in
            #expect(!kube.secrets.keys.contains { $0.contains("probe") }, sourceLocation: location)
            let lease = kube.objects.first { $0.key.contains("leases") }?.value
            #expect(lease?[path: "spec", "holderIdentity"]?.string ?? "" == "", sourceLocation: location)
        }
    }

    /// Somebody elsewhere holds the lock, for a run.
    func hold(by holder: String, run: String) {
        kube.change { kube in
            for (path, var lease) in kube.objects where path.contains("leases") {
                var spec = lease["spec"] ?? .object([:])
                spec["holderIdentity"] = .string(holder)
                spec["leaseDurationSeconds"] = .integer(60)
                lease["spec"] = spec
                var metadata = lease["metadata"] ?? .object([:])
                metadata["annotations"] = .object(["kms-vault.azure/run-id": .string(run)])
                lease["metadata"] = metadata
                kube.objects[path] = lease
            }
        }
    }

    /// Loses the disk of this machine.
    func forget() { try? FileManager.default.removeItem(atPath: folder + "/kubectl-kms-vault") }

    /// KMS turned off by somebody, and every Secret rewritten since.
    func turnOff() {
        azure.change {
            $0.kms = .object(["enabled": .bool(false), "keyId": .string(keyID)])
            $0.moveETag()
        }
        kube.change { kube in
            kube.form = KubeDouble.plaintext
            for name in kube.secrets.keys { kube.secrets[name]?.form = KubeDouble.plaintext }
        }
    }
}
