/// Who sends the writes of a rewrite.
extension OptionEntry {
    package static let engine = OptionEntry(
        "engine", .choice(["auto", "svm"]), default: "auto",
        "Who rewrites all Secrets: auto (this program) or svm (the cluster, by a StorageVersionMigration).", az: .same)
    package static let resources = OptionEntry(
        "resources", .text, repeats: true,
        "With --engine svm: a resource that the cluster rewrites after Secrets, as configmaps; may be repeated.")
}
