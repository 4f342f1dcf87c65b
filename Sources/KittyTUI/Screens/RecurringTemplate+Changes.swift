import KittyShared

extension RecurringTemplate {
  /// Takes over what was changed from one template to another of the same kind. Fields that have a meaning together,
  /// such as an amount and its currency, are taken together.
  /// - Returns: The names of what was changed.
  mutating func take(changesFrom old: RecurringTemplate, to new: RecurringTemplate) -> [SafeText] {
    if let before = old.expense, let after = new.expense {
      return expense?.take(changesFrom: before, to: after) ?? []
    }
    guard let before = old.payment, let after = new.payment else { return [] }
    return payment?.take(changesFrom: before, to: after) ?? []
  }
}

extension NewExpense {
  fileprivate mutating func take(changesFrom old: NewExpense, to new: NewExpense) -> [SafeText] {
    var names: [SafeText] = []
    if new.description != old.description {
      description = new.description
      names.append("what for")
    }
    if (new.amount, new.currency, new.rate) != (old.amount, old.currency, old.rate) {
      (amount, currency, rate) = (new.amount, new.currency, new.rate)
      names.append("amount")
    }
    if new.category != old.category {
      category = new.category
      names.append("category")
    }
    if new.tags != old.tags {
      tags = new.tags
      names.append("tags")
    }
    if (new.payer, new.payers) != (old.payer, old.payers) {
      (payer, payers) = (new.payer, new.payers)
      names.append("paid by")
    }
    if (new.participants, new.split) != (old.participants, old.split) {
      (participants, split) = (new.participants, new.split)
      names.append("split")
    }
    if new.note != old.note {
      note = new.note
      names.append("note")
    }
    return names
  }
}

extension NewPayment {
  fileprivate mutating func take(changesFrom old: NewPayment, to new: NewPayment) -> [SafeText] {
    var names: [SafeText] = []
    if (new.from, new.to) != (old.from, old.to) {
      (from, to) = (new.from, new.to)
      names.append("from and to")
    }
    if (new.amount, new.currency, new.rate) != (old.amount, old.currency, old.rate) {
      (amount, currency, rate) = (new.amount, new.currency, new.rate)
      names.append("amount")
    }
    if new.description != old.description {
      description = new.description
      names.append("what for")
    }
    if new.note != old.note {
      note = new.note
      names.append("note")
    }
    return names
  }
}
