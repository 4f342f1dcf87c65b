import KittyShared

/// The group that a line of quick entry is read for.
struct QuickGroup: Sendable {
  /// The currency of an amount that names none.
  let currency: Currency
  /// Who is in the group now.
  let members: [Member]
  /// Which of them is the one who types.
  let me: ID
  /// The day where that person is.
  let today: Day

  /// The member whom a name stands for: `me`, an id, a name, or the beginning of one.
  /// - Throws: `QuickEntry.Refusal` that lists who could be meant.
  func member(_ name: QuickName) throws(QuickEntry.Refusal) -> ID {
    guard let member = try account(name).member else {
      throw .init("The kitty pays (@kitty); what it pays for is borne by people.")
    }
    return member
  }

  /// The account that a name stands for: as `member` has it, or `kitty` for the pot.
  /// - Throws: `QuickEntry.Refusal` that lists who could be meant.
  func account(_ name: QuickName) throws(QuickEntry.Refusal) -> LedgerAccount {
    if !name.isQuoted {
      if name.text.lowercased() == "me" { return .member(me) }
      if name.text.lowercased() == "kitty" { return .kitty }
      if let id = ID(name.text), members.contains(where: { $0.id == id }) { return .member(id) }
    }
    switch NameMatch(name.text, in: members.map { ($0.name, $0.id) }) {
    case .one(let id): return .member(id)
    case .several(let found):
      throw .init("\"\(name.text)\" could be \(found.map(\.name).listed("or")). Write more of the name.")
    case .none:
      throw .init(
        "Nobody here is called \"\(name.text)\". There are \(members.map(\.name).listed("and")).")
    }
  }

  /// What the group calls an account.
  func name(of account: LedgerAccount) -> String {
    guard let id = account.member else { return "The kitty" }
    return members.first { $0.id == id }?.name ?? "\(id)"
  }

  /// The day that a word is: `2026-11-20` or `yesterday`; `nil` for a word that is none.
  /// - Throws: `QuickEntry.Refusal` for one that is written like a day and is not in the calendar.
  func date(_ word: String) throws(QuickEntry.Refusal) -> Day? {
    if word.lowercased() == "yesterday" { return Day(daysSince1970: today.daysSince1970 - 1) }
    let parts = word.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.count) == [4, 2, 2],
      parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } })
    else { return nil }
    guard let day = Day(word) else {
      throw .init("\(word) is no day to use. Write a date of the calendar like \(today), not before 1900.")
    }
    return day
  }
}
