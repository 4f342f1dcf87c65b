import FoundationEssentials
import KittyShared

/// The sequence of each group when the user looked at it last.
protocol SeenStore: Sendable {
  /// Returns the sequence of each group. What cannot be read counts as empty: then nothing is new.
  func read() async -> [ID: Int64]
  /// Notes that groups were seen up to these sequences. A sequence never goes back, since another window may have shown
  /// more.
  func note(_ sequences: [ID: Int64]) async
}

/// The sequences in a file of this machine.
struct SeenFile: SeenStore {
  private let file: PrivateFile
  var path: String { file.path }

  /// The number of groups that are kept, and the bytes of so many.
  private static let limit = 2000
  private static let bytes = 1 << 18

  private struct Place: Codable {
    let group: ID
    let sequence: Int64
  }

  init(path: String) { file = PrivateFile(path: path) }

  func read() -> [ID: Int64] {
    (try? file.read(upTo: Self.bytes)).map(Self.sequences) ?? [:]
  }

  func note(_ sequences: [ID: Int64]) {
    let known = read()
    let all = known.merging(sequences, uniquingKeysWith: max)
    guard all != known else { return }
    // What cannot be written is new once more at the next start.
    if let bytes = try? Self.bytes(of: all) { try? file.write(bytes) }
  }

  /// Reads the content of a file.
  static func sequences(_ bytes: [UInt8]) -> [ID: Int64] {
    guard let places = try? JSON.decode([Place].self, from: Data(bytes)) else { return [:] }
    return Dictionary(places.map { ($0.group, $0.sequence) }, uniquingKeysWith: max)
  }

  /// Returns the content of a file.
  static func bytes(of sequences: [ID: Int64]) throws -> [UInt8] {
    let places = sequences.map { Place(group: $0.key, sequence: $0.value) }
      .sorted { ($0.sequence, "\($0.group)") > ($1.sequence, "\($1.group)") }.prefix(limit)
    return try JSON.bytes(of: Array(places))
  }
}
