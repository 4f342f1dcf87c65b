import KittyShared
import Sodium

/// Makes the contents of entries from those of a file, with the rules that every entry has to pass.
struct ImportedContents: Sendable {
  let group: ID
  let currency: Currency
  let members: ImportedMembers
  /// The names of all members of the group, former ones too.
  var namesHere: [ID: String] = [:]
  /// The categories by the key of their names.
  let categories: [String: ID]
  /// The categories by their ids in a file of KittyCash.
  var keptCategories: [ID: ID] = [:]
  /// The ids of the expenses in a file of KittyCash that it refunds.
  var refunded: Set<ID> = []
  /// Those of them so far, by their ids in the file.
  var keptEntries: [ID: KeptExpense] = [:]
  /// The entries of a file of KittyCash whose split became amounts.
  var amountsInstead: Set<ID> = []

  /// An expense in a file of KittyCash that it refunds.
  struct KeptExpense: Sendable {
    /// The id here.
    let id: ID
    let content: EntryContent
    let place: ImportPlace
  }

  /// The members by their ids in a file of KittyCash.
  let memberIDs: [ID: ID]
  /// The names of the members in the file by the same ids.
  let memberNames: [ID: String]
  let people: Participants
  private let today: Day
  let format: ImportFormat
  /// The places whose note or description did not fit.
  var cut: [ImportPlace] = []

  /// An entry to be written.
  struct Planned: Sendable {
    let place: ImportPlace
    let id: ID
    let content: EntryContent
  }

  init(
    group: ID, currency: Currency, format: ImportFormat, members: ImportedMembers, categories: [String: ID],
    today: Day
  ) {
    self.group = group
    self.currency = currency
    self.format = format
    self.members = members
    self.categories = categories
    self.today = today
    people = members.participants
    let named = members.all.compactMap { match in match.inFile.map { (file: $0, match: match) } }
    memberIDs = Dictionary(named.map { ($0.file, $0.match.id) }, uniquingKeysWith: { first, _ in first })
    memberNames = Dictionary(named.map { ($0.file, $0.match.name) }, uniquingKeysWith: { first, _ in first })
  }

  /// Returns the entry that one of the file becomes; `nil` for a payment of a member to the same member.
  /// - Throws: `Rejection` with the place in the file.
  mutating func entry(_ entry: ImportedEntry, id: ID) throws(Rejection) -> Planned? {
    do throws(Rejection) {
      guard let content = try content(of: entry, id) else { return nil }
      return Planned(place: entry.place, id: id, content: content)
    } catch {
      guard let errors = error.errors else { throw error }
      throw .invalid(
        errors.map {
          FieldError(field: "\(entry.place)", code: $0.code, message: "\($0.field): \($0.message)")
        })
    }
  }

  /// Returns the ids of entries. They follow from the entries in the file, so that the same file gives the same ids.
  func ids(of entries: ImportedEntries) -> [ID] {
    // Twins in a file are two entries. Entries are told apart by half of a hash of their facts, which is shorter than these.
    var twins: [SHA256.Half: Int] = [:]
    return entries.map { entry in
      if case .kept(_, let own?) = entry.kind { return own }
      let facts = entry.key ?? facts(of: entry)
      let key = SHA256.Half(of: facts)
      let count = twins[key, default: 0]
      twins[key] = count + 1
      // With the day, entries that are written one after the other are beside each other in the indexes. One with a key is the
      // same when its day was changed.
      return ID(
        of: group, number: Int64(bitPattern: SHA256.Half(of: "\(format.rawValue)|\(facts)|\(count)").first),
        on: entry.key == nil ? entry.date : nil)
    }
  }

  /// Returns the facts of an entry whose file has no ids. They are the same in every later version of this program.
  private func facts(of entry: ImportedEntry) -> String {
    func parts(_ parts: [(Int, Int64)]) -> String {
      parts.map { "\(members.all[$0.0].name)=\($0.1)" }.joined(separator: ",")
    }
    let kind =
      switch entry.kind {
      case .payment(let from, let to): "payment \(members.all[from].name)>\(members.all[to].name)"
      case .expense(let payers, .equally(let list)):
        "\(parts(payers.map { ($0.member, $0.amount) }))/\(list.map { members.all[$0].name }.joined(separator: ","))"
      case .expense(let payers, .shares(let list)):
        "\(parts(payers.map { ($0.member, $0.amount) }))/shares \(parts(list.map { ($0.member, $0.weight) }))"
      case .expense(let payers, .exact(let list)):
        "\(parts(payers.map { ($0.member, $0.amount) }))/exact \(parts(list.map { ($0.member, $0.amount) }))"
      case .kept(let content, _): facts(of: content)
      }
    let amount = "\(entry.amount.minorUnits) \(entry.amount.currency.code)"
    return [entry.date.description, amount, entry.description, kind, entry.note ?? ""].joined(separator: "|")
  }

  private func facts(of content: EntryContent) -> String {
    func name(_ account: LedgerAccount) -> String {
      account.member.map { memberNames[$0] ?? "\($0)" } ?? "kitty"
    }
    let accounts = [content.from, content.to].compactMap(\.self).map(name)
    let payers = (content.payers ?? []).map { "\(name($0.account))=\($0.amount.units)" }
    let shares = (content.shares ?? []).map { "\(name(.member($0.member)))=\($0.amount)" }
    return
      "\(content.kind.rawValue) \((accounts + payers).joined(separator: ","))/\(shares.joined(separator: ","))"
  }

  private mutating func content(of entry: ImportedEntry, _ id: ID) throws(Rejection) -> EntryContent? {
    if case .kept(let content, let own) = entry.kind { return try kept(content, as: own, of: entry, to: id) }
    var (description, note) = texts(of: entry)
    let category = entry.category.flatMap { categories[$0.nameKey] }
    switch entry.kind {
    case .kept: return nil
    case .payment(let from, let to):
      let (from, to) = (members.all[from].id, members.all[to].id)
      guard from != to else { return nil }
      let payment = NewPayment(
        id: id, from: .member(from), to: .member(to), amount: .minorUnits(entry.amount.minorUnits),
        currency: entry.amount.currency, date: entry.date, description: description, note: note)
      return try Ledger.content(for: try payment.checked(), currency: currency, people: people, today: today)
    case .expense(let payers, let split):
      func content(_ split: SplitRule, _ payers: [Payer], _ amount: Amount, _ rate: Rate? = nil)
        throws(Rejection) -> EntryContent
      {
        let expense = NewExpense(
          id: id, description: description, amount: .minorUnits(amount.minorUnits), currency: amount.currency,
          rate: rate, date: entry.date, note: note, category: category, payers: payers, split: split)
        return try Ledger.content(
          for: try expense.checked(), seed: id, currency: currency, people: people, today: today)
      }
      let booked = try exactly(split, entry.amount) { split throws(Rejection) in
        try content(split, self.payers(payers), entry.amount)
      }
      guard let original = entry.original else { return booked }
      if entry.amount.currency == currency, payers.count == 1, let payer = payers.first {
        // With its rate, if the shares stay the same.
        let whole = [
          Payer(.member(members.all[payer.member].id), amount: .minorUnits(original.amount.minorUnits))
        ]
        let foreign = try? exactly(original.split ?? split, original.amount) { split throws(Rejection) in
          try content(split, whole, original.amount, original.rate)
        }
        if let foreign, foreign.booked == booked.booked, foreign.shares == booked.shares { return foreign }
      }
      note = [note, "\(original.amount) at \(original.rate.text)"].compactMap(\.self).joined(separator: "\n")
      return try content(booked.split ?? SplitRule(.equally), self.payers(payers), entry.amount)
    }
  }

  /// Returns the content with a split of a file: shares that an equal split gives as well are an equal split here, which is
  /// easier to change later.
  private func exactly(
    _ split: ImportedEntry.Split, _ amount: Amount, _ content: (SplitRule) throws(Rejection) -> EntryContent
  ) throws(Rejection) -> EntryContent {
    switch split {
    case .equally(let list):
      let counts = sums(list.map { ($0, 1) })
      guard counts.contains(where: { $0.sum > 1 }) else { return try content(.equally(counts.map(\.id))) }
      // Two members of the file who are one here have two shares.
      return try content(SplitRule(.shares, parts: counts.map { .init($0.id, weight: $0.sum) }))
    case .shares(let weights):
      return try content(
        SplitRule(.shares, parts: sums(weights.map { ($0.member, $0.weight) }).map { .init($0, weight: $1) }))
    case .exact(let parts):
      let sums = sums(parts.map { ($0.member, $0.amount) }).filter { $0.sum != 0 }
      let exact = SplitRule(.exact, parts: sums.map { .init($0.id, amount: .minorUnits($0.sum)) })
      let wanted = try content(exact)
      let values = sums.map(\.sum)
      guard let least = values.min(), let most = values.max(), most - least <= 1 else { return wanted }
      let equal = try content(.equally(sums.map(\.id)))
      return equal.shares == wanted.shares ? equal : wanted
    }
  }

  private func payers(_ parts: [ImportedEntry.Part]) -> [Payer] {
    sums(parts.map { ($0.member, $0.amount) }).filter { $0.sum != 0 }.map {
      Payer(.member($0.id), amount: .minorUnits($0.sum))
    }
  }

  /// Returns a value for each member here: two members of the file may be one.
  private func sums(_ values: [(member: Int, value: Int64)]) -> [(id: ID, sum: Int64)] {
    var sums: [ID: Int64] = [:]
    for (member, value) in values { sums[members.all[member].id, default: 0] += value }
    return sums.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Returns the texts as an entry can have them. A description that is too long stands in the note as a whole.
  private mutating func texts(of entry: ImportedEntry) -> (description: String, note: String?) {
    func plain(_ text: String, lines: Bool) -> String {
      text.withPlainLines.composed.replacingScalars { scalar in
        scalar == "\n" && lines ? nil : scalar.isInvisibleControl ? " " : nil
      }.trimmed
    }
    let text = plain(entry.description, lines: false)
    let words = text.isEmpty ? entry.category.map { plain($0, lines: false) } ?? "" : text
    let description = words.isEmpty ? "Imported" : words
    var note = plain(entry.note ?? "", lines: true)
    let isLong = description.unicodeScalars.count > 200
    if isLong { note = note.isEmpty ? description : "\(description)\n\(note)" }
    if note.unicodeScalars.count > Self.maxNote {
      cut.append(entry.place)
      note = note.cut(to: Self.maxNote)
    }
    return (isLong ? description.cut(to: 199).trimmed + "…" : description, note.isEmpty ? nil : note)
  }

  /// The longest note of an entry, with room for an amount in another currency.
  private static let maxNote = 1900
}

extension ImportedContents {
  /// The facts by which an entry of the group is recognized in a file: the day, the text and the change of each balance. It is 128
  /// bits of a hash that differs in each process, so that no file can be made whose entries are taken for others.
  struct Fingerprint: Comparable {
    private let first: Int
    private let second: Int

    init(_ content: EntryContent, group: ID, entry: ID) {
      let nets = content.nets(group: group, entry: entry)
      let text = content.description.folded
      func hash(_ number: Int) -> Int {
        var hasher = Hasher()
        hasher.combine(number)
        hasher.combine(content.date)
        hasher.combine(text)
        hasher.combine(content.booked.currency)
        hasher.combine(nets)
        return hasher.finalize()
      }
      (first, second) = (hash(1), hash(2))
    }

    static func < (one: Self, other: Self) -> Bool { (one.first, one.second) < (other.first, other.second) }
  }

  /// Returns `true` when two contents of an entry change the same balances by the same amounts.
  /// - Parameter present: The content in the group, which may name former members.
  func isSameMoney(_ content: EntryContent, _ present: EntryContent, entry: ID) -> Bool {
    let former = members.forFormer
    return content.booked.currency == present.booked.currency
      && content.nets(group: group, entry: entry)
        == present.nets(group: group, entry: entry, members: former)
  }
}

extension EntryContent {
  /// The change of each balance, without those that stay.
  /// - Parameter members: The members who stand here for former ones.
  fileprivate func nets(group: ID, entry: ID, members: [ID: ID] = [:]) -> [ID: Int64] {
    var nets: [ID: Int64] = [:]
    for posting in postings(group: group, entry: entry) {
      nets[members[posting.account] ?? posting.account, default: 0] &+= posting.amount.minorUnits
    }
    return nets.filter { $0.value != 0 }
  }
}

extension SHA256 {
  /// The first half of a hash.
  struct Half: Hashable {
    let first: UInt64
    let second: UInt64

    init(of text: String) {
      var hash = SHA256()
      hash.update(Array(text.utf8))
      let bytes = hash.finish()
      first = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
      second = bytes.dropFirst(8).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
  }
}
