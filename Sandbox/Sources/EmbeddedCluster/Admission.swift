/// Admission (k8s.io/apiserver pkg/admission/plugin/webhook/validating, errors/statuserror.go).
struct Admission: Sendable {
    let webhooks: [Webhook]
    /// A number that is new with every call.
    var stamp: @Sendable () -> Int = { 0 }

    private func reaching(_ kind: ResourceKind, _ namespace: String?, _ operation: String) -> [Webhook] {
        webhooks.filter { webhook in
            webhook.resources.contains(kind.plural) && webhook.operations.contains(operation)
                && (webhook.namespaces == nil || webhook.namespaces?.contains(namespace ?? "") == true)
        }
    }

    /// What mutating webhooks make of an object that is about to be written.
    func mutated(_ object: JSON, _ kind: ResourceKind, namespace: String?, operation: String) -> JSON {
        reaching(kind, namespace, operation).reduce(object) { object, webhook in
            guard case .stamp(let annotation) = webhook.verdict else { return object }
            var changed = object
            var metadata = changed["metadata"] ?? [:]
            var annotations = metadata["annotations"] ?? [:]
            annotations[annotation] = .string(String(stamp()))
            metadata["annotations"] = annotations
            changed["metadata"] = metadata
            return changed
        }
    }

    func check(_ kind: ResourceKind, namespace: String?, operation: String, isDryRun: Bool) throws {
        for webhook in reaching(kind, namespace, operation) {
            if isDryRun, webhook.hasSideEffects {
                throw APIStatus.badRequest("admission webhook \"\(webhook.name)\" does not support dry run")
            }
            switch webhook.verdict {
            case .allow, .stamp: continue
            case .deny(let message, let code):
                let reason = message.isEmpty ? " without explanation" : ": \(message)"
                throw APIStatus(
                    code: code, reason: code == 403 ? "Forbidden" : code == 400 ? "BadRequest" : "",
                    message: "admission webhook \"\(webhook.name)\" denied the request\(reason)")
            case .noEndpoints(let service, let home):
                throw APIStatus.internalError(
                    "failed calling webhook \"\(webhook.name)\": failed to call webhook: Post \"https://\(service).\(home)"
                        + ".svc:443/validate?timeout=10s\": no endpoints available for service \"\(service)\"")
            }
        }
    }

    /// The webhooks as the API lists them.
    func configurations(_ template: (_ name: String) -> JSON) -> [JSON] {
        webhooks.map { webhook in
            var object = template(webhook.name)
            let failurePolicy: JSON = "Fail"
            var namespaceSelector: JSON = [:]
            if let namespaces = webhook.namespaces {
                namespaceSelector = [
                    "matchExpressions": [
                        [
                            "key": "kubernetes.io/metadata.name", "operator": "In",
                            "values": .array(namespaces.sorted().map { .string($0) }),
                        ]
                    ]
                ]
            }
            var service: JSON = [
                "name": .string(webhook.name.split(separator: ".").first.map(String.init) ?? "webhook"),
                "namespace": "default",
            ]
            if case .noEndpoints(let name, let namespace) = webhook.verdict {
                service = ["name": .string(name), "namespace": .string(namespace)]
            }
            object["webhooks"] = [
                [
                    "name": .string(webhook.name), "failurePolicy": failurePolicy, "timeoutSeconds": 10,
                    "admissionReviewVersions": ["v1"], "matchPolicy": "Equivalent",
                    "sideEffects": webhook.hasSideEffects ? "Unknown" : "None",
                    "namespaceSelector": namespaceSelector, "objectSelector": [:],
                    "clientConfig": ["service": service],
                    "rules": [
                        [
                            "apiGroups": [""], "apiVersions": ["v1"], "scope": "*",
                            "resources": .array(webhook.resources.sorted().map { .string($0) }),
                            "operations": .array(webhook.operations.sorted().map { .string($0) }),
                        ]
                    ],
                ]
            ]
            return object
        }
    }
}
