import KittyShared

/// An entry in words and columns: its amount, who paid and who bears it, its comments and history. A screen shows it
/// whole, and a wide window beside the list.
struct EntryDetail {
  private let data: GroupData
  private let entry: Entry
  private let details: EntryDetails?
  private let context: Context

  /// - Parameter details: The comments and the history; `nil` while they are not read.
  init(_ entry: Entry, _ details: EntryDetails?, _ data: GroupData, _ context: Context) {
    self.data = data
    self.entry = entry
    self.details = details
    self.context = context
  }

  private enum Piece {
    case line(SafeText, Style)
    case table(ListTable)
  }

  /// Returns all of it, drawn in a width.
  func sheet(width: Int) -> Canvas {
    let pieces = pieces(width: min(width, ListTable.widest))
    var sheet = Canvas(width: width, height: pieces.reduce(0) { $0 + Self.height(of: $1) })
    var row = 0
    for piece in pieces {
      switch piece {
      case .line(let text, let style): sheet.draw(text, row: row, column: 0, style: style)
      case .table(let table):
        // The room for the mark of a selected row is not needed here.
        let columns = -2..<min(width, ListTable.widest / 2)
        table.drawTitles(into: &sheet, row: row, columns: columns)
        table.draw(into: &sheet, rows: (row + 1)..<sheet.height, columns: columns)
      }
      row += Self.height(of: piece)
    }
    return sheet
  }

  private static func height(of piece: Piece) -> Int {
    if case .table(let table) = piece { table.rows.count + 1 } else { 1 }
  }

  private func pieces(width: Int) -> [Piece] {
    var pieces: [Piece] = []
    func add(_ text: SafeText, _ style: Style = .normal, indent: Int = 0) {
      let space = SafeText(String(repeating: " ", count: indent))
      // A continuation line is indented, so that each line is recognisable in a narrow window.
      for (index, line) in text.wrapped(to: max(10, width - 2 * indent)).enumerated() {
        pieces.append(.line((index == 0 ? space : space + space) + line, style))
      }
    }
    add("\(entry.description)", .bold)
    add("\(EntryTable.sum(of: entry)) on \(SafeText(weekdayOf: entry.date, today: context.today))")
    if let rate = entry.rate {
      add("booked as \(SafeText(entry.booked)), at \(Amount.shown(decimal: rate.text))")
    }
    if entry.deletedAt != nil {
      add("Deleted: the balances do not include it. Press \(key: .undo, "u") to restore it.", .error)
    }
    for line in (entry.note ?? "").split(separator: "\n") { add("\(String(line))", .muted) }
    if let category = entry.category { add("Category: \(data.categoryName(category))") }
    if let original = entry.refundOf {
      let number = data.entries.first { $0.id == original }.map { "#\($0.number)" as SafeText }
      add("A refund of \(number ?? "an earlier expense").", .muted)
    }
    if let tags = entry.tags { add(tags.map { "#\($0)" as SafeText }.joined(" "), .muted) }
    if let source = entry.recurring { add("Recurring: number \(source.k + 1) of its rule", .muted) }
    if let receipts = entry.receipts {
      add(
        "\(receipts.count == 1 ? "Receipt" : "Receipts" as SafeText): \(receipts.map { "\($0.name)" as SafeText }.joined(", "))"
      )
    }
    if let from = entry.from, let to = entry.to {
      add(Self.sentence(from, to, "paid", data))
    }
    if let counted = entry.counted, let expected = entry.expected {
      add(
        "Counted \(sum(counted, entry.currency)), by the books \(sum(expected, entry.currency)).")
    }
    if let effect = entry.content.change(of: .member(data.group.me), entry: entry.id), entry.deletedAt == nil
    {
      let amount = Amount(effect, entry.booked.currency)
      add("For you: \(BalanceBars.signed(amount)) \(amount.currency.code)", BalanceBars.style(effect))
    }
    if let people {
      add("")
      pieces.append(.table(people))
    }
    if let split = entry.split, split.method != .equally, split.method != .exact {
      add("Split \(EntryHistory.words(for: split, entry.currency, data))", .muted)
    }
    if let details {
      add("")
      for comment in details.comments {
        add("\(data.name(of: comment.createdBy)), \(context.time(of: comment.createdAt)): \(comment.text)")
      }
      add("History", .muted)
      for part in EntryHistory(details, data, context).parts {
        add(part.heading, .muted)
        for change in part.changes { add(change, .muted, indent: 2) }
      }
    } else if entry.commentCount > 0 {
      add("")
      add(entry.commentCount == 1 ? "1 comment" : "\(entry.commentCount) comments", .muted)
    }
    return pieces
  }

  private func sum(_ minorUnits: Int64, _ currency: Currency) -> SafeText {
    SafeText(Money(amount: minorUnits, currency: currency))
  }

  /// The payments and shares of each person, in the order of the members; the kitty is last.
  private var people: ListTable? {
    let payers = entry.payers ?? [], shares = entry.shares ?? []
    guard !payers.isEmpty || !shares.isEmpty else { return nil }
    var accounts = data.members.map { LedgerAccount.member($0.id) }
    for account in payers.map(\.account) + shares.map({ LedgerAccount.member($0.member) })
    where !accounts.contains(account) {
      accounts.append(account)
    }
    let rows: [[ListTable.Cell]] = accounts.compactMap { account in
      let paid = payers.first { $0.account == account }.flatMap { try? $0.amount.amount(in: entry.currency) }
      let share = shares.first { LedgerAccount.member($0.member) == account }
      guard paid != nil || share != nil else { return nil }
      return [
        .text(data.name(of: account)),
        paid.map { ListTable.Cell.amount($0) } ?? .text(""),
        share.map { ListTable.Cell.amount(Amount($0.amount, entry.booked.currency)) } ?? .text(""),
      ]
    }
    return ListTable(
      columns: [
        .init(rank: 2, least: 6, most: 30),
        .init(title: "paid", rank: 1, edge: .right),
        .init(title: "share", rank: 0, edge: .right),
      ], rows: rows)
  }

  /// Returns a sentence such as `Bob paid you.`
  static func sentence(
    _ from: LedgerAccount, _ to: LedgerAccount, _ verb: SafeText, _ data: GroupData
  ) -> SafeText {
    "\(data.person(from).capitalised) \(verb) \(data.person(to))."
  }
}

extension SafeText {
  /// The text with a capital letter, if it is one of ours that begins a sentence: a name stays as it is.
  var capitalised: SafeText {
    switch self {
    case "you": "You"
    case "the kitty": "The kitty"
    default: self
    }
  }
}
