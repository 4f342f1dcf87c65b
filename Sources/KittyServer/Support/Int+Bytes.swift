extension Int {
  /// A limit of bytes in words, rounded down: `20 MiB`, `2.8 MiB`, `97 KiB`.
  var asBytes: String {
    guard self >= 1 << 20 else { return "\(self >> 10) KiB" }
    let tenths = (self * 10) >> 20
    return tenths % 10 == 0 ? "\(tenths / 10) MiB" : "\(tenths / 10).\(tenths % 10) MiB"
  }
}
