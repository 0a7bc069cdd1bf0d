/// A CA that others made, for a cluster that must be trusted by them.
public struct CertificateAuthorityFiles: Sendable, Hashable {
    public var certificate: String
    public var key: String

    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

extension RealCluster {
    /// How a real cluster is made. Only `kubeAPIServer` has no default.
    public struct Options: Sendable {
        /// The program that script/build-kube-apiserver builds.
        public var kubeAPIServer: String
        public var etcd = "/usr/bin/etcd"
        public var openssl = "/usr/bin/openssl"
        public var replicas = 2
        /// Working files: certificates, configurations, logs. A new temporary folder, removed by `stop()`, if nil.
        public var directory: String?
        /// etcd's data. etcd 3.4 always waits for the disk, so that memory (/dev/shm) is the default where there is
        /// any.
        public var storageDirectory: String?
        /// The port of 127.0.0.1 on which clients find the API server; any free one if 0.
        public var port = 0
        public var certificateAuthority: CertificateAuthorityFiles?
        /// Further DNS names of the server's certificate.
        public var serverNames: [String] = []
        /// Data keys that an API server remembers, Kubernetes' default.
        public var cacheSize = 1000
        /// Seconds that an API server waits for the plugin.
        public var pluginTimeout = 3
        /// Seconds for which a replica that is told to end goes on serving the connections that it has.
        public var shutdownDelay = 1
        /// The share of requests after which a server asks its client to connect anew, at most 0.02.
        public var goawayChance = 0.0
        /// Seconds that a replica may take to become ready.
        public var readyTimeout = 120
        /// A kubeconfig of the webhook that vouches for tokens which are not the cluster's own; nil for none.
        public var tokenWebhook: String?
        /// Milliseconds between a client and the API server, there and back.
        public var roundTripMilliseconds = 0

        public init(kubeAPIServer: String) {
            self.kubeAPIServer = kubeAPIServer
        }

        /// Whether the address of a plugin's unix socket in this folder stays within the 107 bytes that it may have.
        public static func canHoldSockets(_ directory: String) -> Bool {
            directory.utf8.count + "/01234567-private.sock".utf8.count <= 107
        }
    }
}
