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
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
        // What the sandbox's Azure and its clusters agree on.

        // etcd and kube-apiserver with encryption at rest through a KMS v1 plugin.
            name: "KMSPlugin",
                .product(name: "GRPCCore", package: "grpc-swift-2"),
                .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport"),
                .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
        .systemLibrary(name: "CSpawn"),
            name: "RealCluster",
                "ClusterModel", "CSpawn", "KMSPlugin",
            name: "RealClusterTests",
                "RealCluster", "KMSPlugin", "ClusterModel", .product(name: "NIOSSL", package: "swift-nio-ssl"),
    swiftLanguageModes: [.v6]
)
