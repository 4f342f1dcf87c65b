import KittyShared

/// The draft of the form.
extension PaymentForm {
  var draftName: Draft.Name? { Draft.Name(kind: kind == .count ? .count : .payment, id: id) }

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
    draft.choices["from"] = accounts[from].description
    draft.choices["to"] = accounts[to].description
    if isOnlyIfOwed { draft.choices["onlyIfOwed"] = "true" }
  }

  /// A form with the input of a draft.
  init(_ data: GroupData, today: Day, draft: Draft) {
    self.init(
      data, draft.name.kind == .count ? .count : .payment, id: draft.name.id, today: today,
      changing: draft.entry)
    restore(draft)
  }

  /// Puts the input of a draft back.
  mutating func restore(_ draft: Draft) {
    form.restore(draft.fields)
    let ends = ["from", "to"].map { end in
      accounts.firstIndex { $0.description == draft.choices[end] }
    }
    if let first = ends[0], let second = ends[1] {
      (from, to) = (first, second)
    } else {
      form.error = FormFields.incomplete
    }
    if draft.choices["onlyIfOwed"] != nil { requireDebt() }
  }
}
