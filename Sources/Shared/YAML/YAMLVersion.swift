import CYAML

/// The version of libyaml that is linked.
package func yamlLibraryVersion() -> String { String(cString: yaml_get_version_string()) }
