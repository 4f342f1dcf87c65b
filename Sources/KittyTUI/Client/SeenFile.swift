import FoundationEssentials
import KittyShared

/// The sequence of each group when the user looked at it last.
struct SeenFile: Sendable {
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

  /// Returns the sequence of each group. A file that cannot be read counts as empty: then nothing is new.
  func read() -> [ID: Int64] {
    guard let bytes = try? file.read(upTo: Self.bytes),
      let places = try? JSON.decode([Place].self, from: Data(bytes))
    else { return [:] }
    return Dictionary(places.map { ($0.group, $0.sequence) }, uniquingKeysWith: max)
  }

  /// Notes that groups were seen up to these sequences. A sequence never goes back, since another window may have shown
  /// more.
  func note(_ sequences: [ID: Int64]) {
    let known = read()
    let all = known.merging(sequences, uniquingKeysWith: max)
    guard all != known else { return }
    let places = all.map { Place(group: $0.key, sequence: $0.value) }
      .sorted { ($0.sequence, "\($0.group)") > ($1.sequence, "\($1.group)") }.prefix(Self.limit)
    // What cannot be written is new once more at the next start.
    if let bytes = try? JSON.bytes(of: Array(places)) { try? file.write(bytes) }
  }
}
