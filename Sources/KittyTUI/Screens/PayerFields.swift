import KittyShared

/// Who paid an expense and how much of it each, where it was not one alone.
struct PayerFields: Sendable {
  /// Everybody who can have paid, the kitty last.
  let accounts: [LedgerAccount]
  private(set) var values: [LedgerAccount: TextField] = [:]
  /// What the server found wrong with it.
  var error: SafeText = ""

  /// - Parameter payers: The payers of the entry that is changed.
  init(_ accounts: [LedgerAccount], payers: [Payer] = [], currency: Currency) {
    self.accounts = accounts
    for payer in payers {
      let text = (try? payer.amount.amount(in: currency))?.decimal ?? ""
      values[payer.account] = TextField(text, limit: 16)
    }
  }

  var written: [String] { accounts.map { values[$0]?.text ?? "" } }

  mutating func edit(_ key: Key, _ index: Int) -> Bool {
    guard accounts.indices.contains(index), key != .character(" ") else { return false }
    var field = values[accounts[index]] ?? TextField(limit: 16)
    guard field.edit(key) else { return false }
    values[accounts[index]] = field
    error = ""
    return true
  }

  /// Those with an amount, which together are the whole.
  /// - Throws: `Rejection` for `payers`: what cannot be read, or what is missing or over.
  func payers(of amount: Amount, name: (LedgerAccount) -> SafeText) throws(Rejection) -> [Payer] {
    var payers: [Payer] = []
    var rest = amount.minorUnits
    for account in accounts {
      guard let text = values[account]?.text, !text.isEmpty else { continue }
      let part: Amount
      do throws(Amount.ParseFailure) {
        part = try Amount(typed: text, currency: amount.currency)
      } catch {
        throw .invalid("payers", "not_an_amount", "\(name(account).string): \(error.description)")
      }
      let (next, overflow) = rest.subtractingReportingOverflow(part.minorUnits)
      guard !overflow else { throw .invalid("payers", "too_large", "These amounts are too large.") }
      rest = next
      if part.minorUnits != 0 { payers.append(Payer(account, amount: .minorUnits(part.minorUnits))) }
    }
    if rest != 0 {
      let isMissing = (rest > 0) == (amount.minorUnits > 0)
      let difference = Amount(Int64(clamping: rest.magnitude), amount.currency)
      // Short: it stands at the end of a line.
      throw .invalid("payers", "not_the_total", "\(difference.decimal) \(isMissing ? "missing" : "over")")
    }
    return payers
  }

  /// How many lines it takes; a long list scrolls.
  var height: Int { min(accounts.count, 8) }

  /// Draws a line for each.
  func view(
    into canvas: inout Canvas, row: Int, width: Int, focus: Int?, currency: Currency,
    name: (LedgerAccount) -> SafeText
  ) {
    let first = max(0, min((focus ?? 0) - height / 2, accounts.count - height))
    let end = min(width, 50)
    for (offset, place) in (first..<(first + height)).enumerated() {
      let isHere = focus == place
      let row = row + offset
      canvas.draw(isHere ? ">" : " ", row: row, column: 0, style: .key)
      canvas.draw(
        name(accounts[place]), row: row, column: 6, width: max(0, end - 23), style: isHere ? .bold : .normal)
      (values[accounts[place]] ?? TextField(limit: 16)).view(
        into: &canvas, row: row, column: end - 16, width: 12, isActive: isHere)
      canvas.draw(SafeText(currency.code), row: row, endingAt: end, style: .muted)
    }
  }
}
