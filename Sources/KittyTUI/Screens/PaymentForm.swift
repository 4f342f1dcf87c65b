import KittyShared

/// A form for a payment between members, into or out of the kitty, or for a count of the kitty.
struct PaymentForm: VersionedForm {
  /// The kind of entry.
  enum Kind: Hashable, Sendable { case payment, count }

  var data: GroupData
  let kind: Kind
  private(set) var id: ID
  let today: Day
  /// The payment to change.
  var old: Entry?
  var accounts: [LedgerAccount]
  var form: FormFields
  var from: Int
  var to: Int
  /// The focused line: payer and recipient of a payment, then the fields.
  private(set) var focus: Int
  var pending: Effect?
  /// The open choice between two versions, shown over the form.
  var conflict: Conflict?
  private var before: [String] = []
  /// The input of a suggested payment that is only entered while it is owed; `nil` when the payment need not be owed.
  private var owed: [String]?

  /// - Parameters:
  ///   - suggestion: A suggested payment, as the initial input.
  ///   - onlyIfOwed: `true` refuses the suggested payment if it is not owed any more: both may enter it.
  ///   - from: The initial payer.
  ///   - to: The initial recipient.
  ///   - old: The payment to change; `nil` for a new one.
  init(
    _ data: GroupData, _ kind: Kind = .payment, id: ID, today: Day, suggestion: Transfer? = nil,
    onlyIfOwed: Bool = false, from: LedgerAccount? = nil, to: LedgerAccount? = nil, changing old: Entry? = nil
  ) {
    self.data = data
    self.kind = kind
    self.id = old?.id ?? id
    self.today = today
    self.old = old
    let named = [old?.from, old?.to, suggestion?.from, suggestion?.to, from, to].compactMap { $0 }
    accounts =
      data.members.filter { $0.removedAt == nil || named.contains(.member($0.id)) }.map { .member($0.id) }
      + [.kitty]
    let currency = old?.currency ?? suggestion?.currency ?? data.group.currency
    let amount = old?.amount ?? suggestion?.amount
    var fields: [FormFields.Field] = [
      .init(
        name: kind == .count ? "counted" : "amount", label: kind == .count ? "Counted" : "Amount",
        input: TextField(amount.map { Amount($0, currency).typed } ?? "", limit: 32)),
      .init(name: "currency", label: "Currency", input: TextField(currency.code, limit: 3)),
      .init(name: "date", label: "Date", input: TextField((old?.date ?? today).description, limit: 10)),
    ]
    let rate = FormFields.Field(
      name: "rate", label: "Rate",
      input: TextField(old?.rate.map { Amount.shown(decimal: $0.text) } ?? "", limit: 13))
    // A count needs no rate: the kitty holds each currency separately.
    if kind == .payment { fields.append(rate) }
    fields.append(
      .init(name: "description", label: "What for", input: TextField(old?.description ?? "", limit: 200)))
    fields.append(.init(name: "note", label: "Note", input: TextField(old?.note ?? "", limit: 2000)))
    form = FormFields(fields, shown: Self.simple)
    let me = LedgerAccount.member(data.group.me)
    self.from = accounts.firstIndex(of: old?.from ?? suggestion?.from ?? from ?? me) ?? 0
    let recipient = accounts.firstIndex(of: old?.to ?? suggestion?.to ?? to ?? .kitty) ?? 0
    self.to = recipient == self.from ? (recipient + 1) % accounts.count : recipient
    // A suggested payment needs only Enter.
    focus = suggestion == nil && from == nil ? 0 : 2
    if form.filled("rate") != nil || form.filled("note") != nil { form.shown = form.fields.count }
    before = written
    if onlyIfOwed { requireDebt() }
  }

  /// The number of fields that are always visible. ^O shows the others.
  private static let simple = 3
  private var choices: Int { kind == .payment ? 2 : 0 }
  private var lineCount: Int { choices + form.shown }
  /// The accounts, the amount, the currency and the rate.
  private var terms: [String] { ["amount", "currency", "rate"].map { form[$0] } + ["\(from)", "\(to)"] }
  /// `true` while the suggested payment is unchanged and must be owed.
  var isOnlyIfOwed: Bool { owed == terms }

  /// Enters the payment as it is now only while it is owed.
  mutating func requireDebt() { owed = terms }

  private var written: [String] { form.fields.map(\.input.text) + ["\(from)", "\(to)"] }

  var title: SafeText {
    if old != nil { return "Change" }
    return kind == .count ? "Count the kitty" : "New payment"
  }
  var isEditing: Bool { conflict == nil }
  var isLocked: Bool { pending != nil }
  var hasUnsaved: Bool { written != before }
  var bindings: [Binding] {
    if conflict != nil { return Conflict.bindings }
    let choosing = [
      Binding(
        [.character(" "), .right], "Space →", "from, to: next choice; ← previous", .toggle,
        footer: "choose")
    ]
    return [
      Binding([.enter, .control("s")], "Enter ^S", "save", .submit, footer: "save"),
      Binding([.tab, .down], "Tab ↓", "next line", .down, footer: "next"),
      Binding(
        [.control("o")], "^O", "rate, what for, note: show, hide", .more,
        footer: form.shown > Self.simple ? "less" : "more"),
      Binding([.backTab, .up], "Shift-Tab ↑", "previous line", .up),
    ] + (kind == .payment ? choosing : []) + [
      Binding([.escape], "Esc", "back", .back, footer: "back")
    ] + FormFields.editing
  }

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    guard focus < choices else {
      form.active = focus - choices
      return form.edit(key)
    }
    guard key == .left else { return false }
    choose(-1)
    return true
  }

  private mutating func choose(_ step: Int) {
    // An account does not pay itself: the choice of the other line is left out.
    func next(_ index: Int, besides other: Int) -> Int {
      let next = (index + step + accounts.count) % accounts.count
      return next == other ? (next + step + accounts.count) % accounts.count : next
    }
    if focus == 0 { from = next(from, besides: to) }
    if focus == 1 { to = next(to, besides: from) }
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    if let actions = performConflict(command) { return actions }
    switch command {
    case .down: focus = (focus + 1) % lineCount
    case .up: focus = (focus + lineCount - 1) % lineCount
    case .toggle: choose(1)
    case .more: return toggleMore()
    case .submit:
      // Enter on the lines above the amount moves down; it never submits.
      if form.fields[0].input.text.isEmpty, focus < choices {
        focus += 1
        break
      }
      return submit()
    default: break
    }
    form.active = max(0, focus - choices)
    return []
  }

  private mutating func toggleMore() -> [Action] {
    if form.shown == Self.simple {
      form.shown = form.fields.count
      focus = choices + Self.simple
    } else if form.filled("rate") != nil || form.filled("note") != nil
      || form["description"] != old?.description ?? ""
    {
      // A filled field is never hidden.
      return [.toast("Rate, description or note is filled in and stays visible.")]
    } else {
      form.shown = Self.simple
      focus = min(focus, lineCount - 1)
    }
    form.active = max(0, focus - choices)
    return []
  }

  mutating func submit() -> [Action] {
    form.clearErrors()
    do {
      let effect = try effect()
      pending = effect
      return [.run(effect)]
    } catch {
      form.show(.rejected(error))
      focus = choices + form.active
      return []
    }
  }

  private func effect() throws(Rejection) -> Effect {
    guard let currency = Currency(code: form["currency"]) else {
      throw .invalid("currency", "unknown_currency", "Write a currency code such as EUR, USD or JPY.")
    }
    let amount: Amount
    do throws(Amount.ParseFailure) {
      amount = try Amount(typed: form.fields[0].input.text, currency: currency)
    } catch {
      throw .invalid(form.fields[0].name, "not_an_amount", error.description)
    }
    guard let date = Day(typed: form["date"], today: today) else {
      throw .invalid("date", "not_a_date", "Write a date such as \(today).")
    }
    let group = data.group.id
    let input = AmountInput.minorUnits(amount.minorUnits)
    let (words, note) = (form.filled("description"), form.filled("note"))
    if kind == .count {
      return .createCount(
        group: group,
        try NewCount(
          id: id, counted: input, currency: currency, date: date, description: words, note: note
        ).checked())
    }
    _ = try input.positiveAmount(in: currency)
    let rate = try form.rate
    _ = try rate?.booked(amount, in: data.group.currency)
    let payment = try NewPayment(
      id: id, from: accounts[from], to: accounts[to], amount: input, currency: currency, rate: rate,
      date: date, description: words, note: note, onlyIfOwed: isOnlyIfOwed ? true : nil
    ).checked()
    guard let old else { return .createPayment(group: group, payment) }
    var change = PaymentChange()
    change.from = payment.from
    change.to = payment.to
    change.amount = input
    change.currency = currency
    change.date = date
    change.rate = Patch(rate, was: old.rate)
    change.description = words == old.description ? nil : words
    change.note = Patch(note, was: old.note)
    return .changePayment(group: group, payment: old.id, version: old.version, try change.checked())
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    if let actions = receiveConflict(message) { return actions }
    switch message {
    case .entered where pending != nil: return [.pop, .toast("Saved.")]
    case .failed(let effect, let failure) where effect == pending:
      pending = nil
      // The input stays, and the same id is sent again: the payment cannot be saved twice.
      form.show(failure, "Not saved.")
      if case .problem(let problem) = failure, problem.code == "not_owed" {
        owed = nil
        form.error = "\(form.error) Enter saves it anyway."
      }
      if case .savedBefore(let entry) = failure { old = entry }
      if case .madeBefore = failure { id = context.newID() }
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    if let conflict { return conflict.view(into: &canvas, rows: rows, context) }
    var row = rows.lowerBound
    if kind == .payment {
      for (line, label, account) in [(0, "From" as SafeText, from), (1, "To", to)] {
        FormFields.drawChoice(
          label, data.name(of: accounts[account]), isHere: focus == line, row: row, width: context.width,
          into: &canvas)
        row += 1
      }
    }
    var form = form
    if let booked { form.setAside("= \(booked.text()) \(booked.currency.code)", of: "rate") }
    row = form.view(into: &canvas, row: row, width: context.width, isActive: focus >= choices)
    for line in hint.wrapped(to: max(10, context.width - 4)) where row + 1 < rows.upperBound {
      row += 1
      canvas.draw(line, row: row, column: 2, style: .muted)
    }
  }

  /// The booked amount, if there is a rate.
  private var booked: Amount? {
    guard let currency = Currency(code: form["currency"]), let rate = try? form.rate,
      let amount = try? Amount(typed: form["amount"], currency: currency)
    else { return nil }
    return try? rate.booked(amount, in: data.group.currency)
  }

  /// The difference between the counted money and the books, as a sentence; empty while there is no amount.
  private var difference: SafeText {
    guard let currency = Currency(code: form["currency"]),
      let counted = try? Amount(typed: form.fields[0].input.text, currency: currency)
    else { return "" }
    let held = data.group.kitty.first { $0.currency == currency }?.amount ?? 0
    let difference = Amount(counted.minorUnits &- held, currency)
    if difference.minorUnits == 0 { return "You counted as much. " }
    let sum = difference.text().drop { $0 == "-" }
    return "You counted \(sum) \(currency.code) \(difference.minorUnits < 0 ? "less" : "more"). "
  }

  private var hint: SafeText {
    if kind == .count {
      let held = data.group.kitty.map { "\(Amount($0.amount, $0.currency))" }.joined(separator: ", ")
      let holds: SafeText =
        held.isEmpty ? "According to the books it is empty." : "According to the books it holds \(held)."
      return "\(holds) \(difference)The difference is shared by all members."
    }
    switch (accounts[from], accounts[to]) {
    case (_, .kitty): return "A contribution: the kitty holds more, and owes it to the member."
    case (.kitty, _): return "A payout: the kitty holds less."
    default: return "A payment: it settles a debt between two members."
    }
  }
}
