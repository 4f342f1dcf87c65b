import KittyShared
import TestSupport

@testable import KittyTUI

/// The answers of a server that often fails, without a network.
struct UnreliableServer {
  private var random: Seeded
  private let group = Fixtures.group()
  private var version: Int64 = 1

  init(seed: UInt64) { random = Seeded(seed) }

  /// Returns the message of an effect; `nil` for an effect of the loop.
  mutating func answer(_ effect: Effect) -> Message? {
    switch effect {
    case .cancel, .quit: return nil
    case .signIn, .signUp: return .signedIn(name: "anna")
    case .loadAccount: return .account(Fixtures.account(in: nil))
    default:
      return Int.random(in: 0..<3, using: &random) == 0 ? .failed(effect, failure(effect)) : success(effect)
    }
  }

  private mutating func failure(_ effect: Effect) -> ClientFailure {
    func problem(_ status: Int, _ code: String = "x", after seconds: Int? = nil) -> ClientFailure {
      .problem(Problem(status, code, "t", "A problem.", retryAfter: seconds))
    }
    // A cut connection, half an answer and one that is no JSON are `offline` or `unreadable` for a read, and `uncertain` for
    // a write.
    let reads: [ClientFailure] = [
      problem(500), problem(429), problem(429, after: 60), problem(404), problem(403), problem(400),
      problem(410),
      .offline("HTTP 503."), .offline("No answer in time."),
      .offline("The connection was lost: 18 bytes missing."),
      .unreadable("This is no KittyCash server."), .rejected(.signInNeeded), .rejected(.signInNeeded),
      .cancelled,
    ]
    let field =
      ["amount", "description", "date", "payers", "split.parts[1].amount", "name", "weight", "", "unknown"]
      .randomElement(using: &random) ?? ""
    let writes: [ClientFailure] = [
      .uncertain("No answer in time."), .uncertain("HTTP 500."), .uncertain("The connection was lost."),
      .rejected(.stale), .rejected(.stale), problem(409), problem(409, "changed_meanwhile"), problem(428),
      .rejected(.invalid(field, "too_large", "It is too large.")),
      .rejected(
        .invalid([
          .init(field: field, code: "x", message: "No."), .init(field: "amount", code: "x", message: "No."),
        ])),
      .savedBefore(Fixtures.expenses[0]), .madeBefore("Your first version was saved."),
    ]
    return (effect.isWrite ? reads + writes : reads).randomElement(using: &random) ?? problem(500)
  }

  private mutating func success(_ effect: Effect) -> Message {
    if effect.isWrite { return written(effect) }
    version += 1
    let entry = Fixtures.expenses[0]
    let changed = Entry(
      id: entry.id, number: entry.number, content: entry.content, createdBy: entry.createdBy,
      createdAt: entry.createdAt, changedAt: entry.createdAt, deletedAt: nil, commentCount: 0,
      version: version)
    let details = EntryDetails(entry: changed, history: [], comments: [])
    switch effect {
    case .loadDigests: return .digests([])
    case .noteSeen(let group, let sequence): return .seen(group: group, sequence: sequence)
    case .loadPlaces: return .places([group, Fixtures.group("Boat", number: 91)])
    case .loadGroup: return .group(Fixtures.data)
    case .loadEntries(let group, let after): return .entries(group: group, after: after, [], next: nil)
    case .searchComments(let group, let question):
      return .commentsSearched(group: group, question, [])
    case .loadEntry: return .entry(details)
    case .loadPresent: return .present(Present(data: Fixtures.data, details: details))
    case .loadRound(let group): return .round(group: group, nil)
    case .loadPlan(let group, _, _): return .plan(group: group, SettlementPlan(payments: [], methods: []))
    case .loadDebts(let group): return .debts(group: group, [])
    case .loadBalances(let group, let day): return .balances(group: group, at: day, Fixtures.data.balances)
    case .loadStatement(_, let account, _, _, _): return .statement(effect, Fixtures.statement(of: account))
    case .loadStatistics: return .statistics(effect, Fixtures.statistics)
    case .loadKitty(let group): return .kitty(group: group, Fixtures.kitty)
    case .loadRecurring(let group): return .recurring(group: group, Fixtures.rules)
    case .loadRule(let group, _): return .rule(group: group, Fixtures.ruleDetails)
    case .loadDays(let group, let rule, let after):
      return .days(group: group, rule: rule, after: after, [], next: nil)
    case .loadPreview(let target): return .preview(target, nil)
    case .loadInvites(let group): return .invites(group: group, Fixtures.invites)
    case .lookUpInvite(let code): return .invitation(code, Fixtures.invitation)
    case .complete: return .completions([])
    case .lookAtImport(let path):
      return .importFound(path: path, isExport: Bool.random(using: &random))
    case .loadImports(let group): return .imports(group: group, Fixtures.imports)
    case .loadDeletedEntries(let group, let cursor):
      return .deletedEntries(
        group: group, after: cursor, [Fixtures.deleted(entry)], next: cursor == nil ? "c1" : nil)
    case .export(_, _, let path, let replaces):
      return replaces ? .exported(path: path, bytes: 1) : .fileExists(path)
    case .loadReceipt(_, let entry, let number):
      return .receipt(entry: entry, number, Preview(ppm: Array("P6\n1 1\n255\n".utf8) + [0, 0, 0])!)
    case .saveReceipt(_, _, _, let path, let replaces):
      return replaces ? .exported(path: path, bytes: 1) : .fileExists(path)
    case .you(let effect): return .you(Account.answer(effect))
    default: return .groups([group])
    }
  }

  private func written(_ effect: Effect) -> Message {
    switch effect {
    case .signOut: .signedOut
    case .createGroup(let new): .groupChanged(Fixtures.group(new.name, number: 92))
    case .changeGroup: .groupChanged(group)
    case .deleteGroup(let id, _): .groupDeleted(id)
    case .restoreGroup(let id): .groupRestored(id)
    case .addMember(let group, _): .memberAdded(group: group, Fixtures.members[1])
    case .changeMember(let group, _, _, _): .memberChanged(group: group, Fixtures.members[1])
    case .removeMember: .memberRemoved
    case .addCategory(let group, _), .changeCategory(let group, _, _, _):
      .categorySaved(group: group, Fixtures.categories[0])
    case .makeRecurring(let group, _), .changeRecurring(let group, _, _, _):
      .recurringSaved(group: group, Fixtures.rules[0])
    case .removeRecurring(let group, let rule): .recurringRemoved(group: group, rule)
    case .confirmOccurrence(let group, let rule, let k): .proposalDone(group: group, rule: rule, k, booked: 7)
    case .skipOccurrence(let group, let rule, let k): .proposalDone(group: group, rule: rule, k, booked: nil)
    case .addStandardCategories(let group): .categories(group: group, Fixtures.categories)
    case .removeCategory(let group, let category, _): .categoryRemoved(group: group, category)
    case .beginRound(let group, _): .round(group: group, nil)
    case .bookPayments(let group, _, _), .endRound(let group, _): .roundChanged(group: group)
    case .handOver(let group, let member): .handedOver(group: group, to: member)
    case .leaveGroup(let id): .groupLeft(id)
    case .removePhoto(let target): .photoRemoved(target)
    case .importGroup:
      .imported(
        ImportedGroup(
          group: group, renamed: [.init(member: Fixtures.members[1].id, from: "Bob", to: "Bob 2")]))
    case .previewImport: .importPreviewed(Fixtures.importReport)
    case .importFile(.group(let id), _, _): .fileImported(group: id, new: nil, Fixtures.importReport)
    case .importFile: .fileImported(group: group.id, new: group, Fixtures.importReport)
    case .undoImport(let group, let record, _): .importUndone(group: group, record)
    case .acceptInvite: .joined(group)
    case .createInvite(let group, _): .inviteMade(group: group, Fixtures.invites[0])
    case .revokeInvite(let group, let invite): .inviteRevoked(group: group, invite)
    case .createComment: .commented
    case .deleteEntry(_, let entry): .entryDeleted(entry)
    case .restoreEntry(_, let entry): .entryRestored(entry)
    case .setTargets: .targetsSet
    case .pay(let group, _): .paid(group: group, refused: 0)
    case .upload(let target, _): .uploaded(target, Photo(hash: "a", width: 1, height: 1))
    case .addReceipt(let group, let entry, _): .receiptAdded(group: group, entry: entry.id, 1)
    case .removeReceipt(let group, let entry, let number):
      .receiptRemoved(group: group, entry: entry, number)
    case .you(let effect): .you(Account.answer(effect))
    default: .entered
    }
  }
}
