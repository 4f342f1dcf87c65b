import KittyShared
import POSIX
import SystemPackage

/// A new file on this machine. It has the permissions of any new file of the user, and replaces another file only when the
/// user wants it.
struct ExportFile: Sendable {
  let path: String

  /// The reason why the file cannot be written, as a sentence.
  struct Refusal: Error, Equatable, CustomStringConvertible {
    let description: String
  }

  /// - Throws: `Refusal` when there is no such folder, or when the path is one.
  init(path: String, home: String) throws(Refusal) {
    let path = PhotoFile.expanded(path.trimmed, home: home)
    guard !path.isEmpty, !path.hasSuffix("/") else {
      throw Refusal(description: "Write the name of a file, such as ~/books.json.")
    }
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    guard (try? FilePath(folder.isEmpty ? "/" : folder).stat())?.type == .directory else {
      throw Refusal(description: "There is no folder \(folder) on this machine.")
    }
    if (try? FilePath(path).stat())?.type == .directory {
      throw Refusal(description: "\(path) is a folder. Add the name of a file.")
    }
    self.path = path
  }

  /// `true` when there is a file of this name.
  var exists: Bool { (try? FilePath(path).stat()) != nil }

  /// Writes the file.
  /// - Parameter replaces: `true` replaces another file of this name in one step.
  /// - Throws: `Refusal`.
  func write(_ bytes: [UInt8], replaces: Bool) throws(Refusal) {
    let written = FilePath(replaces ? "\(path).\(CurrentProcess.id)" : path)
    let file: FileDescriptor
    do {
      file = try .open(
        written, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
        // The user's umask takes away what others must not have.
        permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite])
    } catch {
      throw refusal(error)
    }
    do {
      do {
        try file.writeAll(bytes)
        try file.sync()
      } catch {
        try? file.close()
        throw error
      }
      try file.close()
      if replaces { try written.rename(to: FilePath(path)) }
    } catch {
      // Half of a file must not look like a whole one.
      try? written.remove()
      throw refusal(error)
    }
  }

  private func refusal(_ error: any Error) -> Refusal {
    let why = (error as? Errno).map { "\($0)" } ?? "unknown error"
    return Refusal(description: "\(path) cannot be written: \(why).")
  }
}
