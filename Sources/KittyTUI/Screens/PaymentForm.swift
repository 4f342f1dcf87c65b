import KittyShared

/// A form for a payment between members, into or out of the kitty, or for a count of the kitty.
struct PaymentForm: VersionedForm, ChoosingForm {
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
  var focus: Int
  /// `true` for the payment of a rule, which has no date.
  var isTemplate = false
  /// The open list of the payer or the recipient.
  var picker: Picker?
  var pending: Effect?
  /// The open choice between two versions, shown over the form.
  var conflict: Conflict?
  private var before: [String] = []
  /// `true` once it was sent: its id, which makes a repetition safe, is kept with the draft.
  private var wasSent = false
  /// The input of a suggested payment that is only entered while it is owed; `nil` when the payment need not be owed.
  private var owed: [String]?

  /// - Parameters:
  ///   - suggestion: A suggested payment, as the initial input.
  ///   - onlyIfOwed: `true` refuses the suggested payment if it is not owed any more: both may enter it.
  ///   - from: The initial payer.
  ///   - to: The initial recipient.
  ///   - old: The payment to change; `nil` for a new one.
  ///   - model: The payment that a new one is like, but for its date.
  init(
    _ data: GroupData, _ kind: Kind = .payment, id: ID, today: Day, suggestion: Transfer? = nil,
    onlyIfOwed: Bool = false, from: LedgerAccount? = nil, to: LedgerAccount? = nil,
    changing old: Entry? = nil,
    like model: Entry? = nil
  ) {
    self.data = data
    self.kind = kind
    self.id = old?.id ?? id
    self.today = today
    self.old = old
    let source = old ?? model
    let named = [old?.from, old?.to, suggestion?.from, suggestion?.to, from, to].compactMap { $0 }
    accounts =
      data.members.filter { $0.removedAt == nil || named.contains(.member($0.id)) }.map { .member($0.id) }
      + [.kitty]
    let currency = source?.currency ?? suggestion?.currency ?? data.group.currency
    let amount = source?.amount ?? suggestion?.amount
    var fields: [FormFields.Field] = [
      .init(
        name: kind == .count ? "counted" : "amount", label: kind == .count ? "Counted" : "Amount",
        input: TextField(amount.map { Amount($0, currency).typed } ?? "", limit: 32)),
      .currency(currency, first: data.likelyCurrencies),
      .init(name: "date", label: "Date", input: TextField((old?.date ?? today).description, limit: 16)),
    ]
    let rate = FormFields.Field(
      name: "rate", label: "Rate",
      input: TextField(source?.rate.map { Amount.shown(decimal: $0.text) } ?? "", limit: 13))
    // A count needs no rate: the kitty holds each currency separately.
    if kind == .payment { fields.append(rate) }
    fields.append(
      .init(name: "description", label: "What for", input: TextField(source?.description ?? "", limit: 200)))
    fields.append(.init(name: "note", label: "Note", input: TextField(source?.note ?? "", limit: 2000)))
    form = FormFields(fields, shown: 3)
    let me = LedgerAccount.member(data.group.me)
    self.from = accounts.firstIndex(of: source?.from ?? suggestion?.from ?? from ?? me) ?? 0
    let recipient = accounts.firstIndex(of: source?.to ?? suggestion?.to ?? to ?? .kitty) ?? 0
    self.to = recipient == self.from ? (recipient + 1) % accounts.count : recipient
    // A suggested payment needs only ^S, or another amount.
    focus = suggestion == nil && from == nil ? 0 : 2
    let isCopyOfText = model != nil && form.filled("description") != nil
    if form.filled("rate") != nil || form.filled("note") != nil || isCopyOfText {
      form.shown = form.fields.count
    }
    form.active = max(0, focus - choices)
    if let model, ![model.from, model.to].allSatisfy({ $0.map(accounts.contains) ?? true }) {
      form.error = "A member has left the group. Look over from and to before you save."
    }
    before = written
    if onlyIfOwed { requireDebt() }
  }

  /// The number of fields that are always visible. ^O shows the others.
  var simple: Int { isTemplate ? 2 : 3 }
  var choices: Int { kind == .payment ? 2 : 0 }
  var lineCount: Int { choices + form.shown }
  /// The accounts, the amount, the currency and the rate.
  private var terms: [String] { ["amount", "currency", "rate"].map { form[$0] } + ["\(from)", "\(to)"] }
  /// `true` while the suggested payment is unchanged and must be owed.
  var isOnlyIfOwed: Bool { owed == terms }

  /// Enters the payment as it is now only while it is owed.
  mutating func requireDebt() { owed = terms }

  var written: [String] { form.fields.map(\.input.text) + ["\(from)", "\(to)"] }

  var title: SafeText {
    if old != nil { return "Change" }
    return kind == .count ? "Count the kitty" : "New payment"
  }
  var isEditing: Bool { conflict == nil }
  var isLocked: Bool { pending != nil }
  var hasUnsaved: Bool { written != before || old == nil && wasSent }
  var bindings: [Binding] {
    if conflict != nil { return Conflict.bindings }
    let more = Binding(
      [.control("o")], "^O", "rate, what for, note: show, hide", .more,
      footer: form.shown > simple ? "less" : "more")
    if isChoosing { return Picker.bindings + [more] }
    let choosing = Binding.choosing("from, to", footer: focus < choices ? "choose" : "")
    return FormFields.entering(isTemplate ? "days" : "save", isLast: focus == lineCount - 1) + [
      Binding([.tab, .down], "Tab ↓", "next line", .down),
      more,
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
    return pick(key) ?? false
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    if let actions = performConflict(command) { return actions }
    let wasChoosing = isChoosing
    guard settle() else { return [] }
    switch command {
    case .down: move(1)
    case .up: move(-1)
    case .nextPanel: turn(1)
    case .more: return toggleMore()
    case .open where focus != lineCount - 1: move(1)
    case .open where wasChoosing: break
    case .open, .submit: return submit()
    default: break
    }
    return []
  }

  private mutating func toggleMore() -> [Action] {
    leave()
    if form.shown == simple {
      form.shown = form.fields.count
      focus = choices + simple
    } else if form.filled("rate") != nil || form.filled("note") != nil
      || form["description"] != old?.description ?? ""
    {
      // A filled field is never hidden.
      return [.toast("Rate, description or note is filled in and stays visible.")]
    } else {
      form.shown = simple
      focus = min(focus, lineCount - 1)
    }
    form.active = max(0, focus - choices)
    return []
  }

  mutating func submit() -> [Action] {
    let typed = self
    guard form.passes({ (field) throws(Rejection) in try typed.check(field) }) else {
      focus = choices + form.active
      return []
    }
    do {
      let effect = try effect()
      // The days of a rule come next.
      if isTemplate { return [.command(.confirm)] }
      pending = effect
      wasSent = true
      return [.run(effect)]
    } catch {
      form.show(.rejected(error))
      focus = choices + form.active
      return []
    }
  }

  func effect() throws(Rejection) -> Effect {
    let group = data.group.id
    guard kind == .payment else { return .createCount(group: group, try count().checked()) }
    let payment = try request().checked()
    guard let old else { return .createPayment(group: group, payment) }
    var change = PaymentChange()
    change.from = payment.from
    change.to = payment.to
    change.amount = payment.amount
    change.currency = payment.currency
    change.date = payment.date
    change.rate = Patch(payment.rate, was: old.rate)
    change.description = payment.description == old.description ? nil : payment.description
    change.note = Patch(payment.note, was: old.note)
    return .changePayment(group: group, payment: old.id, version: old.version, try change.checked())
  }

  private func count() throws(Rejection) -> NewCount {
    let currency = try form.currency()
    return NewCount(
      id: id, counted: .minorUnits(try form.amount("counted", in: currency).minorUnits), currency: currency,
      date: try form.day("date", today: today), description: form.filled("description"),
      note: form.filled("note"))
  }

  /// Returns the payment of the input; that of a rule has neither id nor date.
  func request() throws(Rejection) -> NewPayment {
    let currency = try form.currency()
    let amount = try form.amount("amount", in: currency)
    let input = AmountInput.minorUnits(amount.minorUnits)
    let date = isTemplate ? nil : try form.day("date", today: today)
    _ = try input.positiveAmount(in: currency)
    let rate = try form.rate
    _ = try rate?.booked(amount, in: data.group.currency)
    return NewPayment(
      id: isTemplate ? nil : id, from: accounts[from], to: accounts[to], amount: input, currency: currency,
      rate: rate, date: date, description: form.filled("description"), note: form.filled("note"),
      onlyIfOwed: isOnlyIfOwed ? true : nil)
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    if let actions = receiveConflict(message) { return actions }
    switch message {
    case .entered where pending != nil:
      return [
        .pop,
        .toast(old == nil ? "Saved." : "The change is saved. \(key: .undo, "u") in the list undoes it."),
      ]
    case .failed(let effect, let failure) where effect == pending:
      pending = nil
      // The input stays, and the same id is sent again: the payment cannot be saved twice.
      form.show(failure, "Not saved.")
      goToError(failure)
      if case .problem(let problem) = failure, problem.code == "not_owed" {
        owed = nil
        form.error = "\(form.error) \(key: .submit, "^S") saves it anyway."
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
        row = Picker.drawLine(
          label, data.name(of: accounts[account]), isHere: focus == line, open: picker, row: row,
          width: context.width, into: &canvas)
      }
    }
    var form = form
    form.sayDay("date", today: today)
    if let booked { form.setAside("= \(booked.text()) \(booked.currency.code)", of: "rate") }
    row = form.view(into: &canvas, row: row, width: context.width, isActive: focus >= choices)
    for line in hint.wrapped(to: max(10, context.width - 4)) where row + 1 < rows.upperBound {
      row += 1
      canvas.draw(line, row: row, column: 2, style: .muted)
    }
  }

  /// The booked amount, if there is a rate.
  private var booked: Amount? {
    guard let currency = try? form.currency(), let rate = try? form.rate,
      let amount = try? Amount(typed: form["amount"], currency: currency)
    else { return nil }
    return try? rate.booked(amount, in: data.group.currency)
  }

  /// The difference between the counted money and the books, as a sentence; empty while there is no amount.
  private var difference: SafeText {
    guard let currency = try? form.currency(),
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
