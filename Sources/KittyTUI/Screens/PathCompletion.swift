/// The completion of a typed path.
struct PathCompletion: Hashable, Sendable {
  /// The paths that begin with the typed text, when there are several.
  private(set) var choices: [String] = []

  mutating func clear() { choices = [] }

  /// Takes the only path, or of several ones their common beginning.
  /// - Returns: The text for the field; `nil` when no path begins with what was typed.
  mutating func complete(_ typed: String, _ paths: [String]) -> String? {
    guard var common = paths.first else { return nil }
    for path in paths { while !path.hasPrefix(common) { common.removeLast() } }
    choices = paths.count > 1 ? paths : []
    return common.count > typed.count ? common : typed
  }
}
