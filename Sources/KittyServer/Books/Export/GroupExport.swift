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

  /// An export that has begun: it shows the group as it was then.
  struct Begun: Sendable {
    fileprivate let group: ID
    fileprivate let head: GroupExportStore.Head
    fileprivate let text: any BooksExport
  }

  /// Begins the export of a group.
  /// - Throws: `Rejection` when the group does not exist.
  func begin(_ format: Format, of group: ID) async throws -> Begun {
    let head = try await store.head(of: group, withRange: format == .hledger || format == .beancount)
    func exported(_ clean: (String) -> String) -> ExportedGroup {
      ExportedGroup(
        id: group, file: head.file, currencies: head.currencies,
        firstDay: head.firstDay ?? head.file.createdAt.day, clean: clean)
    }
    let text: any BooksExport =
      switch format {
      case .json: try GroupFileText(head.file)
      case .csv: CSVTable(group: exported { $0 })
      case .hledger: HledgerJournal(group: exported(HledgerJournal.clean))
      case .beancount: BeancountFile(group: exported(BeancountFile.clean))
      }
    return Begun(group: group, head: head, text: text)
  }

  /// Writes the text of an export in pieces, as the entries are read.
  /// - Parameter output: Called with each piece.
  func write(_ export: Begun, to output: (String) async throws -> Void) async throws {
    try await output(try export.text.head())
    var last: Int64 = 0
    var isFirst = true
    while true {
      let entries = try await store.entries(of: export.group, export.head, after: last)
      guard let number = entries.last?.number else { break }
      var text = ""
      // An import that began later may have written entries with these numbers.
      for entry in entries where !entry.revisions.isEmpty {
        text += try export.text.entry(entry, isFirst: isFirst)
        isFirst = false
      }
      try await output(text)
      last = number
    }
    try await output(export.text.end())
  }
}
