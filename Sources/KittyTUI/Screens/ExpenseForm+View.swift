import KittyShared

/// The drawing of the form.
extension ExpenseForm {
  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    if let conflict { return conflict.view(into: &canvas, rows: rows, context) }
    let width = context.width
    if let editor { return viewItem(editor, into: &canvas, rows: rows, width: width) }
    let amount = try? amount
    let booked = amount.flatMap { amount in try? self.booked(amount) }
    // Drawn on a sheet of its own, which scrolls if it is longer than the window.
    // Twice the fields: in a narrow window they stand below their labels.
    let above =
      2 * form.shown + (isSeveral ? several.height + 1 : 0) + 2 + itemLines.count + errorRows(width)
      + (isChoosing ? Picker.height : 0)
    var sheet = Canvas(width: width, height: max(rows.count, above + split.people.count + 1))
    var row = drawFields(into: &sheet, width: width, amount: amount, booked: booked)
    let paid: SafeText = payers[payer].map { data.name(of: $0) } ?? "several"
    row = Picker.drawLine(
      "Paid by", paid, isHere: focus == .payer, open: picker, row: row, width: width, into: &sheet)
    if isSeveral, picker == nil || focus != .payer {
      let words = several.error.string.isEmpty ? remaining(amount) : several.error
      if words.width <= width - 25 {
        sheet.draw(words, row: row - 1, column: 25, style: .error)
      } else {
        row = FormFields.drawError(words, row: row, width: width, into: &sheet)
      }
      let here: Int? = if case .paid(let index) = focus { index } else { nil }
      several.view(
        into: &sheet, row: row, width: width, focus: here, currency: currency ?? data.group.currency,
        name: data.name)
      row += several.height
    }
    row = Picker.drawLine(
      "Split", split.methodName, isHere: focus == .split, open: picker, row: row, width: width, into: &sheet)
    row = FormFields.drawError(split.wrong == nil ? split.error : "", row: row, width: width, into: &sheet)
    if split.method == .items { row = viewItems(into: &sheet, row: row, width: width) }
    let here: Int? = if case .person(let index) = focus { index } else { nil }
    let cursor = drawFinder(into: &sheet, row: &row, width: width)
    // The people have the rest of the window, or a few rows that scroll.
    let height = max(rows.count, row + min(5, split.people.count + 1) + (split.wrong == nil ? 0 : 3))
    split.view(
      into: &sheet, rows: row..<height, width: width, focus: here, amount: amount, booked: booked, seed: id)
    if let cursor { sheet.placeCursor(row: cursor.row, column: cursor.column) }
    canvas.draw(sheet.cut(to: height), rows: rows)
  }

  /// Draws the list in which a member is searched.
  /// - Returns: The place of the cursor in it.
  private func drawFinder(
    into sheet: inout Canvas, row: inout Int, width: Int
  ) -> (row: Int, column: Int)? {
    guard isFinding, let picker else { return nil }
    row = Picker.drawLine("Go to", "", isHere: true, open: picker, row: row, width: width, into: &sheet)
    return sheet.cursor
  }

  /// The number of rows with errors between the fields.
  private func errorRows(_ width: Int) -> Int {
    let texts = form.fields.prefix(form.shown).map(\.error) + [form.error, split.error, several.error]
    let rows = texts.filter { !$0.string.isEmpty }.reduce(0) { $0 + $1.wrapped(to: max(10, width - 4)).count }
    return rows + 2
  }

  private func drawFields(
    into sheet: inout Canvas, width: Int, amount: Amount?, booked: Amount?
  ) -> Int {
    var form = form
    form.sayDay("date", today: today)
    func words(_ amount: Amount) -> SafeText { "= \(amount.text()) \(amount.currency.code)" }
    if let amount, !form["amount"].isEmpty || split.method == .items {
      form.setAside(words(amount), of: "amount")
    }
    if let booked, booked.currency != amount?.currency { form.setAside(words(booked), of: "rate") }
    let isHere: Bool
    if case .field(let index) = focus {
      form.active = index
      isHere = true
    } else {
      isHere = false
    }
    return form.view(into: &sheet, row: 0, width: width, isActive: isHere)
  }

  /// The difference between the payers' amounts and the total; empty when they are equal.
  private func remaining(_ amount: Amount?) -> SafeText {
    guard let amount else { return "" }
    do throws(Rejection) {
      _ = try several.payers(of: amount, name: data.name)
      return ""
    } catch {
      return SafeText(error.errors?.first?.message ?? error.detail)
    }
  }
}
