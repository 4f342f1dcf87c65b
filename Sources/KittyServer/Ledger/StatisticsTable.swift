import KittyShared

/// The rows of statistics, added up from sums. Pure.
struct StatisticsTable {
  private let by: [Statistics.Dimension]
  private let from: Day?
  private let to: Day?
  /// The currency of a period without spending, where there is no other.
  private let currency: Currency
  private var cells: [Key: Cell] = [:]
  private var totals: [Currency: Statistics.Total] = [:]

  /// The value of a dimension.
  private enum Value: Hashable {
    case unit(Int64)
    case category(ID?)
    case tag(String?)
    case account(LedgerAccount)
    case kind(EntryContent.Kind)
  }

  private struct Key: Hashable {
    var values: [Value]
    let currency: Currency
  }

  private struct Cell {
    var spent: Int64 = 0
    var paid: Int64 = 0
    var count: Int64 = 0
  }

  /// - Parameter currency: The currency of the group.
  init(by: [Statistics.Dimension], from: Day?, to: Day?, currency: Currency) {
    (self.by, self.from, self.to, self.currency) = (by, from, to, currency)
  }

  /// The place of the unit of the calendar among the dimensions.
  private var unitPlace: (index: Int, unit: CalendarUnit)? {
    for (index, dimension) in by.enumerated() {
      if let unit = dimension.unit { return (index, unit) }
    }
    return nil
  }

  /// Adds a sum to its rows: one, or one for each tag.
  /// - Throws: `Amount.Failure.overflow`.
  mutating func add(_ sum: SpendingSum) throws(Amount.Failure) {
    var keys: [[Value]] = [[]]
    for dimension in by {
      let values: [Value] =
        switch dimension {
        case .day, .week, .month, .year: [.unit(sum.unit)]
        case .category: [.category(sum.category)]
        case .tag: sum.tags.isEmpty ? [.tag(nil)] : sum.tags.map { .tag($0) }
        case .member, .payer: [.account(sum.account ?? .kitty)]
        case .kind: [.kind(sum.kind)]
        }
      keys = keys.flatMap { key in values.map { key + [$0] } }
    }
    let isPayer = by.contains(.payer)
    let count = by.contains(.category) ? sum.parts : sum.entries
    for values in keys {
      let key = Key(values: values, currency: sum.currency)
      var cell = cells[key] ?? Cell()
      cell.spent = try Self.add(cell.spent, isPayer ? sum.paid : sum.spent)
      cell.paid = try Self.add(cell.paid, sum.paid)
      cell.count += count
      cells[key] = cell
    }
  }

  /// Adds to the total of a currency.
  /// - Throws: `Amount.Failure.overflow`.
  mutating func addTotal(_ spent: Int64, _ count: Int64, _ currency: Currency) throws(Amount.Failure) {
    let old = totals[currency]
    totals[currency] = Statistics.Total(
      currency: currency, spent: try Self.add(old?.spent ?? 0, spent), count: (old?.count ?? 0) + count)
  }

  private static func add(_ left: Int64, _ right: Int64) throws(Amount.Failure) -> Int64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    guard !overflow else { throw .overflow }
    return sum
  }

  /// Returns the statistics. Each unit of the calendar in the range has a row for each key that occurs, an empty one too.
  /// The units of a range with an open end are those that occur, when one entry of long ago would make it very long.
  /// - Throws: `Rejection.invalid` for too many rows.
  func statistics() throws(Rejection) -> Statistics {
    let keys = try allKeys()
    let rows = keys.map { key in
      let cell = cells[key] ?? Cell()
      let isMember = by.contains(.member)
      var row = Statistics.Row(
        currency: key.currency, spent: cell.spent, count: cell.count, share: isMember ? cell.spent : nil,
        paid: isMember ? cell.paid : nil)
      for (dimension, value) in zip(by, key.values) {
        switch value {
        case .unit(let number): row.period = dimension.unit?.name(number)
        case .category(let category): row.category = category
        case .tag(let tag): row.tag = tag
        case .account(let account):
          if dimension == .payer { row.payer = account } else { row.member = account }
        case .kind(let kind): row.kind = kind
        }
      }
      return row
    }
    return Statistics(
      by: by, from: from, to: to, totals: totals.values.sorted { $0.currency.code < $1.currency.code },
      rows: rows)
  }

  private func allKeys() throws(Rejection) -> [Key] {
    var keys = Set(cells.keys)
    if let (index, unit) = unitPlace {
      var numbers = cells.keys.compactMap { key -> Int64? in
        if case .unit(let number) = key.values[index] { number } else { nil }
      }
      if let from { numbers.append(unit.number(of: from)) }
      if let to { numbers.append(unit.number(of: to)) }
      guard let first = numbers.min(), let last = numbers.max(),
        !keys.isEmpty || (from != nil && to != nil && by.count == 1)
      else { return [] }
      var patterns = Set(
        keys.map { key in
          var key = key
          key.values[index] = .unit(0)
          return key
        })
      if patterns.isEmpty { patterns = [Key(values: [.unit(0)], currency: currency)] }
      let (count, overflow) = (last - first + 1).multipliedReportingOverflow(by: Int64(patterns.count))
      let isTooMany = overflow || count > Statistics.maxRows
      guard !isTooMany || from == nil || to == nil else { throw Self.tooMany(count) }
      for pattern in isTooMany ? [] : patterns {
        for number in first...last {
          var key = pattern
          key.values[index] = .unit(number)
          keys.insert(key)
        }
      }
    }
    guard keys.count <= Statistics.maxRows else { throw Self.tooMany(Int64(keys.count)) }
    return keys.sorted(by: Self.isBefore)
  }

  private static func tooMany(_ count: Int64) -> Rejection {
    .invalid(
      "by", "too_many_rows",
      "There would be \(count) rows, and \(Statistics.maxRows) is the most. Choose fewer days, or a longer unit."
    )
  }

  private static func isBefore(_ left: Key, _ right: Key) -> Bool {
    for (one, other) in zip(left.values, right.values) where one != other {
      switch (one, other) {
      case (.unit(let one), .unit(let other)): return one < other
      case (.category(let one), .category(let other)): return (one ?? .last) < (other ?? .last)
      case (.tag(let one), .tag(let other)):
        guard let one, let other else { return one != nil }
        return one.unicodeScalars.lexicographicallyPrecedes(other.unicodeScalars)
      case (.account(let one), .account(let other)):
        // The kitty comes last.
        return one.id(in: .last) < other.id(in: .last)
      case (.kind(let one), .kind(let other)): return one.place < other.place
      default: return false
      }
    }
    return left.currency.code < right.currency.code
  }
}

extension EntryContent.Kind {
  fileprivate var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
