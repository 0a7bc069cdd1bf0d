// swift-tools-version:6.2
import PackageDescription

// The sandbox is a package of its own, so that its dependencies never reach the product.

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// AzureStandIn and the executable were begun without the import features.
let lenient: [SwiftSetting] = [.treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny")]

func nio(_ names: String...) -> [Target.Dependency] { names.map { .product(name: $0, package: "swift-nio") } }

let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioHTTP2: Target.Dependency = .product(name: "NIOHTTP2", package: "swift-nio-http2")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")

let package = Package(
    name: "kms-vault-sandbox",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "kms-vault-sandbox", targets: ["kms-vault-sandbox"])
    ],
    traits: [
        .trait(name: "RealCluster", description: "etcd and kube-apiserver behind the sandbox (--backend real)"),
        .default(enabledTraits: ["RealCluster"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
    ],
    targets: [
        // What the sandbox's Azure and its clusters agree on.
        .target(name: "ClusterModel", swiftSettings: strict),

        // Entra, ARM and Key Vault.
        .target(
            name: "AzureStandIn",
            dependencies: ["ClusterModel", crypto, .product(name: "CryptoExtras", package: "swift-crypto")],
            swiftSettings: lenient),

        // HTTP/1.1 and HTTP/2 over TLS, for Azure and for the API server.
        .target(
            name: "HTTPFront", dependencies: [nioSSL, nioHTTP2] + nio("NIOCore", "NIOPosix", "NIOHTTP1", "NIOTLS"),
            swiftSettings: strict),

        // An API server in the process.
        .target(
            name: "EmbeddedCluster",
            dependencies: ["ClusterModel", "HTTPFront", nioSSL, nioHTTP2, crypto]
                + nio("NIOCore", "NIOPosix", "NIOHTTP1"),
            swiftSettings: strict),

        // etcd and kube-apiserver with encryption at rest through a KMS v1 plugin.
        .target(
            name: "KMSPlugin",
            dependencies: [
                "ClusterModel", crypto,
                .product(name: "GRPCCore", package: "grpc-swift-2"),
                .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport"),
                .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            swiftSettings: strict),
        .systemLibrary(name: "CSpawn"),
        .target(
            name: "RealCluster",
            dependencies: ["ClusterModel", "CSpawn", "KMSPlugin", nioSSL] + nio("NIOCore", "NIOHTTP1", "NIOPosix"),
            swiftSettings: strict),

        .executableTarget(
            name: "kms-vault-sandbox",
            dependencies: [
                "AzureStandIn", "ClusterModel", "EmbeddedCluster", "HTTPFront", nioSSL,
                .target(name: "RealCluster", condition: .when(traits: ["RealCluster"])),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ] + nio("NIOCore", "NIOHTTP1", "NIOPosix"),
            swiftSettings: lenient),

        .testTarget(
            name: "AzureStandInTests",
            dependencies: [
                "AzureStandIn", "ClusterModel", crypto, .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            swiftSettings: lenient),
        .testTarget(
            name: "EmbeddedClusterTests", dependencies: ["EmbeddedCluster", "ClusterModel"], swiftSettings: strict),
        // Azure and the embedded cluster together: what becomes of Secrets when Azure changes the key.
        .testTarget(
            name: "EncryptionTests", dependencies: ["AzureStandIn", "EmbeddedCluster", "ClusterModel"],
            swiftSettings: lenient),
        .testTarget(
            name: "RealClusterTests", dependencies: ["RealCluster", "KMSPlugin", "ClusterModel", nioSSL],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
