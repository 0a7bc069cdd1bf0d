internal import CCurl
internal import HTTP

extension EasyOptions {
    /// Seconds without a single byte in either direction after which a stream is given up. Longer than any answer of an
    /// API server (34 s) or of ARM may take to begin; requests with a timeout of their own end by that.
    private static let silentSeconds = 120

    /// What all requests of a transport share.
    func setFixed(plan: CurlPlan, material: TLSMaterial) throws(CurlSetupError) {
        try setBehaviour(plan)
        if let folder = plan.builtInAuthoritiesFolder { try set(CURLOPT_CAPATH, folder) }
        try setTrust(plan.settings.trust, material)
        try setProxyTrust(plan.settings)
        if let certificate = material.certificate, let key = material.key {
            try set(CURLOPT_SSLCERTTYPE, "PEM")
            try set(CURLOPT_SSLCERT_BLOB, blob: certificate)
            try set(CURLOPT_SSLKEYTYPE, "PEM")
            try set(CURLOPT_SSLKEY_BLOB, blob: key)
        }
    }

    /// Both timeouts depend on the request.
    func setTimeouts(secondsLeft: Double?, of timeout: Double?) throws(CurlSetupError) {
        let milliseconds = secondsLeft.map { max(1, Int(min($0, 1e6) * 1000)) } ?? 0
        try set(CURLOPT_TIMEOUT_MS, milliseconds)
        // A caller that sets a timeout knows why. libcurl would also set a timer each time that it looks at a transfer.
        try set(CURLOPT_LOW_SPEED_LIMIT, timeout == nil ? 1 : 0)
    }

    private func setBehaviour(_ plan: CurlPlan) throws(CurlSetupError) {
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_USERAGENT, plan.userAgent)
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_FOLLOWLOCATION, 0)
        // The path is the caller's; a signed URL must not lose its dots.
        try set(CURLOPT_PATH_AS_IS, 1)
        try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        // Of each transfer under way; libcurl's own are 16 and 64 KiB. Answers and bodies have one or two.
        try set(CURLOPT_BUFFERSIZE, 4 << 10)
        try set(CURLOPT_UPLOAD_BUFFERSIZE, 16 << 10)
        try set(CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(min(plan.settings.connectTimeout, 1e6) * 1000)))
        try set(CURLOPT_LOW_SPEED_TIME, Self.silentSeconds)
        try set(CURLOPT_TCP_KEEPALIVE, 1)
        try set(CURLOPT_TCP_KEEPIDLE, 30)
        try set(CURLOPT_TCP_KEEPINTVL, 15)
        // A cancelled transfer must not hold the thread until its name is resolved.
        try set(CURLOPT_QUICK_EXIT, 1)
        // Who bypasses the proxy is decided by NoProxyList. Both are set so that libcurl never asks the environment.
        try set(CURLOPT_PROXY, "")
        try set(CURLOPT_NOPROXY, "")
        try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    }

    private func setTrust(_ trust: ServerTrust, _ material: TLSMaterial) throws(CurlSetupError) {
        try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        switch trust {
        case .system(let path):
            if let path = path ?? CABundle.find() {
                try set(CURLOPT_CAINFO, path)
                try set(CURLOPT_CAPATH, pointer: nil)
            }
        case .authorities:
            // Debian's libcurl has a default CAPATH, which the blob does not replace: it would go on trusting the
            // system's authorities beside the cluster's own.
            try set(CURLOPT_CAPATH, pointer: nil)
            try set(CURLOPT_CAINFO, pointer: nil)
            if let authorities = material.authorities { try set(CURLOPT_CAINFO_BLOB, blob: authorities) }
        case .none:
            try set(CURLOPT_SSL_VERIFYPEER, 0)
            try set(CURLOPT_SSL_VERIFYHOST, 0)
        }
    }

    /// A proxy that speaks TLS is no part of the cluster: the system's authorities speak for it, whatever the cluster's
    /// are.
    private func setProxyTrust(_ settings: TransportSettings) throws(CurlSetupError) {
        guard settings.proxyURL?.lowercased().hasPrefix("https://") == true else { return }
        var bundle = CABundle.find()
        if case .system(let path?) = settings.trust { bundle = path }
        guard let bundle else { return }
        try set(CURLOPT_PROXY_CAINFO, bundle)
        try set(CURLOPT_PROXY_CAPATH, pointer: nil)
        try set(CURLOPT_PROXY_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    }
}
