/// A group as a file: complete but for pictures, for whose accounts its members are and so what they may do, and
/// for whether it is archived. Who takes a file in owns the group, in the place of the file's owner; the others
/// are guests until an invite makes them more: a file gives nobody a right. Exported, imported into an empty group and exported again it is the same, byte for byte.
package struct GroupFile: RequestBody, Hashable {
  /// What the file is: `kittycash-group-1`.
  package var format: String
  /// What the group is called.
  package var name: String
  /// The currency of an entry that names none.
  package var currency: Currency
  /// When it was made.
  package var createdAt: Instant
  /// The last day of what is closed.
  package var closedUntil: Day?
  /// `true` where members change only what they entered themselves; left out where not.
  package var ownEntriesOnly: Bool?
  /// The last short number that was used.
  package var lastNumber: Int64
  /// The member who owns it.
  package var owner: ID
  /// The members, former ones too, in the order of their ids.
  package var members: [FileMember]
  /// What members have agreed to put into the kitty.
  package var targets: [FileTarget]
  /// The entries, in the order of their numbers.
  package var entries: [FileEntry]

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case format, name, currency, createdAt, closedUntil, ownEntriesOnly, lastNumber, owner, members, targets
    case entries
  }

  /// What `format` says.
  package static let format = "kittycash-group-1"

  /// A member.
  package struct FileMember: KnownFields, Hashable {
    /// The member's id.
    package var id: ID
    /// What the group calls them.
    package var name: String
    /// How much they count in a split by shares.
    package var weight: Int64
    /// When they joined.
    package var createdAt: Instant
    /// When they were removed.
    package var removedAt: Instant?

    package enum CodingKeys: String, CodingKey, CaseIterable { case id, name, weight, createdAt, removedAt }

    package init(id: ID, name: String, weight: Int64, createdAt: Instant, removedAt: Instant?) {
      self.id = id
      self.name = name
      self.weight = weight
      self.createdAt = createdAt
      self.removedAt = removedAt
    }
  }

  /// What a member has agreed to put into the kitty.
  package struct FileTarget: KnownFields, Hashable {
    /// Who.
    package var member: ID
    /// In which currency.
    package var currency: Currency
    /// Minor units.
    package var amount: Int64

    package enum CodingKeys: String, CodingKey, CaseIterable { case member, currency, amount }

    package init(member: ID, currency: Currency, amount: Int64) {
      self.member = member
      self.currency = currency
      self.amount = amount
    }
  }

  /// An entry with all that was done to it and said about it.
  package struct FileEntry: KnownFields, Hashable {
    /// The entry's id.
    package var id: ID
    /// Its short number.
    package var number: Int64
    /// What it said after each change, oldest first; the last is what it says now.
    package var revisions: [FileRevision]
    /// What was said about it, oldest first.
    package var comments: [FileComment]

    package enum CodingKeys: String, CodingKey, CaseIterable { case id, number, revisions, comments }

    package init(id: ID, number: Int64, revisions: [FileRevision], comments: [FileComment]) {
      self.id = id
      self.number = number
      self.revisions = revisions
      self.comments = comments
    }
  }

  /// What an entry said after a change.
  package struct FileRevision: KnownFields, Hashable {
    /// What was done.
    package var action: Revision.Action
    /// Who did it.
    package var by: ID
    /// When.
    package var at: Instant
    /// What the entry said then.
    package var content: EntryContent

    package enum CodingKeys: String, CodingKey, CaseIterable { case action, by, at, content }

    package init(action: Revision.Action, by: ID, at: Instant, content: EntryContent) {
      self.action = action
      self.by = by
      self.at = at
      self.content = content
    }
  }

  /// Something said about an entry.
  package struct FileComment: KnownFields, Hashable {
    /// The comment's id.
    package var id: ID
    /// What was said.
    package var text: String
    /// Who said it.
    package var by: ID
    /// When.
    package var at: Instant

    package enum CodingKeys: String, CodingKey, CaseIterable { case id, text, by, at }

    package init(id: ID, text: String, by: ID, at: Instant) {
      self.id = id
      self.text = text
      self.by = by
      self.at = at
    }
  }

  package init(
    name: String, currency: Currency, createdAt: Instant, closedUntil: Day?, ownEntriesOnly: Bool?,
    lastNumber: Int64, owner: ID, members: [FileMember], targets: [FileTarget], entries: [FileEntry]
  ) {
    format = Self.format
    self.name = name
    self.currency = currency
    self.createdAt = createdAt
    self.closedUntil = closedUntil
    self.ownEntriesOnly = ownEntriesOnly
    self.lastNumber = lastNumber
    self.owner = owner
    self.members = members
    self.targets = targets
    self.entries = entries
  }
}
