import Glibc
import JSON

/// libFuzzer's own change of bytes (compiler-rt, lib/fuzzer/FuzzerInterface.h).
@_silgen_name("LLVMFuzzerMutate")
private func changeBytes(_ bytes: UnsafeMutablePointer<UInt8>?, _ size: Int, _ most: Int) -> Int

/// Asked by libFuzzer for the next input. Bytes that are changed at random are seldom JSON any more, and the parser stands
/// before all that is of interest here: where a part of the input is JSON, mostly a value within it is changed.
@_cdecl("LLVMFuzzerCustomMutator")
public func nextInput(_ bytes: UnsafeMutablePointer<UInt8>?, _ size: Int, _ most: Int, _ seed: CUnsignedInt) -> Int {
    var chance = Chance(seed: UInt64(seed))
    let input = Array(UnsafeBufferPointer(start: bytes, count: size))
    guard chance.below(8) != 0, let changed = changedPart(of: input, &chance), changed.count <= most, let bytes else {
        return changeBytes(bytes, size, most)
    }
    for (index, byte) in changed.enumerated() { bytes[index] = byte }
    return changed.count
}

private func changedPart(of input: [UInt8], _ chance: inout Chance) -> [UInt8]? {
    var parts = parts(input)
    let index = chance.below(parts.count)
    let part = parts[index]
    // The body of an answer, or all of it.
    let start = bodyStart(part)
    guard var document = try? JSONValue(parsing: Array(part[start...])) else { return nil }
    for _ in 0...chance.below(3) { document = change(document, &chance) }
    parts[index] = part[..<start] + document.bytes()
    return Array(parts.joined(separator: [partSeparator]))
}

private func bodyStart(_ part: [UInt8]) -> Int {
    let newline = UInt8(ascii: "\n")
    return part.indices.first { part[$0] == newline && $0 > 0 && part[$0 - 1] == newline }.map { $0 + 1 } ?? 0
}

/// The document with one of its values changed, each as likely as any other.
private func change(_ document: JSONValue, _ chance: inout Chance) -> JSONValue {
    var countdown = chance.below(size(document))
    return changed(document, &countdown, &chance)
}

private func size(_ value: JSONValue) -> Int {
    switch value {
    case .array(let items): items.reduce(1) { $0 + size($1) }
    case .object(let members): members.values.reduce(1) { $0 + size($1) }
    default: 1
    }
}

private func changed(_ value: JSONValue, _ countdown: inout Int, _ chance: inout Chance) -> JSONValue {
    if countdown == 0 {
        countdown = -1
        return replacement(of: value, &chance)
    }
    countdown -= 1
    switch value {
    case .array(var items):
        for index in items.indices where countdown >= 0 { items[index] = changed(items[index], &countdown, &chance) }
        return .array(items)
    case .object(var members):
        for name in members.keys.sorted() where countdown >= 0 {
            members[name] = members[name].map { changed($0, &countdown, &chance) }
        }
        return .object(members)
    default: return value
    }
}

private let edges: [JSONValue] = [
    .null, .bool(true), .bool(false), .integer(0), .integer(-1), .integer(.max), .integer(.min), .integer(1 << 53),
    .integer(2_147_483_648), .double(0.5), .double(-1e300), .double(1.7e308), .string(""), .string("\u{0}"),
    .string("9223372036854775807"), .string("1e400"), .string("NaN"), .string("-inf"), .string("e\u{301}\u{202E}👩‍👩‍👧"),
    .string("9999-12-31T23:59:60.999999999Z"), .string("0000-01-01T00:00:00-14:00"),
    .string(String(repeating: "a", count: 300)),
    .string("/"), .string("*"), .array([]), .object([:]), .array([.array([.null])]), .object(["": .null]),
]

private func replacement(of value: JSONValue, _ chance: inout Chance) -> JSONValue {
    if chance.below(3) == 0 { return edges[chance.below(edges.count)] }
    switch value {
    case .string(let text): return .string(replacement(of: text, &chance))
    case .integer(let number):
        let steps: [Int64] = [number &+ 1, number &- 1, number &* 2, ~number, number &* 1_000_003]
        return .integer(steps[chance.below(steps.count)])
    case .array(var items) where !items.isEmpty:
        let index = chance.below(items.count)
        switch chance.below(3) {
        case 0: items.remove(at: index)
        case 1: items.append(items[index])
        default: items.reverse()
        }
        return .array(items)
    case .object(var members) where !members.isEmpty:
        let names = members.keys.sorted()
        let (one, other) = (names[chance.below(names.count)], names[chance.below(names.count)])
        switch chance.below(3) {
        case 0: members[one] = nil
        case 1: members[one] = members[other]
        default: members[replacement(of: one, &chance)] = members[one]
        }
        return .object(members)
    default: return .array([value, value])
    }
}

private func replacement(of text: String, _ chance: inout Chance) -> String {
    switch chance.below(4) {
    case 0: return text + text
    case 1: return String(text.dropLast(1 + chance.below(max(1, text.count))))
    default:
        // libFuzzer knows which bytes the code compares with.
        var bytes = Array(text.utf8) + [UInt8](repeating: 0, count: 64)
        let most = bytes.count
        let length = bytes.withUnsafeMutableBufferPointer { changeBytes($0.baseAddress, text.utf8.count, most) }
        return String(decoding: bytes[..<length], as: UTF8.self)
    }
}

/// SplitMix64, so that an input comes again with its seed.
private struct Chance {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }
}
