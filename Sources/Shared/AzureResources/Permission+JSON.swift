package import Azure
package import JSON

extension Permission {
    /// Reads an entry of `permissions`. What is missing, or of another type, reads as empty.
    package init(_ document: JSONValue) {
        func texts(_ member: String) -> [String] { (document[member]?.array ?? []).compactMap(\.string) }
        self.init(
            actions: texts("actions"), notActions: texts("notActions"), dataActions: texts("dataActions"),
            notDataActions: texts("notDataActions"))
    }
}
