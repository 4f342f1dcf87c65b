/// The data of a user as a file: the account, what signs in to it, and what concerns the user in their groups. No secret is in it: no
/// password, token or key, and no hash of one.
package struct AccountExport: Codable, Hashable, Sendable {
  /// The format of the file.
  package var format: String
  /// The instant at which it was made.
  package var exportedAt: Instant
  /// The account.
  package var user: User
  /// The sessions that have not ended.
  package var sessions: [OpenSession]
  /// The API tokens, without their secrets.
  package var tokens: [APIToken]
  /// The public keys of ssh, by their fingerprints.
  package var keys: [SSHKey]
  /// The state of the second factor.
  package var secondFactor: SecondFactor
  /// The files that clients keep with the account, with their content: settings and drafts.
  package var files: [AccountFile]
  /// The memberships, former ones too.
  package var groups: [Membership]

  /// The format that is written.
  package static let format = "kittycash-account-1"

  package init(
    exportedAt: Instant, user: User, sessions: [OpenSession], tokens: [APIToken], keys: [SSHKey],
    secondFactor: SecondFactor, files: [AccountFile], groups: [Membership] = []
  ) {
    format = Self.format
    self.exportedAt = exportedAt
    self.user = user
    self.sessions = sessions
    self.tokens = tokens
    self.keys = keys
    self.secondFactor = secondFactor
    self.files = files
    self.groups = groups
  }

  /// A membership, with the entries that concern the member.
  package struct Membership: Codable, Hashable, Sendable {
    /// The group.
    package var group: ID
    /// The name of the group; `nil` of one that the user has left, since its members may have changed the name.
    package var name: String?
    /// The member.
    package var member: ID
    /// The name of the member in the group.
    package var memberName: String
    /// The role; of a former member the last one.
    package var role: Member.Role
    /// The weight in a split by shares.
    package var weight: Int64
    /// The IBAN that the group knows.
    package var iban: String?
    /// The instant at which they joined.
    package var joinedAt: Instant
    /// The instant at which they left; `nil` for a present member.
    package var leftAt: Instant?
    /// The names of the members, former ones too, to read the entries; empty in a group that the user has left.
    package var members: [Name]
    /// The names of the categories.
    package var categories: [Name]
    /// The entries in which the member takes part, that they entered or changed, or on which they commented, each with all its
    /// revisions and with the comments of the member alone; empty in a group that the user has left.
    package var entries: [GroupFile.FileEntry]

    package init(
      group: ID, name: String?, member: ID, memberName: String, role: Member.Role, weight: Int64,
      iban: String? = nil, joinedAt: Instant, leftAt: Instant? = nil, members: [Name] = [],
      categories: [Name] = [], entries: [GroupFile.FileEntry] = []
    ) {
      self.group = group
      self.name = name
      self.member = member
      self.memberName = memberName
      self.role = role
      self.weight = weight
      self.iban = iban
      self.joinedAt = joinedAt
      self.leftAt = leftAt
      self.members = members
      self.categories = categories
      self.entries = entries
    }
  }

  /// The name of a member or a category.
  package struct Name: Codable, Hashable, Sendable {
    /// The id by which entries refer to it.
    package var id: ID
    /// The name.
    package var name: String

    package init(id: ID, name: String) {
      self.id = id
      self.name = name
    }
  }
}
