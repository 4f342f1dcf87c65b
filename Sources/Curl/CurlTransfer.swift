import CCurl
import Foundation

/// A running request. Any thread may create it; afterwards only the client's thread uses it.
final class CurlTransfer {
  let handle: UnsafeMutableRawPointer
  let continuation: CheckedContinuation<Result<HTTPResponse, HTTPFailure>, Never>
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private var file: UnsafeMutablePointer<FILE>?
  private var headers: [String: String] = [:]
  private var received: [UInt8] = []
  private var toSend: ArraySlice<UInt8> = []
  private let limit: Int
  private var isTooLarge = false
  private let onProgress: (@Sendable (Int64, Int64) -> Void)?

  init(
    _ request: HTTPRequest, limit: Int, authorities: CertificateAuthorities,
    continuation: CheckedContinuation<Result<HTTPResponse, HTTPFailure>, Never>
  ) throws(HTTPFailure) {
    guard let handle = curl_easy_init() else { throw .interrupted("no memory") }
    self.handle = handle
    self.limit = limit
    self.continuation = continuation
    onProgress = request.onProgress
    trust(authorities)
    try setUp(request)
  }

  deinit {
    curl_easy_cleanup(handle)
    curl_slist_free_all(headerList)
    if let file { fclose(file) }
  }

  private func trust(_ authorities: CertificateAuthorities) {
    switch authorities {
    case .system(let file, let folder):
      if let file { text(CURLOPT_CAINFO, file) }
      if let folder { text(CURLOPT_CAPATH, folder) }
    case .file(let file):
      text(CURLOPT_CAINFO, file)
      kitty_curl_set_pointer(handle, CURLOPT_CAPATH, nil)
    }
  }

  private func setUp(_ request: HTTPRequest) throws(HTTPFailure) {
    guard request.url.hasPrefix("http://") || request.url.hasPrefix("https://") else { throw .invalidURL }
    text(CURLOPT_URL, request.url)
    text(CURLOPT_PROTOCOLS_STR, "http,https")
    text(CURLOPT_CUSTOMREQUEST, request.method)
    if !request.usesProxy { text(CURLOPT_NOPROXY, "*") }
    long(CURLOPT_NOSIGNAL, 1)
    long(CURLOPT_CONNECTTIMEOUT, 5)
    long(CURLOPT_TIMEOUT, request.totalSeconds)
    // A transfer stalls when it moves less than one byte a second.
    long(CURLOPT_LOW_SPEED_LIMIT, 1)
    long(CURLOPT_LOW_SPEED_TIME, request.stallSeconds)
    // Finds out that the other side is gone while nothing is sent.
    long(CURLOPT_TCP_KEEPALIVE, 1)
    long(CURLOPT_TCP_KEEPIDLE, 20)
    long(CURLOPT_TCP_KEEPINTVL, 10)
    if request.method == "HEAD" { long(CURLOPT_NOBODY, 1) }

    let me = Unmanaged.passUnretained(self).toOpaque()
    kitty_curl_set_pointer(handle, CURLOPT_WRITEDATA, me)
    kitty_curl_set_data_callback(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, transfer in
      guard let transfer, let bytes else { return 0 }
      return CurlTransfer.from(transfer).receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
    }
    kitty_curl_set_pointer(handle, CURLOPT_HEADERDATA, me)
    kitty_curl_set_data_callback(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, transfer in
      guard let transfer, let bytes else { return 0 }
      CurlTransfer.from(transfer).header(UnsafeRawBufferPointer(start: bytes, count: size * count))
      return size * count
    }
    switch request.body {
    case .none: break
    case .bytes(let bytes):
      toSend = bytes[...]
      upload(size: bytes.count, to: me)
    case .file(let path):
      var information = stat()
      guard let opened = fopen(path, "r"), fstat(fileno(opened), &information) == 0 else {
        throw .unreadableFile
      }
      file = opened
      upload(size: Int(information.st_size), to: me)
    }
    if onProgress != nil {
      long(CURLOPT_NOPROGRESS, 0)
      kitty_curl_set_pointer(handle, CURLOPT_XFERINFODATA, me)
      kitty_curl_set_progress_callback(handle) { transfer, _, _, total, sent in
        if let transfer, total > 0 { CurlTransfer.from(transfer).onProgress?(Int64(sent), Int64(total)) }
        return 0
      }
    }
    var extraHeaders: [(name: String, value: String)] = []
    if let signature = request.signature {
      text(CURLOPT_AWS_SIGV4, "aws:amz:\(signature.region):\(signature.service)")
      text(CURLOPT_USERNAME, signature.accessKey)
      text(CURLOPT_PASSWORD, signature.secretKey)
      if let token = signature.sessionToken { extraHeaders = [("x-amz-security-token", token)] }
    } else {
      // Without "Expect: 100-continue", which costs a round trip or a second. A signed request must keep it: curl would
      // sign the empty header but not send it.
      extraHeaders = [("Expect", "")]
    }
    for (name, value) in request.headers + extraHeaders {
      let line = value.isEmpty ? "\(name):" : "\(name): \(value)"
      guard !line.utf8.contains(where: { $0 < 0x20 }) else { throw .invalidURL }
      headerList = curl_slist_append(headerList, line)
    }
    kitty_curl_set_pointer(handle, CURLOPT_HTTPHEADER, headerList)
  }

  private func upload(size: Int, to me: UnsafeMutableRawPointer) {
    long(CURLOPT_UPLOAD, 1)
    kitty_curl_set_offset(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(size))
    kitty_curl_set_pointer(handle, CURLOPT_READDATA, me)
    kitty_curl_set_data_callback(handle, CURLOPT_READFUNCTION) { buffer, size, count, transfer in
      guard let transfer, let buffer else { return 0 }
      return CurlTransfer.from(transfer).fill(
        UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
    }
  }

  /// Returns the outcome of a finished transfer.
  func outcome(_ code: CURLcode) -> Result<HTTPResponse, HTTPFailure> {
    if isTooLarge { return .failure(.tooLarge) }
    switch code {
    case CURLE_OK:
      return .success(
        HTTPResponse(status: Int(kitty_curl_status(handle)), headers: headers, body: received))
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: return .failure(.invalidURL)
    // When a kept connection ends without an answer, libcurl tries another one by itself: the first one may have arrived.
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT:
      guard kitty_curl_sent(handle) == 0 else {
        return .failure(.interrupted("the server closed the connection, and cannot be reached now"))
      }
      return .failure(code == CURLE_COULDNT_CONNECT ? .cannotConnect : .cannotResolve)
    // A timeout before the first byte was sent is a timeout of connecting.
    case CURLE_OPERATION_TIMEDOUT:
      return .failure(kitty_curl_sent(handle) > 0 ? .timedOut : .cannotConnect)
    case CURLE_PEER_FAILED_VERIFICATION: return .failure(.tls(refusal))
    case CURLE_SSL_CACERT_BADFILE: return .failure(.tls(.unreadableAuthorities))
    case CURLE_SSL_CONNECT_ERROR:
      return .failure(.tls(.other(String(cString: curl_easy_strerror(code)))))
    // A kept connection ended in the moment in which it was used. libcurl would send the body again, on another one, if it
    // could rewind it; but the first one may have arrived, and only the caller knows whether a change may be made twice.
    case CURLE_SEND_FAIL_REWIND: return .failure(.interrupted("the server closed the connection"))
    default: return .failure(.interrupted(String(cString: curl_easy_strerror(code))))
    }
  }

  /// The reason why the certificate was not accepted.
  private var refusal: TLSFailure {
    let number = kitty_curl_verification(handle)
    return switch number {
    // libcurl compares the names itself, after OpenSSL has accepted the certificate or before it was asked (1).
    // 62 is X509_V_ERR_HOSTNAME_MISMATCH.
    case 0, 1, 62: .otherHost
    // X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, …DEPTH_ZERO_SELF_SIGNED_CERT, …SELF_SIGNED_CERT_IN_CHAIN,
    // …UNABLE_TO_GET_ISSUER_CERT_LOCALLY, …UNABLE_TO_VERIFY_LEAF_SIGNATURE.
    case 2, 18, 19, 20, 21: .untrusted
    // X509_V_ERR_CERT_NOT_YET_VALID.
    case 9: .notYetValid
    // X509_V_ERR_CERT_HAS_EXPIRED.
    case 10: .expired
    default: .other("the certificate was refused by OpenSSL with number \(number)")
    }
  }

  private static func from(_ pointer: UnsafeMutableRawPointer) -> CurlTransfer {
    Unmanaged<CurlTransfer>.fromOpaque(pointer).takeUnretainedValue()
  }

  /// - Returns: The number of bytes accepted. Fewer than `bytes.count` stop the transfer.
  private func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard received.count + bytes.count <= limit else {
      isTooLarge = true
      return 0
    }
    received.append(contentsOf: bytes)
    return bytes.count
  }

  private func header(_ bytes: UnsafeRawBufferPointer) {
    let line = String(decoding: bytes, as: UTF8.self)
    // A new status line: the headers before it belong to an interim response.
    if line.hasPrefix("HTTP/") { headers = [:] }
    guard let colon = line.firstIndex(of: ":") else { return }
    let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespacesAndNewlines)
    headers[line[..<colon].lowercased()] = value
  }

  private func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    if let file { return fread(buffer.baseAddress, 1, buffer.count, file) }
    let part = toSend.prefix(buffer.count)
    buffer.copyBytes(from: part)
    toSend = toSend.dropFirst(part.count)
    return part.count
  }

  private func text(_ option: CURLoption, _ value: String) { kitty_curl_set_text(handle, option, value) }
  private func long(_ option: CURLoption, _ value: Int) { kitty_curl_set_long(handle, option, value) }
}
