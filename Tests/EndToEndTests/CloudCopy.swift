import Foundation
import SystemRig

/// A copy of an az profile whose resource manager is at another host.
func copyCloud(from folder: String, to copy: String, host: String) throws {
    try FileManager.default.copyItem(atPath: folder, toPath: copy)
    let file = URL(fileURLWithPath: copy + "/clouds.config")
    let text = try String(contentsOf: file, encoding: .utf8)
    let moved = text.replacing(/endpoint_resource_manager = https:\/\/[^\/\n]*/) { _ in
        "endpoint_resource_manager = https://\(host)"
    }
    guard moved != text else { throw RigError("\(file.path) names no resource manager") }
    try Data(moved.utf8).write(to: file)
}
