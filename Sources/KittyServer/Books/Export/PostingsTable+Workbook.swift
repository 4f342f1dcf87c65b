import KittyShared
import XLSXWriter

extension PostingsTable {
  /// The widths of the columns in characters.
  private static let widths: [Double] = [8, 11, 13, 32, 12, 9, 10, 20, 10, 14, 16, 32, 24, 20]

  static let columns = zip(titles, widths).map { Workbook.Column($0, width: $1) }
}

extension PostingsTable.Field {
  /// The field as a cell. What a cell cannot have exactly is a text: a number of more than 15 digits, and a day before March
  /// 1900.
  var cell: Cell {
    switch self {
    case .text(let text), .word(let text): text.isEmpty ? .empty : .text(text)
    case .number(let number): .number(Double(number), decimals: 0)
    case .day(let day): Self.cell(day)
    case .amount(let amount): Self.number(amount.decimal, decimals: amount.currency.decimals)
    case .rate(let rate): rate.map { Self.number($0.text, decimals: nil) } ?? .empty
    }
  }

  private static func cell(_ day: Day) -> Cell {
    let (year, month, number) = day.parts
    guard (year, month) >= (1900, 3) else { return .text("\(day)") }
    return .day(year: Int(year), month: Int(month), day: Int(number))
  }

  /// A cell has the number of a `Double`, of which Excel shows so many digits.
  private static let maxDigits = 15

  private static func number(_ text: String, decimals: Int?) -> Cell {
    guard text.count(where: \.isNumber) <= maxDigits, let number = Double(text) else { return .text(text) }
    return .number(number, decimals: decimals)
  }
}
