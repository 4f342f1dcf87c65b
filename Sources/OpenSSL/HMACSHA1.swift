import COpenSSL

/// HMAC with SHA-1 (RFC 2104), for one-time codes. SHA-1 is broken as a hash, but not within HMAC.
package enum HMACSHA1 {
  /// Returns the 20 bytes of the code; `nil` only where the library's policy forbids SHA-1.
  package static func code(for message: [UInt8], key: [UInt8]) -> [UInt8]? {
    var code = [UInt8](repeating: 0, count: 20)
    var length: UInt32 = 0
    let done = HMAC(EVP_sha1(), key, Int32(key.count), message, message.count, &code, &length)
    return done != nil && length == 20 ? code : nil
  }
}
