import KittyShared

/// The request of the form, or the errors of its input.
extension ExpenseForm {
  var currency: Currency? { try? form.currency() }

  var amount: Amount {
    get throws(Rejection) {
      let currency = try form.currency()
      // Without an amount the items are added up.
      if form.filled("amount") == nil, split.method == .items {
        _ = try split.items.rule(currency)
        if let total = split.items.total(currency) { return total }
      }
      return try form.amount("amount", in: currency)
    }
  }

  /// The category; `nil` for none.
  var category: ID? {
    get throws(Rejection) {
      guard form.has("category") else { return nil }
      return try categories.id(of: form.filled("category") ?? CategoryChoices.none)
    }
  }

  /// Returns the booked amount: the amount itself, or converted to the group's currency.
  func booked(_ amount: Amount) throws(Rejection) -> Amount {
    guard let rate = try form.rate else { return amount }
    return try rate.booked(amount, in: data.group.currency)
  }

  func effect() throws(Rejection) -> Effect {
    let expense = try request()
    guard let old else { return .createExpense(group: data.group.id, try expense.checked()) }
    var change = ExpenseChange()
    change.description = expense.description
    change.amount = expense.amount
    change.currency = expense.currency
    change.rate = Patch(expense.rate, was: old.rate)
    change.date = expense.date
    change.note = Patch(expense.note, was: old.note)
    if form.has("category") { change.category = Patch(expense.category, was: old.category) }
    // Tags beside those of the description; left out, they stay as they are.
    if form["tags"] != untouched.form["tags"] { change.tags = expense.tags ?? [] }
    change.payer = expense.payer
    change.payers = expense.payers
    change.participants = expense.participants
    change.split = expense.split
    return .changeExpense(
      group: data.group.id, expense: old.id, version: old.version, try change.checked())
  }

  /// Returns the expense of the input; that of a rule has neither id nor date.
  func request() throws(Rejection) -> NewExpense {
    let amount = try amount
    let date = isTemplate ? nil : try form.day("date", today: today)
    let rate = try form.rate
    let booked = try booked(amount)
    guard split.method == .items || !split.bearers.isEmpty else {
      throw .invalid("participants", "nobody", "Select at least one member.")
    }
    let input = AmountInput.minorUnits(amount.minorUnits)
    _ = try input.nonzeroAmount(in: amount.currency)
    let several = isSeveral ? try self.several.payers(of: amount, name: data.name) : nil
    _ = try split.shares(of: amount, booked: booked, seed: id).get()
    let (participants, rule) = try sharing(amount.currency)
    return NewExpense(
      id: isTemplate ? nil : id, description: form["description"], amount: input, currency: amount.currency,
      rate: rate, date: date, note: form.filled("note"), category: try category,
      tags: try Tags.typed(form["tags"]), payer: payers[payer], payers: several, participants: participants,
      split: rule)
  }

  /// Returns the participants or the split of the request. The untouched split of a rule stays as it is stored.
  private func sharing(
    _ currency: Currency
  ) throws(Rejection) -> (participants: [ID]?, split: SplitRule?) {
    if let stored = storedSplit, stored.isShown(by: split, in: currency) {
      return (stored.participants, stored.split)
    }
    guard split.method != .equally else { return (split.bearers, nil) }
    return (nil, try split.rule(currency, keepsOpen: isTemplate))
  }
}

extension FormFields {
  /// The rate to the group's currency, if it is filled in. A decimal comma is accepted.
  var rate: Rate? {
    get throws(Rejection) {
      guard let text = filled("rate") else { return nil }
      guard let rate = Rate(text.replacing(",", with: ".")) else {
        throw .invalid(
          "rate", "not_a_rate", "Write the value of one unit in the group's currency, such as 0.9123.")
      }
      return rate
    }
  }
}

extension Rate {
  /// Converts an amount to the group's currency.
  /// - Throws: `Rejection` with a message for the user.
  func booked(_ amount: Amount, in currency: Currency) throws(Rejection) -> Amount {
    guard amount.currency != currency else {
      throw .invalid(
        "rate", "same_currency", "The amount already is in the group's currency. Leave the rate empty.")
    }
    do { return try worth(of: amount, in: currency) } catch {
      throw .invalid("rate", "too_large", "The amount is too large with this rate.")
    }
  }
}

extension Patch {
  /// The change of a field from an old value to a new one.
  init(_ value: Value?, was old: Value?) {
    self = value == old ? .keep : value.map { .set($0) } ?? .clear
  }
}

extension Category {
  /// `true` when a new entry can have it.
  var isUsable: Bool { archivedAt == nil && removedAt == nil }
}

extension CategoryChoices {
  /// Returns the field of the category, in a group that has some.
  func field(_ present: ID?) -> [FormFields.Field] {
    guard !isEmpty else { return [] }
    return [
      .init(
        name: "category", label: "Category",
        input: TextField(name(of: present) ?? Self.none, limit: 160), choices: options)
    ]
  }
}

extension FormFields {
  /// Offers other categories. The chosen one stays; if it is not among them, its text stays and is refused.
  mutating func offer(_ categories: CategoryChoices, chosen: ID?) {
    guard let index = fields.firstIndex(where: { $0.name == "category" }) else { return }
    fields[index].choices = categories.options
    if let name = categories.name(of: chosen) { fields[index].input.set(name) }
  }
}
