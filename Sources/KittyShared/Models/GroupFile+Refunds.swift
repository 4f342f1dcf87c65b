extension GroupFile {
  /// The checks of refunds: they name an expense, and together are at most that expense. Entry by entry, in the order of
  /// the file.
  struct RefundChecks {
    /// The part of an expense that is not refunded.
    private struct Rest {
      let content: (currency: Currency, rate: Rate?, sign: Int64)
      /// Minor units as entered, zero or more.
      var amount: UInt64
      /// Minor units as booked, zero or more.
      var booked: UInt64
      let isDeleted: Bool
    }

    /// The expenses that refunds in the file name: nothing is kept of others.
    let refunded: Set<ID>
    /// Those of them so far that are no refunds.
    private var expenses: [ID: Rest] = [:]

    init(refunded: Set<ID>) { self.refunded = refunded }

    /// Checks the next entry.
    mutating func check(_ entry: FileEntry, _ checks: inout FieldChecks, _ field: String) {
      for (version, revision) in entry.revisions.enumerated() {
        guard let original = revision.content.refundOf else { continue }
        checks.require(
          expenses[original] != nil, "\(field).revisions.\(version).content.refundOf", "not_an_expense",
          "A refund must name an expense with a lower number.")
      }
      guard let last = entry.revisions.last else { return }
      if entry.revisions.allSatisfy({ $0.content.kind == .expense && $0.content.refundOf == nil }) {
        guard refunded.contains(entry.id) else { return }
        let content = last.content
        expenses[entry.id] = Rest(
          content: (content.currency, content.rate, content.amount.signum()),
          amount: content.amount.magnitude, booked: content.booked.amount.magnitude,
          isDeleted: last.action == .deleted)
      } else if let original = last.content.refundOf, last.action != .deleted {
        take(
          last.content, of: original, &checks, "\(field).revisions.\(entry.revisions.count - 1).content")
      }
    }

    /// Takes a refund that counts out of what is left of its expense.
    private mutating func take(
      _ refund: EntryContent, of original: ID, _ checks: inout FieldChecks, _ field: String
    ) {
      guard var rest = expenses[original] else { return }
      checks.require(
        !rest.isDeleted, "\(field).refundOf", "deleted", "The expense of a refund that counts must count too."
      )
      checks.require(
        refund.currency == rest.content.currency && refund.rate == rest.content.rate, "\(field).currency",
        "not_for_a_refund", "A refund has the currency and the rate of its expense.")
      checks.require(
        refund.amount.signum() == -rest.content.sign, "\(field).amount", "wrong_sign",
        "A refund has the other sign than its expense.")
      let (amount, booked) = (refund.amount.magnitude, refund.booked.amount.magnitude)
      guard amount <= rest.amount, booked <= rest.booked else {
        return checks.require(
          false, "\(field).amount", "more_than_the_rest",
          "The refunds of an expense must not be more than the expense.")
      }
      rest.amount -= amount
      rest.booked -= booked
      expenses[original] = rest
    }
  }
}
