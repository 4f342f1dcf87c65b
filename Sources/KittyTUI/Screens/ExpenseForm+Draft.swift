import KittyShared

/// The draft of the form.
extension ExpenseForm {
  var draftName: Draft.Name? { Draft.Name(kind: .expense, id: id) }

  var draft: Draft? {
    guard hasUnsaved, let name = draftName else { return nil }
    var draft = Draft(name)
    draft.group = data.group.id
    draft.groupName = data.group.name
    draft.entry = old
    write(to: &draft)
    return draft
  }

  /// Writes the input to a draft.
  func write(to draft: inout Draft) {
    draft.fields.merge(form.written) { _, new in new }
    draft.choices["payer"] = payers[payer]?.description ?? Self.several
    draft.payers = several.draft
    split.write(to: &draft)
    if storedSplit?.isShown(by: split) == true { draft.choices[Self.untouchedSplit] = "true" }
  }

  /// The mark in the draft of a rule whose split is still as it is stored: it stays open to the members of each day.
  private static let untouchedSplit = "untouchedSplit"

  /// The choice of several payers in a draft.
  private static let several = "several"

  /// A form with the input of a draft.
  init(_ data: GroupData, today: Day, draft: Draft) {
    self.init(data, id: draft.name.id, today: today, changing: draft.entry)
    restore(draft)
  }

  /// Puts the input of a draft back.
  mutating func restore(_ draft: Draft) {
    form.restore(draft.fields)
    let paid = draft.choices["payer"]
    let position = payers.firstIndex { ($0?.description ?? Self.several) == paid }
    payer = position ?? payer
    let hasPayers = several.restore(draft.payers)
    let isWhole =
      storedSplit != nil && draft.choices[Self.untouchedSplit] != nil || split.restore(draft)
    split.items.dropCategories { [old] id in
      old?.content.categories.contains(id) == true || data.category(id).map { $0.isUsable } == true
    }
    if !isWhole || !hasPayers || position == nil { form.error = FormFields.incomplete }
  }
}
