/// Who sends the writes of a rewrite.
extension OptionEntry {
    package static let engine = OptionEntry(
        "engine", .choice(["auto", "svm"]), default: "auto",
        "Who rewrites all Secrets: auto (this program) or svm (the cluster, by a StorageVersionMigration).", az: .same)
}
