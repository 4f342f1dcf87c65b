import KittyShared

/// The drawing of the line, and of what it is understood as.
extension QuickEntryScreen {
  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let width = context.width
    let reading = reading
    var row = rows.lowerBound + 1
    row = draw([error], .error, row, width, &canvas)
    if hasUnsaved {
      row = draw([words(of: reading)], .bold, row + 1, width, &canvas)
      if let refusal = reading.refusal, error.string.isEmpty {
        // What is only missing is no mistake while one types.
        let style: Style = refusal.isIncomplete && !isWanted ? .muted : .error
        row = draw([SafeText(refusal.description)], style, row, width, &canvas)
      }
    } else {
      row = drawExamples(row + 1, width, &canvas)
    }
    if let names { row = names.view(into: &canvas, row: row + 1, column: 4, width: width) }
    drawShares(reading, rows: (row + 1)..<max(row + 1, rows.upperBound), width, &canvas)
    canvas.draw(">", row: rows.lowerBound, column: 0, style: .key)
    line.view(
      into: &canvas, row: rows.lowerBound, column: 2, width: max(1, min(width, ListTable.widest) - 3),
      isActive: true)
  }

  private func draw(
    _ texts: [SafeText], _ style: Style, _ first: Int, _ width: Int, _ canvas: inout Canvas
  ) -> Int {
    var row = first
    for text in texts where !text.string.isEmpty {
      for line in text.wrapped(to: max(10, min(width, ListTable.widest) - 4)) {
        canvas.draw(line, row: row, column: 2, width: width - 2, style: style)
        row += 1
      }
    }
    return row
  }

  /// The parts of the expense in one sentence: description, amount, payers, date.
  private func words(of reading: QuickReading) -> SafeText {
    var parts: [SafeText] = reading.description.isEmpty ? [] : [SafeText(reading.description)]
    if let amount = reading.amount {
      parts.append(SafeText(Money(amount: amount.minorUnits, currency: amount.currency)))
    }
    parts.append("\(payerWords(reading)) paid")
    let date = reading.date ?? today
    parts.append(date == today ? "today, \(date.words(today: today))" : "\(date.words(today: today))")
    return parts.joined(" · ")
  }

  private func payerWords(_ reading: QuickReading) -> SafeText {
    guard reading.named.count > 1, let amount = reading.amount else {
      return reading.named.isEmpty ? "you" : reading.named.map { data.person($0.account) }.joined(" and ")
    }
    if let payers = reading.payers {
      return payers.map { payer in
        let part = (try? payer.amount.amount(in: amount.currency)) ?? amount
        return "\(data.person(payer.account)) \(part.text())"
      }.joined(" and ")
    }
    return reading.named.map { "\(data.person($0.account)) \($0.amount ?? "")" }.joined(" and ")
  }

  /// Draws the part of each member, as the server will compute it.
  private func drawShares(
    _ reading: QuickReading, rows: Range<Int>, _ width: Int, _ canvas: inout Canvas
  ) {
    guard let amount = reading.amount, !rows.isEmpty else { return }
    let split = SplitFields(
      data.present, rule: reading.participants.map { .equally($0) } ?? data.defaultSplit,
      currency: amount.currency)
    guard case .success(let shares) = split.shares(of: amount, booked: amount, seed: id) else { return }
    let bearers = data.present.filter { shares[$0.id] != nil }
    let isLonger = bearers.count > rows.count
    let visible = bearers.prefix(isLonger ? rows.count - 1 : bearers.count)
    let table = ListTable(
      columns: [.init(rank: 1, least: 6, most: 28), .init(rank: 0, edge: .right)],
      rows: visible.map { member in
        [.text(SafeText(member.name)), .amount(Amount(shares[member.id] ?? 0, amount.currency))]
      })
    table.draw(into: &canvas, rows: rows, columns: 0..<width)
    if isLonger {
      canvas.draw(
        "and \(bearers.count - visible.count) more", row: rows.upperBound - 1, column: 2, style: .muted)
    }
  }

  private func drawExamples(_ row: Int, _ width: Int, _ canvas: inout Canvas) -> Int {
    let lines: [SafeText] = [
      "12.50 taxi", "yesterday 42 dinner @bob +anna +carl", "60 groceries @kitty -carl fri",
      "@ who paid, + for whom, - not for whom. A date: yesterday, fri, 28.11. The other words are the description.",
    ]
    return draw(lines, .muted, row, width, &canvas)
  }
}
