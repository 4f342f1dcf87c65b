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
    isExport = Self.isExport((try? file.read(upTo: 4096)) ?? [])
    self.path = path
  }

  /// Returns `true` for the beginning of an export of KittyCash as JSON, also of a compressed one.
  static func isExport(_ head: some Sequence<UInt8>) -> Bool {
    var head = Array(head.prefix(4096))
    if isGzip(head) {
      var compressed = head[...]
      // What is damaged is sent as it is: the server says why it refuses it.
      head = (try? GzipDecoder().decode(&compressed, atMost: 4096)) ?? []
    }
    return String(decoding: head, as: UTF8.self).contains("kittycash-group-")
  }

  /// Returns `true` for the beginning of data in the gzip format.
  static func isGzip(_ head: some Sequence<UInt8>) -> Bool { head.starts(with: [0x1f, 0x8b]) }
}
