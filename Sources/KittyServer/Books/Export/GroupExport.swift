import KittyShared
import XLSXWriter

/// The use case of an export: a group as a file in one of several formats.
struct GroupExport: Sendable {
  let store: GroupExportStore

  /// A format of an export.
  enum Format: String, CaseIterable, Sendable {
    case json, csv, xlsx, hledger, beancount

    var mediaType: String {
      switch self {
      case .json: "application/json"
      case .csv: "text/csv; charset=utf-8; header=present"
      case .xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
      case .hledger, .beancount: "text/plain; charset=utf-8"
      }
    }

    /// The extension of the file's name.
    var fileExtension: String {
      switch self {
      case .json, .csv, .xlsx, .beancount: rawValue
      case .hledger: "journal"
      }
    }
  }

  /// An export that has begun: it shows the group as it was then.
  struct Begun: Sendable {
    fileprivate let group: ID
    fileprivate let head: GroupExportStore.Head
    let form: Form
    /// The time of the export.
    let time: Instant
  }

  /// The way in which an export is written.
  enum Form: Sendable {
    case text(any BooksExport)
    case workbook(PostingsTable)
  }

  /// Begins the export of a group.
  /// - Parameter marks: The marks of a table.
  /// - Throws: `Rejection` when the group does not exist.
  func begin(_ format: Format, of group: ID, marks: TableMarks = TableMarks(decimal: .point)) async throws
    -> Begun
  {
    let head = try await store.head(
      of: group, withRange: format == .hledger || format == .beancount, inOrderOfDays: format == .hledger)
    func exported(_ clean: (String) -> String) -> ExportedGroup {
      ExportedGroup(
        id: group, file: head.file, currencies: head.currencies,
        firstDay: head.firstDay ?? head.file.createdAt.day, clean: clean)
    }
    let form: Form =
      switch format {
      case .json: .text(try GroupFileText(head.file))
      case .csv: .text(CSVTable(group: exported { $0 }, marks: marks))
      case .xlsx: .workbook(PostingsTable(group: exported { $0 }))
      case .hledger: .text(HledgerJournal(group: exported(HledgerJournal.clean)))
      case .beancount: .text(BeancountFile(group: exported(BeancountFile.clean)))
      }
    return Begun(group: group, head: head, form: form, time: .now)
  }

  /// The place in an export up to which its text was made.
  struct Place: Sendable {
    /// The number of the last entry; in an export in the order of days, how many entries were written.
    fileprivate var number: Int64 = 0
    fileprivate var hasBegun = false
    /// The number of entries that were written.
    fileprivate var entries = 0
    fileprivate(set) var isEnd = false
  }

  /// Makes the next piece of the text of an export: its head, some entries, or its end. The caller writes it before it asks
  /// for the next one, so that a slow client costs no computation.
  func next(
    of export: Begun, as books: any BooksExport, _ place: Place
  ) async throws -> (text: String, place: Place) {
    var place = place
    guard place.hasBegun else {
      place.hasBegun = true
      return (try books.head(), place)
    }
    guard let entries = try await entries(of: export, &place) else {
      place.isEnd = true
      return (books.end(place.entries), place)
    }
    var text = ""
    for entry in entries {
      try Task.checkCancellation()
      let part = try books.entry(entry, isFirst: place.entries == 0)
      text += part
      place.entries += part.isEmpty ? 0 : 1
    }
    return (text, place)
  }

  /// Writes the next entries of an export into its workbook.
  /// - Throws: `Workbook.Failure`.
  func next(
    of export: Begun, as table: PostingsTable, into workbook: Workbook, _ place: Place
  ) async throws -> Place {
    var place = place
    guard let entries = try await entries(of: export, &place) else {
      place.isEnd = true
      return place
    }
    let rows = entries.flatMap { entry in
      entry.current(in: export.group).map { table.rows(entry.number, $0, $1) } ?? []
    }
    try await workbook.append(rows.map { row in row.map(\.cell) })
    return place
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
      // An import that began later may have written entries with these numbers.
      return entries.filter { !$0.revisions.isEmpty }
    }
    let ids = order.dropFirst(Int(place.number)).prefix(min(Self.dayPage, store.pageSize))
    guard !ids.isEmpty else { return nil }
    place.number += Int64(ids.count)
    return try await store.lastRevisions(of: ids, in: export.group, export.head).filter {
      !$0.revisions.isEmpty
    }
  }
}
