import CCurl
import Foundation
import Synchronization

/// A server that mail is handed over to, by SMTP over libcurl.
///
/// `smtps://` is TLS from the start. With `smtp://` and a user name TLS is a must (STARTTLS), so that no password
/// goes out in clear; without one it is used when the server offers it, unless the server is on this machine.
package struct SMTPServer: Sendable {
  private let url: String
  private let tls: Int

  /// - Parameter url: Such as `smtp://user:password@host:587`.
  /// - Throws: `MailFailure.invalidURL`.
  package init(url: String) throws(MailFailure) {
    guard let parts = URLComponents(string: url), let scheme = parts.scheme, let host = parts.host,
      ["smtp", "smtps"].contains(scheme), !host.isEmpty, ["", "/"].contains(parts.path), parts.query == nil,
      parts.fragment == nil
    else { throw .invalidURL }
    self.url = url
    let isHere = host == "localhost" || host == "[::1]" || host.hasPrefix("127.")
    let level =
      parts.user != nil || scheme == "smtps" ? CURLUSESSL_ALL : isHere ? CURLUSESSL_NONE : CURLUSESSL_TRY
    tls = Int(level.rawValue)
  }

  /// Hands a message over; at most thirty seconds. Cancelling the task gives up within a second or two.
  /// - Throws: `MailFailure`; then it may have been taken all the same, when the answer was lost.
  package func send(_ mail: Mail) async throws(MailFailure) {
    let bytes = try mail.bytes(date: Date(), id: UUID().uuidString)
    let handover = Handover(bytes)
    let outcome: Result<Void, MailFailure> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        Thread.detachNewThread { [url, tls] in
          continuation.resume(returning: handover.run(url: url, tls: tls, mail))
        }
      }
    } onCancel: {
      handover.isCancelled.store(true, ordering: .relaxed)
    }
    try outcome.get()
  }
}

/// One message under way. `curl_easy_perform` calls back on the thread that it runs on.
private final class Handover: @unchecked Sendable {
  // Unchecked: `rest` is only touched by the thread that runs it, `isCancelled` is atomic.
  private var rest: ArraySlice<UInt8>
  let isCancelled = Atomic(false)

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  func run(url: String, tls: Int, _ mail: Mail) -> Result<Void, MailFailure> {
    guard let handle = curl_easy_init() else { return .failure(.notTaken("no memory")) }
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
    kitty_curl_set_offset(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(rest.count))
    let me = Unmanaged.passUnretained(self).toOpaque()
    kitty_curl_set_pointer(handle, CURLOPT_READDATA, me)
    kitty_curl_set_data_callback(handle, CURLOPT_READFUNCTION) { buffer, size, count, handover in
      guard let handover, let buffer else { return 0 }
      return Handover.from(handover).fill(UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
    }
    kitty_curl_set_long(handle, CURLOPT_NOPROGRESS, 0)
    kitty_curl_set_pointer(handle, CURLOPT_XFERINFODATA, me)
    kitty_curl_set_progress_callback(handle) { handover, _, _, _, _ in
      guard let handover else { return 0 }
      return Handover.from(handover).isCancelled.load(ordering: .relaxed) ? 1 : 0
    }
    let code = curl_easy_perform(handle)
    if code == CURLE_OK { return .success(()) }
    if isCancelled.load(ordering: .relaxed) { return .failure(.cancelled) }
    let answer = kitty_curl_status(handle)
    let reason = String(cString: curl_easy_strerror(code))
    return .failure(.notTaken(answer > 0 ? "\(reason) (\(answer))" : reason))
  }

  private static func from(_ pointer: UnsafeMutableRawPointer) -> Handover {
    Unmanaged<Handover>.fromOpaque(pointer).takeUnretainedValue()
  }

  private func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    let part = rest.prefix(buffer.count)
    buffer.copyBytes(from: part)
    rest = rest.dropFirst(part.count)
    return part.count
  }
}
