import CXLSXWriter
import Glibc

/// A cell of a sheet.
package enum Cell: Hashable, Sendable {
  case empty
  /// A text, which is never a formula.
  case text(String)
  /// A number. It is shown with a number of decimals; with `nil`, with those that it has.
  case number(Double, decimals: Int?)
  /// A day of the Gregorian calendar from March 1900 on: Excel has a 29 February 1900.
  case day(year: Int, month: Int, day: Int)
}

/// A workbook of Excel (ECMA-376) with one sheet, made by libxlsxwriter. Rows go to temporary files, so that a sheet of any
/// length needs the memory of one row.
package actor Workbook {
  /// A column: its title, and its width in characters.
  package struct Column: Hashable, Sendable {
    package let title: String
    package let width: Double

    package init(_ title: String, width: Double) {
      (self.title, self.width) = (title, width)
    }
  }

  package enum Failure: Error {
    /// The file cannot be written, or the workbook is closed.
    case unwritable(String)
    /// A sheet has at most `maxRows` rows.
    case tooManyRows
  }

  /// Maximum number of rows of a sheet, the titles among them.
  package static let maxRows = Int(LXW_ROW_MAX)
  /// Maximum length of a text in characters. What is beyond it is left out.
  package static let maxText = 32_767

  private let path: String
  private var workbook: UnsafeMutablePointer<lxw_workbook>?
  private let sheet: UnsafeMutablePointer<lxw_worksheet>
  private let columns: Int
  private let days: UnsafeMutablePointer<lxw_format>
  private var numbers: [Int: UnsafeMutablePointer<lxw_format>] = [:]
  private var rows = 1
  /// The size of the rows in their temporary file in bytes, but for the last one. `close` copies them, and compresses the copy once
  /// the first file is gone: so it needs as much room again, since XML gets smaller by that.
  package var bytes: Int {
    workbook == nil ? 0 : sheet.pointee.optimize_tmpfile.map { max(0, ftell($0)) } ?? 0
  }

  /// Begins a workbook.
  /// - Parameters:
  ///   - path: The file, which is written by `close`.
  ///   - folder: The folder of the temporary files.
  ///   - sheet: The name of the sheet: 1 to 31 characters, none of `[]:*?/\`.
  ///   - created: The time in its properties, in seconds since 1970, so that the same content has the same bytes.
  /// - Throws: `Failure.unwritable`.
  package init(path: String, folder: String, sheet name: String, _ columns: [Column], created: Int)
    throws(Failure)
  {
    let workbook = folder.withCString { folder in
      var options = lxw_workbook_options()
      options.constant_memory = 1
      options.tmpdir = UnsafeMutablePointer(mutating: folder)
      // The folder is copied.
      return workbook_new_opt(path, &options)
    }
    guard let workbook, let sheet = workbook_add_worksheet(workbook, name),
      let titles = workbook_add_format(workbook), let days = workbook_add_format(workbook)
    else {
      if let workbook { lxw_workbook_free(workbook) }
      throw .unwritable(path)
    }
    var properties = lxw_doc_properties()
    properties.created = created
    workbook_set_properties(workbook, &properties)
    format_set_bold(titles)
    format_set_num_format(days, "yyyy-mm-dd")
    for (index, column) in columns.enumerated() {
      let place = lxw_col_t(index)
      worksheet_set_column(sheet, place, place, column.width, nil)
      worksheet_write_string(sheet, 0, place, column.title, titles)
    }
    worksheet_freeze_panes(sheet, 1, 0)
    self.path = path
    (self.workbook, self.sheet, self.days, self.columns) = (workbook, sheet, days, columns.count)
  }

  isolated deinit { discard() }

  /// Frees the workbook without writing it. libxlsxwriter leaves the temporary file of the sheet open.
  private func discard() {
    guard let workbook else { return }
    self.workbook = nil
    if let rows = sheet.pointee.optimize_tmpfile { fclose(rows) }
    lxw_workbook_free(workbook)
  }

  /// Adds rows below those that are there.
  /// - Throws: `Failure`.
  package func append(_ added: [[Cell]]) throws(Failure) {
    guard let workbook else { throw .unwritable("the workbook is closed") }
    for cells in added {
      guard rows < Self.maxRows else { throw .tooManyRows }
      for (index, cell) in cells.enumerated() {
        let error = write(cell, lxw_row_t(rows), lxw_col_t(index), workbook)
        guard error == LXW_NO_ERROR else { throw Self.failure(error) }
      }
      rows += 1
    }
  }

  private func write(
    _ cell: Cell, _ row: lxw_row_t, _ column: lxw_col_t, _ workbook: UnsafeMutablePointer<lxw_workbook>
  ) -> lxw_error {
    switch cell {
    case .empty: return LXW_NO_ERROR
    case .text(let text): return worksheet_write_string(sheet, row, column, Self.stored(text), nil)
    case .number(let number, let decimals):
      return worksheet_write_number(sheet, row, column, number, decimals.flatMap { format($0, workbook) })
    case .day(let year, let month, let day):
      var date = lxw_datetime()
      (date.year, date.month, date.day) = (Int32(year), Int32(month), Int32(day))
      return worksheet_write_datetime(sheet, row, column, &date, days)
    }
  }

  /// Returns the format of numbers with a number of decimals. Excel shows the marks of its own language.
  private func format(
    _ decimals: Int, _ workbook: UnsafeMutablePointer<lxw_workbook>
  ) -> UnsafeMutablePointer<lxw_format>? {
    if let known = numbers[decimals] { return known }
    guard let format = workbook_add_format(workbook) else { return nil }
    format_set_num_format(
      format, "#,##0" + (decimals > 0 ? "." + String(repeating: "0", count: decimals) : ""))
    numbers[decimals] = format
    return format
  }

  /// Writes the file.
  /// - Throws: `Failure.unwritable`.
  package func close() throws(Failure) {
    guard let workbook else { throw .unwritable("the workbook is closed") }
    // libxlsxwriter leaves the temporary file open where it cannot make this one.
    guard let file = fopen(path, "wb") else {
      discard()
      throw .unwritable("\(path) cannot be made")
    }
    fclose(file)
    worksheet_autofilter(sheet, 0, 0, lxw_row_t(rows - 1), lxw_col_t(columns - 1))
    // Frees the workbook whatever happens.
    self.workbook = nil
    let error = workbook_close(workbook)
    guard error == LXW_NO_ERROR else { throw Self.failure(error) }
  }

  private static func failure(_ error: lxw_error) -> Failure {
    .unwritable(lxw_strerror(error).map { String(cString: $0) } ?? "error \(error.rawValue)")
  }

  /// Returns a text as XML can contain it. Excel reads `_x0041_` as the character with this number, so that the underscore of such a
  /// text is written by its own number (ECMA-376, part 1, 22.9.2.19). libxlsxwriter writes control characters so.
  static func stored(_ text: String) -> String {
    let isPlain = text.unicodeScalars.allSatisfy { ![0, 0x5F, 0xFFFE, 0xFFFF].contains($0.value) }
    if isPlain, text.utf8.count <= maxText { return text }
    var scalars = String.UnicodeScalarView()
    var count = 0
    let all = Array(text.unicodeScalars)
    for (index, scalar) in all.enumerated() {
      let isEscaped = scalar == "_" && isEscape(all[index...])
      count += isEscaped ? escapedUnderscore.count : 1
      guard count <= maxText else { break }
      switch scalar.value {
      case 0, 0xFFFE, 0xFFFF: scalars.append("\u{FFFD}")
      case _ where isEscaped: scalars.append(contentsOf: escapedUnderscore)
      default: scalars.append(scalar)
      }
    }
    return String(scalars)
  }

  private static let escapedUnderscore = Array("_x005F_".unicodeScalars)

  /// Returns `true` when a text begins as a character that is written by its number.
  private static func isEscape(_ text: ArraySlice<Unicode.Scalar>) -> Bool {
    let begin = Array(text.prefix(escapedUnderscore.count))
    return begin.count == escapedUnderscore.count && begin[1] == "x" && begin[6] == "_"
      && begin[2...5].allSatisfy { $0.isASCII && $0.properties.isASCIIHexDigit }
  }
}
