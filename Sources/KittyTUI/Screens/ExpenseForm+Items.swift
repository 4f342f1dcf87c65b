import KittyShared

/// The items of an expense: a list in the form, and one open item over it.
extension ExpenseForm {
  /// The open item and its focused line: description, amount, members, then the category and the tags.
  struct ItemEditor: Hashable, Sendable {
    let item: Int
    /// `true` for an item that was just added.
    var isNew = false
    var focus = 0
    /// The error of the amount.
    var error: SafeText = ""
    /// The category of its own, in a group that has some.
    var choices: CategoryChoices
    /// The fields of the category, in a group that has some, and of the tags.
    var labels: FormFields
  }

  /// The number of lines of the open item.
  private func lineCount(_ open: ItemEditor) -> Int {
    split.items.people.count + 2 + open.labels.fields.count
  }

  var itemLines: [Line] {
    guard split.method == .items else { return [] }
    return split.items.items.indices.map { .item($0) } + [.newItem]
      + ItemFields.extraNames.indices.map { .extra($0) }
  }

  var itemBindings: [Binding] {
    if editor?.labels.picker != nil { return Picker.bindings }
    let isLast = editor.map { $0.focus == lineCount($0) - 1 } ?? false
    return [
      Binding(
        [.enter], "Enter", "next line; on the last one: to the list", .open,
        footer: isLast ? "to the list" : "next"),
      Binding([.escape], "Esc", "to the list, keep the item", .back, footer: isLast ? "" : "to the list"),
      Binding([.control("n")], "^N", "another item", .addExpense, footer: "another"),
      Binding([.tab, .down], "Tab ↓", "next line", .down),
      Binding([.backTab, .up], "Shift-Tab ↑", "previous line", .up),
      Binding([.character(" ")], "Space", "for whom: select or not", .toggle, footer: "toggle"),
      Binding([.control("x")], "^X", "for whom: all, none", .toggleAll, footer: "all/none"),
      Binding([.control("r")], "^R", "remove the item", .remove, footer: "remove"),
    ]
  }

  /// Opens an item, or a new one.
  mutating func openItem(_ index: Int?) {
    let position = index ?? split.items.add()
    focus = .item(position)
    let category = split.items.items[position].category
    let choices = CategoryChoices(data, keeping: category)
    editor = ItemEditor(
      item: position, isNew: index == nil, choices: choices,
      labels: FormFields(
        choices.field(category) + [
          .init(name: "tags", label: "Tags", input: split.items.items[position].tags)
        ]))
  }

  mutating func removeItem(_ index: Int) {
    guard split.items.items.indices.contains(index) else { return }
    split.items.items.remove(at: index)
    editor = nil
    focus = index < split.items.items.count ? .item(index) : .newItem
  }

  mutating func editItem(_ key: Key, _ open: ItemEditor) -> Bool {
    split.clearError()
    editor?.error = ""
    switch open.focus {
    case 0: return split.items.items[open.item].words.edit(key)
    case 1: return key != .character(" ") && split.items.items[open.item].amount.edit(key)
    case 2..<(2 + split.items.people.count): return false
    default:
      editor?.labels.active = open.focus - 2 - split.items.people.count
      let isUsed = editor?.labels.edit(key) ?? false
      if let tags = editor?.labels.fields.last?.input { split.items.items[open.item].tags = tags }
      return isUsed
    }
  }

  mutating func performItem(_ command: Command, _ open: ItemEditor) -> [Action] {
    let people = split.items.people
    let count = lineCount(open)
    guard takeCategory(open) else { return [] }
    switch command {
    case .down: moveItem(1, open)
    case .up: moveItem(-1, open)
    case .open where open.labels.picker != nil: break
    case .open:
      if open.focus == count - 1 { return closeItem() }
      moveItem(1, open)
    case .toggle:
      guard people.indices.contains(open.focus - 2) else { break }
      let member = people[open.focus - 2]
      if split.items.items[open.item].members.remove(member) == nil {
        split.items.items[open.item].members.insert(member)
      }
    case .toggleAll:
      let isAll = split.items.items[open.item].members.count == people.count
      split.items.items[open.item].members = isAll ? [] : Set(people)
    case .addExpense: openItem(nil)
    case .remove: removeItem(open.item)
    case .submit, .back: return closeItem()
    default: break
    }
    return []
  }

  /// Takes the marked category of the open list.
  /// - Returns: `false` when no category has the typed letters: then the list stays open.
  private mutating func takeCategory(_ open: ItemEditor) -> Bool {
    guard open.labels.picker != nil else { return true }
    guard editor?.labels.settle() == true, let name = editor?.labels["category"] else { return false }
    do throws(Rejection) {
      split.items.items[open.item].category = try open.choices.id(of: name)
    } catch {
      editor?.labels.show(.rejected(error))
      return false
    }
    return true
  }

  /// Checks the amount or the tags when they are left, and moves to another line.
  private mutating func moveItem(_ step: Int, _ open: ItemEditor) {
    let count = lineCount(open)
    if open.focus == 1, let currency { editor?.error = split.items.problem(of: open.item, currency) }
    if open.focus == count - 1, let last = editor?.labels.fields.indices.last {
      editor?.labels.fields[last].error = split.items.tagProblem(of: open.item)
    }
    editor?.focus = (open.focus + step + count) % count
  }

  /// Returns to the expense. The item is kept unless it is empty.
  private mutating func closeItem() -> [Action] {
    guard let open = editor else { return [] }
    editor = nil
    focus = open.isNew ? .newItem : .item(open.item)
    guard split.items.items[open.item].isEmpty else {
      if let currency, !split.items.problem(of: open.item, currency).string.isEmpty {
        return [.toast("The item has no amount yet. Enter on its line opens it.")]
      }
      let problem = split.items.tagProblem(of: open.item)
      if !problem.string.isEmpty { return [.toast(problem)] }
      return [
        .toast(
          open.isNew ? "Item added. Press \(key: .addExpense, "^N") for another one." : "The item is kept.")
      ]
    }
    focus = .newItem
    split.items.items.remove(at: open.item)
    return [.toast("The empty item was removed.")]
  }

  /// Draws the open item.
  func viewItem(_ open: ItemEditor, into canvas: inout Canvas, rows: Range<Int>, width: Int) {
    let item = split.items.items[open.item]
    let people = split.people
    var sheet = Canvas(width: width, height: max(rows.count, people.count + 16 + Picker.height))
    var fields = FormFields([
      .init(name: "", label: "Item", input: item.words),
      .init(name: "", label: "Amount", input: item.amount, error: open.error),
    ])
    fields.active = open.focus
    let below = fields.view(into: &sheet, row: 0, width: width)
    sheet.draw("For whom", row: below, column: 2, style: .muted)
    for (index, member) in people.enumerated() {
      let (row, isHere) = (below + 1 + index, open.focus == index + 2)
      sheet.draw(isHere ? ">" : " ", row: row, column: 0, style: .key)
      sheet.draw(item.members.contains(member.id) ? "[x]" : "[ ]", row: row, column: 2)
      sheet.draw(
        SafeText(member.name), row: row, column: 6, width: width - 7, style: isHere ? .bold : .normal)
      if isHere { sheet.placeCursor(row: row, column: 2) }
    }
    var labels = open.labels
    labels.active = max(0, open.focus - 2 - people.count)
    _ = labels.view(
      into: &sheet, row: below + 1 + people.count, width: width, isActive: open.focus >= people.count + 2)
    canvas.draw(sheet, rows: rows)
  }

  /// Draws the list of items in the form.
  /// - Returns: The first row after it.
  func viewItems(into sheet: inout Canvas, row first: Int, width: Int) -> Int {
    let end = min(width, 70)
    var row = first
    for (index, item) in split.items.items.enumerated() {
      let isHere = focus == .item(index)
      sheet.draw(isHere ? ">" : " ", row: row, column: 0, style: .key)
      let words = item.words.text.isEmpty ? "Item \(index + 1)" : item.words.text
      Row(
        left: [.cut(SafeText(words), rank: 1, least: 12, column: 40, isHere ? .bold : .normal)],
        right: [
          .whole(SafeText(item.amount.text), rank: 0, isHere ? .bold : .normal),
          .cut(names(item), rank: 2, least: 8, column: min(22, width / 3), .muted),
        ]
      ).draw(into: &sheet, row: row, columns: 4..<end)
      if isHere { sheet.placeCursor(row: row, column: 4) }
      row += 1
    }
    let isHere = focus == .newItem
    sheet.draw(isHere ? ">" : " ", row: row, column: 0, style: .key)
    sheet.draw("add an item", row: row, column: 4, style: isHere ? .bold : .muted)
    if isHere { sheet.placeCursor(row: row, column: 4) }
    row += 1
    for (index, name) in ItemFields.extraNames.enumerated() {
      let isHere = focus == .extra(index)
      sheet.draw(isHere ? ">" : " ", row: row, column: 0, style: .key)
      sheet.draw(name, row: row, column: 4, style: isHere ? .bold : .normal)
      split.items.extras[index].view(
        into: &sheet, row: row, column: 14, width: min(14, width - 15), isActive: isHere)
      row += 1
    }
    return row
  }

  /// Returns the members who share an item, its category and its tags.
  private func names(_ item: ItemFields.Item) -> SafeText {
    let members = item.members
    let people: [SafeText] =
      members.count == split.items.people.count
      ? ["all"]
      : members.isEmpty
        ? ["none"] : split.items.people.filter(members.contains).map { data.name(of: $0) }
    let category = item.category.map { [data.categoryName($0)] } ?? []
    return (people + category + item.tagWords).joined(", ")
  }
}
