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
  /// - Parameter mark: The decimal mark of a table.
  /// - Throws: `Rejection` when the group does not exist.
  func begin(_ format: Format, of group: ID, mark: DecimalMark = .point) async throws -> Begun {
    let head = try await store.head(
      of: group, withRange: format == .hledger || format == .beancount, inOrderOfDays: format == .hledger)
    func exported(_ clean: (String) -> String) -> ExportedGroup {
      ExportedGroup(
        id: group, file: head.file, currencies: head.currencies,
        firstDay: head.firstDay ?? head.file.createdAt.day, clean: clean)
    }
    let text: any BooksExport =
      switch format {
      case .json: try GroupFileText(head.file)
      case .csv: CSVTable(group: exported { $0 }, mark: mark)
      case .hledger: HledgerJournal(group: exported(HledgerJournal.clean))
      case .beancount: BeancountFile(group: exported(BeancountFile.clean))
      }
    return Begun(group: group, head: head, text: text)
  }

  /// The place in an export up to which its text was made.
  struct Place: Sendable {
    /// The number of the last entry; in an export in the order of days, how many entries were written.
    fileprivate var number: Int64 = 0
    fileprivate var hasBegun = false
    /// `true` once an entry was written.
    fileprivate var hasEntries = false
    fileprivate(set) var isEnd = false
  }

  /// Makes the next piece of the text of an export: its head, some entries, or its end. The caller writes it before it asks
  /// for the next one, so that a slow client costs no computation.
  func next(of export: Begun, _ place: Place) async throws -> (text: String, place: Place) {
    var place = place
    guard place.hasBegun else {
      place.hasBegun = true
      return (try export.text.head(), place)
    }
    guard let entries = try await entries(of: export, &place) else {
      place.isEnd = true
      return (export.text.end(), place)
    }
    var text = ""
    // An import that began later may have written entries with these numbers.
    for entry in entries where !entry.revisions.isEmpty {
      try Task.checkCancellation()
      text += try export.text.entry(entry, isFirst: !place.hasEntries)
      place.hasEntries = true
    }
    return (text, place)
  }

  /// The number of entries that are read at a time in the order of days.
  private static let dayPage = 100

  /// Returns the next entries, and moves the place behind them; `nil` at the end.
  private func entries(of export: Begun, _ place: inout Place) async throws -> [GroupFile.FileEntry]? {
    guard let order = export.head.order else {
      let entries = try await store.entries(
        of: export.group, upTo: export.head.moment, after: place.number)
      guard let number = entries.last?.number else { return nil }
      place.number = number
      return entries
    }
    let ids = order.dropFirst(Int(place.number)).prefix(min(Self.dayPage, store.pageSize))
    guard !ids.isEmpty else { return nil }
    place.number += Int64(ids.count)
    return try await store.lastRevisions(of: ids, in: export.group, export.head)
  }
}
