import KittyShared

/// A reading of a file that the file may leave open: a line of the form, which the server may ask for. The last line says what to do
/// with entries that the group has by the same day, text and amounts.
enum ImportQuestion: String, CaseIterable, Sendable {
  case format, dates, decimal, encoding, currency, twins

  /// The text of a line that is not answered.
  private var open: SafeText { self == .twins ? "left out" : "found out" }
  /// The program of a file whose columns can be named.
  static let table = SafeText(ImportFormat.csv.program)

  /// The roles of the columns of a table, with their names.
  static let columns: [(role: String, name: SafeText)] = [
    ("date", "Date"), ("amount", "Amount"), ("payer", "Payer"), ("participants", "Participants"),
    ("description", "Description"), ("currency", "Currency of"), ("category", "Category"), ("note", "Note"),
    ("kind", "Kind"),
  ]

  private var label: SafeText {
    switch self {
    case .format: "Program"
    case .dates: "Days"
    case .decimal: "Decimals"
    case .encoding: "Encoding"
    case .currency: "Currency"
    case .twins: "Twins"
    }
  }

  /// The answers: the value of the parameter, its name, and an example.
  private var answers: [(value: String, name: SafeText, note: SafeText)] {
    switch self {
    case .format: ImportFormat.allCases.map { ($0.rawValue, SafeText($0.program), "") }
    case .dates:
      [
        ("dmy", "day, month, year", "28/11/2026"), ("mdy", "month, day, year", "11/28/2026"),
        ("ymd", "year, month, day", "26-11-28"),
      ]
    case .decimal: [("point", "point", "1,234.50"), ("comma", "comma", "1.234,50")]
    case .encoding:
      [
        ("utf-8", "UTF-8", "most files"), ("windows-1252", "Windows-1252", "older spreadsheets"),
        ("utf-16le", "UTF-16", "little endian"), ("utf-16be", "UTF-16 BE", "big endian"),
      ]
    case .currency: []
    case .twins: [("keep", "imported too", "same day, text and amounts")]
    }
  }

  /// The line of the form.
  /// - Parameter currency: The likely currency.
  func field(_ currency: Currency?) -> FormFields.Field {
    let none = Picker.Option(-1, open)
    let choices =
      self == .currency
      ? Picker.Option.currencies(first: [currency].compactMap(\.self))
      : answers.enumerated().map { Picker.Option($0.offset, $0.element.name, note: $0.element.note) }
    return .init(
      name: rawValue, label: label, input: TextField(open.string, limit: 64), choices: [none] + choices)
  }

  /// Returns the value of the parameter; `nil` for a line that is missing or not answered.
  func value(in form: FormFields) -> String? {
    guard let text = form.filled(rawValue), text != open.string else { return nil }
    return self == .currency ? text : answers.first { $0.name.string == text }?.value
  }

  /// Returns the question of a fault in a file; `nil` for one that no answer helps.
  init?(_ fault: FieldError) {
    switch fault.code {
    case "ambiguous_days": self = .dates
    case "ambiguous_decimals": self = .decimal
    case "ambiguous_encoding": self = .encoding
    case "not_readable" where fault.field == "file": self = .encoding
    case "currency_missing": self = .currency
    case "unknown_format": self = .format
    default: return nil
    }
  }
}
