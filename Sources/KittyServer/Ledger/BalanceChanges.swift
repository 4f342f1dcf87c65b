import KittyShared

/// The changes of balances by units of the calendar, from which a series follows. Pure.
struct BalanceChanges {
  private let unit: CalendarUnit
  private let from: Day?
  private let to: Day?
  private var changes: [Key: [Int64: Int64]] = [:]

  private struct Key: Hashable {
    let account: ID
    let currency: Currency
  }

  init(every unit: CalendarUnit, from: Day?, to: Day?) { (self.unit, self.from, self.to) = (unit, from, to) }

  /// Adds a change.
  /// - Throws: `Amount.Failure.overflow`.
  mutating func add(_ amount: Int64, on day: Day, to account: ID, _ currency: Currency) throws(Amount.Failure)
  {
    let key = Key(account: account, currency: currency)
    let number = unit.number(of: day)
    let (sum, overflow) = changes[key, default: [:]][number, default: 0].addingReportingOverflow(amount)
    guard !overflow else { throw .overflow }
    changes[key, default: [:]][number] = sum
  }

  /// Adds a line of zeros for an account that has none.
  mutating func addLine(of account: ID, _ currency: Currency) {
    if !changes.keys.contains(where: { $0.account == account }) {
      changes[Key(account: account, currency: currency)] = [:]
    }
  }

  /// Returns the series of the accounts that have a balance on one of the days, or that alone were asked for. Without a
  /// first day it begins as early as the most values allow: one entry of long ago makes no other day unreadable.
  /// - Throws: `Rejection` for too many values; `Amount.Failure.overflow`.
  func series(_ accounts: [(id: ID, account: LedgerAccount, name: String)]) throws -> BalanceSeries {
    let numbers = changes.values.flatMap(\.keys)
    let found = (first: from.map(unit.number) ?? numbers.min(), last: to.map(unit.number) ?? numbers.max())
    guard var first = found.first, let last = found.last, first <= last else {
      return BalanceSeries(every: unit, days: [], series: [])
    }
    if from == nil {
      let most = min(Int64(Statistics.maxRows), BalanceSeries.maxValues / Int64(max(1, changes.count)))
      first = max(first, last - max(1, most) + 1)
    }
    let count = last - first + 1
    guard count <= Statistics.maxRows, count * Int64(changes.count) <= BalanceSeries.maxValues else {
      throw Rejection.invalid(
        "every", "too_many_rows",
        "There would be \(count) periods for \(changes.count) accounts, which are too many. Choose fewer days, a longer unit, or one account."
      )
    }
    var lines: [BalanceSeries.Line] = []
    for (id, account, name) in accounts {
      for key in changes.keys.filter({ $0.account == id }).sorted(by: { $0.currency.code < $1.currency.code })
      {
        let nets = try nets(of: changes[key] ?? [:], first, last)
        guard accounts.count == 1 || changes.count == 1 || nets.contains(where: { $0 != 0 }) else { continue }
        lines.append(.init(account: account, name: name, currency: key.currency, nets: nets))
      }
    }
    return BalanceSeries(every: unit, days: (first...last).map { min(.last, unit.last($0)) }, series: lines)
  }

  private func nets(of changes: [Int64: Int64], _ first: Int64, _ last: Int64) throws(Amount.Failure)
    -> [Int64]
  {
    var net: Int64 = 0
    func add(_ change: Int64) throws(Amount.Failure) {
      let (sum, overflow) = net.addingReportingOverflow(change)
      guard !overflow else { throw .overflow }
      net = sum
    }
    for (number, change) in changes where number < first { try add(change) }
    var nets: [Int64] = []
    for number in first...last {
      if let change = changes[number] { try add(change) }
      nets.append(net)
    }
    return nets
  }
}
