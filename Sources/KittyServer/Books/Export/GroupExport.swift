import KittyShared

/// The use case of an export: a group as text in one of several formats.
struct GroupExport: Sendable {
  let store: GroupExportStore

  /// A format of an export.
  enum Format: String, CaseIterable, Sendable {
    case json, csv, hledger, beancount

    var mediaType: String {
      switch self {
      case .json: "application/json"
      case .csv: "text/csv; charset=utf-8; header=present"
      case .hledger, .beancount: "text/plain; charset=utf-8"
      }
    }

    /// The extension of the file's name.
    var fileExtension: String {
      switch self {
      case .json: "json"
      case .csv: "csv"
      case .hledger: "journal"
      case .beancount: "beancount"
      }
    }
  }

  /// Prepares the export of a group.
  /// - Throws: `Rejection` when the group does not exist.
  func begin(_ format: Format, of group: ID) async throws -> any BooksExport {
    let file = try await store.head(of: group)
    func exported(_ clean: (String) -> String) async throws -> ExportedGroup {
      let (currencies, day) = try await store.range(of: group)
      return ExportedGroup(
        id: group, file: file, currencies: currencies, firstDay: day ?? file.createdAt.day, clean: clean)
    }
    return switch format {
    case .json: try GroupFileText(file)
    case .csv: CSVTable(group: try await exported { $0 })
    case .hledger: HledgerJournal(group: try await exported(HledgerJournal.clean))
    case .beancount: BeancountFile(group: try await exported(BeancountFile.clean))
    }
  }

  /// Writes the text of an export in pieces, as the entries are read.
  /// - Parameter output: Called with each piece.
  func write(_ export: any BooksExport, of group: ID, to output: (String) async throws -> Void) async throws {
    try await output(try export.head())
    var last: Int64 = 0
    var isFirst = true
    while true {
      let entries = try await store.entries(of: group, after: last)
      guard let number = entries.last?.number else { break }
      var text = ""
      for entry in entries {
        text += try export.entry(entry, isFirst: isFirst)
        isFirst = false
      }
      try await output(text)
      last = number
    }
    try await output(export.end())
  }
}
