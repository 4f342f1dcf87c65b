/// The balances of accounts at the ends of periods.
package struct BalanceSeries: Codable, Hashable, Sendable {
  /// The unit of the periods.
  package let every: CalendarUnit
  /// The last day of each period.
  package let days: [Day]
  /// The accounts with a balance on one of the days, per currency.
  package let series: [Line]

  /// The most balances of a series.
  package static let maxValues: Int64 = 100_000

  /// One account in one currency.
  package struct Line: Codable, Hashable, Sendable {
    /// A member, or the kitty.
    package let account: LedgerAccount
    /// The name in the group.
    package let name: String
    /// The currency.
    package let currency: Currency
    /// The balance at the end of each of the days: minor units. Positive is owed to the account.
    package let nets: [Int64]

    package init(account: LedgerAccount, name: String, currency: Currency, nets: [Int64]) {
      self.account = account
      self.name = name
      self.currency = currency
      self.nets = nets
    }
  }

  package init(every: CalendarUnit, days: [Day], series: [Line]) {
    self.every = every
    self.days = days
    self.series = series
  }
}
