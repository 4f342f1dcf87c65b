import KittyShared

/// The group that a line of quick entry refers to.
struct QuickGroup: Sendable {
  /// The currency of an amount that names none.
  let currency: Currency
  /// The present members.
  let members: [Member]
  /// The member who types the line.
  let me: ID
  /// The date in the time zone of that member.
  let today: Day

  /// Finds a member by `me`, an id, a name, or the beginning of a name.
  /// - Throws: `QuickEntry.Refusal` that lists the possible names.
  func member(_ name: QuickName) throws(QuickEntry.Refusal) -> ID {
    guard let member = try account(name).member else {
      throw .init("The kitty can only pay (@kitty). Only members can take part.")
    }
    return member
  }

  /// Finds an account: a member as in `member(_:)`, or `kitty`.
  /// - Throws: `QuickEntry.Refusal` that lists the possible names.
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
        "The group has no member \"\(name.text)\". Its members are \(members.map(\.name).listed("and")).")
    }
  }

  /// The name of an account in the group.
  func name(of account: LedgerAccount) -> String {
    guard let id = account.member else { return "The kitty" }
    return members.first { $0.id == id }?.name ?? "\(id)"
  }

  /// Reads a date; `nil` for any other word. A day and a month with only a slash between them are a word, as in `24/7`.
  /// - Throws: `QuickEntry.Refusal` for a date with two meanings, and for one that is not in the calendar.
  func date(_ word: String) throws(QuickEntry.Refusal) -> TypedDay? {
    do throws(TypedDay.Refusal) {
      let date = try TypedDay(word, today: today)
      return date?.spelling == .fraction ? nil : date
    } catch {
      guard word.split(separator: "/").count != 2 else { return nil }
      throw .init("\(error.description) A word like a date needs quotation marks.")
    }
  }
}
