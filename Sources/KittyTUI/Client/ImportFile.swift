import POSIX
import SystemPackage

/// An export as JSON on this machine, to be imported.
struct ImportFile: Sendable {
  let path: String

  /// The reason why a file cannot be imported, as a sentence.
  struct Refusal: Error, Equatable, CustomStringConvertible {
    let description: String
  }

  /// Checks the file before it is sent: it must exist, be a regular file, be readable, and begin like an export.
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
    let head = (try? file.read(upTo: 256)) ?? []
    let spaces: Set<UInt8> = [0x20, 0x09, 0x0a, 0x0d]
    guard head.first(where: { !spaces.contains($0) }) == UInt8(ascii: "{") else {
      throw Refusal(description: "\(path) is not an export of KittyCash as JSON.")
    }
    self.path = path
  }
}
