/// The statement of an account: every posting to it, in the order of the days.
package struct Statement: Codable, Hashable, Sendable {
  /// The account.
  package let account: LedgerAccount
  /// The currency.
  package let currency: Currency
  /// The currencies of the account's postings.
  package let currencies: [Currency]
  /// The net before the first line: minor units.
  package let opening: Int64
  /// The postings.
  package let lines: [Line]
  /// The net after the last line: minor units. It is the opening of the next page.
  package let closing: Int64
  /// The `cursor` of the next page; `nil` on the last page.
  package let next: String?

  /// The effect of one entry on the account.
  package struct Line: Codable, Hashable, Sendable {
    /// The entry.
    package let entry: ID
    /// The entry's short number.
    package let number: Int64
    /// The entry's day.
    package let date: Day
    /// The kind of the entry.
    package let kind: EntryContent.Kind
    /// The description.
    package let description: String
    /// Paid or sent: minor units.
    package let paid: Int64
    /// The share, or received: minor units.
    package let share: Int64
    /// The net after it: minor units.
    package let balance: Int64

    package init(
      entry: ID, number: Int64, date: Day, kind: EntryContent.Kind, description: String, paid: Int64,
      share: Int64, balance: Int64
    ) {
      self.entry = entry
      self.number = number
      self.date = date
      self.kind = kind
      self.description = description
      self.paid = paid
      self.share = share
      self.balance = balance
    }
  }

  package init(
    account: LedgerAccount, currency: Currency, currencies: [Currency], opening: Int64, lines: [Line],
    closing: Int64, next: String?
  ) {
    self.account = account
    self.currency = currency
    self.currencies = currencies
    self.opening = opening
    self.lines = lines
    self.closing = closing
    self.next = next
  }
}
