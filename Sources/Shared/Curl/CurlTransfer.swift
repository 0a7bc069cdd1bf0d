internal import CCurl
internal import HTTP

/// An easy handle and the transfer that it is doing now, if any. Like its `CurlLoop` it lives on the curl thread alone.
///
/// What all requests of a transport share is set once; `prepare` sets what differs, so that a handle is used again
/// without being reset.
final class CurlTransfer {
    let easy: UnsafeMutableRawPointer
    /// Where the loop keeps it among the running ones.
    var position = 0
    private let plan: CurlPlan
    private let material: TLSMaterial
    private let sockets: CurlSockets
    private let onlyConnection: OnlyConnection?
    private let errorText: UnsafeMutablePointer<CChar>

    private var job: CurlJob?
    private var lastHeaders: (HTTPHeaders, hostHeader: String?, list: HeaderList)?
    private var lastConnectTo: (String, list: UnsafeMutablePointer<curl_slist>)?
    private var body: UnsafeMutableRawBufferPointer?

    private var status = 0
    /// Of the answer, each with its line feed; the room for them is used again.
    private var headerLines: [UInt8] = []
    private var headerBytes = 0
    private var answer: [UInt8] = []
    private var limits = Limits()
    private var opensConnection = false
    /// Whether it has opened a socket.
    private(set) var hasSocket = false

    /// What a callback found, which libcurl's code alone does not say.
    private struct Limits {
        /// The request was handed to a connection that stands, TLS included.
        var wasBegun = false
        var triedTwice = false
        var wouldNeedNewConnection = false
        var bodyTooLarge = false
        var headersTooLarge = false
    }

    static let maximumHeaderBytes = 256 << 10

    init(
        plan: CurlPlan, material: TLSMaterial, sockets: CurlSockets, onlyConnection: OnlyConnection?
    ) throws(CurlSetupError) {
        guard let easy = curl_easy_init() else { throw CurlSetupError(kind: .other, detail: "out of memory") }
        self.easy = easy
        self.plan = plan
        self.material = material
        self.sockets = sockets
        self.onlyConnection = onlyConnection
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        let options = EasyOptions(easy: easy)
        let this = UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
        try options.set(CURLOPT_ERRORBUFFER, pointer: errorText)
        try options.set(CURLOPT_PRIVATE, pointer: this)
        try options.set(CURLOPT_WRITEDATA, pointer: this)
        try options.set(CURLOPT_HEADERDATA, pointer: this)
        try options.set(CURLOPT_PREREQDATA, pointer: this)
        try options.set(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            CurlTransfer.at(context)?.received(UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
        }
        try options.set(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            CurlTransfer.at(context)?.receivedHeader(UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
        }
        let code = ccurl_set_prereq_function(easy) { context, remote, local, remotePort, localPort in
            guard let transfer = CurlTransfer.at(context) else { return CURL_PREREQFUNC_ABORT }
            let mayGoOn = transfer.mayBegin {
                let from = local.map { String(cString: $0) } ?? ""
                let to = remote.map { String(cString: $0) } ?? ""
                return "\(from) \(localPort) \(to) \(remotePort)"
            }
            return mayGoOn ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
        }
        try options.check(code, CURLOPT_PREREQFUNCTION)
        try options.set(CURLOPT_SOCKOPTDATA, pointer: this)
        let opened = ccurl_set_opened_function(easy) { context, socket, _ in
            CurlTransfer.at(context)?.opened(socket)
            return CURL_SOCKOPT_OK
        }
        try options.check(opened, CURLOPT_SOCKOPTFUNCTION)
        try sockets.watch(easy)
        try options.setFixed(plan: plan, material: material)
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(lastConnectTo?.list)
        body?.deallocate()
        errorText.deallocate()
    }

    /// The transfer that an easy handle belongs to.
    static func of(_ easy: UnsafeMutableRawPointer) -> CurlTransfer? {
        var pointer: UnsafeMutableRawPointer?
        guard ccurl_get_pointer(easy, CURLINFO_PRIVATE, &pointer) == CURLE_OK else { return nil }
        return at(pointer)
    }

    private static func at(_ pointer: UnsafeMutableRawPointer?) -> CurlTransfer? {
        pointer.map { Unmanaged<CurlTransfer>.fromOpaque($0).takeUnretainedValue() }
    }
}

// MARK: - Before

extension CurlTransfer {
    var isCancelled: Bool { job?.ticket.isCancelled ?? false }

    /// Sets what this request differs in from the last one. On failure the transfer is not used again.
    /// - Parameters:
    ///   - opensConnection: open a connection, whatever room others have.
    ///   - sharesConnections: wait for a connection that can be shared rather than open another.
    func prepare(_ job: CurlJob, opensConnection: Bool, sharesConnections: Bool) throws(CurlSetupError) {
        let request = job.request
        let options = EasyOptions(easy: easy)
        try options.set(CURLOPT_FRESH_CONNECT, opensConnection ? 1 : 0)
        try options.set(CURLOPT_PIPEWAIT, sharesConnections ? 1 : 0)
        try options.setTimeouts(secondsLeft: try Self.positive(job.secondsLeft()), of: request.timeout)
        try options.set(CURLOPT_URL, job.route.url)
        try options.set(CURLOPT_PROXY, job.route.proxy)
        try setConnectTo(job.route.connectTo, options)
        try setHeaders(request.headers, hostHeader: job.route.hostHeader, options)
        try setMethod(request, options)
        (status, headerBytes, limits) = (0, 0, Limits())
        (self.opensConnection, hasSocket) = (opensConnection, false)
        headerLines.removeAll(keepingCapacity: true)
        answer = []
        errorText[0] = 0
        self.job = job
    }

    /// Whether it is to open a connection that does not stand yet.
    var isOpening: Bool { opensConnection && job != nil && !limits.wasBegun }

    private static func positive(_ seconds: Double?) throws(CurlSetupError) -> Double? {
        if let seconds, seconds <= 0 {
            throw CurlSetupError(kind: .timedOut, detail: "while waiting for its turn")
        }
        return seconds
    }

    private func setConnectTo(_ text: String?, _ options: EasyOptions) throws(CurlSetupError) {
        guard lastConnectTo?.0 != text else { return }
        let list = try text.map { (text) throws(CurlSetupError) in
            guard let list = curl_slist_append(nil, text) else {
                throw CurlSetupError(kind: .other, detail: "out of memory")
            }
            return list
        }
        try options.set(CURLOPT_CONNECT_TO, pointer: list)
        curl_slist_free_all(lastConnectTo?.list)
        lastConnectTo = list.flatMap { list in text.map { ($0, list) } }
    }

    private func setHeaders(_ headers: HTTPHeaders, hostHeader: String?, _ options: EasyOptions) throws(CurlSetupError)
    {
        // Requests in a row mostly have the same headers.
        if let last = lastHeaders, last.0 == headers, last.hostHeader == hostHeader { return }
        let gzip = headers["Accept-Encoding"]?.lowercased().contains("gzip") ?? false
        let list = try HeaderList(headers, hostHeader: hostHeader, decodesGzip: gzip)
        try options.set(CURLOPT_HTTPHEADER, pointer: list.list)
        lastHeaders = (headers, hostHeader, list)
        if gzip {
            try options.set(CURLOPT_ACCEPT_ENCODING, "gzip")
        } else {
            try options.set(CURLOPT_ACCEPT_ENCODING, pointer: nil)
        }
    }

    private func setMethod(_ request: HTTPRequest, _ options: EasyOptions) throws(CurlSetupError) {
        body?.deallocate()
        body = nil
        guard !request.body.isEmpty || [.put, .post, .patch].contains(request.method) else {
            try options.set(CURLOPT_HTTPGET, 1)
            guard request.method != .get else { return try options.set(CURLOPT_CUSTOMREQUEST, pointer: nil) }
            return try options.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        }
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, request.body.count), alignment: 1)
        copy.copyBytes(from: request.body)
        body = copy
        try options.set(CURLOPT_POST, 1)
        try options.check(
            ccurl_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)),
            CURLOPT_POSTFIELDSIZE_LARGE)
        try options.set(CURLOPT_POSTFIELDS, pointer: copy.baseAddress)
        try options.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    }
}

// MARK: - During: what libcurl calls

extension CurlTransfer {
    /// The last moment before the request is written; called again if libcurl wants to send it again by itself.
    ///
    /// It would, for any method, when a connection that was used before dies without an answer. Who may be sent twice
    /// is not decided here, so the second time is refused.
    private func mayBegin(on connection: () -> String) -> Bool {
        guard !limits.wasBegun else {
            limits.triedTwice = true
            return false
        }
        if let onlyConnection, !onlyConnection.allows(connection()) {
            limits.wouldNeedNewConnection = true
            return false
        }
        limits.wasBegun = true
        return true
    }

    private func opened(_ socket: curl_socket_t) {
        hasSocket = true
        sockets.opened(socket)
    }

    /// The bytes that were taken; any other number than given ends the transfer.
    private func received(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let job, bytes.count <= job.request.maximumBodyBytes - answer.count else {
            limits.bodyTooLarge = true
            return -1
        }
        answer.append(contentsOf: bytes)
        return bytes.count
    }

    private func receivedHeader(_ line: UnsafeRawBufferPointer) -> Int {
        headerBytes += line.count
        guard headerBytes <= Self.maximumHeaderBytes else {
            limits.headersTooLarge = true
            return -1
        }
        if line.starts(with: "HTTP/".utf8) {
            // A new answer: what came before belonged to an interim one (1xx).
            headerLines.removeAll(keepingCapacity: true)
        } else {
            headerLines.append(contentsOf: line)
        }
        return line.count
    }
}

// MARK: - After

extension CurlTransfer {
    /// From its start to its end, once it has ended.
    var microseconds: Int { size(CURLINFO_TOTAL_TIME_T) }

    func end(_ code: CURLcode) {
        finish(code == CURLE_OK ? .success(response()) : .failure(failure(code)))
    }

    func endCancelled() {
        finish(.failure(error(.cancelled, "")))
    }

    /// Forgets the job without ending it.
    func abandon() { job = nil }

    private func finish(_ result: Result<HTTPResponse, TransportError>) {
        guard let job else { return }
        self.job = nil
        let sent = long(CURLINFO_REQUEST_SIZE) + size(CURLINFO_SIZE_UPLOAD_T)
        let received = long(CURLINFO_HEADER_SIZE) + size(CURLINFO_SIZE_DOWNLOAD_T)
        job.end(CurlDelivery(result: result, bytesSent: sent, bytesReceived: received))
        answer = []
    }

    private func response() -> HTTPResponse {
        HTTPResponse(status: long(CURLINFO_RESPONSE_CODE), headers: HTTPHeaders(lines: headerLines), body: answer)
    }

    private func failure(_ code: CURLcode) -> TransportError {
        if limits.bodyTooLarge { return error(.bodyTooLarge(limit: job?.request.maximumBodyBytes ?? 0), "") }
        if limits.headersTooLarge { return error(.other, "more than \(Self.maximumHeaderBytes) bytes of headers") }
        if limits.triedTwice { return error(.connectionLost, "the connection ended without an answer") }
        if limits.wouldNeedNewConnection {
            return error(.connectionLost, "the one connection that these requests may use has ended")
        }
        let failure = CurlFailure(
            code, usesProxy: job?.route.proxy.isEmpty == false, wasBegun: limits.wasBegun,
            libraryText: String(cString: errorText))
        return error(failure.kind, failure.detail)
    }

    private func error(_ kind: TransportError.Kind, _ detail: String) -> TransportError {
        TransportError(
            kind: kind, origin: job?.route.origin ?? "", detail: detail, mayHaveBeenSent: limits.wasBegun)
    }

    private func long(_ info: CURLINFO) -> Int {
        var value = 0
        return ccurl_get_long(easy, info, &value) == CURLE_OK ? value : 0
    }

    private func size(_ info: CURLINFO) -> Int {
        var value: curl_off_t = 0
        return ccurl_get_size(easy, info, &value) == CURLE_OK ? Int(value) : 0
    }
}
