// swift-tools-version:6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    // Where tests end the process (docs/testing.md); a release build holds nothing of it.
    .define("CRASH_POINTS", .when(configuration: .debug)),
]

/// A folder under Sources/Shared is a target, so that the folder list is the map and the compiler keeps it true.
func shared(_ name: String, _ uses: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: uses, path: "Sources/Shared/\(name)", swiftSettings: strict)
}

func tests(_ name: String, _ uses: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: uses, path: "Tests/\(name)", resources: resources, swiftSettings: strict)
}

let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "kms-vault",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "kubectl-kms-vault", targets: ["KubectlPlugin"]),
        .executable(name: "az-kms-vault-shim", targets: ["AzExtensionShim"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")
    ],
    targets: [
        // C libraries, each behind one Swift target.
        .systemLibrary(
            name: "CCurl", path: "Sources/Shared/CCurl", pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]),
        .systemLibrary(
            name: "CYAML", path: "Sources/Shared/CYAML", pkgConfig: "yaml-0.1",
            providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),

        // What differs between systems.
        .systemLibrary(name: "CPlatform", path: "Sources/Shared/CPlatform"),
        shared("Platform", ["CPlatform"]),

        // Values and edges that know nothing of the job.
        shared("Text"),
        shared("Azure", ["Text"]),
        // What people type, and the commands that texts tell to type.
        shared("Usage", ["Azure", "Text"]),
        shared("HTTP"),
        shared("JSON"),
        shared("Files", ["Platform", "Text"]),
        shared("Processes", ["Files", "Platform", "Text"]),
        shared("Curl", ["CCurl", "HTTP", "Platform", "Text"]),
        shared("YAML", ["CYAML"]),

        // The two worlds that the job touches.
        shared("Kubeconfig", ["YAML", "JSON", "HTTP", "Files", "Processes", "Text"]),
        shared("AzureAccount", ["Azure", "HTTP", "JSON", "Files", "Processes", "Text"]),
        shared("AzureResources", ["Azure", "HTTP", "JSON", "AzureAccount", "Text"]),
        shared("KubeAPI", ["HTTP", "JSON", "Kubeconfig", "Preflight", "SecretRewrite", "Text"]),

        // The decisions.
        shared("SecretRewrite"),
        shared("ModeSwitch", ["Azure", "SecretRewrite"]),
        shared("Preflight", ["Azure", "SecretRewrite", "Text", "Usage"]),
        shared("Plan", ["Azure", "ModeSwitch", "Preflight", "SecretRewrite", "Text", "Usage"]),
        shared("Report", ["Azure", "ModeSwitch", "SecretRewrite", "Usage"]),
        shared(
            "PreflightReading",
            [
                "Azure", "AzureAccount", "AzureResources", "HTTP", "JSON", "KubeAPI", "Kubeconfig", "Preflight",
                "SecretRewrite", "Text",
            ]),
        shared("Journal", ["Azure", "ModeSwitch", "JSON", "Files", "Text"]),

        // Many clusters in one command: which, in which order, how far.
        shared("Fleet", ["Azure", "Files", "JSON", "Kubeconfig", "ModeSwitch", "Text", "YAML"]),

        // Debug builds only: empty in a release.
        shared("CrashPoints", ["HTTP", "Platform"]),

        // What people see.
        shared(
            "Console",
            [
                "Azure", "JSON", "ModeSwitch", "Plan", "Platform", "Preflight", "Report", "SecretRewrite", "Text",
                "Usage", "YAML",
            ]),

        // Where all is joined: the cluster and how it is reached, a run on it, and the commands.
        shared(
            "Connections",
            [
                "Azure", "AzureAccount", "AzureResources", "CrashPoints", "Curl", "Files", "HTTP", "KubeAPI",
                "Kubeconfig", "ModeSwitch", "Platform", "Processes", "Text", "Usage",
            ]),
        shared(
            "Run",
            [
                "Azure", "AzureAccount", "AzureResources", "Connections", "Console", "Files", "HTTP", "Journal",
                "JSON", "KubeAPI", "Kubeconfig", "ModeSwitch", "Plan", "Platform", "Preflight",
                "PreflightReading", "Report", "SecretRewrite", "Text", "Usage",
            ]),
        shared(
            "Commands",
            [
                "Azure", "AzureAccount", "AzureResources", "Connections", "Console", "Files", "Fleet", "HTTP",
                "Journal",
                "JSON",
                "KubeAPI", "Kubeconfig", "ModeSwitch", "Plan", "Preflight", "PreflightReading", "Report", "Run",
                "SecretRewrite", "Text", "Usage",
            ]),
        .executableTarget(
            name: "KubectlPlugin",
            dependencies: [
                "Azure", "Commands", "Connections", "Console", "Curl", "Files", "HTTP", "JSON", "Kubeconfig",
                "ModeSwitch", "Plan", "Platform", "Preflight", "Report", "Run", "SecretRewrite", "Text", "Usage",
                "YAML", arguments,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "AzExtensionShim",
            dependencies: [
                "Azure", "AzureAccount", "Commands", "Connections", "Console", "Files", "HTTP", "JSON",
                "Kubeconfig", "ModeSwitch", "Plan", "Platform", "Processes", "Report", "Run", "Usage",
            ],
            swiftSettings: strict),

        // What several test targets answer with instead of Azure and an API server.
        .target(
            name: "TestDoubles",
            dependencies: [
                "Azure", "AzureAccount", "AzureResources", "Commands", "Connections", "Console", "Files", "HTTP",
                "JSON",
                "KubeAPI", "ModeSwitch", "Plan", "Preflight", "PreflightReading", "Report", "Run",
                "SecretRewrite", "Usage",
            ],
            path: "Tests/TestDoubles", swiftSettings: strict),

        tests("CurlTests", ["Curl", "HTTP"], resources: [.copy("Fixtures")]),
        tests("HTTPTests", ["HTTP"]),
        tests("TextTests", ["Text"]),
        tests("AzureTests", ["Azure"]),
        tests("UsageTests", ["Azure", "Usage"]),
        tests("FleetTests", ["Azure", "Files", "Fleet", "ModeSwitch"]),
        tests("PlanTests", ["Azure", "Console", "ModeSwitch", "Plan", "SecretRewrite", "TestDoubles"]),
        tests("ReportTests", ["Azure", "ModeSwitch", "Report", "SecretRewrite", "TestDoubles"]),
        tests("ConnectionsTests", ["Commands", "Connections", "Files", "Kubeconfig", "Usage"]),
        tests(
            "RunTests",
            [
                "Azure", "AzureAccount", "AzureResources", "Connections", "Console", "Files", "HTTP", "Journal",
                "JSON", "KubeAPI", "ModeSwitch", "Report", "Run", "SecretRewrite", "TestDoubles", "Usage",
            ]),
        tests(
            "CommandsTests",
            [
                "Azure", "AzureAccount", "AzureResources", "Commands", "Connections", "Console", "Files", "HTTP",
                "JSON", "Kubeconfig", "ModeSwitch", "Plan", "Report", "Run", "SecretRewrite", "TestDoubles",
                "Usage",
            ]),
        tests("CrashPointsTests", ["CrashPoints", "HTTP"]),
        tests("JSONTests", ["JSON"]),
        tests(
            "ConsoleTests",
            [
                "Azure", "Console", "JSON", "ModeSwitch", "Plan", "Preflight", "Report", "SecretRewrite", "TestDoubles",
                "Text", "Usage", "YAML",
            ]),
        tests("JournalTests", ["Azure", "Journal", "JSON", "ModeSwitch", "Files", "SecretRewrite"]),
        tests("ModeSwitchTests", ["Azure", "ModeSwitch", "SecretRewrite"]),
        tests("FilesTests", ["Files"]),
        tests("ProcessesTests", ["Processes", "Files"]),
        tests("YAMLTests", ["YAML"]),
        tests("KrewTests", ["YAML"]),
        tests(
            "KubectlPluginTests",
            [
                "Commands", "Connections", "Console", "JSON", "KubectlPlugin", "ModeSwitch", "Preflight",
                "SecretRewrite", "Usage",
                arguments,
            ]
        ),
        tests(
            "KubeAPITests",
            ["KubeAPI", "Files", "HTTP", "JSON", "Kubeconfig", "Preflight", "SecretRewrite", "Text"]),
        tests("SecretRewriteTests", ["SecretRewrite"]),
        tests(
            "AzureResourcesTests", ["Azure", "AzureAccount", "AzureResources", "HTTP", "JSON"],
            resources: [.copy("Fixtures")]),
        tests("PreflightTests", ["Azure", "JSON", "Preflight", "SecretRewrite", "Usage", "YAML"]),
        tests(
            "PreflightReadingTests",
            [
                "Azure", "AzureAccount", "AzureResources", "Files", "HTTP", "JSON", "KubeAPI", "Kubeconfig",
                "Connections", "Preflight", "PreflightReading", "SecretRewrite", "TestDoubles",
            ]),
        tests(
            "CorpusTests",
            [
                "Azure", "AzureAccount", "AzureResources", "HTTP", "JSON", "KubeAPI", "Preflight", "PreflightReading",
                "SecretRewrite", "TestDoubles",
            ]),
        tests(
            "AzureAccountTests", ["AzureAccount", "Files", "HTTP", "JSON", "Processes"],
            resources: [.copy("Fixtures")]),
        tests(
            "AzExtensionShimTests",
            [
                "Azure", "AzExtensionShim", "AzureAccount", "Commands", "Connections", "Console", "HTTP", "JSON",
                "ModeSwitch", "SecretRewrite", "Usage",
            ]),
        // What starts sandboxes and programs for the tests of the whole.
        .target(
            name: "SystemRig", dependencies: ["CPlatform", "Curl", "HTTP", "JSON", "Platform"], path: "Tests/SystemRig",
            exclude: ["runbook.sh"], swiftSettings: strict),
        tests(
            "EndToEndTests",
            [
                "Azure", "Files", "HTTP", "JSON", "Journal", "Kubeconfig", "KubectlPlugin", "ModeSwitch",
                "SecretRewrite", "SystemRig",
            ],
            resources: [.copy("page.py"), .copy("tab.py"), .copy("terminal.py")]),
        // These need the real az as well, and have a part of their own.
        tests("RunbookTests", ["JSON", "KubectlPlugin", "SystemRig"]),
        tests("AzExtensionTests", ["JSON", "KubectlPlugin", "AzExtensionShim", "SystemRig"]),
        tests("KubeconfigTests", ["Kubeconfig", "YAML", "JSON", "HTTP", "Files", "Processes"]),
    ],
    swiftLanguageModes: [.v6]
)

// macOS has Foundation alone. A target with the name of its smaller part stands in, so that no source needs to care.
#if os(macOS)
    package.targets.append(
        .target(name: "FoundationEssentials", path: "Sources/macOS/FoundationEssentials", swiftSettings: strict))
    for target in package.targets
    where target.type != .system && target.name != "FoundationEssentials" && target.name != "Platform" {
        target.dependencies.append("FoundationEssentials")
    }
#endif

// For script/fuzz alone, never for a build that anybody uses: the same sources with the instrumentation of libFuzzer
// and AddressSanitizer, and one program that feeds them.
if Context.environment["KMS_VAULT_FUZZ"] != nil {
    let instrumentation = ["-sanitize=fuzzer,address"]
    let shim = package.targets.first { $0.name == "AzExtensionShim" }
    package.products = []
    package.dependencies = []
    package.targets.removeAll { $0.type == .executable || $0.type == .test || $0.path?.hasPrefix("Tests/") == true }
    // A library here, without its own start.
    package.targets.append(
        .target(
            name: "AzExtensionShim", dependencies: shim?.dependencies ?? [], exclude: ["Main.swift"],
            swiftSettings: strict))
    for target in package.targets where target.type == .regular {
        target.swiftSettings?.append(.unsafeFlags(instrumentation))
    }
    // Not instrumented itself, so that the edges that libFuzzer counts are those of the decoders.
    package.targets.append(
        .executableTarget(
            name: "Fuzz",
            dependencies: package.targets.filter { $0.type == .regular }.map { .target(name: $0.name) }, path: "Fuzz",
            exclude: ["Seeds"], swiftSettings: strict,
            linkerSettings: [.unsafeFlags(instrumentation + ["-use-ld=lld"])]))
}
