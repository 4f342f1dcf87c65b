import KittyShared

/// An expense in one line: `42.50 dinner @anna +bob`. The grammar is in docs/cli.md. Pure: it knows the
/// group's members, but no screens, network or clock.
struct QuickEntry: Hashable, Sendable {
  /// The amount with its currency.
  let amount: Amount
  /// The description.
  let description: String
  /// The date of the expense.
  let date: Day
  /// The payers and their amounts, which add up to the amount.
  let payers: [Payer]
  /// The members who share it equally; `nil` stands for the default split of the group, without one for all members.
  let participants: [ID]?

  /// The reason why a line is rejected, and what to write instead.
  struct Refusal: Error, Hashable, CustomStringConvertible {
    let description: String
    /// `true` when only more text is needed.
    let isIncomplete: Bool
    init(_ description: String, isIncomplete: Bool = false) {
      self.description = description
      self.isIncomplete = isIncomplete
    }
  }

  /// Reads a line. It never guesses: an ambiguous part is rejected, and the message lists its meanings.
  /// - Throws: `Refusal`.
  init(_ line: String, in group: QuickGroup) throws(Refusal) {
    self = try QuickReading(line, in: group).entry.get()
  }

  init(amount: Amount, description: String, date: Day, payers: [Payer], participants: [ID]?) {
    self.amount = amount
    self.description = description
    self.date = date
    self.payers = payers
    self.participants = participants
  }

  /// Returns the request that enters the expense.
  /// - Throws: `Rejection` for a mistake that the server would reject in any group, such as a too long
  ///   description.
  func expense(id: ID) throws(Rejection) -> NewExpense {
    try NewExpense(
      id: id, description: description, amount: .minorUnits(amount.minorUnits), currency: amount.currency,
      date: date, payer: payers.count == 1 ? payers[0].account : nil,
      payers: payers.count == 1 ? nil : payers, participants: participants
    ).checked()
  }

  /// The amount of each payer: a single payer paid all of it; a payer without an amount paid the remainder.
  static func payers(
    _ named: [(LedgerAccount, amount: String?)], of total: Amount, _ group: QuickGroup
  ) throws(Refusal) -> [Payer] {
    var parts: [(account: LedgerAccount, units: Int64?)] = []
    var rest = total.minorUnits
    for (account, text) in named {
      guard !parts.contains(where: { $0.account == account }) else {
        throw Refusal("\(group.name(of: account)) is named twice as a payer.")
      }
      guard let text else {
        parts.append((account, nil))
        continue
      }
      let name = account == .kitty ? "the kitty" : group.name(of: account)
      guard !text.isEmpty else {
        throw Refusal(
          "The amount after the colon is missing. Write what \(name) paid, as in @anna:30, or leave the colon out."
        )
      }
      let part: Amount
      do throws(Refusal) { part = try QuickAmount.amount(text, currency: total.currency) } catch {
        throw Refusal("The amount of \(name): \(error.description)")
      }
      guard part.currency == total.currency else {
        throw Refusal("All payers must pay in the currency of the expense, \(total.currency.code).")
      }
      guard (part.minorUnits < 0) == (total.minorUnits < 0) else {
        throw Refusal("\(part) and \(total) must have the same sign: in a refund every amount is negative.")
      }
      // Both are bounded by `Amount.limit`, and there are not nine million payers.
      rest -= part.minorUnits
      parts.append((account, part.minorUnits))
    }
    if parts.isEmpty { parts = [(.member(group.me), nil)] }
    guard parts.filter({ $0.units == nil }).count <= 1 else {
      throw Refusal("Only one payer can be without an amount. Write the others, such as @anna:30 @bob:12.50.")
    }
    let isOpen = parts.contains { $0.units == nil }
    let isOver = rest != 0 && (rest < 0) != (total.minorUnits < 0)
    guard isOpen ? rest != 0 && !isOver : rest == 0 else {
      let difference = Amount(Int64(clamping: rest.magnitude), total.currency)
      throw Refusal(
        rest == 0
          ? "Nothing is left for the payer without an amount."
          : "The payers' amounts must add up to \(total): \(difference) is \(isOver ? "too much" : "missing")."
      )
    }
    return parts.map { Payer($0.account, amount: .minorUnits($0.units ?? rest)) }
  }

  static func participants(
    _ with: [ID], _ without: [ID], _ group: QuickGroup
  ) throws(Refusal) -> [ID]? {
    guard with.isEmpty || without.isEmpty else {
      throw Refusal("Use either + for the members who take part, or - for those who do not, but not both.")
    }
    for list in [with, without] where Set(list).count < list.count {
      throw Refusal("A member is named twice after + or -. Name each member once.")
    }
    if !with.isEmpty { return with }
    guard !without.isEmpty else { return nil }
    let absent = Set(without)
    let rest = group.members.map(\.id).filter { !absent.contains($0) }
    guard !rest.isEmpty else { throw Refusal("At least one member must take part.") }
    return rest
  }
}
