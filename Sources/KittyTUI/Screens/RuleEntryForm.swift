import KittyShared

/// The form of the entry of a rule for recurring entries: that of an expense or of a payment, without a date. When its
/// input is checked, it gives the command `confirm`.
protocol RuleEntryForm: Screen {
  /// All input. Equal input is an equal entry.
  var written: [String] { get }
  /// Returns the entry of the input.
  func template() throws(Rejection) -> RecurringTemplate
  /// Shows a refusal of the server, whose fields are those of the entry.
  mutating func refuse(_ failure: ClientFailure)
  /// Writes the input to a draft.
  func write(to draft: inout Draft)
  /// Puts the input of a draft back.
  mutating func restore(_ draft: Draft)
}

extension ExpenseForm: RuleEntryForm {
  /// - Parameter template: The expense of a rule; `nil` for a new rule.
  init(_ data: GroupData, id: ID, today: Day, template: NewExpense?) {
    self.init(data, id: id, today: today)
    isTemplate = true
    form.removeField("date")
    if let template {
      take(template)
    } else {
      storedSplit = StoredSplit(shownBy: split, currency: data.group.currency)
    }
    form.shown = isUnusual ? form.fields.count : simple
  }

  private mutating func take(_ template: NewExpense) {
    let currency = template.currency ?? data.group.currency
    func typed(_ input: AmountInput) -> String { (try? input.amount(in: currency))?.typed ?? "" }
    form.restore([
      "description": template.description, "amount": typed(template.amount), "currency": currency.code,
      "rate": template.rate.map { Amount.shown(decimal: $0.text) } ?? "", "note": template.note ?? "",
      "tags": Tags.text(template.tags?.filter { !Tags.inText(template.description).contains($0) }),
    ])
    categories = CategoryChoices(data, keeping: template.category)
    form.removeField("category")
    form.fields.insert(contentsOf: categories.field(template.category), at: 2)
    let several = template.payers ?? []
    self.several = PayerFields(
      self.several.accounts, payers: several.count > 1 ? several : [], currency: currency)
    let paid = several.count > 1 ? nil : several.first?.account ?? template.payer
    let position = payers.firstIndex { $0 == paid }
    payer = position ?? payer
    if template.split != nil || template.participants != nil {
      let rule = template.split ?? template.participants.map { .equally($0) }
      split = SplitFields(split.people, rule: rule.flatMap(data.named), currency: currency)
    }
    let known = Set(split.people.map(\.id))
    let missing = RecurringTemplate(expense: template).named.filter { !known.contains($0.member) }
    if missing.allSatisfy({ $0.field.hasPrefix("payer") }) {
      storedSplit = StoredSplit(of: template, shownBy: split, currency: currency)
    }
    if !missing.isEmpty {
      form.error = "A member has left the group. Look over payers and shares before you save."
    }
  }

  func template() throws(Rejection) -> RecurringTemplate { RecurringTemplate(expense: try request()) }

  mutating func refuse(_ failure: ClientFailure) { show(failure, "Not saved.") }
}

extension PaymentForm: RuleEntryForm {
  /// - Parameter template: The payment of a rule; `nil` for a new rule.
  init(_ data: GroupData, id: ID, today: Day, template: NewPayment?) {
    self.init(data, id: id, today: today, from: template?.from, to: template?.to)
    isTemplate = true
    form.removeField("date")
    form.shown = simple
    guard let template else {
      focus = 0
      return
    }
    let currency = template.currency ?? data.group.currency
    form.restore([
      "amount": (try? template.amount.amount(in: currency))?.typed ?? "", "currency": currency.code,
      "rate": template.rate.map { Amount.shown(decimal: $0.text) } ?? "",
      "description": template.description ?? "", "note": template.note ?? "",
    ])
    form.active = 0
    let present = Set(data.present.map(\.id))
    if !RecurringTemplate(payment: template).named.allSatisfy({ present.contains($0.member) }) {
      form.error = "A member has left the group. Look over from and to before you save."
    }
  }

  func template() throws(Rejection) -> RecurringTemplate { RecurringTemplate(payment: try request()) }

  mutating func refuse(_ failure: ClientFailure) {
    form.show(failure, "Not saved.")
    goToError(failure)
  }
}
