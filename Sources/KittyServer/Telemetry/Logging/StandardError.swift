import KittyShared
import SystemPackage

/// Standard error, for sentences to the person who started the program.
enum StandardError {
  /// Writes one sentence on a line of its own, after the name of the program.
  static func write(_ sentence: String) {
    // Where standard error is closed, there is no other place to report it.
    _ = try? FileDescriptor.standardError.writeAll(
      "kittycash-server: \(sentence)\n".withoutInvisibleControls.utf8)
  }
}
