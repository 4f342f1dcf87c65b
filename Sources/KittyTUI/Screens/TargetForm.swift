import KittyShared

/// A form for the target of a member: the amount to put into the kitty.
struct TargetForm: EffectForm {
  private let data: GroupData
  private let member: ID
  var form: FormFields
  private let before: [String]
  var pending: Effect?

  init(_ data: GroupData, _ line: KittyScreen.Contribution) {
    self.data = data
    member = line.member
    let old = line.target > 0 ? Amount(line.target, line.currency).typed : ""
    form = FormFields([
      .init(name: "targets.0.amount", label: "Amount", input: TextField(old, limit: 32)),
      .currency(line.currency, first: data.likelyCurrencies),
    ])
    before = form.fields.map(\.input.text)
  }

  var title: SafeText { "Target" }
  var hasUnsaved: Bool { form.fields.map(\.input.text) != before }
  var bindings: [Binding] { form.bindings(submit: "save") }

  /// The target; zero removes it.
  private var amount: Amount {
    get throws(Rejection) {
      let currency = try form.currency()
      guard form.filled("targets.0.amount") != nil else { return Amount(0, currency) }
      let amount = try form.amount("targets.0.amount", in: currency)
      guard amount.minorUnits >= 0 else {
        throw .invalid("targets.0.amount", "negative", "The value must not be negative.")
      }
      return amount
    }
  }

  func check(_ field: String) throws(Rejection) {
    // Without a currency no amount can be read.
    if field == "currency" {
      _ = try form.currency()
    } else if (try? form.currency()) != nil {
      _ = try amount
    }
  }

  func effect() throws(Rejection) -> Effect {
    let amount = try amount
    return .setTargets(
      group: data.group.id,
      try TargetsChange(
        currency: amount.currency, targets: [.init(member, amount: .minorUnits(amount.minorUnits))]
      ).checked())
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .targetsSet where pending != nil: return [.pop, .toast("The target is set.")]
    default: _ = failure(in: message)
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let row = form.view(into: &canvas, row: rows.lowerBound, width: context.width)
    let words: SafeText =
      "The total that \(data.name(of: member)) should put into the kitty. Empty or 0 removes the target."
    drawHint(words, into: &canvas, row: row + 1, context)
  }
}

/// The draft of the form.
extension TargetForm {
  var draftName: Draft.Name? { Draft.Name(kind: .target, id: member) }

  var draft: Draft? {
    guard hasUnsaved, let name = draftName else { return nil }
    var draft = Draft(name)
    draft.group = data.group.id
    draft.groupName = data.group.name
    draft.fields = form.written
    draft.choices = ["currency": before[1], "target": before[0]]
    return draft
  }

  /// A form with the input of a draft; `nil` when its member has left, so that it has no target.
  init?(_ data: GroupData, draft: Draft) {
    guard data.present.contains(where: { $0.id == draft.name.id }),
      let currency = Currency(code: draft.choices["currency"] ?? "")
    else { return nil }
    let target = (try? Amount(typed: draft.choices["target"] ?? "", currency: currency))?.minorUnits ?? 0
    self.init(data, .init(member: draft.name.id, currency: currency, target: target, contributed: 0))
    form.restore(draft.fields)
  }
}
