/// A group as a file: complete but for pictures, for whose accounts its members are and so what they may do, and
/// for whether it is archived. Who takes a file in owns the group, in the place of the file's owner; the others
/// are guests until an invite makes them more: a file gives nobody a right. Exported, imported into an empty group and exported again it is the same, byte for byte.
public struct GroupFile: RequestBody, Hashable {
  /// What the file is: `kittycash-group-1`.
  public var format: String
  /// What the group is called.
  public var name: String
  /// The currency of an entry that names none.
  public var currency: Currency
  /// When it was made.
  public var createdAt: Instant
  /// The last day of what is closed.
  public var closedUntil: Day?
  /// `true` where members change only what they entered themselves; left out where not.
  public var ownEntriesOnly: Bool?
  /// The last short number that was used.
  public var lastNumber: Int64
  /// The member who owns it.
  public var owner: ID
  /// The members, former ones too, in the order of their ids.
  public var members: [FileMember]
  /// What members have agreed to put into the kitty.
  public var targets: [FileTarget]
  /// The entries, in the order of their numbers.
  public var entries: [FileEntry]

  /// The fields.
  public enum CodingKeys: String, CodingKey, CaseIterable {
    case format, name, currency, createdAt, closedUntil, ownEntriesOnly, lastNumber, owner, members, targets
    case entries
  }

  /// What `format` says.
  public static let format = "kittycash-group-1"

  /// A member.
  public struct FileMember: KnownFields, Hashable {
    /// The member's id.
    public var id: ID
    /// What the group calls them.
    public var name: String
    /// How much they count in a split by shares.
    public var weight: Int64
    /// When they joined.
    public var createdAt: Instant
    /// When they were removed.
    public var removedAt: Instant?

    /// The fields.
    public enum CodingKeys: String, CodingKey, CaseIterable { case id, name, weight, createdAt, removedAt }

    /// Makes one.
    public init(id: ID, name: String, weight: Int64, createdAt: Instant, removedAt: Instant?) {
      self.id = id
      self.name = name
      self.weight = weight
      self.createdAt = createdAt
      self.removedAt = removedAt
    }
  }

  /// What a member has agreed to put into the kitty.
  public struct FileTarget: KnownFields, Hashable {
    /// Who.
    public var member: ID
    /// In which currency.
    public var currency: Currency
    /// Minor units.
    public var amount: Int64

    /// The fields.
    public enum CodingKeys: String, CodingKey, CaseIterable { case member, currency, amount }

    /// Makes one.
    public init(member: ID, currency: Currency, amount: Int64) {
      self.member = member
      self.currency = currency
      self.amount = amount
    }
  }

  /// An entry with all that was done to it and said about it.
  public struct FileEntry: KnownFields, Hashable {
    /// The entry's id.
    public var id: ID
    /// Its short number.
    public var number: Int64
    /// What it said after each change, oldest first; the last is what it says now.
    public var revisions: [FileRevision]
    /// What was said about it, oldest first.
    public var comments: [FileComment]

    /// The fields.
    public enum CodingKeys: String, CodingKey, CaseIterable { case id, number, revisions, comments }

    /// Makes one.
    public init(id: ID, number: Int64, revisions: [FileRevision], comments: [FileComment]) {
      self.id = id
      self.number = number
      self.revisions = revisions
      self.comments = comments
    }
  }

  /// What an entry said after a change.
  public struct FileRevision: KnownFields, Hashable {
    /// What was done.
    public var action: Revision.Action
    /// Who did it.
    public var by: ID
    /// When.
    public var at: Instant
    /// What the entry said then.
    public var content: EntryContent

    /// The fields.
    public enum CodingKeys: String, CodingKey, CaseIterable { case action, by, at, content }

    /// Makes one.
    public init(action: Revision.Action, by: ID, at: Instant, content: EntryContent) {
      self.action = action
      self.by = by
      self.at = at
      self.content = content
    }
  }

  /// Something said about an entry.
  public struct FileComment: KnownFields, Hashable {
    /// The comment's id.
    public var id: ID
    /// What was said.
    public var text: String
    /// Who said it.
    public var by: ID
    /// When.
    public var at: Instant

    /// The fields.
    public enum CodingKeys: String, CodingKey, CaseIterable { case id, text, by, at }

    /// Makes one.
    public init(id: ID, text: String, by: ID, at: Instant) {
      self.id = id
      self.text = text
      self.by = by
      self.at = at
    }
  }

  /// Makes one.
  public init(
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
