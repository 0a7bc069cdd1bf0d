internal import CCurl
internal import HTTP

/// A transfer that could not even be handed to libcurl; nothing was sent.
struct CurlSetupError: Error {
    let kind: TransportError.Kind
    /// Never a value of a header, an option or a URL.
    let detail: String
}

/// One easy handle's options, each checked.
struct EasyOptions {
    let easy: UnsafeMutableRawPointer

    func set(_ option: CURLoption, _ value: Int) throws(CurlSetupError) {
        try check(ccurl_set_long(easy, option, value), option)
    }

    /// libcurl copies the text.
    func set(_ option: CURLoption, _ text: String) throws(CurlSetupError) {
        try check(text.withCString { ccurl_set_pointer(easy, option, $0) }, option)
    }

    /// The pointer has to stay valid until it is replaced.
    func set(_ option: CURLoption, pointer: UnsafeRawPointer?) throws(CurlSetupError) {
        try check(ccurl_set_pointer(easy, option, pointer), option)
    }

    /// The bytes have to outlive the handle.
    func set(_ option: CURLoption, blob: UnsafeMutableRawBufferPointer) throws(CurlSetupError) {
        try check(ccurl_set_blob(easy, option, blob.baseAddress, blob.count), option)
    }

    func set(_ option: CURLoption, _ function: ccurl_data_function?) throws(CurlSetupError) {
        try check(ccurl_set_data_function(easy, option, function), option)
    }

    func check(_ code: CURLcode, _ option: CURLoption) throws(CurlSetupError) {
        guard code != CURLE_OK else { return }
        let detail = "option \(option.rawValue): \(String(cString: curl_easy_strerror(code)))"
        throw CurlSetupError(kind: code == CURLE_URL_MALFORMAT ? .badURL : .other, detail: detail)
    }
}
