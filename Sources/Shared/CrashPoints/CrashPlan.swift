#if CRASH_POINTS

    /// Where a run is to be ended, and how: a value, decided before the run and asked at every point that it passes.
    package struct CrashPlan: Sendable, Hashable {
        /// How a process ends, or stops, at a point: both without a chance to tidy up.
        package enum Blow: Sendable, Hashable {
            case kill
            /// Stopped until somebody continues it.
            case stop
        }

        /// One passage of a point, written `name#number`, counted from 1.
        package struct Passage: Sendable, Hashable, CustomStringConvertible {
            package let name: String
            package let number: Int

            package init(name: String, number: Int) {
                self.name = name
                self.number = number
            }

            /// Nil unless the text is a name, `#` and a number from 1.
            package init?(parsing text: String) {
                let parts = text.split(separator: "#", omittingEmptySubsequences: false)
                guard parts.count == 2, !parts[0].isEmpty, let number = Int(parts[1]), number > 0 else { return nil }
                self.init(name: String(parts[0]), number: number)
            }

            package var description: String { "\(name)#\(number)" }
        }

        private let blows: [Passage: Blow]
        private var passed: [String: Int] = [:]

        package init(_ blows: [Passage: Blow]) { self.blows = blows }

        /// Reads KMS_VAULT_CRASH_AT and KMS_VAULT_STOP_AT.
        ///
        /// - Returns: nil when one of them is there and is no passage: a misspelt point must not look like a survived
        ///   one.
        package init?(environment: [String: String]) {
            var blows: [Passage: Blow] = [:]
            for (variable, blow) in [("KMS_VAULT_CRASH_AT", Blow.kill), ("KMS_VAULT_STOP_AT", .stop)] {
                guard let text = environment[variable], !text.isEmpty else { continue }
                guard let passage = Passage(parsing: text) else { return nil }
                blows[passage] = blow
            }
            self.init(blows)
        }

        /// Counts one more passage of a point, and says what is to happen at it.
        package mutating func pass(_ name: String) -> (passage: Passage, blow: Blow?) {
            passed[name, default: 0] += 1
            let passage = Passage(name: name, number: passed[name, default: 1])
            return (passage, blows[passage])
        }
    }

#endif
