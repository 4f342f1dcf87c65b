/// The spending of a group, in parts. Per currency; the parts of one currency add up to its total, unless they are tags.
package struct Statistics: Codable, Hashable, Sendable {
  /// The dimensions of the rows, one or two.
  package let by: [Dimension]
  /// The first day that is included; `nil` without a limit.
  package let from: Day?
  /// The last day that is included; `nil` without a limit.
  package let to: Day?
  /// All spending, per currency.
  package let totals: [Total]
  /// The parts, in the order of the dimensions, then of the currencies.
  package let rows: [Row]

  /// The largest number of rows.
  package static let maxRows = 10_000

  /// A way to divide spending into parts.
  package enum Dimension: String, Codable, CaseIterable, Sendable {
    case day, week, month, year
    /// The category; an item's own before that of its expense.
    case category
    /// A tag of an expense or of one of its items. An expense counts with all of its amount in each of its tags.
    case tag
    /// An account with what it bore and what it paid.
    case member
    /// An account with what it paid.
    case payer
    /// Expenses, and counts of the kitty beside them.
    case kind

    /// The unit of the calendar; `nil` for other dimensions.
    package var unit: CalendarUnit? { CalendarUnit(rawValue: rawValue) }
  }

  /// All spending in one currency.
  package struct Total: Codable, Hashable, Sendable {
    /// The currency.
    package let currency: Currency
    /// Minor units: expenses, less refunds.
    package let spent: Int64
    /// The number of expenses and refunds.
    package let count: Int64

    package init(currency: Currency, spent: Int64, count: Int64) {
      self.currency = currency
      self.spent = spent
      self.count = count
    }
  }

  /// A part of the spending. It has a field for each dimension; without one for a category or a tag, it is what has none.
  package struct Row: Codable, Hashable, Sendable {
    /// The day, week, month or year: `2026-03-14`, `2026-W11`, `2026-03` or `2026`.
    package var period: String?
    /// The category; `nil` for what has none.
    package var category: ID?
    /// The tag; `nil` for what has none.
    package var tag: String?
    /// The account that bore it, or paid.
    package var member: LedgerAccount?
    /// The account that paid it.
    package var payer: LedgerAccount?
    /// The kind of the entries.
    package var kind: EntryContent.Kind?
    /// The currency.
    package let currency: Currency
    /// Minor units: expenses, less refunds. By member it is `share`.
    package let spent: Int64
    /// The number of expenses and refunds in it; by member, of those that the member shares.
    package let count: Int64
    /// By member, what they bore: minor units.
    package let share: Int64?
    /// By member, what they paid: minor units.
    package let paid: Int64?

    package init(
      currency: Currency, spent: Int64, count: Int64, share: Int64? = nil, paid: Int64? = nil
    ) {
      self.currency = currency
      self.spent = spent
      self.count = count
      self.share = share
      self.paid = paid
    }
  }

  package init(by: [Dimension], from: Day?, to: Day?, totals: [Total], rows: [Row]) {
    self.by = by
    self.from = from
    self.to = to
    self.totals = totals
    self.rows = rows
  }
}
