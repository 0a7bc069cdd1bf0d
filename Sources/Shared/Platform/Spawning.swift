import CPlatform

/// What a child has as one of its three standard descriptors.
package enum ChildDescriptor: Sendable, Hashable {
    case ours(Int32)
    case inherited
    /// /dev/null, to read from.
    case nothing

    fileprivate var raw: Int32 {
        switch self {
        case .ours(let descriptor): descriptor
        case .inherited: Int32(CPLATFORM_INHERIT)
        case .nothing: Int32(CPLATFORM_NOTHING)
        }
    }
}

/// Starts a child that has three descriptors and no other, and no signal blocked or ignored.
///
/// - Parameters:
///   - arguments: the first one is its name.
///   - environment: `NAME=value` each.
///   - ownGroup: whether it leads a process group of its own. A child that reads the terminal has to stay in ours, or
///     the terminal stops it.
/// - Returns: its number, or the number of the error (posix_spawn(3)).
package func startChild(
    _ executable: String, _ arguments: [String], environment: [String], input: ChildDescriptor,
    output: ChildDescriptor, errors: ChildDescriptor, ownGroup: Bool
) -> Result<Int32, StartError> {
    var process = pid_t()
    let code = withCStrings(arguments) { arguments in
        withCStrings(environment) { environment in
            cplatform_spawn(
                &process, executable, arguments, environment, input.raw, output.raw, errors.raw, ownGroup ? 1 : 0)
        }
    }
    return code == 0 ? .success(process) : .failure(StartError(errno: code))
}

/// Why a child could not be started.
package struct StartError: Error, Sendable, Hashable {
    package let errno: Int32
}

/// Calls `body` with a C array of C strings that ends with NULL; all live until it returns.
private func withCStrings<Value>(
    _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Value
) -> Value {
    let copies = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return (copies + [nil]).withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { preconditionFailure("an array of at least one element has a base") }
        return body(base)
    }
}
