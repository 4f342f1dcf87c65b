import FoundationEssentials
import KittyShared

/// A reader of the files of one program.
protocol ImportedFile: Sendable {
  static var format: ImportFormat { get }

  /// Returns `true` when a text looks like a file of the program. It reads no more than the beginning.
  static func recognizes(_ file: ImportedDocument) -> Bool

  /// Reads all of a file, or refuses it as a whole.
  /// - Throws: `Rejection` that names the place and the reason.
  static func read(_ file: ImportedDocument, _ options: ImportOptions) async throws -> ImportedContent
}

/// The content of a file, and how it was read.
struct ImportedContent: Sendable {
  var books: ImportedBooks
  /// The readings in words, for the user.
  var readings: [String] = []
}

/// A file as text, and as JSON or as a table when it is one.
struct ImportedDocument: Sendable {
  let text: String
  /// `true` for a text that begins as JSON does.
  let isJSON: Bool

  init(_ text: String) {
    self.text = text
    let first = text.unicodeScalars.first { !$0.properties.isWhitespace }
    isJSON = first == "{" || first == "["
  }

  /// The first lines, for recognition: a column or a key of a format is in them.
  var beginning: Substring { text.prefix(4000) }

  /// The fields of the first line with text.
  var header: [String] {
    guard !isJSON else { return [] }
    let start = String(text.unicodeScalars.prefix(20_000))
    // A field may be cut off here, but not one of the first line.
    let line = start.unicodeScalars.split(omittingEmptySubsequences: true) { $0 == "\n" || $0 == "\r" }.first
    guard let line, let table = try? ImportedTable(String(line)) else { return [] }
    return table.rows.first?.fields.map(\.trimmed) ?? []
  }

  /// The titles of the columns in a sentence; empty for a text that is no table.
  fileprivate var titles: String {
    let titles = header.filter { !$0.isEmpty }
    guard titles.count > 1 else { return "" }
    return " Its first line has \(titles.prefix(20).map { "\"\($0.cut(to: 40))\"" }.joined(separator: ", "))."
  }

  /// Decodes a JSON document.
  /// - Throws: `Rejection` that names the field.
  func decode<Value: Decodable>(_ type: Value.Type) throws(Rejection) -> Value {
    do { return try JSONDecoder().decode(type, from: Data(text.utf8)) } catch let error as DecodingError {
      throw Self.rejection(error)
    } catch {
      throw .unreadable(.file, "not_readable", "The file is not JSON: it is cut off, or was changed by hand.")
    }
  }

  private static func rejection(_ error: DecodingError) -> Rejection {
    func path(_ keys: [any CodingKey]) -> String {
      keys.isEmpty
        ? "file" : keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
    return switch error {
    case .keyNotFound(let key, let context):
      .invalid(path(context.codingPath + [key]), "missing", "This field is missing in the file.")
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      .invalid(
        path(context.codingPath), "not_readable", "The value in the file has another type than expected.")
    case .dataCorrupted(let context):
      .invalid(
        path(context.codingPath), "not_readable",
        "The file is not JSON from here on: it is cut off, or was changed by hand. Export it again.")
    @unknown default: .unreadable(.file, "not_readable", "The file cannot be read.")
    }
  }
}

/// The readers, the most particular first: Splitwise is told by the places of its columns, which other tables have by chance.
enum ImportedFiles {
  private static let readers: [any ImportedFile.Type] = [
    KittyCashFile.self, HledgerBooks.self, BeancountBooks.self, SpliitFile.self, SplitProFile.self,
    IHateMoneyFile.self, CospendFile.self, TricountFile.self,
    SettleUpFile.self, GeneralTable.self, SplitwiseFile.self,
  ]

  /// Reads a file.
  /// - Throws: `Rejection`: `unknown_format` when no reader knows the file.
  static func read(
    _ text: ImportedText, _ options: ImportOptions
  ) async throws -> (format: ImportFormat, content: ImportedContent) {
    let document = ImportedDocument(text.text)
    // Only a table has columns that a request can name.
    let wanted = options.format ?? (options.columns.isEmpty ? nil : .csv)
    let reader = readers.first { reader in
      wanted.map { $0 == reader.format } ?? reader.recognizes(document)
    }
    guard let reader else {
      throw Rejection.invalid(
        "format", "unknown_format",
        "This is not a file of \(ImportFormat.allCases.dropLast().map(\.program).joined(separator: ", ")) as they are known here.\(document.titles) Name its program with format=, or its columns with columns=. Of a journal, only one that KittyCash wrote is read."
      )
    }
    var content = try await reader.read(document, options)
    content.readings.insert(
      text.isGuess
        ? "\(text.encoding.name), because it is not UTF-8: check the letters of the names"
        : text.encoding.name,
      at: 0)
    return (reader.format, content)
  }
}
