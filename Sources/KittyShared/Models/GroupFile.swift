/// A complete group as a file, without pictures, user accounts, roles and the archived state. The importing user
/// becomes the owner in place of the file's owner. All other members are guests until they accept an invite: a
/// file grants no rights. A file that is imported and exported again is identical, byte for byte, if its texts are in the composed
/// form of Unicode and no two names in it look alike.
package struct GroupFile: RequestBody, Hashable {
  /// The format of the file: `kittycash-group-2`, or `kittycash-group-1`, which has no categories.
  package var format: String
  /// The name of the group.
  package var name: String
  /// The default currency of entries.
  package var currency: Currency
  /// The instant of creation.
  package var createdAt: Instant
  /// The last closed day.
  package var closedUntil: Day?
  /// `true` if members can change only their own entries; omitted otherwise.
  package var ownEntriesOnly: Bool?
  /// The split of an expense that names none.
  package var defaultSplit: SplitRule?
  /// The last used entry number.
  package var lastNumber: Int64
  /// The member who owns it.
  package var owner: ID
  /// Present and former members, in the order of their ids.
  package var members: [FileMember]
  /// The targets of members for the kitty.
  package var targets: [FileTarget]
  /// The categories, removed ones too, in the order of their ids; `nil` in the first format.
  package var categories: [FileCategory]?
  /// The rules for recurring entries, removed ones too, in the order of their ids; omitted when there are none.
  package var recurring: [FileRecurring]?
  /// The settling rounds, in the order of their ids; omitted when there are none.
  package var settlements: [FileRound]?
  /// The entries, in the order of their numbers.
  package var entries: [FileEntry]

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case format, name, currency, createdAt, closedUntil, ownEntriesOnly, defaultSplit, lastNumber, owner,
      members
    case targets, categories, recurring, settlements, entries
  }

  /// The format that is written.
  package static let format = "kittycash-group-2"
  /// The format without categories, which is read as well.
  package static let firstFormat = "kittycash-group-1"

  /// A member.
  package struct FileMember: KnownFields, Hashable {
    /// The member's id.
    package var id: ID
    /// The name in the group.
    package var name: String
    /// The weight in a split by shares.
    package var weight: Int64
    /// The IBAN to which payments to them go.
    package var iban: String?
    /// The instant at which they joined.
    package var createdAt: Instant
    /// The instant of removal.
    package var removedAt: Instant?

    package enum CodingKeys: String, CodingKey, CaseIterable {
      case id, name, weight, iban, createdAt, removedAt
    }

    package init(
      id: ID, name: String, weight: Int64, iban: String? = nil, createdAt: Instant, removedAt: Instant?
    ) {
      self.iban = iban
      self.id = id
      self.name = name
      self.weight = weight
      self.createdAt = createdAt
      self.removedAt = removedAt
    }
  }

  /// The target of a member for the kitty.
  package struct FileTarget: KnownFields, Hashable {
    /// The member.
    package var member: ID
    /// The currency.
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

  /// A category.
  package struct FileCategory: KnownFields, Hashable {
    /// The category's id.
    package var id: ID
    /// The name.
    package var name: String
    /// The category above it.
    package var parent: ID?
    /// The instant of creation.
    package var createdAt: Instant
    /// The instant at which it was archived.
    package var archivedAt: Instant?
    /// The instant of removal.
    package var removedAt: Instant?
    /// The category that its entries got when it was removed.
    package var removedInto: ID?

    package enum CodingKeys: String, CodingKey, CaseIterable {
      case id, name, parent, createdAt, archivedAt, removedAt, removedInto
    }

    package init(_ category: Category) {
      id = category.id
      name = category.name
      parent = category.parent
      createdAt = category.createdAt
      archivedAt = category.archivedAt
      removedAt = category.removedAt
      removedInto = category.removedInto
    }
  }

  /// An entry with its revisions and comments.
  package struct FileEntry: KnownFields, Hashable {
    /// The entry's id.
    package var id: ID
    /// Its short number.
    package var number: Int64
    /// The content after each change, oldest first; the last one is current.
    package var revisions: [FileRevision]
    /// The comments, oldest first.
    package var comments: [FileComment]

    package enum CodingKeys: String, CodingKey, CaseIterable { case id, number, revisions, comments }

    package init(id: ID, number: Int64, revisions: [FileRevision], comments: [FileComment]) {
      self.id = id
      self.number = number
      self.revisions = revisions
      self.comments = comments
    }
  }

  /// The content of an entry after a change.
  package struct FileRevision: KnownFields, Hashable {
    /// The action.
    package var action: Revision.Action
    /// The member who made the change.
    package var by: ID
    /// The instant of the change.
    package var at: Instant
    /// The content after the change.
    package var content: EntryContent

    package enum CodingKeys: String, CodingKey, CaseIterable { case action, by, at, content }

    package init(action: Revision.Action, by: ID, at: Instant, content: EntryContent) {
      self.action = action
      self.by = by
      self.at = at
      self.content = content
    }
  }

  /// A comment on an entry.
  package struct FileComment: KnownFields, Hashable {
    /// The comment's id.
    package var id: ID
    /// The text.
    package var text: String
    /// The author.
    package var by: ID
    /// The instant of the change.
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
    defaultSplit: SplitRule? = nil, lastNumber: Int64, owner: ID, members: [FileMember],
    targets: [FileTarget], categories: [FileCategory]? = [], recurring: [FileRecurring]? = nil,
    settlements: [FileRound]? = nil, entries: [FileEntry]
  ) {
    format = Self.format
    self.name = name
    self.currency = currency
    self.createdAt = createdAt
    self.closedUntil = closedUntil
    self.ownEntriesOnly = ownEntriesOnly
    self.defaultSplit = defaultSplit
    self.settlements = settlements
    self.lastNumber = lastNumber
    self.owner = owner
    self.members = members
    self.targets = targets
    self.categories = categories
    self.recurring = recurring
    self.entries = entries
  }
}
