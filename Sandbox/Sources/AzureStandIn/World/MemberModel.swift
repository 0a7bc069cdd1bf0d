/// The members of a managed cluster that an api-version knows.
///
/// Azure shows a version what it knows, keeps the rest at a PUT of that version, and refuses what it does not know.
/// Names and first versions: azure-rest-api-specs, `Microsoft.ContainerService`, and recordings of azure-cli's tests.
struct MemberModel: Sendable {
    /// The first api-versions, as dates, that know a member; nil: none of that kind does.
    struct Since: Sendable, Hashable {
        var stable: String?
        var preview: String?

        /// Known to every version.
        static let ever = Since(stable: "", preview: "")

        func includes(_ version: String) -> Bool {
            let date = String(version.prefix(10))
            return (APIVersions.isPreview(version) ? preview : stable).map { $0 <= date } ?? false
        }
    }

    var since = Since.ever
    /// By name; `*` stands for any name, `[]` for the elements of a list. None: anything may be below.
    var members: [String: MemberModel] = [:]

    /// What stands below a name; nil for a name that nobody knows.
    func member(_ name: String) -> MemberModel? { members[name] ?? members["*"] }

    private mutating func add(_ path: ArraySlice<String>, _ since: Since) {
        guard let name = path.first else {
            self.since = since
            return
        }
        members[name, default: MemberModel()].add(path.dropFirst(), since)
    }

    /// Reads lines of `parent: name name@STABLE/PREVIEW …`; `-` stands for no version, and one date alone for both.
    init(lines text: String) {
        for line in text.split(separator: "\n") {
            let sides = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else { continue }
            let parent = sides[0].replacing("[]", with: ".[]").split(separator: ".").map(String.init)
            for word in sides[1].split(separator: " ") {
                let parts = word.split(separator: "@")
                add((parent + [String(parts[0])])[...], parts.count > 1 ? Self.since(parts[1]) : .ever)
            }
        }
    }

    private init() {}

    private static func since(_ text: Substring) -> Since {
        let dates = text.split(separator: "/").map { $0 == "-" ? nil : String($0) }
        return Since(stable: dates[0], preview: dates.count > 1 ? dates[1] : dates[0])
    }
}

extension MemberModel {
    /// What a version shows of a value.
    func shown(_ value: JSON, to version: String) -> JSON {
        guard !members.isEmpty else { return value }
        switch value {
        case .object(let all):
            return .object(
                all.reduce(into: [:]) { shown, pair in
                    guard let model = member(pair.key), model.since.includes(version) else { return }
                    shown[pair.key] = model.shown(pair.value, to: version)
                })
        case .array(let items):
            guard let model = members["[]"] else { return value }
            return .array(items.map { model.shown($0, to: version) })
        default: return value
        }
    }

    /// The first name that a version does not know.
    func unknownName(in value: JSON, to version: String) -> String? {
        guard !members.isEmpty else { return nil }
        switch value {
        case .object(let all):
            for (name, value) in all.sorted(by: { $0.key < $1.key }) {
                guard let model = member(name), model.since.includes(version) else { return name }
                if let found = model.unknownName(in: value, to: version) { return found }
            }
            return nil
        case .array(let items):
            return items.lazy.compactMap { members["[]"]?.unknownName(in: $0, to: version) }.first
        default: return nil
        }
    }

    /// What a PUT of a version makes of a value: what it knows is as given, and what is hidden from it stays.
    func replacing(_ old: JSON?, with given: JSON?, by version: String) -> JSON? {
        guard !members.isEmpty, old?.object != nil || old?.array != nil else { return given }
        if let model = members["[]"] {
            // Elements are told apart by their names; those without are replaced.
            let before = old?.array ?? []
            guard let given = given?.array else { return given }
            return .array(
                given.map { item in
                    let mine = before.first { item["name"] != nil && $0["name"] == item["name"] }
                    return model.replacing(mine, with: item, by: version) ?? item
                })
        }
        var next = given?.object ?? [:]
        for (name, value) in old?.object ?? [:] {
            let model = member(name)
            if let model, model.since.includes(version) {
                let kept = model.replacing(value, with: next[name], by: version)
                // Of a member that was left out only what is hidden below it can stay.
                if next[name] != nil || kept?.object?.isEmpty == false { next[name] = kept }
            } else {
                next[name] = value
            }
        }
        return next.isEmpty && given?.object == nil ? given : .object(next)
    }
}
