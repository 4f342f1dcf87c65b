/// A line of the preview of an import.
enum ImportLine: Hashable, Sendable {
  case blank(Part), heading(Part)
  /// A line of text, with its number in the part.
  case words(Part, Int)
  /// A member of the file, and a balance, by its place in the report.
  case member(Int), balance(Int)

  enum Part: Hashable, Sendable {
    case summary, warning, members, balances, leftOut, missing, reading, notices
  }

  var part: Part {
    switch self {
    case .blank(let part), .heading(let part), .words(let part, _): part
    case .member: .members
    case .balance: .balances
    }
  }

  var isSelectable: Bool {
    switch self {
    case .blank, .heading: false
    case .words, .member, .balance: true
    }
  }

  /// `true` for a row of a table.
  var isRow: Bool {
    switch self {
    case .blank, .heading, .words: false
    case .member, .balance: true
    }
  }
}
