import FoundationEssentials
import KittyShared

/// The entries of a file beside those of a group: which of them are new, and what they come to.
///
/// A content is made when it is looked at and once more when it is written, and only some bytes of each entry are kept between: the
/// memory of an import of hundreds of thousands of entries is about that of its file.
struct ImportMatch: Sendable {
  /// The outcome for an entry of the file.
  enum State: Sendable {
    case new
    /// The group has it.
    case here
    /// No entry comes of it: a payment of a member to the same member.
    case nothing
  }

  /// A change of the kitty.
  struct KittyChange: Sendable {
    let index: Int
    let place: ImportPlace
    let date: Day
    /// Above zero for what is put into the kitty.
    let amount: Amount
    let isPayout: Bool
  }

  let books: ImportedBooks
  private(set) var contents: ImportedContents
  /// The id of each entry of the file.
  let ids: [ID]
  /// The entries that the group has under these ids.
  let known: [ID: ImportStore.Known]
  private(set) var states: [State] = []
  private(set) var leftOut: [ImportReport.LeftOut] = []
  /// The first and the last day; `nil` without an entry.
  private(set) var days: ClosedRange<Day>?
  private(set) var currencies: [Currency: Int] = [:]
  /// The numbers of new entries.
  private(set) var (expenses, payments) = (0, 0)
  /// The changes of the kitty by entries of the file, new ones or not.
  private var kitty: [KittyChange] = []
  /// The payouts that are written after all other entries.
  private var late: [Int] = []
  private var isWrittenLast: Set<Int> = []
  /// The new entries, for twins in the order of their fingerprints: a dictionary of as many would need several times the memory.
  private var waiting: [(fingerprint: ImportedContents.Fingerprint, index: Int)] = []
  /// The number of entries with a fingerprint that were taken, by the place of the first one in `waiting`.
  private var taken: [Int: Int] = [:]
  /// The entries of the group that new ones were taken for: of the same day, text and amounts.
  private(set) var twins: Set<ID> = []
  /// The imports that made entries of the file, each with the number of these entries.
  private(set) var origins: [ID: Int] = [:]
  /// `true` when the group has imports of the same format that are of other books.
  var hasOtherImports = false
  /// The entries that earlier files of the same books had, and this one does not have.
  private(set) var missing: [ImportReport.Missing] = []
  private var (missingCount, laterCount) = (0, 0)
  /// The places of the expenses that refunds in the file refer to, by their ids here.
  private var refunded: [ID: Int] = [:]
  /// The new refunds with their expenses.
  private var refunds: [(index: Int, expense: ID)] = []
  /// The new entries of each day.
  private var dates: [Day: [Int]] = [:]
  /// The number of new entries that name a member or a category.
  private var uses: [ID: Int] = [:]
  private var balances: ImportBalances

  init(
    _ books: ImportedBooks, _ contents: ImportedContents, ids: [ID], known: [ID: ImportStore.Known]
  ) {
    (self.books, self.contents, self.ids, self.known) = (books, contents, ids, known)
    balances = ImportBalances(books, contents)
  }

  /// Makes the content of an entry of the file.
  /// - Throws: `Rejection` with the place in the file.
  func content(at index: Int) throws(Rejection) -> ImportedContents.Planned? {
    var contents = contents
    // All that it has to remember is known.
    (contents.refunded, contents.amountsInstead, contents.cut) = ([], [], [])
    guard let planned = try contents.entry(books.entries[index], id: ids[index]) else { return nil }
    guard let expense = planned.content.refundOf, !isNew(expense) else { return planned }
    return contents.withoutExpense(planned)
  }

  /// Returns `true` for an expense that is imported with its refund.
  private func isNew(_ expense: ID) -> Bool { refunded[expense].map { states[$0] } == .new }

  /// Matches the next entries of the file, in its order.
  /// - Parameter present: The contents of those that the group has.
  mutating func add(_ range: Range<Int>, present: [ID: EntryContent]) throws(Rejection) {
    for index in range { try add(index, present[ids[index]]) }
  }

  private mutating func add(_ index: Int, _ present: EntryContent?) throws(Rejection) {
    let entry = books.entries[index]
    guard let planned = try contents.entry(entry, id: ids[index]) else {
      leaveOut(entry.place, entry.description, "It is a payment of a member to themselves.")
      return states.append(.nothing)
    }
    let content = planned.content
    days =
      days.map { min($0.lowerBound, content.date)...max($0.upperBound, content.date) }
      ?? content.date...content.date
    currencies[content.booked.currency, default: 0] += 1
    if case .kept(_, let own?) = entry.kind, contents.refunded.contains(own) { refunded[planned.id] = index }
    if let origin = known[planned.id]?.origin { origins[origin, default: 0] += 1 }
    guard let known = known[planned.id], let present else {
      balances.add(content, entry: planned.id, in: contents.group)
      count(content, by: 1)
      countKitty(planned, index)
      if let expense = content.refundOf { refunds.append((index, expense)) }
      dates[content.date, default: []].append(index)
      waiting.append((.init(content, group: contents.group, entry: planned.id), index))
      return states.append(.new)
    }
    if known.isDeleted {
      leaveOut(
        planned.place, content.description,
        known.origin == nil
          ? "It is here as #\(known.number), and was deleted."
          : "It was imported as #\(known.number) and deleted here.", known.number)
    } else {
      balances.add(present, entry: planned.id, in: contents.group)
      if !contents.isSameMoney(content, present, entry: planned.id) {
        leaveOut(planned.place, content.description, reason(known.number, content, present), known.number)
      }
    }
    states.append(.here)
  }

  private mutating func leaveOut(
    _ place: ImportPlace, _ text: String, _ reason: String, _ number: Int64? = nil
  ) {
    leftOut.append(.init(place: "\(place)", text: text, reason: reason, number: number))
  }

  /// The reason to leave out an entry whose balances differ here: its amounts, or a member whom the file has by another name.
  private func reason(_ number: Int64, _ content: EntryContent, _ present: EntryContent) -> String {
    let former = contents.members.forFormer
    let (there, here) = (Set(content.accounts), Set(present.accounts.map { former[$0] ?? $0 }))
    let others = here.subtracting(contents.members.all.map(\.id))
    func names(_ ids: Set<ID>, _ name: (ID) -> String?) -> String {
      ids.sorted().map { "\"\((name($0) ?? "\($0)").cut(to: 64))\"" }.listed("and")
    }
    guard !others.isEmpty, !there.isSubset(of: here) else {
      return "It is here as #\(number), with other amounts."
    }
    let names = (
      here: names(others) { contents.namesHere[$0] },
      there: names(there.subtracting(here)) { id in contents.members.all.first { $0.id == id }?.name }
    )
    return
      "It is here as #\(number), with \(names.here) in place of \(names.there). If they are the same, say so with map=."
  }

  private mutating func count(_ content: EntryContent, by step: Int) {
    for id in Set(content.accounts).union(content.categories) { uses[id, default: 0] += step }
    if content.kind.isSpending { expenses += step } else { payments += step }
  }

  private mutating func countKitty(_ planned: ImportedContents.Planned, _ index: Int) {
    let (content, group) = (planned.content, contents.group)
    let currency = content.booked.currency
    let change = -content.postings(group: group, entry: planned.id).net(of: group, in: currency)
    guard change != 0 else { return }
    kitty.append(
      KittyChange(
        index: index, place: planned.place, date: content.date, amount: Amount(change, currency),
        isPayout: content.kind == .payout))
  }

  /// Begins to look for twins.
  mutating func beginTwins() { waiting.sort { ($0.fingerprint, $0.index) < ($1.fingerprint, $1.index) } }

  /// Ends the search for twins: the fingerprints are not needed any more.
  mutating func endTwins() { (waiting, taken) = ([], [:]) }

  /// Leaves out a new entry that is the same as one which the file did not make: of the same day, text and amounts. Two such
  /// entries in the file are two in the group.
  mutating func leaveOutTwin(of entry: ImportStore.Existing) throws(Rejection) {
    let fingerprint = ImportedContents.Fingerprint(entry.content, group: contents.group, entry: entry.id)
    let first = place(of: fingerprint)
    let next = first + taken[first, default: 0]
    guard next < waiting.endIndex, waiting[next].fingerprint == fingerprint else { return }
    taken[first, default: 0] += 1
    let index = waiting[next].index
    states[index] = .here
    twins.insert(entry.id)
    if let origin = entry.origin { origins[origin, default: 0] += 1 }
    guard let planned = try content(at: index) else { return }
    count(planned.content, by: -1)
    guard twins.count <= Self.most else { return }
    leaveOut(
      planned.place, planned.content.description,
      "It is here as #\(entry.number): the same day, text and amounts.", entry.number)
  }

  /// Returns the place of the first entry with a fingerprint in `waiting`, or that of the next one.
  private func place(of fingerprint: ImportedContents.Fingerprint) -> Int {
    var (low, high) = (0, waiting.count)
    while low < high {
      let middle = (low + high) / 2
      if waiting[middle].fingerprint < fingerprint { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The most twins and missing entries that the report lists. More of them would not be read.
  private static let most = 1000

  // MARK: Missing entries

  /// Returns `true` for an entry of the group that the file has.
  func hasEntry(_ id: ID) -> Bool { known[id] != nil || twins.contains(id) }

  /// Adds an entry of an earlier file that this one does not have. Its money counts here. A table may be a part of the books,
  /// and is missing entries of its own days alone; the other files are whole, and older than entries after their last day.
  mutating func addMissing(_ entry: ImportStore.Existing) {
    guard let days, let origin = entry.origin else { return }
    guard entry.content.date <= days.upperBound else { return laterCount += 1 }
    guard contents.format != .csv || entry.content.date >= days.lowerBound else { return }
    balances.add(missing: entry.content, entry: entry.id, in: contents.group)
    missingCount += 1
    guard missing.count < Self.most else { return }
    missing.append(
      .init(
        number: entry.number, date: entry.content.date, text: entry.content.description, import: origin))
  }

  /// Puts the missing entries in their order.
  mutating func endMissing() { missing.sort { $0.number < $1.number } }

  /// Calls `body` with each day of new entries, and the place of one of them.
  func forEachNewDay(_ body: (ImportPlace, Day) throws(Rejection) -> Void) throws(Rejection) {
    for (day, indices) in dates.sorted(by: { ($0.value.first ?? 0) < ($1.value.first ?? 0) }) {
      guard let index = indices.first(where: { states[$0] == .new }) else { continue }
      try body(books.entries[index].place, day)
    }
  }

  /// The differences between new entries and those in the file, in words.
  var notices: [String] {
    var notices: [String] = []
    let changed =
      contents.amountsInstead.isEmpty
      ? 0 : states.indices.count { states[$0] == .new && contents.amountsInstead.contains(ids[$0]) }
    if changed > 0 {
      notices.append(
        "Entries whose shares became amounts, because their split would give other shares here: \(changed).")
    }
    let lost = refunds.count { states[$0.index] == .new && !isNew($0.expense) }
    if lost > 0 {
      notices.append("Refunds that do not name their expense, because it was here before: \(lost).")
    }
    if twins.count > Self.most || missingCount > Self.most {
      notices.append("Of more than \(Self.most) twins or missing entries, the first \(Self.most) are listed.")
    }
    if laterCount > 0 {
      notices.append(
        "Entries of earlier imports after the last day of this file, which are not compared: \(laterCount).")
    }
    if hasOtherImports {
      notices.append(
        "The group has another import of \(contents.format.program), and this file has none of its entries, or few. If it is a later file of the same books, undo that import first."
      )
    }
    return notices
  }

  /// The changes of the kitty by new entries, in the order in which they are written.
  var kittyChanges: [KittyChange] {
    let new = kitty.filter { states[$0.index] == .new }
    return isWrittenByDay ? new.sorted { ($0.date, $0.index) < ($1.date, $1.index) } : new
  }

  /// Has payouts written after all other entries.
  mutating func writeLast(_ payouts: [Int]) { (late, isWrittenLast) = (payouts, Set(payouts)) }

  /// Returns `true` for a payout that is written after all other entries.
  func isLate(_ index: Int) -> Bool { isWrittenLast.contains(index) }

  /// `true` when the entries are written in the order of their days, and those of a day in that of the file: their numbers tell
  /// the order of days, and an index by days grows at its end. A file of KittyCash keeps its order.
  private var isWrittenByDay: Bool { !books.isOwn }

  /// The positions of the new entries, in the order in which they are written.
  var new: some Sequence<Int> {
    let all =
      isWrittenByDay
      ? AnySequence(dates.sorted { $0.key < $1.key }.lazy.flatMap(\.value)) : AnySequence(states.indices)
    let first = all.lazy.filter { [states, isWrittenLast] in
      states[$0] == .new && !isWrittenLast.contains($0)
    }
    return [AnySequence(first), AnySequence(late)].joined()
  }

  /// Returns `true` when a new entry names a member or a category.
  func isUsed(_ id: ID) -> Bool { uses[id, default: 0] > 0 }

  /// The balances in the file beside those of the same entries here, and `true` when they differ by more than rounding does.
  var comparison: (rows: [ImportReport.Balance], differs: Bool) { balances.comparison }

  /// `true` when the file shows balances.
  var showsBalances: Bool { balances.areShown }
}

extension EntryContent {
  /// The members that the content names as payers, participants, sender or receiver.
  fileprivate var accounts: [ID] {
    let payers = (payers ?? []).compactMap(\.account.member)
    let shares = (shares ?? []).map(\.member)
    return payers + shares + (split?.parts ?? []).map(\.member)
      + [from?.member, to?.member].compactMap(\.self)
  }
}
