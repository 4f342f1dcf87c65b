import KittyShared

extension GroupsScreen {
  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let items = shown
    guard let groups else {
      canvas.draw("Loading your groups…", row: rows.lowerBound, column: 2, style: .muted)
      canvas.placeCursor(row: rows.lowerBound, column: 0)
      return
    }
    if items.isEmpty {
      let words: SafeText =
        groups.isEmpty
        ? Self.emptyWords(groupFilter)
        : "No group name contains this text. Press \(key: .back, "Esc") to show all."
      let first = listRows(rows, context).lowerBound + 1
      for (index, line) in words.wrapped(to: context.width - 4).enumerated() {
        canvas.draw(line, row: first + index, column: 2)
      }
      canvas.placeCursor(row: first, column: 0)
    }
    let columns = ListTable.columns(in: context.width)
    let list = listRows(rows, context)
    let index = selection.index(in: items.map(\.id))
    let visible = selection.visible(in: items.map(\.id), height: list.count)
    table(items[visible]).draw(
      into: &canvas, rows: list, columns: columns, selected: index.map { $0 - visible.lowerBound })
    let place: SafeText = index.map { "\($0 + 1) of \(items.count)" } ?? ""
    if let month = shownMonth(rows, context) {
      month.draw(into: &canvas, row: rows.upperBound - 1, columns: columns, position: place)
    } else {
      canvas.draw(place, row: rows.upperBound - 1, endingAt: columns.upperBound, style: .muted)
    }
    totals.draw(into: &canvas, rows: totalRows(rows), columns: columns)
    // The field of the filter has the cursor, so it is drawn last.
    guard isFiltering || !filter.text.isEmpty else { return }
    let layout = Row(
      left: [.whole("/", rank: 0, .key), .cut("", rank: 1, least: 8, column: 64)],
      right: [.whole("\(items.count) of \(groups.count)", rank: 2, .muted)]
    ).draw(into: &canvas, row: list.lowerBound - 1, columns: columns)
    if let field = layout.left[1] {
      filter.view(
        into: &canvas, row: list.lowerBound - 1, column: field.lowerBound, width: field.count,
        isActive: isFiltering)
    }
  }

  /// The rows of the groups: between the totals, the filter, and the position.
  func listRows(_ rows: Range<Int>, _ context: Context) -> Range<Int> {
    let first = totalRows(rows).upperBound + (isFiltering || !filter.text.isEmpty ? 1 : 0)
    // The month has a free row above it.
    return first..<max(first, rows.upperBound - (shownMonth(rows, context) == nil ? 1 : 2))
  }

  /// The rows of the totals, with the free row below them. A small window has none.
  private func totalRows(_ rows: Range<Int>) -> Range<Int> {
    guard groupFilter == .inUse, let groups, !groups.isEmpty else { return rows.lowerBound..<rows.lowerBound }
    return rows.lowerBound..<(rows.lowerBound + totals.height(in: rows.count))
  }

  /// The month, where there is room for it.
  private func shownMonth(_ rows: Range<Int>, _ context: Context) -> MonthLine? {
    groupFilter == .inUse && rows.count >= 12 && context.width >= 40 ? month : nil
  }

  /// The number of groups that are read at a time: the others wait for the next refresh.
  private static let digestsAtOnce = 3

  /// Returns the effect that reads some of the groups that were changed since they were read.
  func digestsToRead(_ today: Day) -> [Action] {
    guard groupFilter == .inUse else { return [] }
    let month = MonthLine.first(of: today)
    let changed = (groups ?? []).filter { group in
      guard group.sequence > 0 else { return false }
      guard let digest = digests[group.id] else { return true }
      return digest.sequence != group.sequence || digest.month != month
    }
    return changed.isEmpty
      ? [] : [.run(.loadDigests(Array(changed.prefix(Self.digestsAtOnce)), month: month))]
  }

  private static func emptyWords(_ groupFilter: GroupFilter) -> SafeText {
    switch groupFilter {
    case .inUse:
      "No groups yet. Press \(key: .newGroup, "n") to create one, or \(key: .join, "i") to join one with an invite."
    case .archived: "No archived groups. Press \(key: .toggleArchived, "v") for the deleted ones."
    case .deleted: "No deleted groups. Press \(key: .toggleArchived, "v") for the groups in use."
    }
  }

  /// Returns the groups as a table: name, members, balance, what is new. A group in several currencies has the number of the others.
  private func table(_ groups: some Sequence<Group>) -> ListTable {
    ListTable(
      columns: [
        .init(rank: 1, least: 16, fills: true),
        .init(rank: 5, edge: .right),
        .init(rank: 2, edge: .right),
        .init(rank: 0, edge: .right),
        .init(rank: 3, gap: 1),
        .init(rank: 4, least: 28, most: 40),
      ],
      rows: groups.map { group in
        let nets = group.balances
        let first = nets.first.map { Amount($0.amount, $0.currency) } ?? Amount(0, group.currency)
        let style = BalanceBars.style(first.minorUnits)
        return [
          .text(SafeText(group.name)),
          .text(group.memberCount == 1 ? "1 member" : "\(group.memberCount) members", .muted),
          .text(BalanceBars.words(first.minorUnits, isMe: true), style),
          first.minorUnits == 0 ? .text("") : .amount(first, isSigned: true, style),
          .text(nets.count > 1 ? "+\(nets.count - 1)" : "", style),
          note(group),
        ]
      })
  }

  /// The news of a group, or that one payment settles it.
  private func note(_ group: Group) -> ListTable.Cell {
    guard let digest = digests[group.id] else { return .text("") }
    let news = digest.news
    if news.count > 0 || news.isMore {
      let count: SafeText = news.isMore ? "\(news.count)+ new" : "\(news.count) new"
      let words = news.words.map { SafeText($0) }.joined(", ")
      return .text(words.string.isEmpty ? count : "\(count): \(words)", .bold)
    }
    let isOne = digest.isSettledByOne && digest.sequence == group.sequence
    return .text(isOne ? "settle with 1 payment" : "", .muted)
  }
}
