extension EntryContent {
  /// Returns a changed content that names the rule of the old one. While amount and split stay, the shares stay too: those
  /// of a rule are not those that the entry's id alone would give.
  package func keepingSource(of old: EntryContent) -> EntryContent {
    guard let source = old.recurring else { return self }
    var content = self
    content.recurring = source
    if booked == old.booked, amount == old.amount, currency == old.currency, split == old.split {
      content.shares = old.shares
    }
    return content
  }
}

extension SplitRule {
  /// Returns the series of an amount that is divided by this completed rule again and again, before its first turn; `nil`
  /// for an impossible split, or one whose numbers are too large.
  /// - Parameter rule: The id of the rule, for ties.
  package func series(of amount: Amount, booked: Int64, rule: ID) -> FairSeries? {
    guard let weights = weights(of: amount) else { return nil }
    return FairSeries(amount: booked, weights: weights, seed: rule)
  }

  /// Returns `true` when each share is one of the two whole numbers around its exact fraction, and they add up.
  package func allows(_ shares: [Split.Share], of amount: Amount, booked: Int64) -> Bool {
    guard let weights = weights(of: amount), weights.count == shares.count else { return false }
    let total = weights.reduce(0) { $0 + $1.weight }
    guard total > 0 else { return false }
    var sum: Int64 = 0
    for (share, (member, weight)) in zip(shares, weights) {
      let (next, overflow) = sum.addingReportingOverflow(share.amount)
      guard !overflow, share.member == member, share.amount == 0 || share.amount.signum() == booked.signum()
      else { return false }
      let (part, remainder) = total.dividingFullWidth(
        UInt128(booked.magnitude).multipliedFullWidth(by: weight))
      let units = UInt128(share.amount.magnitude)
      guard units == part || (remainder > 0 && units == part + 1) else { return false }
      sum = next
    }
    return sum == booked
  }
}
