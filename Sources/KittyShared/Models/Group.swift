/// People who share money.
public struct Group: Codable, Hashable, Sendable {
  /// The group's id.
  public let id: ID
  /// What it is called.
  public let name: String
  /// The currency of an entry that names none.
  public let currency: Currency
  /// Which member you are.
  public let me: ID
  /// What you are in it.
  public let role: Member.Role
  /// What you are owed, per currency; negative is what you owe. Zeros are left out.
  public let balances: [Money]
  /// What the pot holds, per currency. Zeros are left out.
  public let kitty: [Money]
  /// How many members there are now.
  public let memberCount: Int
  /// The group's photo.
  public let photo: Photo?
  /// When it was made.
  public let createdAt: Instant
  /// When it was archived; `nil` while it is in use.
  public let archivedAt: Instant?
  /// The last day of what is closed: entries up to it can no longer be made or changed.
  public let closedUntil: Day?
  /// Whether members change, delete and restore only what they entered themselves; the owner and admins may
  /// always.
  public let ownEntriesOnly: Bool
  /// When it was deleted; for 30 days its owner can bring it back.
  public let deletedAt: Instant?
  /// Grows with each change of the group itself; the `ETag`.
  public let version: Int64
  /// Grows with each change of anything in the group: its books, its members, the group itself. What to send
  /// as `since` to its lists for what changes from here on.
  public let sequence: Int64

  /// Makes one.
  public init(
    id: ID, name: String, currency: Currency, me: ID, role: Member.Role, balances: [Money],
    kitty: [Money] = [], memberCount: Int, photo: Photo?, createdAt: Instant, archivedAt: Instant?,
    closedUntil: Day? = nil, ownEntriesOnly: Bool = false, deletedAt: Instant? = nil, version: Int64,
    sequence: Int64 = 0
  ) {
    self.id = id
    self.name = name
    self.currency = currency
    self.me = me
    self.role = role
    self.balances = balances
    self.kitty = kitty
    self.memberCount = memberCount
    self.photo = photo
    self.createdAt = createdAt
    self.archivedAt = archivedAt
    self.closedUntil = closedUntil
    self.ownEntriesOnly = ownEntriesOnly
    self.deletedAt = deletedAt
    self.version = version
    self.sequence = sequence
  }
}

/// A request to make a group.
public struct NewGroup: Creation, Hashable {
  /// The id, when the client makes it.
  public var id: ID?
  /// What it is called: at most 64 characters.
  public var name: String
  /// The currency of an entry that names none; one's own default currency when left out.
  public var currency: Currency?

  /// The fields.
  public enum CodingKeys: String, CodingKey, CaseIterable { case id, name, currency }

  /// Makes one.
  public init(id: ID? = nil, name: String, currency: Currency? = nil) {
    self.id = id
    self.name = name
    self.currency = currency
  }

  /// Checks all fields.
  public func check(_ checks: inout FieldChecks) {
    checks.newID(id)
    checks.text(name, "name", max: 64)
  }
}

/// A request to change a group; what is left out stays.
public struct GroupChange: RequestBody, Hashable {
  /// A new name: at most 64 characters.
  public var name: String?
  /// Whether it is archived: still to be read, no longer written to.
  public var archived: Bool?
  /// Closes the books up to and with this day; `null` opens them.
  public var closedUntil: Patch<Day> = .keep
  /// Whether members change, delete and restore only what they entered themselves.
  public var ownEntriesOnly: Bool?

  /// The fields.
  public enum CodingKeys: String, CodingKey, CaseIterable { case name, archived, closedUntil, ownEntriesOnly }

  /// `null` takes these away.
  public static var nullable: [CodingKeys] { [.closedUntil] }

  /// Makes one.
  public init(
    name: String? = nil, archived: Bool? = nil, closedUntil: Patch<Day> = .keep, ownEntriesOnly: Bool? = nil
  ) {
    self.name = name
    self.archived = archived
    self.closedUntil = closedUntil
    self.ownEntriesOnly = ownEntriesOnly
  }

  /// Checks all fields.
  public func check(_ checks: inout FieldChecks) {
    checks.require(
      self != GroupChange(), "name", "nothing_to_change",
      "Send a new name, archived, closedUntil or ownEntriesOnly.")
    if let name { checks.text(name, "name", max: 64) }
  }
}
