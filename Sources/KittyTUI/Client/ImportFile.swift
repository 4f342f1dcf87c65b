import POSIX
import SystemPackage
import Zlib

/// A file on this machine, to be imported: an export of KittyCash, or a file of another program.
struct ImportFile: Sendable {
  let path: String
  /// `true` for an export of KittyCash as JSON.
  let isExport: Bool

  /// The reason why a file cannot be imported, as a sentence.
  struct Refusal: Error, Equatable, CustomStringConvertible {
    let description: String
  }

  /// Checks the file before it is sent: it must exist, be a regular file, and be readable.
  /// - Throws: `Refusal`.
  init(path: String, home: String) throws(Refusal) {
    let path = PhotoFile.expanded(path, home: home)
    guard let information = try? FilePath(path).stat() else {
      throw Refusal(description: "\(path) does not exist on this machine.")
    }
    guard information.type == .regular else {
      throw Refusal(description: "\(path) is not a regular file.")
    }
    guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec) else {
      throw Refusal(description: "\(path) cannot be read.")
    }
    defer { try? file.close() }
    isExport = Self.isExport { (try? file.read(upTo: Self.pieceLength)) ?? [] }
    self.path = path
  }

  private static let pieceLength = 1 << 16

  /// Returns `true` for an export of KittyCash as JSON, also for a compressed one.
  static func isExport(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    return isExport {
      defer { rest = rest.dropFirst(pieceLength) }
      return Array(rest.prefix(pieceLength))
    }
  }

  /// - Parameter next: Returns the next piece of the file; an empty one at its end.
  private static func isExport(reading next: () -> [UInt8]) -> Bool {
    var search = ExportSearch()
    var piece = next()
    guard isGzip(piece) else {
      while !piece.isEmpty, !search.isDone(reading: piece) { piece = next() }
      return search.isFound
    }
    // What is damaged is sent as it is: the server says why it refuses it.
    guard let decoder = try? GzipDecoder() else { return false }
    while !piece.isEmpty {
      var compressed = piece[...]
      var count = pieceLength
      while count == pieceLength || !compressed.isEmpty {
        guard let text = try? decoder.decode(&compressed, atMost: pieceLength) else { return false }
        if search.isDone(reading: text) { return search.isFound }
        count = text.count
      }
      piece = next()
    }
    return false
  }

  /// Returns `true` for the beginning of data in the gzip format.
  static func isGzip(_ head: some Sequence<UInt8>) -> Bool { head.starts(with: [0x1f, 0x8b]) }
}
