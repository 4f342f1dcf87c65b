/// People who share money.
package struct Group: Codable, Hashable, Sendable {
  /// The group's id.
  package let id: ID
  /// What it is called.
  package let name: String
  /// The currency of an entry that names none.
  package let currency: Currency
  /// Which member you are.
  package let me: ID
  /// What you are in it.
  package let role: Member.Role
  /// What you are owed, per currency; negative is what you owe. Zeros are left out.
  package let balances: [Money]
  /// What the pot holds, per currency. Zeros are left out.
  package let kitty: [Money]
  /// How many members there are now.
  package let memberCount: Int
  /// The group's photo.
  package let photo: Photo?
  /// When it was made.
  package let createdAt: Instant
  /// When it was archived; `nil` while it is in use.
  package let archivedAt: Instant?
  /// The last day of what is closed: entries up to it can no longer be made or changed.
  package let closedUntil: Day?
  /// Whether members change, delete and restore only what they entered themselves; the owner and admins may
  /// always.
  package let ownEntriesOnly: Bool
  /// When it was deleted; for 30 days its owner can bring it back.
  package let deletedAt: Instant?
  /// Grows with each change of the group itself; the `ETag`.
  package let version: Int64
  /// Grows with each change of anything in the group: its books, its members, the group itself. What to send
  /// as `since` to its lists for what changes from here on.
  package let sequence: Int64

  package init(
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
package struct NewGroup: Creation, Hashable {
  /// The id, when the client makes it.
  package var id: ID?
  /// What it is called: at most 64 characters.
  package var name: String
  /// The currency of an entry that names none; one's own default currency when left out.
  package var currency: Currency?

  package enum CodingKeys: String, CodingKey, CaseIterable { case id, name, currency }

  package init(id: ID? = nil, name: String, currency: Currency? = nil) {
    self.id = id
    self.name = name
    self.currency = currency
  }

  /// Checks all fields.
  package func check(_ checks: inout FieldChecks) {
    checks.newID(id)
    checks.text(name, "name", max: 64)
  }
}

/// A request to change a group; what is left out stays.
package struct GroupChange: RequestBody, Hashable {
  /// A new name: at most 64 characters.
  package var name: String?
  /// Whether it is archived: still to be read, no longer written to.
  package var archived: Bool?
  /// Closes the books up to and with this day; `null` opens them.
  package var closedUntil: Patch<Day> = .keep
  /// Whether members change, delete and restore only what they entered themselves.
  package var ownEntriesOnly: Bool?

  package enum CodingKeys: String, CodingKey, CaseIterable { case name, archived, closedUntil, ownEntriesOnly }

  /// `null` takes these away.
  package static var nullable: [CodingKeys] { [.closedUntil] }

  package init(
    name: String? = nil, archived: Bool? = nil, closedUntil: Patch<Day> = .keep, ownEntriesOnly: Bool? = nil
  ) {
    self.name = name
    self.archived = archived
    self.closedUntil = closedUntil
    self.ownEntriesOnly = ownEntriesOnly
  }

  /// Checks all fields.
  package func check(_ checks: inout FieldChecks) {
    checks.require(
      self != GroupChange(), "name", "nothing_to_change",
      "Send a new name, archived, closedUntil or ownEntriesOnly.")
    if let name { checks.text(name, "name", max: 64) }
  }
}
