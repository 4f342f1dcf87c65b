/// The content of an entry, without its number, author and times.
package struct EntryContent: KnownFields, Hashable {
  /// The kind of the entry.
  package var kind: Kind
  /// The description.
  package var description: String
  /// Minor units, as entered. A negative amount is a refund.
  package var amount: Int64
  /// The currency of the amount.
  package var currency: Currency
  /// The worth of one unit in the group's currency; `nil` when the amount itself is booked.
  package var rate: Rate?
  /// The booked amount: the amount itself, or its worth in the group's currency.
  package var booked: Money
  /// The day of the entry.
  package var date: Day
  /// A note.
  package var note: String?
  /// The category; for an expense.
  package var category: ID?
  /// The tags, those in the description among them: in lower case, in order, at least one; for an expense.
  package var tags: [String]?
  /// The rule that made it; `nil` for an entry that a user entered.
  package var recurring: RecurringSource?
  /// The expense that this one refunds; for a refund.
  package var refundOf: ID?
  /// The payers with their amounts, in the currency as entered; for an expense and a count.
  package var payers: [Payer]?
  /// The split; for an expense and a count.
  package var split: SplitRule?
  /// The share of each member of the booked amount; for an expense and a count.
  package var shares: [Split.Share]?
  /// The paying account; for a payment, contribution or payout.
  package var from: LedgerAccount?
  /// The receiving account; for a payment, contribution or payout.
  package var to: LedgerAccount?
  /// The counted money in the kitty, in minor units; for a count.
  package var counted: Int64?
  /// The money in the kitty according to the books, in minor units; for a count.
  package var expected: Int64?
  /// The receipts, in the order of their numbers, at least one.
  package var receipts: [Receipt]?

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case kind, description, amount, currency, rate, booked, date, note, category, tags, recurring, refundOf
    case payers, split, shares, from, to, counted, expected, receipts
  }

  /// The kinds of entries.
  package enum Kind: String, Codable, Sendable, CaseIterable {
    /// A shared purchase or refund.
    case expense
    /// A member paid another.
    case payment
    /// A member put money into the kitty.
    case contribution
    /// The kitty paid money out to a member.
    case payout
    /// The money in the kitty was counted; the difference is shared.
    case count
  }

  /// Makes the content of an entry.
  package init(
    kind: Kind, description: String, amount: Amount, rate: Rate?, booked: Amount, date: Day, note: String?,
    category: ID? = nil, tags: [String]? = nil, refundOf: ID? = nil, payers: [Payer]? = nil,
    split: SplitRule? = nil,
    shares: [Split.Share]? = nil, from: LedgerAccount? = nil,
    to: LedgerAccount? = nil, counted: Int64? = nil, expected: Int64? = nil, receipts: [Receipt]? = nil
  ) {
    self.kind = kind
    self.description = description
    self.amount = amount.minorUnits
    currency = amount.currency
    self.rate = rate
    self.booked = Money(amount: booked.minorUnits, currency: booked.currency)
    self.date = date
    self.note = note
    self.category = category
    self.tags = tags
    self.refundOf = refundOf
    self.payers = payers
    self.split = split
    self.shares = shares
    self.from = from
    self.to = to
    self.counted = counted
    self.expected = expected
    self.receipts = receipts
  }
}

/// One payer's part of an expense.
package struct Payer: KnownFields, Hashable {
  /// A member, or the kitty.
  package var account: LedgerAccount
  /// The amount.
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
  /// A short number: 12 is `#12`. Unique in the group, never used twice.
  package let number: Int64
  /// The content.
  package let content: EntryContent
  /// The member who entered it.
  package let createdBy: ID
  /// The instant of creation.
  package let createdAt: Instant
  /// The instant of the last change, deletion or restoration; the instant of creation if there is none.
  package let changedAt: Instant
  /// The instant of deletion; `nil` if it is not deleted.
  package let deletedAt: Instant?
  /// The number of comments.
  package let commentCount: Int
  /// Grows with each change; the `ETag`.
  package let version: Int64
  /// The content as JSON, of an entry that was just stored: it is not written a second time.
  private let writtenContent: WrittenContent

  /// JSON that says what the entry has beside it, and tells no two entries apart.
  private struct WrittenContent: Hashable {
    let json: String?

    static func == (one: Self, other: Self) -> Bool { true }
    func hash(into hasher: inout Hasher) {}
  }

  private enum CodingKeys: String, CodingKey {
    case id, number, createdBy, createdAt, changedAt, deletedAt, commentCount, version
  }

  package init(
    id: ID, number: Int64, content: EntryContent, createdBy: ID, createdAt: Instant, changedAt: Instant,
    deletedAt: Instant?, commentCount: Int, version: Int64, writtenContent: String? = nil
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
    self.writtenContent = WrittenContent(json: writtenContent)
  }

  /// Returns a field of the content.
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
    writtenContent = WrittenContent(json: nil)
  }

  /// Writes one object.
  package func encode(to encoder: any Encoder) throws {
    if let json = writtenContent.json, let encoder = encoder as? any JSONFieldsEncoder {
      encoder.write(fieldsOf: json)
    } else {
      try content.encode(to: encoder)
    }
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

/// An encoder that writes JSON, and takes fields that are JSON already.
protocol JSONFieldsEncoder: Encoder {
  /// Writes the fields of an object, at least one, as fields of the value.
  func write(fieldsOf object: String)
}
