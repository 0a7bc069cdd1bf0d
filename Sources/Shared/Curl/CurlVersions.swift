import CCurl

/// The libraries behind this target as they are linked, by name: libcurl and what it brings, such as "OpenSSL".
package func curlLibraryVersions() -> [String: String] {
    // CURLVERSION_NOW is a macro; the fields read here are older than this age.
    guard let info = curl_version_info(CURLVERSION_TENTH)?.pointee else { return [:] }
    var versions = ["libcurl": String(cString: info.version)]
    // "OpenSSL/3.0.16", and with several TLS libraries more of the kind.
    for part in info.ssl_version.map({ String(cString: $0) })?.split(separator: " ") ?? [] {
        let pair = part.split(separator: "/", maxSplits: 1)
        if pair.count == 2 { versions[String(pair[0])] = String(pair[1]) }
    }
    if let zlib = info.libz_version { versions["zlib"] = String(cString: zlib) }
    if let nghttp2 = info.nghttp2_version { versions["nghttp2"] = String(cString: nghttp2) }
    return versions
}
