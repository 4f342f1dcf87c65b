/// A result of a check: a sentence, and, unless all is well, what to do next.
struct Finding: Codable, Equatable, Sendable {
  /// The importance of a finding.
  enum Level: String, Codable, Comparable, Sendable {
    case ok, warning, fault

    private var rank: Int { self == .ok ? 0 : self == .warning ? 1 : 2 }
    static func < (one: Level, other: Level) -> Bool { one.rank < other.rank }
  }

  let level: Level
  /// The part of the installation, such as `redis`.
  var part = ""
  let text: String

  static func ok(_ text: String) -> Finding { Finding(level: .ok, text: text) }
  static func warning(_ text: String) -> Finding { Finding(level: .warning, text: text) }
  static func fault(_ text: String) -> Finding { Finding(level: .fault, text: text) }
}
