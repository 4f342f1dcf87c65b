import Curl

/// The authorities that may sign the certificate of the server.
typealias Authorities = CertificateAuthorities

extension TLSFailure {
  /// Returns the reason, and what to do next, for the user.
  func words(server: String, authorities: Authorities) -> String {
    switch self {
    case .untrusted:
      switch authorities {
      case .system:
        "The certificate of \(server) is not signed by an authority that this machine trusts. If the authority is "
          + "your own, give its certificate with --ca FILE."
      case .file(let file):
        "The certificate of \(server) is not signed by an authority in \(file). Give the certificate of the right "
          + "authority with --ca FILE."
      }
    case .expired:
      "The certificate of \(server) has expired. The operator must renew it, unless the clock of this machine is wrong."
    case .notYetValid: "The certificate of \(server) is not valid yet. Check the clock of this machine."
    case .otherHost:
      "The certificate of \(server) is for another name. Check the address: its name must be one of the certificate."
    case .unreadableAuthorities:
      "The certificates of the authorities (\(authorities.words)) cannot be read, or are not in PEM format. Name their file "
        + "with --ca FILE."
    case .other(let why):
      "No secure connection to \(server): \(why). If the server has no TLS, write http:// instead of https://."
    }
  }
}

extension Authorities {
  /// The paths of the files and folders, or "this machine's".
  var words: String {
    switch self {
    case .file(let file): file
    case .system(nil, nil): "this machine's"
    case .system(let file, let folder): [file, folder].compactMap(\.self).joined(separator: ", ")
    }
  }
}
