import KittyShared

/// The result of an effect.
enum Message: Sendable {
  case signedIn(name: String, timeZone: String? = nil)
  /// The account of the session.
  case account(User)
  case signedOut
  case groups([Group])
  /// All groups of the user, archived ones too.
  case places([Group])
  case group(GroupData)
  /// The groups as they were read at a moment before the program was started.
  case cachedGroups(CachedGroups)
  /// A group, likewise. The present one follows.
  case cachedGroup(GroupData, at: Instant)
  case digests([GroupDigest])
  /// The user has seen a group up to a sequence.
  case seen(group: ID, sequence: Int64)
  case entries(group: ID, after: String, [Entry], next: String?)
  case groupChanged(Group)
  case groupDeleted(ID)
  case groupRestored(ID)
  case memberAdded(group: ID, Member)
  case memberChanged(group: ID, Member)
  case memberRemoved
  /// A category was added or changed.
  case categorySaved(group: ID, Category)
  /// All categories that are there, after the standard ones were added.
  case categories(group: ID, [Category])
  case categoryRemoved(group: ID, ID)
  /// The rules for recurring entries.
  case recurring(group: ID, [Recurring])
  case rule(group: ID, RuleDetails)
  /// A page of the days of a rule that have come.
  case days(group: ID, rule: ID, after: String, [Occurrence], next: String?)
  /// A rule was added or changed.
  case recurringSaved(group: ID, Recurring)
  case recurringRemoved(group: ID, ID)
  /// A proposal of a rule was booked or skipped.
  case proposalDone(group: ID, rule: ID, Int64, booked: Int64?)
  /// The latest settling round; `nil` when there was none.
  case round(group: ID, SettlingRound?)
  /// Payments of the round were booked, or it has ended.
  case roundChanged(group: ID)
  case handedOver(group: ID, to: ID)
  case groupLeft(ID)
  case invitation(InviteCode, Invitation)
  case joined(Group)
  case invites(group: ID, [Invite])
  case inviteMade(group: ID, Invite)
  case inviteRevoked(group: ID, ID)
  /// A new or changed entry was saved.
  case entered
  /// That entry. It comes before `entered`.
  case stored(group: ID, Entry)
  /// Several payments were entered. Each one came before, as `stored`; `refused` of them were not owed any more.
  case paid(group: ID, refused: Int)
  case entryRestored(ID)
  case entry(EntryDetails)
  case commented
  case present(Present)
  case debts(group: ID, [Transfer])
  case balances(group: ID, at: Day, [Balance])
  /// A page of a statement, with the effect that loaded it.
  case statement(Effect, Statement)
  /// Statistics, with the effect that loaded them.
  case statistics(Effect, Statistics)
  case kitty(group: ID, Kitty)
  case targetsSet
  case plan(group: ID, SettlementPlan)
  case entryDeleted(ID)
  case photoRemoved(PhotoTarget)
  /// The entries with comments that meet a filter; `nil` when these are too many.
  case commentsSearched(group: ID, CommentQuestion, Set<ID>?)
  case deletedEntries(group: ID, after: String?, [Entry], next: String?)
  case preview(PhotoTarget, Preview?)
  case progress(sent: Int64, total: Int64)
  case uploaded(PhotoTarget, Photo)
  /// The address to which a file can be sent, and the files that there are now.
  case uploadAddress(UploadTarget, UploadAddress, known: [String])
  /// A file has come to the address. The message about it came before.
  case uploadDone(UploadAddress)
  /// No file has come to the address in time.
  case uploadExpired(UploadAddress)
  case receiptAdded(group: ID, entry: ID, Int)
  case receiptRemoved(group: ID, entry: ID, Int)
  /// The preview of a receipt.
  case receipt(entry: ID, Int, Preview)
  case completions([String])
  case exported(path: String, bytes: Int)
  /// There is a file of this name, which the export would replace.
  case fileExists(String)
  case imported(ImportedGroup)
  /// A file can be read, and is an export of KittyCash or of another program.
  case importFound(path: String, isExport: Bool)
  /// The preview of an import.
  case importPreviewed(ImportReport)
  /// A file was imported into a group, or became a new one.
  case fileImported(group: ID, new: Group?, ImportReport)
  /// The imports of a group, the latest first.
  case imports(group: ID, [ImportRecord])
  case importUndone(group: ID, ImportRecord)
  /// The drafts for this server that no other window has open.
  case drafts(DraftFolder.Content)
  case draftKept
  case draftDropped(file: ID)
  /// Something beside the user's work went wrong, such as a file that cannot be written.
  case warning(String)
  case you(AccountMessage)
  /// The id of the requests of an effect, before its failure.
  case sent(Effect, id: String)
  /// The effect failed.
  case failed(Effect, ClientFailure)
  /// A file on this machine cannot be used.
  case refused(String)
}
