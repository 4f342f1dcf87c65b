import FoundationEssentials
import POSIX
import SystemPackage

/// A picture on this machine, to be uploaded.
struct PhotoFile: Sendable, Equatable {
  let path: String
  let size: Int64

  /// The default size limit of the server, in bytes.
  static let maxBytes: Int64 = 20 << 20

  /// The reason why a file cannot be uploaded, as a sentence.
  struct Refusal: Error, Equatable, CustomStringConvertible {
    let description: String
  }

  /// Checks the file before it is sent: it must exist, be a regular file, be readable, not be too large, and
  /// begin like a picture.
  /// - Throws: `Refusal`.
  init(path: String, home: String) throws(Refusal) {
    let path = Self.expanded(path, home: home)
    guard let information = try? FilePath(path).stat() else {
      throw Refusal(description: "\(path) does not exist on this machine.")
    }
    guard information.type == .regular else {
      throw Refusal(description: "\(path) is not a regular file.")
    }
    guard information.size <= Self.maxBytes else {
      throw Refusal(
        description: "The file has \(information.size >> 20) MiB. A photo must have at most 20 MiB.")
    }
    guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec) else {
      throw Refusal(description: "\(path) cannot be read.")
    }
    defer { try? file.close() }
    guard Self.isPicture((try? file.read(upTo: 12)) ?? []) else {
      throw Refusal(
        description: "The file is not a JPEG, PNG or WebP picture, although its name may say so.")
    }
    self.path = path
    size = information.size
  }

  /// Returns `true` when these are the first bytes of a JPEG, PNG or WebP picture.
  static func isPicture(_ head: [UInt8]) -> Bool {
    head.starts(with: [0xff, 0xd8, 0xff])
      || head.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
      || (head.starts(with: Array("RIFF".utf8)) && head.dropFirst(8).starts(with: Array("WEBP".utf8)))
  }

  /// Returns the path in a text that a terminal pastes when a file is dropped on it: without quotes,
  /// backslashes and `file://`.
  static func cleaned(_ pasted: String) -> String {
    var text = pasted.trimmed
    for quote in ["'", "\""] where text.count >= 2 && text.hasPrefix(quote) && text.hasSuffix(quote) {
      return String(text.dropFirst().dropLast())
    }
    if text.hasPrefix("file://") {
      text = String(text.dropFirst("file://".count))
      if let slash = text.firstIndex(of: "/") { text = String(text[slash...]) }
      return text.removingPercentEncoding ?? text
    }
    var plain = ""
    var isEscaped = false
    for character in text {
      if character == "\\" && !isEscaped {
        isEscaped = true
      } else {
        plain.append(character)
        isEscaped = false
      }
    }
    return plain
  }

  /// Returns the paths that begin with the typed text: folders first, then pictures.
  static func completions(of typed: String, home: String) -> [String] {
    let slash = typed.lastIndex(of: "/")
    let folder = slash.map { String(typed[...$0]) } ?? ""
    let start = slash.map { typed[typed.index(after: $0)...] } ?? typed[...]
    let searched = folder.isEmpty ? "." : expanded(folder, home: home)
    // An unreadable folder has no completions.
    let names = (try? FileManager.default.contentsOfDirectory(atPath: searched)) ?? []
    var folders: [String] = []
    var pictures: [String] = []
    for name in names.sorted() where name.hasPrefix(start) && (!name.hasPrefix(".") || start.hasPrefix(".")) {
      var isFolder = false
      _ = FileManager.default.fileExists(atPath: searched + "/" + name, isDirectory: &isFolder)
      let ending = name.lowercased().split(separator: ".").last.map(String.init) ?? ""
      if isFolder {
        folders.append(folder + name + "/")
      } else if ["jpg", "jpeg", "png", "webp"].contains(ending) {
        pictures.append(folder + name)
      }
    }
    return folders + pictures
  }

  private static func expanded(_ path: String, home: String) -> String {
    path == "~" ? home : path.hasPrefix("~/") ? home + path.dropFirst() : path
  }
}
