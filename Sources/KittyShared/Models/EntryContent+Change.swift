extension EntryContent {
  /// Returns the part of the booked amount that each payer paid, in the order of the payers.
  /// - Parameter entry: The id of the entry. It decides which payer has a leftover unit; for a refund that of its expense
  ///   does.
  package func paidParts(entry: ID) -> [Int64] {
    let weights = (payers ?? []).map { payer in
      let units: Int64 = if case .minorUnits(let units) = payer.amount { units } else { 0 }
      return (id: payer.account.key, weight: UInt128(units.magnitude))
    }
    return Apportionment.parts(of: booked.amount, weights: weights, seed: refundOf ?? entry)
  }

  /// Returns the change of an account's net by an entry with this content: minor units of the booked currency; `nil` if
  /// the entry does not name the account.
  /// - Parameter entry: The id of the entry.
  package func change(of account: LedgerAccount, entry: ID) -> Int64? {
    var change: Int64?
    func add(_ amount: Int64) { change = (change ?? 0) + amount }
    if let from, let to {
      if from == account { add(booked.amount) }
      if to == account { add(-booked.amount) }
      return change
    }
    for (payer, part) in zip(payers ?? [], paidParts(entry: entry)) where payer.account == account {
      add(part)
    }
    for share in shares ?? [] where LedgerAccount.member(share.member) == account { add(-share.amount) }
    return change
  }
}
