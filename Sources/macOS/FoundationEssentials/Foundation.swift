// Built on macOS alone (Package.swift): there is no FoundationEssentials there, and Foundation has all that it has.
@_exported public import Foundation
