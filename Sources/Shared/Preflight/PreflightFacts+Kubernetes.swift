extension PreflightFacts {
    /// What the API server says, and whether it is the right one.
    package struct Kubernetes: Sendable, Hashable {
        /// `/version`; reading it is the proof that the API server answers.
        package var serverVersion: Fact<String> = .unread
        /// Whether the API server's chain verifies against the CA that ARM gives for this cluster.
        package var isTheARMCluster: Fact<Bool> = .unread
        /// `insecure-skip-tls-verify` of the connection in use.
        package var skipsTLSVerification: Fact<Bool> = .unread
        package var credential: Fact<Credential> = .unread
        /// Answers of SelfSubjectAccessReview.
        package var accessReviews: Fact<[AccessReview]> = .unread
        /// Names of the `/readyz` checks that fail.
        package var failingHealthChecks: Fact<[String]> = .unread
        /// How many API servers can be told apart.
        package var replicas: Fact<Int> = .unread
        package var secretCount: Fact<Int> = .unread
        /// The admission dry run of the rewrite on every Secret.
        package var dryRun: Fact<DryRun> = .unread
        /// Why creating a probe Secret in kube-system would be denied; empty if it would not.
        package var probeDenials: Fact<[String]> = .unread
        /// Resources besides Secrets that are stored encrypted.
        package var otherEncryptedResources: Fact<[String]> = .unread
        /// Whether Secrets that an earlier key encrypted may still be there.
        package var previousKeyInUse: Fact<Bool> = .unread
        /// Whether discovery has storagemigration.k8s.io/v1's storageversionmigrations.
        package var servesMigrations: Fact<Bool> = .unread

        package init() {}
    }

    /// The credential of the connection.
    package struct Credential: Sendable, Hashable {
        /// Whether it can be had anew while the run goes on, as from an exec plugin.
        package var renewable: Bool
        /// Seconds since 1970; nil if it does not expire. One that does not tell its end is an unreadable fact.
        package var expires: Int64?

        package init(renewable: Bool, expires: Int64?) {
            self.renewable = renewable
            self.expires = expires
        }
    }

    package struct AccessReview: Sendable, Hashable {
        package var request: AccessRequest
        package var allowed: Bool

        package init(request: AccessRequest, allowed: Bool) {
            self.request = request
            self.allowed = allowed
        }
    }

    /// How many Secrets came out how, when the rewrite was tried with `dryRun=All`.
    package struct DryRun: Sendable, Hashable {
        package var accepted: Int
        /// Secrets denied, by the webhook or policy that denied them.
        package var denied: [String: Int]
        /// Secrets whose webhook does not support a dry run, by webhook: these cannot be foretold.
        package var untestable: [String: Int]
        /// Secrets that today's validation refuses (422).
        package var invalid: Int
        /// Secrets that the API server cannot decrypt.
        package var undecryptable: Int
        /// Secrets that got no clear answer, by what came instead: a webhook that cannot be called, or the server's
        /// words.
        package var failed: [String: Int]

        package init(
            accepted: Int, denied: [String: Int] = [:], untestable: [String: Int] = [:], invalid: Int = 0,
            undecryptable: Int = 0, failed: [String: Int] = [:]
        ) {
            self.accepted = accepted
            self.denied = denied
            self.untestable = untestable
            self.invalid = invalid
            self.undecryptable = undecryptable
            self.failed = failed
        }
    }
}
