import Azure
import Connections
package import Run

/// One command on many clusters.
package struct FleetRequest: Sendable {
    /// Where it is said which clusters are meant.
    package enum Source: Sendable, Hashable {
        /// A file of clusters; `-` for standard input.
        case file(String)
        /// Every cluster with these tags.
        case tags([String: String])
        /// Every cluster of the resource group or the subscription.
        case all
    }

    package var command: CommandRequest.Command
    package var source: Source
    /// Limits a search to a subscription, and to a resource group.
    package var subscription: String?
    package var resourceGroup: String?
    /// Whether the administrator's credentials are used, which Entra does not limit.
    package var asAdmin = false
    package var options: RunOptions
    /// How many clusters are worked on at a time.
    package var parallel = 4
    /// The tag by whose values clusters are put into stages.
    package var stageTag: String?
    /// Seconds between two stages, where the file says nothing else.
    package var pause = 0.0
    /// Whether the others begin after one has failed.
    package var keepsGoing = false

    package init(_ command: CommandRequest.Command, _ source: Source, options: RunOptions = RunOptions()) {
        self.command = command
        self.source = source
        self.options = options
    }

    /// Whether a plan is shown and agreed to.
    var needsPlan: Bool {
        switch command {
        case .switchMode, .rotate, .makeSafe: true
        default: false
        }
    }

    /// Whether the plan is shown and nothing done.
    var isDryRun: Bool {
        switch command {
        case .switchMode(let dryRun), .rotate(let dryRun): dryRun
        default: false
        }
    }

    /// What makes the same command again go on where it ended.
    var job: [String] {
        switch command {
        case .switchMode: [command.name, options.target.rawValue]
        case .rotate: [command.name, options.makesKeyVersion ? "new version" : "newest version"]
        default: [command.name]
        }
    }

    /// The command on one of the clusters.
    func request(_ command: CommandRequest.Command? = nil, on member: FleetCluster) -> CommandRequest {
        var selection = SubjectSelection()
        selection.subscription = member.id.subscription
        selection.resourceGroup = member.id.resourceGroup
        selection.name = member.id.name
        selection.access = .azure(asAdmin: asAdmin)
        var options = options
        options.planID = nil
        return CommandRequest(command ?? self.command, selection, options)
    }
}
