import KittyShared

/// Turns what a person asked for into balanced postings. Pure: no clock, no database, no randomness.
enum Ledger {
  /// The entry of an expense: the payer is owed all of it, and each participant owes their share.
  /// - Parameters:
  ///   - present: The members who are in the group now; the participants when the request names none.
  /// - Throws: `Problem.invalid` that names the field.
  static func entry(
    for input: NewExpense, id: ID, group: GroupCurrency, present: [ID], by author: ID, at now: Instant
  ) throws(Problem) -> Entry {
    let currency = input.currency ?? group.currency
    let amount = try input.amount.positiveAmount(in: currency)
    let members = Set(present)
    guard members.contains(input.payer) else {
      throw .invalid("payer", "not_a_member", "The payer is not a member of this group.")
    }
    let participants = input.participants ?? present
    for (index, participant) in participants.enumerated() where !members.contains(participant) {
      throw .invalid(
        "participants.\(index)", "not_a_member", "\(participant) is not a member of this group.")
    }
    let shares: [Split.Share]
    do {
      shares = try Split.equally(participants).shares(of: amount.minorUnits, seed: id)
    } catch {
      throw .invalid("participants", "cannot_be_split", "Name each member who shares this once.")
    }
    let paid = Posting(account: input.payer, kind: .paid, amount: amount)
    let borne = shares.map { Posting(account: $0.member, kind: .share, amount: Amount(-$0.amount, currency)) }
    return Entry(
      group: group.id, id: id, description: input.description.trimmed, amount: amount,
      date: input.date ?? now.day, createdBy: author, createdAt: now, postings: [paid] + borne)
  }
}

/// What the ledger needs to know of a group.
struct GroupCurrency: Sendable {
  let id: ID
  let currency: Currency
}

/// A balanced set of postings: they sum to zero per currency, or the database refuses them.
struct Entry: Sendable {
  let group: ID
  let id: ID
  let description: String
  let amount: Amount
  let date: Day
  let createdBy: ID
  let createdAt: Instant
  let postings: [Posting]

  /// What the entry adds to the running totals, one change for each account and currency.
  /// - Throws: `Amount.Failure.overflow`.
  func changes() throws(Amount.Failure) -> [BalanceChange] {
    var changes: [BalanceChange] = []
    var places: [BalanceChange.Key: Int] = [:]
    for posting in postings {
      let key = BalanceChange.Key(account: posting.account, currency: posting.amount.currency)
      let place = places[key] ?? changes.count
      if place == changes.count {
        changes.append(BalanceChange(key: key, paid: 0, share: 0))
        places[key] = place
      }
      switch posting.kind {
      case .paid: changes[place].paid = try Self.add(changes[place].paid, posting.amount.minorUnits)
      case .share: changes[place].share = try Self.add(changes[place].share, -posting.amount.minorUnits)
      }
    }
    return changes
  }

  private static func add(_ left: Int64, _ right: Int64) throws(Amount.Failure) -> Int64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    guard !overflow else { throw .overflow }
    return sum
  }
}

/// One line of an entry.
struct Posting: Sendable, Hashable {
  let account: ID
  let kind: Kind
  /// Positive is owed to the account.
  let amount: Amount

  enum Kind: String, Sendable, ColumnDecodable {
    /// Somebody gave money.
    case paid
    /// Somebody bears a part.
    case share

    init?(column: SQL.Value) {
      guard let text = String(column: column) else { return nil }
      self.init(rawValue: text)
    }
  }
}

/// How one running total changes: minor units.
struct BalanceChange: Sendable, Hashable {
  let key: Key
  var paid: Int64
  var share: Int64

  struct Key: Sendable, Hashable {
    let account: ID
    let currency: Currency
  }
}

extension String {
  /// Without white space at both ends.
  var trimmed: String {
    let start = drop(while: \.isWhitespace)
    guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(start[...last])
  }
}
