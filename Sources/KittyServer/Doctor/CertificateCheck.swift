import FoundationEssentials
import KittyShared
import OpenSSL

/// The certificate of the public address: trusted, for its host, and valid for some time.
struct CertificateCheck: Check {
  let part = "certificate"
  let url: String
  /// A file with the certificates of trusted authorities; `nil` for those of the system.
  var authorities: String?

  func findings() async throws -> [Finding] {
    guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty else {
      return [.fault("\(url) has no host.")]
    }
    let port = parts.port ?? 443
    let name = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    do {
      let end = try await onThread { [authorities] in
        try TLSSession.certificateEnd(host: name, port: port, authorities: authorities, seconds: 5)
      }
      return [Self.finding(host, end: Instant(milliseconds: end * 1000), at: .now)]
    } catch {
      return [
        .fault(
          "The certificate of \(host) cannot be used: \(error). Check the address, and renew the certificate."
        )
      ]
    }
  }

  static func finding(_ host: String, end: Instant, at now: Instant) -> Finding {
    let days = (end.milliseconds - now.milliseconds) / 86_400_000
    let text = "The certificate of \(host) is valid until \(end.day), for \(days) days"
    return days >= 14
      ? .ok("\(text).") : .warning("\(text). Renew it now, and check that it is renewed by itself.")
  }
}
