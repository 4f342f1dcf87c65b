import KittyShared

/// The sums of some entries by currency: the expenses, and the effect of all entries on the balance of an account.
struct EntrySums: Hashable, Sendable {
  private(set) var spent: [Amount] = []
  private(set) var effect: [Amount] = []

  init() {}

  /// - Parameters:
  ///   - first: The currency that comes first.
  init(_ entries: some Sequence<Entry>, of account: LedgerAccount, first: Currency) {
    var (spent, effect) = (Sum(), Sum())
    for entry in entries {
      if entry.kind == .expense { spent.add(entry.booked.amount, entry.booked.currency) }
      effect.add(entry.content.change(of: account, entry: entry.id) ?? 0, entry.booked.currency)
    }
    self.spent = spent.amounts(first: first)
    self.effect = effect.amounts(first: first)
  }

  private struct Sum {
    /// `nil` for a sum that is too large.
    private var amounts: [Currency: Int64?] = [:]

    mutating func add(_ amount: Int64, _ currency: Currency) {
      guard let sum = amounts[currency] ?? 0 else { return }
      let (total, isTooLarge) = sum.addingReportingOverflow(amount)
      amounts[currency] = .some(isTooLarge ? nil : total)
    }

    func amounts(first: Currency) -> [Amount] {
      amounts.compactMap { currency, amount in amount.map { Amount($0, currency) } }
        .filter { $0.minorUnits != 0 }
        .sorted { left, right in
          (left.currency == first ? 0 : 1, left.currency.code)
            < (right.currency == first ? 0 : 1, right.currency.code)
        }
    }
  }
}
