import KittyShared

extension Effect {
  /// The work of the effect: one switch without a default, so that the compiler finds an effect without a call.
  var call: EffectCall {
    switch self {
    case .signIn(let name, let password, let code): .signIn(name, password, code)
    case .signUp(let name, let password, let invite, let displayName, let email):
      .signUp(
        NewUser(name: name, password: password, displayName: displayName, invite: invite), email: email)
    case .signOut: .signOut
    case .loadAccount: .loadAccount
    case .loadGroups(let filter): .loadGroups(filter)
    case .loadPlaces: .loadPlaces
    case .loadGroup(let id): .loadGroup(id)
    case .loadDigests(let groups, let month): .loadDigests(groups, month)
    case .noteSeen(let group, let sequence): .noteSeen(group, sequence)
    case .createGroup(let group): .createGroup(group)
    case .changeGroup(let id, let version, let change): .changeGroup(id, version, change)
    case .deleteGroup(let id, let force): .deleteGroup(id, force)
    case .restoreGroup(let id): .restoreGroup(id)
    case .addMember(let group, let member): .addMember(group, member)
    case .changeMember(let group, let member, let version, let change):
      .changeMember(group, member, version, change)
    case .removeMember(let group, let member, let force): .removeMember(group, member, force)
    case .addCategory(let group, let category): .addCategory(group, category)
    case .addStandardCategories(let group): .addStandardCategories(group)
    case .changeCategory(let group, let category, let version, let change):
      .changeCategory(group, category, version, change)
    case .loadRecurring(let group): .loadRecurring(group)
    case .loadRule(let group, let rule): .loadRule(group, rule)
    case .loadDays(let group, let rule, let cursor): .loadDays(group, rule, cursor)
    case .makeRecurring(let group, let rule): .makeRecurring(group, rule)
    case .changeRecurring(let group, let rule, let version, let change):
      .changeRecurring(group, rule, version, change)
    case .removeRecurring(let group, let rule): .removeRecurring(group, rule)
    case .confirmOccurrence(let group, let rule, let k): .confirmOccurrence(group, rule, k)
    case .skipOccurrence(let group, let rule, let k): .skipOccurrence(group, rule, k)
    case .removeCategory(let group, let category, let into): .removeCategory(group, category, into)
    case .handOver(let group, let member): .handOver(group, member)
    case .leaveGroup(let id): .leaveGroup(id)
    case .lookUpInvite(let code): .lookUpInvite(code)
    case .acceptInvite(let code): .acceptInvite(code)
    case .loadInvites(let group): .loadInvites(group)
    case .createInvite(let group, let invite): .createInvite(group, invite)
    case .revokeInvite(let group, let invite): .revokeInvite(group, invite)
    case .loadEntries(let group, let cursor): .loadEntries(group, cursor)
    case .searchComments(let group, let question): .searchComments(group, question)
    case .loadEntry(let group, let entry): .loadEntry(group, entry)
    case .createExpense(let group, let expense): .createExpense(group, expense)
    case .changeExpense(let group, let expense, let version, let change):
      .changeExpense(group, expense, version, change)
    case .createPayment(let group, let payment): .createPayment(group, payment)
    case .changePayment(let group, let payment, let version, let change):
      .changePayment(group, payment, version, change)
    case .pay(let group, let payments): .pay(group, payments)
    case .createCount(let group, let count): .createCount(group, count)
    case .createComment(let group, let entry, let comment): .createComment(group, entry, comment)
    case .deleteEntry(let group, let entry): .deleteEntry(group, entry)
    case .restoreEntry(let group, let entry): .restoreEntry(group, entry)
    case .loadPresent(let group, let entry): .loadPresent(group, entry)
    case .loadPlan(let group, let centre, let keep): .loadPlan(group, centre, keep)
    case .loadRound(let group): .loadRound(group)
    case .beginRound(let group, let round): .beginRound(group, round)
    case .bookPayments(let group, let round, let numbers): .bookPayments(group, round, numbers)
    case .endRound(let group, let round): .endRound(group, round)
    case .loadDebts(let group): .loadDebts(group)
    case .loadBalances(let group, let day): .loadBalances(group, day)
    case .loadStatement(let group, let account, let currency, let cursor, let period):
      .loadStatement(group, account, currency, cursor, period)
    case .loadStatistics(let group, let by, let period): .loadStatistics(group, by, period)
    case .loadKitty(let group): .loadKitty(group)
    case .setTargets(let group, let change): .setTargets(group, change)
    case .loadDeletedEntries(let group, let cursor): .loadDeletedEntries(group, cursor)
    case .loadPreview(let target): .loadPreview(target)
    case .removePhoto(let target): .removePhoto(target)
    case .upload(let target, let path): .upload(target, path)
    case .createUpload(let target): .createUpload(target)
    case .awaitUpload(let target, let known, let address): .awaitUpload(target, known, address)
    case .addReceipt(let group, let entry, let path): .addReceipt(entry, in: group, path)
    case .removeReceipt(let group, let entry, let number): .removeReceipt(number, of: entry, in: group)
    case .loadReceipt(let group, let entry, let number): .loadReceipt(number, of: entry, in: group)
    case .saveReceipt(let group, let entry, let number, let path, let replaces):
      .saveReceipt(number, of: entry, in: group, path, replaces)
    case .complete(let path, let kind): .complete(path, kind)
    case .export(let group, let format, let path, let replaces): .export(group, format, path, replaces)
    case .keepDraft: .keepDraft
    case .dropDraft(let file): .dropDraft(file)
    case .loadDrafts: .loadDrafts
    case .importGroup(let path, let id, let key): .importGroup(path, id, key)
    case .lookAtImport(let path): .lookAtImport(path)
    case .previewImport(let target, let path, let wishes): .previewImport(target, path, wishes)
    case .importFile(let target, let path, let wishes): .importFile(target, path, wishes)
    case .loadImports(let group): .loadImports(group)
    case .undoImport(let group, let record, let force): .undoImport(record, in: group, force)
    case .you(let effect): effect.call
    // For the loop.
    case .copy, .cancel, .quit: .nothing
    }
  }
}
