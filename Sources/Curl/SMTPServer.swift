import CCurl
import Foundation
import POSIX
import Synchronization

/// A mail server, reached by SMTP over libcurl.
///
/// `smtps://` uses TLS from the start. `smtp://` with a user name requires STARTTLS, so that the password is encrypted.
/// Without a user name, STARTTLS is used when the server offers it, except for a server on this machine.
package struct SMTPServer: Sendable {
  private let url: String
  private let tls: Int
  /// `true` when the URL names a user.
  package let signsIn: Bool

  /// - Parameter url: Such as `smtp://user:password@host:587`.
  /// - Throws: `MailFailure.invalidURL`.
  package init(url: String) throws(MailFailure) {
    guard let parts = URLComponents(string: url), let scheme = parts.scheme, let host = parts.host,
      ["smtp", "smtps"].contains(scheme), !host.isEmpty, ["", "/"].contains(parts.path), parts.query == nil,
      parts.fragment == nil
    else { throw .invalidURL }
    self.url = url
    signsIn = parts.user != nil
    let isLocal = LoopbackHost.contains(host)
    let level =
      parts.user != nil || scheme == "smtps" ? CURLUSESSL_ALL : isLocal ? CURLUSESSL_NONE : CURLUSESSL_TRY
    tls = Int(level.rawValue)
  }

  /// Connects, encrypts and signs in as for a mail, and sends none; within eight seconds.
  /// - Throws: `MailFailure`.
  package func probe() async throws(MailFailure) {
    let outcome: Result<Void, MailFailure> = await withCheckedContinuation { continuation in
      Thread.detachNewThread { [url, tls] in
        continuation.resume(returning: Self.probe(url: url, tls: tls))
      }
    }
    try outcome.get()
  }

  private static func probe(url: String, tls: Int) -> Result<Void, MailFailure> {
    guard let handle = curl_easy_init() else { return .failure(.notAccepted("no memory")) }
    defer { curl_easy_cleanup(handle) }
    kitty_curl_set_text(handle, CURLOPT_URL, url)
    kitty_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps")
    kitty_curl_set_long(handle, CURLOPT_USE_SSL, tls)
    kitty_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
    kitty_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT, 5)
    kitty_curl_set_long(handle, CURLOPT_TIMEOUT, 8)
    // A command that changes nothing, in place of a mail.
    kitty_curl_set_text(handle, CURLOPT_CUSTOMREQUEST, "NOOP")
    kitty_curl_set_long(handle, CURLOPT_NOBODY, 1)
    let code = curl_easy_perform(handle)
    if code == CURLE_OK { return .success(()) }
    let status = kitty_curl_status(handle)
    let reason = String(cString: curl_easy_strerror(code))
    return .failure(.notAccepted(status > 0 ? "\(reason) (\(status))" : reason))
  }

  /// Sends a mail, within thirty seconds. A cancelled task returns within two seconds.
  /// - Throws: `MailFailure`. The server may have accepted the mail in spite of it, when its reply was lost.
  package func send(_ mail: Mail) async throws(MailFailure) { try await outcome(of: mail).result.get() }

  /// Sends a mail like `send`, for the operator who wants to know why it fails.
  /// - Throws: `MailRefusal`.
  package func test(_ mail: Mail) async throws(MailRefusal) {
    let outcome: (result: Result<Void, MailFailure>, reply: String?)
    do throws(MailFailure) { outcome = try await self.outcome(of: mail) } catch {
      throw MailRefusal(failure: error, reply: nil)
    }
    if case .failure(let failure) = outcome.result {
      throw MailRefusal(failure: failure, reply: outcome.reply)
    }
  }

  private func outcome(
    of mail: Mail
  ) async throws(MailFailure) -> (result: Result<Void, MailFailure>, reply: String?) {
    let bytes = try mail.bytes(date: Date(), id: UUID().uuidString)
    let transfer = MailTransfer(bytes)
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        Thread.detachNewThread { [url, tls] in
          continuation.resume(returning: transfer.run(url: url, tls: tls, mail))
        }
      }
    } onCancel: {
      transfer.isCancelled.store(true, ordering: .relaxed)
    }
  }
}

/// A mail that is being sent. `curl_easy_perform` calls back on its own thread.
private final class MailTransfer: @unchecked Sendable {
  // Unchecked: only the thread of `run` touches `remaining` and `refusal`, and `isCancelled` is atomic.
  private var remaining: ArraySlice<UInt8>
  /// The last line with which the server refused something, such as `535 Authentication failed`.
  private var refusal: String?
  let isCancelled = Atomic(false)

  init(_ bytes: [UInt8]) { remaining = bytes[...] }

  /// - Returns: The result, and the reply of the server that refused the mail.
  func run(url: String, tls: Int, _ mail: Mail) -> (result: Result<Void, MailFailure>, reply: String?) {
    let result = deliver(url: url, tls: tls, mail)
    return (result, refusal)
  }

  private func deliver(url: String, tls: Int, _ mail: Mail) -> Result<Void, MailFailure> {
    guard let handle = curl_easy_init() else { return .failure(.notAccepted("no memory")) }
    let recipients = curl_slist_append(nil, "<\(mail.to)>")
    defer {
      curl_easy_cleanup(handle)
      curl_slist_free_all(recipients)
    }
    kitty_curl_set_text(handle, CURLOPT_URL, url)
    kitty_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps")
    kitty_curl_set_long(handle, CURLOPT_USE_SSL, tls)
    kitty_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
    kitty_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT, 10)
    kitty_curl_set_long(handle, CURLOPT_TIMEOUT, 30)
    kitty_curl_set_text(handle, CURLOPT_MAIL_FROM, "<\(mail.from.address)>")
    kitty_curl_set_pointer(handle, CURLOPT_MAIL_RCPT, recipients)
    kitty_curl_set_long(handle, CURLOPT_UPLOAD, 1)
    kitty_curl_set_offset(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(remaining.count))
    let me = Unmanaged.passUnretained(self).toOpaque()
    kitty_curl_set_pointer(handle, CURLOPT_READDATA, me)
    kitty_curl_set_data_callback(handle, CURLOPT_READFUNCTION) { buffer, size, count, transfer in
      guard let transfer, let buffer else { return 0 }
      return MailTransfer.from(transfer).fill(
        UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
    }
    kitty_curl_set_pointer(handle, CURLOPT_HEADERDATA, me)
    kitty_curl_set_data_callback(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, transfer in
      guard let transfer, let bytes else { return 0 }
      MailTransfer.from(transfer).hear(UnsafeRawBufferPointer(start: bytes, count: size * count))
      return size * count
    }
    kitty_curl_set_long(handle, CURLOPT_NOPROGRESS, 0)
    kitty_curl_set_pointer(handle, CURLOPT_XFERINFODATA, me)
    kitty_curl_set_progress_callback(handle) { transfer, _, _, _, _ in
      guard let transfer else { return 0 }
      return MailTransfer.from(transfer).isCancelled.load(ordering: .relaxed) ? 1 : 0
    }
    let code = curl_easy_perform(handle)
    if code == CURLE_OK { return .success(()) }
    if isCancelled.load(ordering: .relaxed) { return .failure(.cancelled) }
    let status = kitty_curl_status(handle)
    let reason = String(cString: curl_easy_strerror(code))
    return .failure(.notAccepted(status > 0 ? "\(reason) (\(status))" : reason))
  }

  private static func from(_ pointer: UnsafeMutableRawPointer) -> MailTransfer {
    Unmanaged<MailTransfer>.fromOpaque(pointer).takeUnretainedValue()
  }

  /// Keeps a line of the server that refuses: it begins with 4 or 5.
  private func hear(_ line: UnsafeRawBufferPointer) {
    guard let first = line.first, first == UInt8(ascii: "4") || first == UInt8(ascii: "5") else { return }
    // For a terminal: printable ASCII.
    let shown = line.prefix(300).filter { (0x20...0x7e).contains($0) }
    refusal = String(decoding: shown, as: UTF8.self)
  }

  private func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    let part = remaining.prefix(buffer.count)
    buffer.copyBytes(from: part)
    remaining = remaining.dropFirst(part.count)
    return part.count
  }
}
