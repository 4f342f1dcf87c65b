import KittyShared

/// An expense in one line: `42.50 dinner @anna +bob`. The grammar is in docs/cli.md. Pure: it knows the
/// group's members and nothing of screens, networks or clocks.
struct QuickEntry: Hashable, Sendable {
  /// How much, and in which currency.
  let amount: Amount
  /// What it was for.
  let description: String
  /// The day it belongs to.
  let date: Day
  /// Who paid how much of it; together the amount.
  let payers: [Payer]
  /// Who shares it equally; `nil` is everybody in the group.
  let participants: [ID]?

  /// Why a line is not understood, in a sentence that says what to write instead.
  struct Refusal: Error, Hashable, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  /// Reads a line. Nothing in it is guessed: what could mean two things is refused, and the things are named.
  /// - Throws: `Refusal`.
  init(_ line: String, in group: QuickGroup) throws(Refusal) {
    var words: [String?] = []
    var texts: [(place: Int, text: String)] = []
    var payers: [(LedgerAccount, amount: String?)] = []
    var with: [ID] = []
    var without: [ID] = []
    var dates: [Day] = []
    for word in try QuickWord.words(of: line) {
      switch word {
      case .plain(let text):
        if let date = try group.date(text) {
          dates.append(date)
        } else {
          // A date is passed over, so that a number after it is still the first word.
          texts.append((words.count, text))
          words.append(text)
        }
      case .quoted(let text):
        texts.append((words.count, text))
        words.append(nil)
      case .person(.paid, let name, let amount): payers.append((try group.account(name), amount))
      case .person(let sign, let name, let amount):
        guard amount == nil else {
          throw Refusal(
            "An amount belongs to who paid (@\(name.text):\(amount ?? "")), not to who takes part.")
        }
        let member = try group.member(name)
        if sign == .with { with.append(member) } else { without.append(member) }
      }
    }
    let found = try QuickAmount(in: words, currency: group.currency)
    amount = found.amount
    description = texts.filter { !found.places.contains($0.place) }.map(\.text).joined(separator: " ")
    guard !description.isEmpty else { throw Refusal("Say what it was for, such as 42.50 dinner.") }
    guard dates.count <= 1 else { throw Refusal("\(dates[0]) and \(dates[1]) are two dates: write one.") }
    date = dates.first ?? group.today
    self.payers = try Self.payers(payers, of: found.amount, group)
    participants = try Self.participants(with, without, group)
  }

  /// The request that enters it.
  /// - Throws: `Rejection` for what the server would refuse whatever the group, such as a description that
  ///   is too long.
  func expense(id: ID) throws(Rejection) -> NewExpense {
    try NewExpense(
      id: id, description: description, amount: .minorUnits(amount.minorUnits), currency: amount.currency,
      date: date, payer: payers.count == 1 ? payers[0].account : nil,
      payers: payers.count == 1 ? nil : payers, participants: participants
    ).checked()
  }

  /// Who paid how much: one alone all of it, one among several what the others have not.
  private static func payers(
    _ named: [(LedgerAccount, amount: String?)], of total: Amount, _ group: QuickGroup
  ) throws(Refusal) -> [Payer] {
    var parts: [(account: LedgerAccount, units: Int64?)] = []
    var rest = total.minorUnits
    for (account, text) in named {
      guard !parts.contains(where: { $0.account == account }) else {
        throw Refusal("\(group.name(of: account)) is named twice as who paid.")
      }
      guard let text else {
        parts.append((account, nil))
        continue
      }
      let name = account == .kitty ? "the kitty" : group.name(of: account)
      guard !text.isEmpty else {
        throw Refusal("Write after the colon what \(name) paid, as in @anna:30, or leave the colon out.")
      }
      let part: Amount
      do throws(Refusal) { part = try QuickAmount.amount(text, currency: total.currency) } catch {
        throw Refusal("What \(name) paid: \(error.description)")
      }
      guard part.currency == total.currency else {
        throw Refusal("Everybody paid in one currency: \(total.currency.code).")
      }
      guard (part.minorUnits < 0) == (total.minorUnits < 0) else {
        throw Refusal("\(part) does not go with \(total): of a refund, every amount is below zero.")
      }
      // Both are bounded by `Amount.limit`, and there are not nine million payers.
      rest -= part.minorUnits
      parts.append((account, part.minorUnits))
    }
    if parts.isEmpty { parts = [(.member(group.me), nil)] }
    guard parts.filter({ $0.units == nil }).count <= 1 else {
      throw Refusal("Say how much each of them paid, such as @anna:30 @bob:12.50; one may be left open.")
    }
    let isOpen = parts.contains { $0.units == nil }
    let isOver = rest != 0 && (rest < 0) != (total.minorUnits < 0)
    guard isOpen ? rest != 0 && !isOver : rest == 0 else {
      let difference = Amount(Int64(clamping: rest.magnitude), total.currency)
      throw Refusal(
        rest == 0
          ? "Nothing is left for whom you named without an amount."
          : "What they paid is not \(total): \(difference) is \(isOver ? "over" : "missing").")
    }
    return parts.map { Payer($0.account, amount: .minorUnits($0.units ?? rest)) }
  }

  private static func participants(
    _ with: [ID], _ without: [ID], _ group: QuickGroup
  ) throws(Refusal) -> [ID]? {
    guard with.isEmpty || without.isEmpty else {
      throw Refusal("Write who takes part with +, or who does not with -, and not both.")
    }
    for list in [with, without] where Set(list).count < list.count {
      throw Refusal("Name everybody once after + or -.")
    }
    if !with.isEmpty { return with }
    guard !without.isEmpty else { return nil }
    let rest = group.members.map(\.id).filter { !without.contains($0) }
    guard !rest.isEmpty else { throw Refusal("Somebody has to take part in it.") }
    return rest
  }
}
