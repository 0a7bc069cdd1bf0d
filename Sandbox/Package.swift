// swift-tools-version: 6.2
import PackageDescription

/// The sandbox is a package of its own, so that its dependencies never reach the product.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .treatAllWarnings(as: .error),
// swift-tools-version:6.2
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "kms-vault-sandbox",
    products: [
        .executable(name: "kms-vault-sandbox", targets: ["kms-vault-sandbox"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    ],
    targets: [
        .target(name: "ClusterModel", swiftSettings: settings),
        .target(name: "AzureStandIn", dependencies: ["ClusterModel"], swiftSettings: settings),
        .executableTarget(
            name: "kms-vault-sandbox",
            dependencies: [
                "AzureStandIn",
                "ClusterModel",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdHTTP2", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AzureStandInTests", dependencies: ["AzureStandIn", "ClusterModel"], swiftSettings: settings),
    ]
    platforms: [.macOS(.v15)],
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .target(name: "ClusterModel", swiftSettings: strict),
        .target(
            name: "EmbeddedCluster",
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "Crypto", package: "swift-crypto"),
            swiftSettings: strict),
            name: "embedded-cluster",
            dependencies: ["EmbeddedCluster", "ClusterModel", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),
            name: "EmbeddedClusterTests", dependencies: ["EmbeddedCluster", "ClusterModel"], swiftSettings: strict),
    swiftLanguageModes: [.v6]
)
