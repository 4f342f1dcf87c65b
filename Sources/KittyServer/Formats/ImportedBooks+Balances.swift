import KittyShared

extension ImportedBooks {
  /// The balances in the other program, and the units by which rounding may move each of them here.
  struct ShownBalances {
    /// The balances other than zero, in the order of the members, then of the currencies.
    var balances: [Balance]
    /// The units that the entries of a member leave over when they are divided, by member and currency.
    var tolerance: [Key: Int64]
    /// `true` when the file shows them; otherwise they are computed from its entries.
    var areShown: Bool

    struct Key: Hashable {
      var member: Int
      var currency: Currency
    }
  }

  /// Returns the balances that the file shows; without any, those that follow from its entries without rounding of single
  /// shares, as programs with weights compute them.
  func shownBalances() -> ShownBalances {
    typealias Key = ShownBalances.Key
    var (sums, tolerance): ([Key: Double], [Key: Int64]) = ([:], [:])
    for entry in entries {
      let currency = entry.amount.currency
      switch entry.kind {
      case .payment(let from, let to):
        sums[Key(member: from, currency: currency), default: 0] += Double(entry.amount.minorUnits)
        sums[Key(member: to, currency: currency), default: 0] -= Double(entry.amount.minorUnits)
      case .expense(let payers, let split):
        for payer in payers {
          sums[Key(member: payer.member, currency: currency), default: 0] += Double(payer.amount)
        }
        let total = Double(entry.amount.minorUnits)
        for (member, part, isRounded) in split.parts(of: total) {
          let key = Key(member: member, currency: currency)
          sums[key, default: 0] -= part
          if isRounded { tolerance[key, default: 0] += 1 }
        }
      // Files of KittyCash come with their balances, to the unit.
      case .kept: break
      }
    }
    let shown =
      balances
      ?? sums.map { key, sum in
        Balance(member: key.member, amount: Amount(Int64(sum.rounded()), key.currency))
      }
    return ShownBalances(
      balances: shown.filter { $0.amount.minorUnits != 0 }.sorted {
        ($0.member, $0.amount.currency.code) < ($1.member, $1.amount.currency.code)
      }, tolerance: tolerance, areShown: balances != nil && !isOwn)
  }
}

extension ImportedEntry.Split {
  /// Returns the part of each member of an amount in minor units, and `true` for a part that is no whole number of them.
  fileprivate func parts(of total: Double) -> [(member: Int, part: Double, isRounded: Bool)] {
    switch self {
    case .exact(let parts): return parts.map { ($0.member, Double($0.amount), false) }
    case .equally(let members):
      let part = total / Double(members.count)
      return members.map { ($0, part, part != part.rounded()) }
    case .shares(let weights):
      let sum = weights.reduce(0) { $0 + Double($1.weight) }
      return weights.map {
        let part = total * Double($0.weight) / sum
        return ($0.member, part, part != part.rounded())
      }
    }
  }
}
