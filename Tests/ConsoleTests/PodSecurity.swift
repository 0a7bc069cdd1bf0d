import YAML

/// The "restricted" level of Kubernetes' Pod Security, with the "baseline" level that it includes (kubernetes.io: Pod
/// Security Standards; kubernetes/pod-security-admission: policy/check_*.go), for pods of Linux.
struct PodSecurity {
    /// The `spec` of a pod.
    let pod: YAMLNode

    /// The names of the rules that are broken, as the standard heads them.
    var faults: [String] {
        hostFaults + volumeFaults + containers.flatMap(containerFaults) + podFaults
    }

    private var containers: [YAMLNode] {
        ["containers", "initContainers", "ephemeralContainers"].flatMap { pod[$0]?.items ?? [] }
    }

    private func text(_ node: YAMLNode?) -> String { node?.scalar?.text ?? "" }

    private var hostFaults: [String] {
        ["hostNetwork", "hostPID", "hostIPC"].filter { text(pod[$0]) == "true" }.map { _ in "Host Namespaces" }
    }

    private var volumeFaults: [String] {
        let allowed: Set = [
            "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret",
        ]
        return (pod["volumes"]?.items ?? []).filter { volume in
            let kinds = (volume.entries ?? []).map { text($0.key) }.filter { $0 != "name" }
            return kinds.isEmpty || !kinds.allSatisfy(allowed.contains)
        }.map { _ in "Volume Types" }
    }

    private var podFaults: [String] {
        let context = pod["securityContext"]
        var faults = contextFaults(context)
        let safe: Set = [
            "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
            "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range",
        ]
        if (context?["sysctls"]?.items ?? []).contains(where: { !safe.contains(text($0["name"])) }) {
            faults.append("Sysctls")
        }
        return faults
    }

    private func containerFaults(_ container: YAMLNode) -> [String] {
        let context = container["securityContext"]
        var faults = contextFaults(context)
        if text(context?["privileged"]) == "true" { faults.append("Privileged Containers") }
        if text(context?["allowPrivilegeEscalation"]) != "false" { faults.append("Privilege Escalation") }
        let capabilities = context?["capabilities"]
        let dropped = (capabilities?["drop"]?.items ?? []).map(text)
        let added = (capabilities?["add"]?.items ?? []).map(text)
        if !dropped.contains("ALL") || added.contains(where: { $0 != "NET_BIND_SERVICE" }) {
            faults.append("Capabilities")
        }
        let procMount = text(context?["procMount"])
        if !["", "Default"].contains(procMount) { faults.append("/proc Mount Type") }
        if (container["ports"]?.items ?? []).contains(where: { !["", "0"].contains(text($0["hostPort"])) }) {
            faults.append("Host Ports")
        }
        // What the container says counts, else what the pod says.
        let outer = pod["securityContext"]
        if text(context?["runAsNonRoot"] ?? outer?["runAsNonRoot"]) != "true" { faults.append("Running as Non-root") }
        let seccomp = text(context?["seccompProfile"]?["type"] ?? outer?["seccompProfile"]?["type"])
        if !["RuntimeDefault", "Localhost"].contains(seccomp) { faults.append("Seccomp") }
        return faults
    }

    /// What holds for the context of a pod and for that of a container.
    private func contextFaults(_ context: YAMLNode?) -> [String] {
        var faults: [String] = []
        if text(context?["runAsUser"]) == "0" { faults.append("Running as Non-root user") }
        if text(context?["windowsOptions"]?["hostProcess"]) == "true" { faults.append("HostProcess") }
        if !["", "RuntimeDefault", "Localhost"].contains(text(context?["appArmorProfile"]?["type"])) {
            faults.append("AppArmor")
        }
        let selinux = context?["seLinuxOptions"]
        let types = ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"]
        let named = !text(selinux?["user"]).isEmpty || !text(selinux?["role"]).isEmpty
        if named || !types.contains(text(selinux?["type"])) { faults.append("SELinux") }
        return faults
    }
}
