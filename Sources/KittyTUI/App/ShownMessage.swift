import KittyShared

/// A message that was shown for some seconds, to be read again.
struct ShownMessage: Hashable, Sendable {
  let text: SafeText
  let at: Instant

  /// Maximum number of messages that are kept.
  static let limit = 50
}
