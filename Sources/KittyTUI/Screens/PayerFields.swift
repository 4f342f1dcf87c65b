import KittyShared

/// The amounts of several payers of an expense.
struct PayerFields: Sendable {
  /// The possible payers, the kitty last.
  let accounts: [LedgerAccount]
  private(set) var values: [LedgerAccount: TextField] = [:]
  /// The error of the server, or of an amount that was left.
  private(set) var error: SafeText = ""
  /// The payer whose amount is wrong.
  private(set) var wrong: Int?

  /// - Parameter payers: The payers of the expense to change.
  init(_ accounts: [LedgerAccount], payers: [Payer] = [], currency: Currency) {
    self.accounts = accounts
    for payer in payers {
      let text = (try? payer.amount.amount(in: currency))?.typed ?? ""
      values[payer.account] = TextField(text, limit: 16)
    }
  }

  /// Describes the payers with an amount.
  func words(_ name: (LedgerAccount) -> SafeText) -> SafeText {
    accounts.compactMap { account -> SafeText? in
      guard let text = values[account]?.text, !text.isEmpty else { return nil }
      return "\(name(account)) \(text)"
    }.joined(", ")
  }

  /// The amounts in a draft.
  var draft: [String: String] {
    Dictionary(
      values.filter { !$0.value.text.isEmpty }.map { ($0.key.description, $0.value.text) },
      uniquingKeysWith: { first, _ in first })
  }

  /// Puts the amounts of a draft back.
  /// - Returns: `false` when an account is no longer there.
  mutating func restore(_ draft: [String: String]) -> Bool {
    values = [:]
    for account in accounts {
      if let text = draft[account.description] { values[account] = TextField(text, limit: 16) }
    }
    return values.count == draft.count
  }

  /// `true` when a payer has no amount yet, so that a letter is not a part of it.
  func isEmpty(_ index: Int) -> Bool {
    !accounts.indices.contains(index) || values[accounts[index]]?.text.isEmpty ?? true
  }

  var written: [String] { accounts.map { values[$0]?.text ?? "" } }

  mutating func edit(_ key: Key, _ index: Int) -> Bool {
    guard accounts.indices.contains(index), key != .character(" ") else { return false }
    var field = values[accounts[index]] ?? TextField(limit: 16)
    guard field.edit(key) else { return false }
    values[accounts[index]] = field
    clearError()
    return true
  }

  /// Sets the text of an amount.
  mutating func set(_ text: String, of account: LedgerAccount) {
    values[account] = TextField(text, limit: 16)
  }

  mutating func clearError() { (error, wrong) = ("", nil) }

  /// Shows an error, at the first amount that cannot be read if there is one.
  mutating func fail(_ words: SafeText, _ currency: Currency?, name: (LedgerAccount) -> SafeText) {
    error = words
    wrong = currency.flatMap { currency in
      accounts.indices.first { problem(of: $0, currency, name: name) != nil }
    }
  }

  /// Checks the amount of a payer that is left.
  mutating func check(_ index: Int, _ currency: Currency?, name: (LedgerAccount) -> SafeText) {
    guard accounts.indices.contains(index), let currency,
      let problem = problem(of: index, currency, name: name)
    else { return }
    (error, wrong) = (problem, index)
  }

  private func problem(
    of index: Int, _ currency: Currency, name: (LedgerAccount) -> SafeText
  ) -> SafeText? {
    guard let text = values[accounts[index]]?.text, !text.isEmpty else { return nil }
    do throws(Amount.ParseFailure) {
      _ = try Amount(typed: text, currency: currency)
      return nil
    } catch {
      return "\(name(accounts[index])): \(error.description)"
    }
  }

  /// Returns the payers with an amount, which must add up to the total.
  /// - Throws: `Rejection` of `payers` for an invalid amount or another sum.
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
      // Short, since it stands at the end of a line.
      throw .invalid("payers", "not_the_total", "\(difference.typed) \(isMissing ? "missing" : "too much")")
    }
    return payers
  }

  /// The number of lines. A long list scrolls.
  var height: Int { min(accounts.count, 8) }

  /// Draws a line for each payer.
  func view(
    into canvas: inout Canvas, row: Int, width: Int, focus: Int?, currency: Currency,
    name: (LedgerAccount) -> SafeText
  ) {
    let first = max(0, min((focus ?? 0) - height / 2, accounts.count - height))
    for (offset, position) in (first..<(first + height)).enumerated() {
      let isHere = focus == position
      let row = row + offset
      canvas.draw(isHere ? ">" : " ", row: row, column: 0, style: .key)
      let layout = Row(
        left: [.cut(name(accounts[position]), rank: 1, least: 6, column: 28, isHere ? .bold : .normal)],
        right: [
          .cut("", rank: 0, least: 12, column: 12), .whole(SafeText(currency.code), rank: 2, .muted),
        ]
      ).draw(into: &canvas, row: row, columns: 6..<max(7, min(width, 54)))
      guard let columns = layout.right[0] else { continue }
      (values[accounts[position]] ?? TextField(limit: 16)).view(
        into: &canvas, row: row, column: columns.lowerBound, width: columns.count, isActive: isHere)
    }
  }
}
