import KittyShared

/// The preview of an import: a list with the members of the file, the balances of both sides, and all that was understood.
struct ImportPreview: Sendable {
  private(set) var report: ImportReport
  /// The member of the user; `nil` in a group that is not made yet.
  private let me: ID?
  /// The reason why the last request failed.
  var error: SafeText = ""
  private(set) var selection = ListSelection<ImportLine>()
  /// The open choice of the member here, shown over the list.
  var choice: ImportedMemberChoice?

  init(_ report: ImportReport, _ data: GroupData?) {
    self.report = report
    me = data?.group.me
    selection.select(.member(0), in: [.member(0)])
  }

  /// Takes another preview of the same file.
  mutating func update(_ report: ImportReport) {
    self.report = report
    error = ""
  }

  /// `true` for the user themselves.
  private func isMe(_ member: ImportReport.Member) -> Bool {
    me.map { member.member == $0 } ?? !member.isNew
  }

  var selectedMember: ImportReport.Member? {
    guard case .member(let index) = selection.selected, report.members.indices.contains(index) else {
      return nil
    }
    return report.members[index]
  }

  // MARK: - Keys

  var bindings: [Binding] {
    if let choice { return choice.bindings }
    var importing = Binding(
      [.character("i"), .control("s")], "i ^S", "import the file", .submit, footer: "import")
    if report.expenses + report.payments == 0 {
      importing.refusal = "The group has all of the file already, or it has no entry that changes a balance."
    }
    return [
      importing,
      Binding(
        [.enter, .right], "Enter →", "say who a member of the file is here", .open,
        footer: selectedMember == nil ? "" : "who is it"),
      Binding([.tab], "Tab", "next part: members, balances, what was left out", .nextPanel, footer: "part"),
      Binding([.backTab], "Shift-Tab", "previous part", .previousPanel),
      Binding(
        [.character("e")], "e", "read the file in another way, or take another file", .edit,
        footer: "other reading"),
    ] + Binding.moving + Binding.leaving.filter { $0.command != .refresh }
  }

  /// Moves the selection.
  /// - Returns: `true` for a command of moving.
  mutating func move(_ command: Command, _ context: Context) -> Bool {
    let lines = rows(Self.room(context)).map(\.line).filter(\.isSelectable)
    selection.update(lines)
    switch command {
    case .nextPanel, .previousPanel:
      let starts = lines.indices.filter { $0 == 0 || lines[$0].part != lines[$0 - 1].part }
      let here = selection.index(in: lines) ?? 0
      let next =
        command == .nextPanel
        ? starts.first { $0 > here } ?? starts.first : starts.last { $0 < here } ?? starts.last
      if let next { selection.select(lines[next], in: lines) }
      return true
    default: return selection.move(command, in: lines, page: max(1, context.rows.count - 1))
    }
  }

  // MARK: - Lines

  /// A line with a text; members and balances are in tables.
  private struct Row {
    let line: ImportLine
    var text: SafeText = ""
    var style = Style.normal
  }

  private static func room(_ context: Context) -> Int {
    max(10, min(ListTable.widest, context.width - 3))
  }

  /// The balances that are not the same there and here, in words.
  var warning: SafeText {
    let rows = report.balances.filter { $0.there != $0.here }
    let place: SafeText = report.showsBalances ? "in the file" : "computed"
    let words = rows.prefix(3).map { row -> SafeText in
      "\(row.name): \(Self.money(row.there, row.currency)) \(place), \(Self.money(row.here, row.currency)) here"
    }
    let more: SafeText = rows.count > 3 ? "; and \(rows.count - 3) more" : ""
    return
      "Balances will differ from those of the file. \(words.joined("; "))\(more). Import it all the same?"
  }

  private static func money(_ amount: Int64, _ currency: Currency) -> SafeText {
    "\(BalanceBars.signed(Amount(amount, currency))) \(currency.code)"
  }

  /// The most lines of a part that is a list of texts. More of them would not be read.
  private static let most = 200

  private func rows(_ width: Int) -> [Row] {
    var rows: [Row] = []
    func say(_ texts: [SafeText], _ part: ImportLine.Part, _ style: Style = .normal) {
      var number = 0
      for text in texts.prefix(Self.most) {
        for line in text.wrapped(to: width) {
          rows.append(Row(line: .words(part, number), text: line, style: style))
          number += 1
        }
      }
      guard texts.count > Self.most else { return }
      rows.append(
        Row(line: .words(part, number), text: "… and \(texts.count - Self.most) more", style: .muted))
    }
    func head(_ part: ImportLine.Part, _ title: SafeText) {
      rows.append(Row(line: .blank(part)))
      rows.append(Row(line: .heading(part), text: title, style: .bold))
    }
    let facts = ["Would import \(report.counts).", report.known, report.lost, report.period].compactMap(
      \.self)
    say([SafeText(facts.joined(separator: " "))], .summary)
    if report.differs {
      say(["Some balances here would differ from those of the file: see below."], .warning, .warning)
    }
    head(.members, "Members of the file")
    rows += report.members.indices.map { Row(line: .member($0)) }
    if !report.members.contains(where: isMe) {
      say(["Are you one of them? Select your name, and press \(key: .open, "Enter")."], .members, .warning)
    }
    if !report.balances.isEmpty {
      // In a table it is the title of the first column.
      head(.balances, width >= Self.tableWidth ? "" : Self.balances)
      if width >= Self.tableWidth {
        rows += report.balances.indices.map { Row(line: .balance($0)) }
      } else {
        say(report.balances.flatMap(lines), .balances)
      }
    }
    if !report.leftOut.isEmpty {
      head(.leftOut, "Left out: \(report.leftOut.count)")
      say(
        report.leftOut.map { "\($0.place) \($0.text.isEmpty ? "" : "\"\($0.text)\"") – \($0.reason)" },
        .leftOut)
    }
    if !report.missing.isEmpty {
      head(.missing, "Imported before, and not in this file: \(report.missing.count)")
      say(report.missing.map { "#\($0.number) \"\($0.text)\" of \($0.date)" }, .missing)
    }
    head(.reading, "How it was read")
    say([report.reading, report.categories].compactMap(\.self).map { SafeText($0) }, .reading)
    say(report.notices.map { SafeText($0) }, .notices)
    return rows
  }

  private static let balances: SafeText = "Balances"
  /// The width from which both balances of a member stand in one line.
  private static let tableWidth = 56

  /// The lines of a balance in a narrow window.
  private func lines(of balance: ImportReport.Balance) -> [SafeText] {
    let difference = report.difference(of: balance)
    return [
      difference.isEmpty ? SafeText(balance.name) : "\(balance.name): \(difference)",
      "\(report.showsBalances ? "file" : "computed" as SafeText) \(Self.money(balance.there, balance.currency))",
      "here \(Self.money(balance.here, balance.currency))",
    ]
  }

  // MARK: - Drawing

  /// - Parameter progress: The words about a request that is under way.
  func view(
    into canvas: inout Canvas, rows room: Range<Int>, _ data: GroupData?, progress: SafeText?,
    _ context: Context
  ) {
    if let choice { return choice.view(into: &canvas, rows: room, context) }
    var first = room.lowerBound
    canvas.placeCursor(row: first, column: 0)
    for line in (progress ?? error).wrapped(to: Self.room(context)) where !line.string.isEmpty {
      canvas.draw(line, row: first, column: 2, style: progress == nil ? .error : .bold)
      first += 1
    }
    let list = first..<max(first, room.upperBound)
    let rows = rows(Self.room(context))
    let lines = rows.map(\.line)
    let selectable = lines.filter(\.isSelectable)
    var selection = selection
    selection.update(selectable)
    if let line = selection.selected { selection.select(line, in: lines) }
    let sheet = sheet(rows, selected: selection.selected, selectable, context)
    canvas.draw(sheet, from: selection.visible(in: lines, height: list.count).lowerBound, rows: list)
  }

  private func sheet(
    _ rows: [Row], selected: ImportLine?, _ selectable: [ImportLine], _ context: Context
  ) -> Canvas {
    var sheet = Canvas(width: context.width, height: rows.count)
    let columns = ListTable.columns(in: context.width)
    func draw(_ table: ListTable, _ part: ImportLine.Part) {
      let places = rows.indices.filter { rows[$0].line.isRow && rows[$0].line.part == part }
      guard let first = places.first else { return }
      if table.firstTitle(in: columns) != nil {
        table.drawTitles(into: &sheet, row: first - 1, columns: columns)
        sheet.style(row: first - 1, from: 2, to: 2 + Self.balances.width, .bold)
      }
      table.draw(into: &sheet, rows: first..<(first + places.count), columns: columns)
    }
    draw(memberTable, .members)
    draw(balanceTable, .balances)
    for (row, found) in rows.enumerated() where !found.line.isRow {
      sheet.draw(found.text, row: row, column: 2, width: columns.upperBound - 2, style: found.style)
    }
    let here = selected.flatMap { selectable.firstIndex(of: $0) }
    for (row, found) in rows.enumerated() {
      if found.line == selected {
        sheet.draw(">", row: row, column: 0, style: .key)
        sheet.style(row: row, from: 0, to: columns.upperBound, .selected)
        sheet.placeCursor(row: row, column: 0)
      }
      guard let here, let place = selectable.firstIndex(of: found.line) else { continue }
      sheet.click(rows: row..<(row + 1), columns: columns, .line(offset: place - here))
    }
    return sheet
  }

  private var memberTable: ListTable {
    ListTable(
      columns: [
        .init(rank: 0, least: 8, most: 34), .init(rank: 2, gap: 1), .init(rank: 1, least: 8, gap: 1),
        .init(rank: 3),
      ],
      rows: report.members.map { member in
        [
          .text(SafeText(member.name)), .text("→"),
          .text(
            isMe(member) ? "\(member.here) (you)" : SafeText(member.here), member.isNew ? .normal : .bold),
          .text(member.isNew ? "new guest" : "", .muted),
        ]
      })
  }

  private var balanceTable: ListTable {
    ListTable(
      columns: [
        .init(title: Self.balances, rank: 0, least: 8, most: 34),
        .init(title: report.showsBalances ? "in the file" : "computed", rank: 1, edge: .right),
        .init(title: "here", rank: 2, edge: .right),
        .init(rank: 3),
      ],
      rows: report.balances.map { row in
        [
          .text(SafeText(row.name)),
          .amount(Amount(row.there, row.currency), isSigned: true, Self.style(row.there)),
          .amount(Amount(row.here, row.currency), isSigned: true, Self.style(row.here)),
          .text(
            SafeText(report.difference(of: row)), report.differs ? .warning : .muted),
        ]
      })
  }

  private static func style(_ amount: Int64) -> Style {
    amount > 0 ? .positive : amount < 0 ? .negative : .muted
  }
}
