import KittyShared

/// The split of a rule's expense as it is stored. A part that is left out there is decided again on each day, so an
/// untouched split is sent back as it is, and not as it would be today.
struct StoredSplit: Sendable {
  let participants: [ID]?
  /// The split; the default split of the group without it and without participants.
  let split: SplitRule?
  /// The terms of the form that shows it.
  private let terms: [String]
  private let currency: Currency

  /// - Parameter fields: The form that shows the split.
  init(of template: NewExpense? = nil, shownBy fields: SplitFields, currency: Currency) {
    participants = template?.participants
    split = template?.split
    terms = fields.terms
    self.currency = currency
  }

  /// Returns `true` while the form shows this split.
  func isShown(by fields: SplitFields) -> Bool { fields.terms == terms }

  /// Returns `true` while the form shows this split, with the same amounts.
  func isShown(by fields: SplitFields, in currency: Currency) -> Bool {
    isShown(by: fields) && (currency == self.currency || !fields.hasAmounts)
  }
}
