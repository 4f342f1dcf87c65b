import COpenSSL

/// HMAC with SHA-1 (RFC 2104), as one-time codes need it. SHA-1 is not fit for anything new; in HMAC it holds.
package enum HMACSHA1 {
  /// The 20 bytes of the code; `nil` only where the library's policy forbids SHA-1.
  package static func code(for message: [UInt8], key: [UInt8]) -> [UInt8]? {
    var code = [UInt8](repeating: 0, count: 20)
    var length: UInt32 = 0
    let done = HMAC(EVP_sha1(), key, Int32(key.count), message, message.count, &code, &length)
    return done != nil && length == 20 ? code : nil
  }
}
