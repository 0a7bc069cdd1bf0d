#if CRASH_POINTS
    package import HTTP

    /// What a request is for, told from its method, path and body alone: the names of crash points.
    package enum RequestClass: String, Sendable, Hashable, CaseIterable {
        case armGet = "arm-get"
        case armPut = "arm-put"
        case armPoll = "arm-poll"
        case armOther = "arm-other"
        case vaultGet = "vault-get"
        case vaultPatch = "vault-patch"
        case keyGet = "key-get"
        case keyRotate = "key-rotate"
        case token
        case probeCreate = "kube-probe-create"
        case probeGet = "kube-probe-get"
        case probeTouch = "kube-probe-touch"
        case probeAnnotate = "kube-probe-annotate"
        case probeDelete = "kube-probe-delete"
        case secretList = "secret-list"
        case secretTouch = "secret-touch"
        case leaseGet = "lease-get"
        case leaseCreate = "lease-create"
        case leaseReplace = "lease-replace"
        case configMapGet = "configmap-get"
        case configMapCreate = "configmap-create"
        case configMapPatch = "configmap-patch"
        case kubeOther = "kube-other"

        package init(_ request: HTTPRequest) {
            let rest = URLParts(request.url)?.rest ?? ""
            let path = rest.split(separator: "?", omittingEmptySubsequences: false).first.map(String.init) ?? ""
            let parts = path.lowercased().split(separator: "/").map(String.init)
            if parts.first == "subscriptions" || parts.first == "providers" {
                self = RequestClass.azure(request.method, parts)
            } else if ["api", "apis", "version", "metrics"].contains(parts.first) {
                self = RequestClass.kubernetes(request, parts)
            } else if parts.first == "keys", parts.last == "rotate" {
                self = .keyRotate
            } else {
                self = .token
            }
        }

        private static func azure(_ method: HTTPMethod, _ parts: [String]) -> RequestClass {
            if parts.contains("operations") { return .armPoll }
            if parts.contains("managedclusters"), parts.last != "managedclusters", method != .post {
                return method == .put ? .armPut : .armGet
            }
            guard parts.contains("microsoft.keyvault") else { return .armOther }
            if parts.contains("keys") { return .keyGet }
            return method == .patch ? .vaultPatch : .vaultGet
        }

        private static func kubernetes(_ request: HTTPRequest, _ parts: [String]) -> RequestClass {
            if parts.contains("leases") {
                return request.method == .get ? .leaseGet : request.method == .post ? .leaseCreate : .leaseReplace
            }
            if parts.contains("configmaps") {
                return request.method == .get
                    ? .configMapGet : request.method == .post ? .configMapCreate : .configMapPatch
            }
            guard let place = parts.firstIndex(of: "secrets") else { return .kubeOther }
            guard parts.count > place + 1 else { return request.method == .post ? .probeCreate : .secretList }
            guard parts[place + 1].hasPrefix("kms-vault-probe-") else { return .secretTouch }
            switch request.method {
            case .get: return .probeGet
            case .delete: return .probeDelete
            default: return request.body == Array("{}".utf8) ? .probeTouch : .probeAnnotate
            }
        }
    }

#endif
