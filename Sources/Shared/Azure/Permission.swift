/// One entry of what a role grants: an action is granted if a pattern of `actions` matches and none of `notActions`
/// does.
///
/// The shape of `permissions` in a role definition and in `Microsoft.Authorization/permissions`.
package struct Permission: Sendable, Hashable {
    package var actions: [String]
    package var notActions: [String]
    package var dataActions: [String]
    package var notDataActions: [String]

    package init(
        actions: [String] = [], notActions: [String] = [], dataActions: [String] = [], notDataActions: [String] = []
    ) {
        self.actions = actions
        self.notActions = notActions
        self.dataActions = dataActions
        self.notDataActions = notDataActions
    }
}

extension [Permission] {
    /// Whether any entry grants a management action, such as `Microsoft.KeyVault/vaults/write`.
    package func allow(_ action: String) -> Bool {
        contains { entry in
            entry.actions.contains { patternMatches($0, action) }
                && !entry.notActions.contains { patternMatches($0, action) }
        }
    }

    /// Whether any entry grants a data action, such as `Microsoft.KeyVault/vaults/keys/encrypt/action`.
    package func allowData(_ action: String) -> Bool {
        contains { entry in
            entry.dataActions.contains { patternMatches($0, action) }
                && !entry.notDataActions.contains { patternMatches($0, action) }
        }
    }
}

/// Azure's patterns: case does not count and `*` stands for any run of characters, slashes among them.
private func patternMatches(_ pattern: String, _ action: String) -> Bool {
    let text = Array(action.lowercased().utf8)
    let parts = pattern.lowercased().utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
        .map(Array.init)
    guard let first = parts.first, let last = parts.last else { return false }
    if parts.count == 1 { return text == first }
    guard text.count >= first.count + last.count, text.starts(with: first), text.suffix(last.count).elementsEqual(last)
    else { return false }
    var rest = text.dropFirst(first.count).dropLast(last.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
        guard let end = endOfFirst(part, in: rest) else { return false }
        rest = rest[end...]
    }
    return true
}

private func endOfFirst(_ part: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
    guard text.count >= part.count else { return nil }
    for start in text.startIndex...(text.endIndex - part.count) where text[start...].starts(with: part) {
        return start + part.count
    }
    return nil
}
