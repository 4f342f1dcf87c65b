import KittyShared

/// The lines of the form: their choices, their checks, and the way between them.
extension ExpenseForm {
  var options: [Picker.Option] {
    switch focus {
    case .payer:
      data.options(
        payers.enumerated().map { ($0.offset, $0.element) }, by: { ($0.payers ?? []).map(\.account) }, "paid")
    case .split:
      SplitFields.methods.enumerated().map { Picker.Option($0.offset, SplitFields.name(of: $0.element)) }
    case .person: split.people.enumerated().map { Picker.Option($0.offset, SafeText($0.element.name)) }
    case .paid: several.accounts.enumerated().map { Picker.Option($0.offset, data.name(of: $0.element)) }
    default: []
    }
  }

  var chosen: Int {
    switch focus {
    case .payer: payer
    case .person(let index), .paid(let index): index
    default: SplitFields.methods.firstIndex(of: split.method) ?? 0
    }
  }

  mutating func choose(_ value: Int) {
    switch focus {
    case .payer: payer = value
    case .person: focus = .person(value)
    case .paid: focus = .paid(value)
    default: split.choose(SplitFields.methods[value])
    }
  }

  /// `true` while a member is searched in a list of members.
  var isFinding: Bool {
    guard picker != nil else { return false }
    switch focus {
    case .person, .paid: return true
    default: return false
    }
  }

  /// Handles a key in a list of members. A letter searches a member, unless it is in the text of a value.
  mutating func find(_ key: Key, isEmpty: Bool) -> Bool? {
    if picker != nil { return pick(key) }
    guard isEmpty, case .character(let letter) = key, letter.isLetter else { return nil }
    leave()
    return pick(key)
  }

  /// Checks the line, and moves to another one. After the last comes the first.
  mutating func move(_ step: Int) {
    leave()
    let lines = lines
    let position = lines.firstIndex(of: focus) ?? 0
    focus = lines[(position + step + lines.count) % lines.count]
  }

  /// Moves by a page in a list of members, up to its ends.
  mutating func movePage(_ step: Int) {
    func target(_ index: Int, _ count: Int) -> Int { max(0, min(count - 1, index + step * Picker.height)) }
    switch focus {
    case .person(let index):
      leave()
      focus = .person(target(index, split.people.count))
    case .paid(let index):
      leave()
      focus = .paid(target(index, several.accounts.count))
    default: break
    }
  }

  /// Checks the line that is left.
  mutating func leave() {
    let typed = self
    switch focus {
    case .field(let index):
      let name = form.fields[index].name
      // Items are added up: they come later.
      if name == "amount", form.filled(name) == nil { return }
      form.check(name) { (field) throws(Rejection) in try typed.check(field) }
      guard name == "currency", form.filled("amount") != nil else { return }
      form.clearError(of: "amount")
      form.check("amount") { (field) throws(Rejection) in try typed.check(field) }
    case .person(let index): split.check(index, currency)
    case .paid(let index): several.check(index, currency, name: data.name)
    default: break
    }
  }

  /// Checks the text of one field.
  func check(_ field: String) throws(Rejection) {
    switch field {
    case "description": try form.text(field, max: 200)
    case "currency": _ = try form.currency()
    case "date": _ = try form.day(field, today: today)
    case "category": _ = try category
    case "tags": _ = try Tags.typed(form[field])
    // Without a currency neither can be read.
    case "amount" where currency != nil && (form.filled(field) != nil || split.method != .items):
      let amount = try amount
      _ = try AmountInput.minorUnits(amount.minorUnits).nonzeroAmount(in: amount.currency)
    case "rate" where currency != nil:
      guard let rate = try form.rate else { return }
      _ = try rate.booked(
        (try? amount) ?? Amount(1, currency ?? data.group.currency), in: data.group.currency)
    default: break
    }
  }

  mutating func clearErrors() {
    form.clearErrors()
    several.clearError()
    split.clearError()
  }

  /// Shows each error beside its line, and moves the focus to the first.
  /// - Parameter undone: The prefix for a failed save; `nil` when nothing was sent.
  mutating func show(_ failure: ClientFailure, _ undone: SafeText? = nil) {
    clearErrors()
    let errors: [FieldError] = if case .problem(let problem) = failure { problem.errors ?? [] } else { [] }
    func first(_ names: [String]) -> SafeText? {
      errors.first { error in names.contains { error.field.hasPrefix($0) } }.map { SafeText($0.message) }
    }
    if isSeveral, let words = first(["payers"]) { several.fail(words, currency, name: data.name) }
    if let words = first(["split", "participants"]) { split.fail(words, currency) }
    let isOfField = errors.contains { error in form.fields.contains { $0.name == error.field } }
    if isOfField || (several.error.string.isEmpty && split.error.string.isEmpty) {
      if let undone { form.show(failure, undone) } else { form.show(failure) }
      focus = isOfField || !errors.contains { $0.field.hasPrefix("payer") } ? .field(form.active) : .payer
    } else {
      form.error = undone ?? ""
      focus =
        several.error.string.isEmpty
        ? split.wrong.map { .person($0) } ?? .split : several.wrong.map { .paid($0) } ?? .payer
    }
  }
}
