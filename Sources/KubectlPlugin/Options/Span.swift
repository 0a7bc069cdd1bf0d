import ArgumentParser
import Kubeconfig

/// A length of time on the command line: seconds, or with units as kubectl's own flags take them (`90s`, `10m`,
/// `1h30m`).
struct Span: ExpressibleByArgument {
    let seconds: Double

    init(seconds: Double) { self.seconds = seconds }

    init?(argument: String) {
        guard let seconds = parseTimeout(argument) else { return nil }
        self.seconds = seconds
    }

    var defaultValueDescription: String {
        if seconds > 3600, seconds.truncatingRemainder(dividingBy: 3600) == 0 { return "\(Int(seconds / 3600))h" }
        return seconds >= 60 && seconds.truncatingRemainder(dividingBy: 60) == 0
            ? "\(Int(seconds / 60))m" : "\(Int(seconds))s"
    }
}
