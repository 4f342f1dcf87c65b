import KittyShared

/// The use case of the export of a user's data: a JSON text, made piece by piece.
struct PersonalExport: Sendable {
  let users: UserStore
  let sessions: SessionStore
  let tokens: TokenStore
  let keys: SSHKeyStore
  let factors: SecondFactorStore
  let files: AccountFileStore
  let memberships: AccountExportStore
  let entries: GroupExportStore

  /// An export that has begun: it shows the groups as they were then.
  struct Begun: Sendable {
    fileprivate let head: String
    fileprivate let memberships: [AccountExportStore.Stored]
  }

  /// The place in an export up to which its text was made.
  struct Place: Sendable {
    fileprivate var hasBegun = false
    /// The number of memberships that were written.
    fileprivate var index = 0
    /// `true` once the head of the next one was written.
    fileprivate var isInside = false
    /// The number of its last entry that was written.
    fileprivate var number: Int64 = 0
  }

  /// - Parameter session: The session of the request.
  /// - Throws: `Rejection` when the account was deleted.
  func begin(for user: ID, session: ID, at now: Instant) async throws -> Begun {
    guard let account = try await users.find(id: user) else { throw Rejection.signInNeeded }
    let factor = try await factors.find(of: user)
    let export = AccountExport(
      exportedAt: now, user: account,
      sessions: try await sessions.list(
        of: user, current: session, at: now, limit: Int.max >> 1, before: nil),
      tokens: try await tokens.list(of: user, limit: Int.max >> 1, before: nil),
      keys: try await keys.list(of: user, limit: Int.max >> 1, before: nil),
      secondFactor: SecondFactor(
        enabledAt: factor?.enabledAt,
        recoveryCodesLeft: factor?.enabledAt == nil ? 0 : factor?.recoveryCodesLeft ?? 0),
      files: try await files.all(of: user, session: session, at: now))
    return Begun(
      head: try Self.head(of: export, "groups"), memberships: try await memberships.memberships(of: user))
  }

  /// Returns the text of an object up to its last field, which is an empty list.
  private static func head(of object: some Encodable, _ list: String) throws -> String {
    let text = try JSON.text(of: object)
    guard text.hasSuffix("\"\(list)\":[]}") else {
      throw DatabaseFailure.fault("\(list) is not the last field of an export")
    }
    return text.dropLast(2) + "\n"
  }

  /// Makes the next piece of the text. The caller writes it before it asks for the next one.
  /// - Returns: The text, and the place behind it; `nil` at the end.
  func next(of export: Begun, _ start: Place) async throws -> (text: String, place: Place?) {
    var place = start
    guard place.hasBegun else {
      place.hasBegun = true
      return (export.head, place)
    }
    guard place.index < export.memberships.count else { return ("\n]}\n", nil) }
    let stored = export.memberships[place.index]
    guard place.isInside else {
      place.isInside = true
      var membership = stored.membership
      if stored.moment != nil {
        (membership.members, membership.categories) = try await memberships.names(in: membership.group)
      }
      return (try (place.index == 0 ? "" : ",\n") + Self.head(of: membership, "entries"), place)
    }
    let (group, member) = (stored.membership.group, stored.membership.member)
    var found: [GroupFile.FileEntry] = []
    if let moment = stored.moment {
      found = try await entries.entries(of: group, upTo: moment, after: place.number, concerning: member)
    }
    guard let last = found.last else {
      (place.index, place.isInside, place.number) = (place.index + 1, false, 0)
      return ("]}", place)
    }
    var text = ""
    for entry in found where !entry.revisions.isEmpty {
      try Task.checkCancellation()
      text += try (place.number == 0 ? "" : ",\n") + JSON.text(of: entry)
      place.number = entry.number
    }
    place.number = last.number
    return (text, place)
  }
}
