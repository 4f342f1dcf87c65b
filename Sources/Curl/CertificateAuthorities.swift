/// The authorities that are trusted to sign the certificates of servers.
package enum CertificateAuthorities: Hashable, Sendable {
  /// Those of the system, whose file or folder can be replaced by another. A folder has files that are named by their hashes.
  case system(file: String? = nil, folder: String? = nil)
  /// Those in a file in PEM format, and no others.
  case file(String)
}

/// The reason why no secure connection was made.
package enum TLSFailure: Hashable, Sendable {
  /// The certificate is not signed by a trusted authority.
  case untrusted
  /// The certificate, or one above it, has expired.
  case expired
  /// The certificate, or one above it, is valid from a later moment.
  case notYetValid
  /// The certificate is for other hosts.
  case otherHost
  /// The file or folder of the authorities cannot be read, or contains no certificate.
  case unreadableAuthorities
  /// Another reason, in words of libcurl.
  case other(String)
}
