/// The format of the books of a group as a file.
enum ExportFormat: String, CaseIterable, Hashable, Sendable {
  case json, csv, xlsx, hledger, beancount

  /// The usual ending of such a file.
  var ending: String {
    switch self {
    case .json, .csv, .xlsx, .beancount: rawValue
    case .hledger: "journal"
    }
  }

  /// `false` for a format that a terminal cannot show.
  var isText: Bool { self != .xlsx }

  /// The longest time without data in seconds, as nginx waits: a workbook is whole before its first byte is sent.
  var stallSeconds: Int? { self == .xlsx ? 600 : nil }

  /// The use of the format, as a sentence.
  var use: SafeText {
    switch self {
    case .json: "Everything, to be imported again."
    case .csv: "For a spreadsheet."
    case .xlsx: "For Excel, with days and amounts."
    case .hledger: "A journal for hledger."
    case .beancount: "A ledger for beancount."
    }
  }
}
