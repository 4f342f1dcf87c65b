import KittyShared

/// Something that an update wants done outside: it is a value, and the runner does it.
enum Effect: Hashable, Sendable {
  case signIn(name: String, password: String, code: String? = nil)
  case signUp(name: String, password: String)
  case signOut
  case loadGroups(GroupFilter)
  case loadGroup(ID)
  /// Older entries, from where the ones before ended.
  case loadEntries(group: ID, after: String)
  case createGroup(NewGroup)
  case changeGroup(ID, version: Int64, GroupChange)
  case deleteGroup(ID, force: Bool)
  case restoreGroup(ID)
  case addMember(group: ID, NewMember)
  case changeMember(group: ID, member: ID, version: Int64, MemberChange)
  case removeMember(group: ID, member: ID)
  /// Says what an invite is; nothing happens.
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
  /// Without a currency in the group's; without a cursor from the start.
  case loadStatement(group: ID, account: LedgerAccount, currency: Currency?, cursor: String?)
  case loadKitty(ID)
  case setTargets(group: ID, TargetsChange)
  case loadPreview(PhotoTarget)
  case upload(PhotoTarget, path: String)
  case complete(path: String)
  case cancel
  case quit

  /// Whether it opens a session.
  var isSigningIn: Bool {
    switch self {
    case .signIn, .signUp: true
    default: false
    }
  }

  /// Whether it writes: then it is never repeated by itself.
  var isWrite: Bool {
    switch self {
    case .loadGroups, .loadGroup, .loadEntries, .loadEntry, .loadPlan, .loadDebts, .loadBalances,
      .loadStatement, .loadKitty, .loadPreview, .lookUpInvite, .loadInvites, .complete, .cancel, .quit:
      false
    default: true
    }
  }
}

/// Which of my groups.
enum GroupFilter: Hashable, Sendable, CaseIterable { case inUse, archived, deleted }

/// Whose photo.
enum PhotoTarget: Hashable, Sendable {
  case group(ID)
  case me
}

/// What comes back from outside.
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
  /// Something new, or a change, is in the books.
  case entered
  /// Which entry that is; comes before `entered`.
  case wrote(ID)
  case entryRestored(ID)
  case entry(EntryDetails)
  case commented
  case debts(group: ID, [Transfer])
  case balances(group: ID, at: Day, [Balance])
  /// What the effect asked for.
  case statement(Effect, Statement)
  case kitty(group: ID, Kitty)
  case targetsSet
  case plan(group: ID, SettlementPlan)
  case entryDeleted(ID)
  case preview(PhotoTarget, Preview?)
  case progress(sent: Int64, total: Int64)
  case uploaded(PhotoTarget, Photo)
  case completions([String])
  /// The effect did not come about.
  case failed(Effect, ClientFailure)
  /// A file on this machine cannot be used.
  case refused(String)
}

/// All that an entry's screen shows.
struct EntryDetails: Hashable, Sendable {
  let entry: Entry
  let history: [Revision]
  let comments: [Comment]
}

/// All that a group's screen shows.
struct GroupData: Hashable, Sendable {
  var group: Group
  var members: [Member]
  var balances: [Balance]
  /// Everything that was entered, latest first.
  var entries: [Entry]
  /// Where the entries that were not read begin; `nil` when all were.
  var next: String?

  /// Whether there are more entries than were read.
  var hasMore: Bool { next != nil }

  /// With somebody who was added, or changed, since it was read.
  mutating func take(_ member: Member) {
    members.removeAll { $0.id == member.id }
    members.append(member)
  }

  /// With older entries at the end.
  mutating func append(_ older: [Entry], next: String?) {
    let known = Set(entries.map(\.id))
    entries += older.filter { !known.contains($0.id) }
    self.next = next
  }

  /// Fresh data with the older entries that had been read before. Where the fresh ones no longer join on
  /// to them, or one that was changed may be among them, they are left out, to be read anew.
  func followed(by old: GroupData?, changed: ID?) -> GroupData {
    guard let old, hasMore, let last = entries.last,
      let place = old.entries.firstIndex(where: { $0.id == last.id }), place + 1 < old.entries.count
    else { return self }
    let known = Set(entries.map(\.id))
    guard old.entries[..<place].allSatisfy({ known.contains($0.id) }),
      changed.map({ known.contains($0) }) ?? true
    else { return self }
    var joined = self
    joined.append(Array(old.entries[place...]), next: old.next)
    return joined
  }

  /// What an account is called.
  func name(of account: LedgerAccount) -> SafeText { account.member.map { name(of: $0) } ?? "Kitty" }

  /// The name of a member, who may have left since.
  func name(of member: ID) -> SafeText {
    members.first { $0.id == member }.map { SafeText($0.name) } ?? "(unknown)"
  }

  /// Those who are in the group now.
  var present: [Member] { members.filter { $0.removedAt == nil } }
}
