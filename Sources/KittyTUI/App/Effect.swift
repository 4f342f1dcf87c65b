import KittyShared

/// Work outside of the state, such as a request: a value that `update` returns and `EffectRunner` runs.
enum Effect: Hashable, Sendable {
  case signIn(name: String, password: String, code: String? = nil)
  case signUp(name: String, password: String)
  case signOut
  case loadGroups(GroupFilter)
  case loadGroup(ID)
  /// The next page of older entries.
  case loadEntries(group: ID, after: String)
  case createGroup(NewGroup)
  case changeGroup(ID, version: Int64, GroupChange)
  case deleteGroup(ID, force: Bool)
  case restoreGroup(ID)
  case addMember(group: ID, NewMember)
  case changeMember(group: ID, member: ID, version: Int64, MemberChange)
  case removeMember(group: ID, member: ID)
  /// Reads the details of an invite and changes nothing.
  case lookUpInvite(InviteCode)
  case acceptInvite(InviteCode)
  case loadInvites(ID)
  case createInvite(group: ID, NewInvite)
  case revokeInvite(group: ID, invite: ID)
  case createExpense(group: ID, NewExpense)
  case changeExpense(group: ID, expense: ID, version: Int64, ExpenseChange)
  case createPayment(group: ID, NewPayment)
  case changePayment(group: ID, payment: ID, version: Int64, PaymentChange)
  case createCount(group: ID, NewCount)
  case createComment(group: ID, entry: ID, NewComment)
  case deleteEntry(group: ID, entry: ID)
  case restoreEntry(group: ID, entry: ID)
  case loadEntry(group: ID, entry: ID)
  case loadPlan(group: ID, centre: ID?)
  case loadDebts(ID)
  case loadBalances(ID, at: Day)
  /// Without a currency it is in the group's currency; without a cursor it is the first page.
  case loadStatement(group: ID, account: LedgerAccount, currency: Currency?, cursor: String?)
  case loadKitty(ID)
  case setTargets(group: ID, TargetsChange)
  case loadPreview(PhotoTarget)
  case upload(PhotoTarget, path: String)
  case complete(path: String)
  case cancel
  case quit

  /// `true` when the effect opens a session.
  var isSigningIn: Bool {
    switch self {
    case .signIn, .signUp: true
    default: false
    }
  }

  /// `true` when the effect writes: then it is never repeated automatically.
  var isWrite: Bool {
    switch self {
    case .loadGroups, .loadGroup, .loadEntries, .loadEntry, .loadPlan, .loadDebts, .loadBalances,
      .loadStatement, .loadKitty, .loadPreview, .lookUpInvite, .loadInvites, .complete, .cancel, .quit:
      false
    default: true
    }
  }
}

/// The groups to list.
enum GroupFilter: Hashable, Sendable, CaseIterable { case inUse, archived, deleted }

/// The owner of a photo.
enum PhotoTarget: Hashable, Sendable {
  case group(ID)
  case me
}

/// The result of an effect.
enum Message: Sendable {
  case signedIn(name: String)
  case signedOut
  case groups([Group])
  case group(GroupData)
  case entries(group: ID, after: String, [Entry], next: String?)
  case groupChanged(Group)
  case groupDeleted(ID)
  case groupRestored(ID)
  case memberAdded(group: ID, Member)
  case memberChanged(group: ID, Member)
  case memberRemoved
  case invitation(InviteCode, Invitation)
  case joined(Group)
  case invites(group: ID, [Invite])
  case inviteMade(group: ID, Invite)
  case inviteRevoked(group: ID, ID)
  /// A new or changed entry was saved.
  case entered
  /// The id of that entry. It comes before `entered`.
  case wrote(ID)
  case entryRestored(ID)
  case entry(EntryDetails)
  case commented
  case debts(group: ID, [Transfer])
  case balances(group: ID, at: Day, [Balance])
  /// A page of a statement, with the effect that loaded it.
  case statement(Effect, Statement)
  case kitty(group: ID, Kitty)
  case targetsSet
  case plan(group: ID, SettlementPlan)
  case entryDeleted(ID)
  case preview(PhotoTarget, Preview?)
  case progress(sent: Int64, total: Int64)
  case uploaded(PhotoTarget, Photo)
  case completions([String])
  /// The effect failed.
  case failed(Effect, ClientFailure)
  /// A file on this machine cannot be used.
  case refused(String)
}

/// The data of an entry's screen.
struct EntryDetails: Hashable, Sendable {
  let entry: Entry
  let history: [Revision]
  let comments: [Comment]
}

/// The data of a group's screen.
struct GroupData: Hashable, Sendable {
  var group: Group
  var members: [Member]
  var balances: [Balance]
  /// The loaded entries, latest first.
  var entries: [Entry]
  /// The cursor of the next page of entries; `nil` when all entries are loaded.
  var next: String?

  /// `true` when there are more entries to load.
  var hasMore: Bool { next != nil }

  /// Adds a new member, or replaces a changed one.
  mutating func update(_ member: Member) {
    members.removeAll { $0.id == member.id }
    members.append(member)
  }

  /// Adds older entries at the end.
  mutating func append(_ older: [Entry], next: String?) {
    let ids = Set(entries.map(\.id))
    entries += older.filter { !ids.contains($0.id) }
    self.next = next
  }

  /// Returns the new data with the older entries that were loaded before. The older entries are left out, to be
  /// loaded again, if there is a gap before them or the changed entry may be among them.
  func followed(by old: GroupData?, changed: ID?) -> GroupData {
    guard let old, hasMore, let last = entries.last,
      let index = old.entries.firstIndex(where: { $0.id == last.id }), index + 1 < old.entries.count
    else { return self }
    let ids = Set(entries.map(\.id))
    guard old.entries[..<index].allSatisfy({ ids.contains($0.id) }),
      changed.map({ ids.contains($0) }) ?? true
    else { return self }
    var joined = self
    joined.append(Array(old.entries[index...]), next: old.next)
    return joined
  }

  /// Returns the name of an account.
  func name(of account: LedgerAccount) -> SafeText { account.member.map { name(of: $0) } ?? "Kitty" }

  /// Returns the name of a present or former member.
  func name(of member: ID) -> SafeText {
    members.first { $0.id == member }.map { SafeText($0.name) } ?? "(unknown)"
  }

  /// The present members.
  var present: [Member] { members.filter { $0.removedAt == nil } }
}
