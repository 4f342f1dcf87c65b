import FoundationEssentials
import KittyShared
import POSIX
import SystemPackage

/// A picture on this machine, to be uploaded.
struct PhotoFile: Sendable, Equatable {
  let path: String
  let size: Int64

  /// The reason why a file cannot be uploaded, as a sentence.
  struct Refusal: Error, Equatable, CustomStringConvertible {
    let description: String
  }

  /// Checks the file before it is sent: it must exist, be a regular file, be readable, and begin like a picture. The server knows
  /// how large it may be.
  /// - Throws: `Refusal`.
  init(path: String, home: String) throws(Refusal) {
    let path = Self.expanded(path, home: home)
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
    try Self.checkFormat((try? file.read(upTo: PictureFormat.headLength)) ?? [])
    self.path = path
    size = information.size
  }

  /// Checks that the first bytes are those of a picture in an accepted format.
  /// - Throws: `Refusal`, with the message that the server would send.
  static func checkFormat(_ head: [UInt8]) throws(Refusal) {
    let format = PictureFormat.detect(head)
    guard format?.isAccepted != true else { return }
    throw Refusal(description: PhotoRejection.notAPicture(found: format).message(for: .photo))
  }

  /// Returns the path in a text that a terminal pastes when a file is dropped on it: without quotes,
  /// backslashes and `file://`.
  static func cleaned(_ pasted: String) -> String {
    var text = pasted.trimmed
    // By scalars: a mark after a quotation mark or a backslash belongs to the name.
    let scalars = text.unicodeScalars
    for quote in ["'", "\""] as [Unicode.Scalar]
    where scalars.count >= 2 && scalars.first == quote && scalars.last == quote {
      return String(scalars.dropFirst().dropLast())
    }
    if text.hasPrefix("file://") {
      text = String(text.dropFirst("file://".count))
      if let slash = text.firstIndex(of: "/") { text = String(text[slash...]) }
      return text.removingPercentEncoding ?? text
    }
    var plain = String.UnicodeScalarView()
    var isEscaped = false
    for scalar in scalars {
      if scalar == "\\" && !isEscaped {
        isEscaped = true
      } else {
        plain.append(scalar)
        isEscaped = false
      }
    }
    return String(plain)
  }

  /// Returns the paths that begin with the typed text: folders first, then files of the kind.
  static func completions(of typed: String, home: String, kind: FileKind = .picture) -> [String] {
    let scalars = typed.unicodeScalars
    let slash = scalars.lastIndex(of: "/")
    let folder = slash.map { String(scalars[...$0]) } ?? ""
    let start = slash.map { scalars[$0...].dropFirst() } ?? scalars[...]
    let searched = folder.isEmpty ? "." : expanded(folder, home: home)
    // An unreadable folder has no completions.
    let names = (try? FileManager.default.contentsOfDirectory(atPath: searched)) ?? []
    var folders: [String] = []
    var pictures: [String] = []
    for name in names.sorted()
    where name.unicodeScalars.starts(with: start) && (!name.hasPrefix(".") || start.first == ".") {
      var isFolder = false
      _ = FileManager.default.fileExists(atPath: searched + "/" + name, isDirectory: &isFolder)
      let ending = name.lowercased().split(separator: ".").last.map(String.init) ?? ""
      if isFolder {
        folders.append(folder + name + "/")
      } else if kind.endings.contains(ending) {
        pictures.append(folder + name)
      }
    }
    return folders + pictures
  }

  /// Returns a path with the home folder in place of `~`.
  static func expanded(_ path: String, home: String) -> String {
    path == "~" ? home : path.hasPrefix("~/") ? home + path.dropFirst() : path
  }
}

/// A kind of files that a field completes.
enum FileKind: Hashable, Sendable {
  case picture
  /// A picture or a PDF.
  case receipt
  /// An export of KittyCash or of another program.
  case export

  fileprivate var endings: Set<String> {
    switch self {
    case .picture: ["jpg", "jpeg", "png", "webp", "gif", "heic", "heif", "avif"]
    case .receipt: Set(Receipt.MediaType.allCases.flatMap(\.endings))
    case .export: ["json", "csv", "tsv", "txt", "journal", "beancount", "gz"]
    }
  }
}
