import KittyShared

/// Work outside of the state, such as a request: a value that `update` returns and `EffectRunner` runs.
enum Effect: Hashable, Sendable {
  case signIn(name: String, password: String, code: String? = nil)
  case signUp(
    name: String, password: String, invite: String? = nil, displayName: String? = nil, email: String? = nil)
  case signOut
  case loadAccount
  case loadGroups(GroupFilter)
  /// Reads all groups of the user, archived ones too, for the palette.
  case loadPlaces
  case loadGroup(ID)
  /// Reads what the list shows of these groups besides the groups themselves. `month` is the first day of a month.
  case loadDigests([Group], month: Day)
  /// Notes that the user has seen a group up to a sequence.
  case noteSeen(group: ID, sequence: Int64)
  /// The next page of older entries.
  case loadEntries(group: ID, after: String)
  /// Asks for the entries with comments that meet a filter.
  case searchComments(group: ID, CommentQuestion)
  case createGroup(NewGroup)
  case changeGroup(ID, version: Int64, GroupChange)
  case deleteGroup(ID, force: Bool)
  case restoreGroup(ID)
  case addMember(group: ID, NewMember)
  case changeMember(group: ID, member: ID, version: Int64, MemberChange)
  /// `force` removes a member whose balance is not zero; it stays in the books.
  case removeMember(group: ID, member: ID, force: Bool = false)
  case addCategory(group: ID, NewCategory)
  case addStandardCategories(ID)
  case changeCategory(group: ID, category: ID, version: Int64, CategoryChange)
  /// `into` is the category that the entries of a removed one get, or `none`; `nil` removes only one without entries.
  case removeCategory(group: ID, category: ID, into: String? = nil)
  case loadRecurring(ID)
  /// Reads one rule, its next entries, and its latest days.
  case loadRule(group: ID, rule: ID)
  /// Reads the days of a rule that come after those of a page.
  case loadDays(group: ID, rule: ID, after: String)
  case makeRecurring(group: ID, NewRecurring)
  case changeRecurring(group: ID, rule: ID, version: Int64, RecurringChange)
  case removeRecurring(group: ID, rule: ID)
  case confirmOccurrence(group: ID, rule: ID, Int64)
  case skipOccurrence(group: ID, rule: ID, Int64)
  case handOver(group: ID, to: ID)
  case leaveGroup(ID)
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
  /// Enters several payments, one after the other.
  case pay(group: ID, [NewPayment])
  case createCount(group: ID, NewCount)
  case createComment(group: ID, entry: ID, NewComment)
  case deleteEntry(group: ID, entry: ID)
  case restoreEntry(group: ID, entry: ID)
  case loadEntry(group: ID, entry: ID)
  /// Reads what another user changed meanwhile: the group and its members, or one of its entries.
  case loadPresent(group: ID, entry: ID?)
  /// `keep` is the rule that divides a kept kitty; `nil` pays it out.
  case loadPlan(group: ID, centre: LedgerAccount?, keep: SettlementPlan.Rule? = nil)
  /// Reads the latest settling round.
  case loadRound(ID)
  case beginRound(group: ID, NewSettlingRound)
  /// Books payments of a round, one after the other.
  case bookPayments(group: ID, round: ID, [Int])
  case endRound(group: ID, round: ID)
  case loadDebts(ID)
  case loadBalances(ID, at: Day)
  /// Without a currency it is in the group's currency; without a cursor it is the first page.
  case loadStatement(
    group: ID, account: LedgerAccount, currency: Currency?, cursor: String?, period: Period = .all)
  case loadStatistics(group: ID, by: Statistics.Dimension, period: Period = .all)
  case loadKitty(ID)
  case setTargets(group: ID, TargetsChange)
  /// A page of all entries, of which the deleted ones are kept; without a cursor the first one.
  case loadDeletedEntries(group: ID, after: String?)
  case loadPreview(PhotoTarget)
  case removePhoto(PhotoTarget)
  case upload(PhotoTarget, path: String)
  /// Makes an address to which a photo or a receipt can be sent from another machine.
  case createUpload(UploadTarget)
  /// Waits until there is another file than those of `known` which came to the address, or the address has expired.
  case awaitUpload(UploadTarget, known: [String], at: UploadAddress)
  /// Sends a file as the next receipt of an entry.
  case addReceipt(group: ID, Entry, path: String)
  case removeReceipt(group: ID, entry: ID, Int)
  /// Reads the preview of a receipt that is a picture.
  case loadReceipt(group: ID, entry: ID, Int)
  /// `replaces` is the user's answer that another file of this name may go.
  case saveReceipt(group: ID, entry: ID, Int, path: String, replaces: Bool)
  case complete(path: String, of: FileKind = .picture)
  /// `replaces` is the user's answer that another file of this name may go.
  case export(group: ID, ExportFormat, path: String, replaces: Bool)
  /// Writes the unsaved text of a form to its file.
  case keepDraft(file: ID, Draft)
  case dropDraft(file: ID)
  case loadDrafts
  /// Copies a text to the clipboard of the terminal. `Action.copy` says so too.
  case copy(String)
  /// Creates a group from a file. The key makes a retry of the import safe, as the id does for the group.
  case importGroup(path: String, id: ID, key: ID)
  /// Looks at a file, which is an export of KittyCash or of another program.
  case lookAtImport(path: String)
  /// Tells what an import would do.
  case previewImport(ImportTarget, path: String, ImportWishes)
  case importFile(ImportTarget, path: String, ImportWishes)
  /// Reads the imports that can be undone.
  case loadImports(ID)
  /// `force` deletes entries that were changed since, with their history.
  case undoImport(group: ID, ImportRecord, force: Bool)
  case you(AccountEffect)
  case cancel
  case quit

  /// `true` for what the loop does at once, without a call.
  var isForLoop: Bool {
    switch self {
    case .copy, .cancel, .quit: true
    default: false
    }
  }

  /// `true` when the effect opens a session.
  var isSigningIn: Bool {
    switch self {
    case .signIn, .signUp: true
    default: false
    }
  }

  /// `true` for a read whose screen shows the server's refusal itself.
  var failsOnItsScreen: Bool {
    switch self {
    case .loadDigests, .lookUpInvite, .loadInvites, .loadBalances, .loadPresent, .export, .loadReceipt,
      .searchComments,
      .saveReceipt, .you(.loadToken):
      true
    default: false
    }
  }

  /// `true` when the effect writes: then it is never repeated automatically.
  var isWrite: Bool { call.isWrite }
}

/// The group of an import.
enum ImportTarget: Hashable, Sendable {
  case group(ID)
  /// One that is made for the file, or for its preview.
  case new(NewGroup)
}

/// The groups to list.
enum GroupFilter: Hashable, Sendable, CaseIterable { case inUse, archived, deleted }

/// The use of a file that is sent from another machine.
enum UploadTarget: Hashable, Sendable {
  case photo(PhotoTarget)
  /// The next receipt of an entry.
  case receipt(group: ID, entry: ID)
}

/// The owner of a photo.
enum PhotoTarget: Hashable, Sendable {
  case group(ID)
  case me
  case member(group: ID, ID)
}
