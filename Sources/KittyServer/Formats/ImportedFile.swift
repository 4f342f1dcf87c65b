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
    _ document: ImportedDocument, _ options: ImportOptions
  ) async throws -> (format: ImportFormat, content: ImportedContent) {
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
    content.readings.insert(document.encoding, at: 0)
    return (reader.format, content)
  }
}
