import Glibc

extension in6_addr {
  /// The 128 bits of the address.
  package var bits: (high: UInt64, low: UInt64) {
    withUnsafeBytes(of: self) {
      (
        UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)),
        UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      )
    }
  }
}
