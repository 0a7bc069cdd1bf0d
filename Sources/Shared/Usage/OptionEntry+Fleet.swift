/// Many clusters in one command. az has no form for it: its commands are about the cluster that -g and -n name.
extension OptionEntry {
    package static let allIn = OptionEntry(
        "all-in", .file,
        "Work on the clusters of this file: ARM ids, one a line, or stages in YAML; - for standard input.")
    package static let query = OptionEntry(
        "query", .text, repeats: true,
        "Work on every cluster with this tag, TAG=VALUE; may be repeated, and then all must match.")
    package static let allClusters = OptionEntry(
        "all-clusters", .flag, "Work on every cluster of the resource group (-g) or the subscription.")
    package static let parallel = OptionEntry(
        "parallel", .integer, default: "4", "How many clusters are worked on at a time.")
    package static let stageBy = OptionEntry(
        "stage-by", .text, "Put clusters into stages by the values of this tag, in their order.")
    package static let pause = OptionEntry(
        "pause", .duration, default: "0s", "How long to wait between two stages.")
    package static let keepGoing = OptionEntry(
        "keep-going", .flag, "Begin with other clusters although one has failed or is refused.")
    package static let fleetAdmin = OptionEntry(
        "admin", .flag, "With many clusters: the administrator's credentials that Azure gives out.")

    /// What makes a command one on many clusters.
    package static let fleet: [OptionEntry] = [
        .allIn, .query, .allClusters, .parallel, .stageBy, .pause, .keepGoing, .fleetAdmin,
    ]
}
