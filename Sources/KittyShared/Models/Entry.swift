/// What an entry of the books says, apart from its number and who wrote it when.
package struct EntryContent: KnownFields, Hashable {
  /// What sort of entry it is.
  package var kind: Kind
  /// What it was for.
  package var description: String
  /// Minor units, as it was entered. Below zero is a refund.
  package var amount: Int64
  /// What they are units of.
  package var currency: Currency
  /// What one unit is worth in the group's currency; `nil` when it is booked as it is.
  package var rate: Rate?
  /// What is in the books: the amount, or its worth in the group's currency.
  package var booked: Money
  /// The day it belongs to.
  package var date: Day
  /// More about it.
  package var note: String?
  /// Who paid how much, in the currency as entered; for an expense and a count.
  package var payers: [Payer]?
  /// How it was divided; for an expense and a count.
  package var split: SplitRule?
  /// Who bears how much of what is booked, to the last unit; for an expense and a count.
  package var shares: [Split.Share]?
  /// Who paid; for a payment, contribution or payout.
  package var from: LedgerAccount?
  /// Who received; for a payment, contribution or payout.
  package var to: LedgerAccount?
  /// What was really in the pot, in minor units; for a count.
  package var counted: Int64?
  /// What should have been in the pot, in minor units; for a count.
  package var expected: Int64?

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case kind, description, amount, currency, rate, booked, date, note, payers, split, shares, from, to
    case counted, expected
  }

  /// The sorts of entries.
  package enum Kind: String, Codable, Sendable, CaseIterable {
    /// Something was bought, or given back, for several.
    case expense
    /// A member paid another.
    case payment
    /// A member put money into the kitty.
    case contribution
    /// The kitty paid money out to a member.
    case payout
    /// The pot was counted; what was missing or over is shared.
    case count
  }

  /// Makes the content of an entry.
  package init(
    kind: Kind, description: String, amount: Amount, rate: Rate?, booked: Amount, date: Day, note: String?,
    payers: [Payer]? = nil, split: SplitRule? = nil, shares: [Split.Share]? = nil, from: LedgerAccount? = nil,
    to: LedgerAccount? = nil, counted: Int64? = nil, expected: Int64? = nil
  ) {
    self.kind = kind
    self.description = description
    self.amount = amount.minorUnits
    currency = amount.currency
    self.rate = rate
    self.booked = Money(amount: booked.minorUnits, currency: booked.currency)
    self.date = date
    self.note = note
    self.payers = payers
    self.split = split
    self.shares = shares
    self.from = from
    self.to = to
    self.counted = counted
    self.expected = expected
  }
}

/// Somebody's part of what was paid.
package struct Payer: KnownFields, Hashable {
  /// Who: a member, or the kitty.
  package var account: LedgerAccount
  /// How much.
  package var amount: AmountInput

  package enum CodingKeys: String, CodingKey, CaseIterable { case account, amount }

  /// Makes a payer.
  package init(_ account: LedgerAccount, amount: AmountInput) {
    self.account = account
    self.amount = amount
  }
}

/// An entry of a group's books.
@dynamicMemberLookup
package struct Entry: Codable, Hashable, Sendable {
  /// The entry's id.
  package let id: ID
  /// A short number to say aloud: 12 is `#12`. Per group, never used twice.
  package let number: Int64
  /// What it says.
  package let content: EntryContent
  /// The member who entered it.
  package let createdBy: ID
  /// When it was entered.
  package let createdAt: Instant
  /// When it was last changed, deleted or restored; when it was entered if never.
  package let changedAt: Instant
  /// When it was deleted; `nil` while it counts.
  package let deletedAt: Instant?
  /// How many comments it has.
  package let commentCount: Int
  /// Grows with each change; the `ETag`.
  package let version: Int64

  private enum CodingKeys: String, CodingKey {
    case id, number, createdBy, createdAt, changedAt, deletedAt, commentCount, version
  }

  package init(
    id: ID, number: Int64, content: EntryContent, createdBy: ID, createdAt: Instant, changedAt: Instant,
    deletedAt: Instant?, commentCount: Int, version: Int64
  ) {
    self.id = id
    self.number = number
    self.content = content
    self.createdBy = createdBy
    self.createdAt = createdAt
    self.changedAt = changedAt
    self.deletedAt = deletedAt
    self.commentCount = commentCount
    self.version = version
  }

  /// What the entry says.
  package subscript<Value>(dynamicMember path: KeyPath<EntryContent, Value>) -> Value {
    content[keyPath: path]
  }

  /// Reads one object: the content's fields stand beside the entry's own.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    content = try EntryContent(from: decoder)
    id = try container.decode(ID.self, forKey: .id)
    number = try container.decode(Int64.self, forKey: .number)
    createdBy = try container.decode(ID.self, forKey: .createdBy)
    createdAt = try container.decode(Instant.self, forKey: .createdAt)
    changedAt = try container.decode(Instant.self, forKey: .changedAt)
    deletedAt = try container.decodeIfPresent(Instant.self, forKey: .deletedAt)
    commentCount = try container.decode(Int.self, forKey: .commentCount)
    version = try container.decode(Int64.self, forKey: .version)
  }

  /// Writes one object.
  package func encode(to encoder: any Encoder) throws {
    try content.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try container.encode(number, forKey: .number)
    try container.encode(createdBy, forKey: .createdBy)
    try container.encode(createdAt, forKey: .createdAt)
    try container.encode(changedAt, forKey: .changedAt)
    try container.encodeIfPresent(deletedAt, forKey: .deletedAt)
    try container.encode(commentCount, forKey: .commentCount)
    try container.encode(version, forKey: .version)
  }
}
