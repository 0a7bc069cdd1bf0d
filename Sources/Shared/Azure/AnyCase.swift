/// Azure compares its words without case, and its answers differ in it.
extension CaseIterable where Self: RawRepresentable<String> {
    /// The value that ARM names, in any case; nil for one that is not known.
    package init?(anyCase text: String) {
        guard let value = Self.allCases.first(where: { $0.rawValue.lowercased() == text.lowercased() }) else {
            return nil
        }
        self = value
    }
}
