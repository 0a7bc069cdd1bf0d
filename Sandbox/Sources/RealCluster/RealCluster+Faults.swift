extension RealCluster {
    /// Ends one replica as a crash does: what it was serving breaks off.
    public func crash(replica index: Int) async throws {
        try await exclusively { cluster in
            try cluster.check(replica: index)
            let running = try cluster.current()
            running.balancer.setTakesConnections(index, false)
            await cluster.replicas[index].server?.kill()
            cluster.replicas[index].server = nil
            running.balancer.dropConnections(of: index)
        }
    }

    /// Starts one replica again with the configuration that it had.
    public func recover(replica index: Int) async throws {
        try await exclusively { cluster in
            try cluster.check(replica: index)
            try await cluster.restart(index, plan: cluster.replicas[index].plan)
        }
    }

    /// Freezes one replica: its connections stay open, and nothing on them is answered until `resume`.
    public func pause(replica index: Int) throws {
        try check(replica: index)
        replicas[index].server?.freeze()
    }

    public func resume(replica index: Int) throws {
        try check(replica: index)
        replicas[index].server?.thaw()
    }

    /// Stops etcd for so many seconds; returns when it goes on.
    public func stopEtcd(seconds: Double) async throws {
        let etcd = try current().etcd
        etcd.freeze()
        defer { etcd.thaw() }
        try await Task.sleep(for: .seconds(seconds))
    }

    /// No replica answers, or every connection is closed at once, until `endSilence`.
    public func silence(refusing: Bool) throws {
        if refusing { return try setReachable(false) }
        for index in replicas.indices { try pause(replica: index) }
    }

    public func endSilence() throws {
        try setReachable(true)
        for index in replicas.indices { try resume(replica: index) }
    }

    /// Whether the balancer gives new connections to this replica, which goes on running either way.
    public func setBalanced(replica index: Int, _ isBalanced: Bool) throws {
        try check(replica: index)
        try current().balancer.setTakesConnections(index, isBalanced)
    }

    /// While the API server is not reachable, its address accepts connections only to close them.
    public func setReachable(_ isReachable: Bool) throws {
        try current().balancer.setReachable(isReachable)
    }

    /// The round trip time, in milliseconds, of connections made from now on.
    public func setRoundTrip(milliseconds: Int) throws {
        try current().balancer.setRoundTrip(milliseconds: milliseconds)
    }

    /// The ports on which single replicas answer, for a look behind the balancer.
    public var replicaPorts: [Int] { replicas.map(\.port) }
}
