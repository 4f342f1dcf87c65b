import FoundationEssentials
import KittyShared

/// The text of a file, and its encoding.
struct ImportedText: Sendable {
  let text: String
  let encoding: Encoding
  /// `true` when another encoding of single bytes would have read the file as well.
  let isGuess: Bool

  /// The encodings that spreadsheets and other programs write.
  enum Encoding: String, CaseIterable, Sendable {
    case utf8 = "utf-8"
    case utf16LittleEndian = "utf-16le"
    case utf16BigEndian = "utf-16be"
    case windows1252 = "windows-1252"

    var isUTF16: Bool { self == .utf16LittleEndian || self == .utf16BigEndian }

    /// The name for people.
    var name: String {
      switch self {
      case .utf8: "UTF-8"
      case .utf16LittleEndian, .utf16BigEndian: "UTF-16"
      case .windows1252: "Windows-1252"
      }
    }
  }

  /// Reads a text: by its byte order mark, else as UTF-8 when it is valid, else as UTF-16 when half of its bytes are zero,
  /// else as Windows-1252.
  /// - Throws: `Rejection` for an empty file, and for bytes that are no text in the encoding.
  init(_ bytes: Data, as wanted: Encoding?) throws(Rejection) {
    guard !bytes.isEmpty else {
      throw .unreadable(.file, "empty", "The file is empty. Send the file as the body of the request.")
    }
    // A workbook, an archive or a PDF is text in no encoding: a message about encodings would hide that.
    if Self.programs.contains(where: bytes.starts) { throw Self.noText }
    let found = wanted ?? Self.encoding(of: bytes)
    // Before it is read as Windows-1252, which many letters in UTF-8 are not: the place says more than that.
    if wanted == nil, found == .windows1252, !bytes.contains(0), let line = Self.mixedLine(of: bytes) {
      throw .unreadable(
        .line(line), "ambiguous_encoding",
        "This line is not UTF-8, and others are. Export the file again, or send encoding= with one of \(Self.names)."
      )
    }
    let text: String? =
      switch found {
      case .utf8: String(validating: bytes.dropFirst(bytes.starts(with: Self.mark) ? 3 : 0), as: UTF8.self)
      case .utf16LittleEndian: Self.utf16(bytes, isBig: false)
      case .utf16BigEndian: Self.utf16(bytes, isBig: true)
      case .windows1252: Self.windows(bytes)
      }
    guard let text else {
      throw .unreadable(
        .file, "not_readable",
        "The file is not text in \(found.name). Export it as UTF-8, or send encoding= with one of \(Self.names)."
      )
    }
    guard !text.unicodeScalars.contains("\0") else { throw Self.noText }
    if let line = Self.lineOfManyMarks(text) {
      throw .unreadable(.line(line), "not_readable", "A letter has more than \(Self.maxMarks) marks on it.")
    }
    self.text = text
    encoding = found
    isGuess = wanted == nil && found == .windows1252
  }

  /// The first bytes of files that are often taken for text: workbooks and other ZIP archives, old workbooks, PDF, gzip without
  /// its header, and pictures.
  private static let programs: [[UInt8]] = [
    [0x50, 0x4B, 0x03, 0x04], [0xD0, 0xCF, 0x11, 0xE0], Array("%PDF-".utf8), [0x1F, 0x8B],
    [0x89, 0x50, 0x4E, 0x47],
    [0xFF, 0xD8, 0xFF],
  ]
  private static let noText = Rejection.unreadable(
    .file, "not_readable",
    "The file has bytes that no text has: it is no CSV and no JSON. Of a spreadsheet, save the table as CSV. Send a compressed file with the header Content-Encoding: gzip."
  )

  /// The byte order mark of UTF-8.
  static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
  static var names: String { Encoding.allCases.map(\.rawValue).joined(separator: ", ") }

  private static func encoding(of bytes: Data) -> Encoding {
    if bytes.starts(with: mark) { return .utf8 }
    if bytes.starts(with: [0xFF, 0xFE]) { return .utf16LittleEndian }
    if bytes.starts(with: [0xFE, 0xFF]) { return .utf16BigEndian }
    // Text of Latin letters in UTF-16 has a zero in each pair of bytes.
    let start = bytes.prefix(200)
    let zeros = start.enumerated().filter { $0.element == 0 }
    if zeros.count * 3 > start.count {
      return zeros.count { $0.offset % 2 == 0 } * 2 > zeros.count ? .utf16BigEndian : .utf16LittleEndian
    }
    return String(validating: bytes, as: UTF8.self) == nil ? .windows1252 : .utf8
  }

  /// The most marks on one letter. Their order is compared when texts are, which takes the square of their number.
  private static let maxMarks = 64

  /// Returns the first line with a letter that has more marks; `nil` without one.
  static func lineOfManyMarks(_ text: String) -> Int? {
    var (count, line) = (0, 1)
    for scalar in text.unicodeScalars {
      if scalar == "\n" { line += 1 }
      let isMark = scalar.value >= 0x300 && scalar.properties.canonicalCombiningClass != .notReordered
      count = isMark ? count + 1 : 0
      if count > maxMarks { return line }
    }
    return nil
  }

  /// Returns the first line that is not UTF-8, of a file with letters beyond ASCII in UTF-8 before it or after it; `nil` for
  /// a file without any.
  private static func mixedLine(of bytes: Data) -> Int? {
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    let isValid = lines.map { line -> Bool? in
      guard line.contains(where: { $0 >= 0x80 }) else { return nil }
      return String(validating: line, as: UTF8.self) != nil
    }
    guard isValid.contains(true), let wrong = isValid.firstIndex(of: false) else { return nil }
    return wrong + 1
  }

  private static func utf16(_ bytes: Data, isBig: Bool) -> String? {
    guard bytes.count % 2 == 0 else { return nil }
    var units: [UInt16] = []
    units.reserveCapacity(bytes.count / 2)
    var iterator = bytes.makeIterator()
    while let first = iterator.next(), let second = iterator.next() {
      units.append(isBig ? UInt16(first) << 8 | UInt16(second) : UInt16(second) << 8 | UInt16(first))
    }
    if units.first == 0xFEFF { units.removeFirst() }
    return String(validating: units, as: UTF16.self)
  }

  private static func windows(_ bytes: Data) -> String? {
    var text = String.UnicodeScalarView()
    for byte in bytes {
      if (0x80...0x9F).contains(byte) {
        guard let scalar = windowsLetters[Int(byte - 0x80)] else { return nil }
        text.append(scalar)
      } else {
        text.append(Unicode.Scalar(byte))
      }
    }
    return String(text)
  }

  /// The letters of the bytes from 0x80 to 0x9F. Source: the WHATWG's index of windows-1252, without its control characters.
  private static let windowsLetters: [Unicode.Scalar?] = [
    "€", nil, "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š", "‹", "Œ", nil, "Ž", nil,
    nil, "‘", "’", "“", "”", "•", "–", "—", "˜", "™", "š", "›", "œ", nil, "ž", "Ÿ",
  ]
}
