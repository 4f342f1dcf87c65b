import KittyShared

/// A form for a new member without an account, or for the name and weight of a member.
struct MemberForm: CreatingForm, VersionedForm {
  var form: FormFields
  private let group: ID
  var id: ID
  /// The member to change.
  private var old: Member?
  private let before: [String]
  var pending: Effect?
  /// The open choice between two versions, shown over the form.
  var conflict: Conflict?

  /// A form for a new member.
  init(group: ID, id: ID) { self.init(group: group, id: id, old: nil) }

  /// A form for an existing member.
  init(group: ID, changing member: Member) { self.init(group: group, id: member.id, old: member) }

  private init(group: ID, id: ID, old: Member?) {
    self.group = group
    self.id = id
    self.old = old
    form = FormFields(
      [
        .init(name: "name", label: "Name", input: TextField(old?.name ?? "", limit: 64)),
        .init(name: "weight", label: "Weight", input: TextField("\(old?.weight ?? 1)", limit: 7)),
      ]
        + (old == nil
          ? []
          : [
            .init(
              name: "iban", label: "IBAN",
              input: TextField(old?.iban.flatMap { IBAN($0)?.grouped } ?? "", limit: 42))
          ]))
    before = form.fields.map(\.input.text)
  }

  var title: SafeText { old == nil ? "New member" : "Edit member" }
  var hasUnsaved: Bool { form.fields.map(\.input.text) != before }
  var isEditing: Bool { conflict == nil }
  var bindings: [Binding] {
    conflict == nil ? form.bindings(submit: old == nil ? "add" : "save") : Conflict.bindings
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    performConflict(command) ?? performFields(command)
  }

  private var weight: Int64 {
    get throws(Rejection) {
      let text = form.filled("weight") ?? "1"
      guard let weight = Int64(text) else {
        throw .invalid("weight", "not_a_weight", "Write a whole number, such as 2.")
      }
      return weight
    }
  }

  /// The IBAN; `nil` for none.
  private var iban: String? {
    get throws(Rejection) {
      guard form.has("iban"), let text = form.filled("iban") else { return nil }
      guard let iban = IBAN(text) else {
        throw .invalid("iban", "not_an_iban", "This is no IBAN: its check digits say that it has a mistake.")
      }
      return iban.text
    }
  }

  func check(_ field: String) throws(Rejection) {
    switch field {
    case "name": try form.text("name", max: 64)
    case "iban": _ = try iban
    default: _ = try weight
    }
  }

  func effect() throws(Rejection) -> Effect {
    let weight = try weight
    if let old {
      return .changeMember(
        group: group, member: id, version: old.version,
        try MemberChange(name: form["name"], weight: weight, iban: Patch(try iban, was: old.iban)).checked())
    }
    return .addMember(
      group: group,
      try NewMember(id: id, name: form["name"], weight: weight == 1 ? nil : weight).checked())
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    if let actions = receiveConflict(message) { return actions }
    switch message {
    case .memberAdded where pending != nil:
      return [.pop, .toast(context.sentence(form["name"], "is now a member."))]
    case .memberChanged where pending != nil: return [.pop, .toast("Saved.")]
    default: receiveFailure(message, context)
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    if let conflict { return conflict.view(into: &canvas, rows: rows, context) }
    let row = form.view(into: &canvas, row: rows.lowerBound, width: context.width)
    let weight: SafeText = "The weight is used when an expense is split by shares: a couple has 2."
    let words: SafeText =
      if let old {
        "Role: \(old.role.rawValue). \(weight)"
      } else {
        "A member without an account: you enter their payments. \(weight)"
      }
    drawHint(words, into: &canvas, row: row + 1, context)
  }
}

/// The member as another user changed it meanwhile.
extension MemberForm {
  var version: Int64? { old?.version }
  var reading: Effect { .loadPresent(group: group, entry: nil) }
  var untouched: MemberForm { MemberForm(group: group, id: id, old: old) }

  func opened(_ present: Present) -> MemberForm? {
    present.data.present.first { $0.id == id }.map { MemberForm(group: group, changing: $0) }
  }

  func heading(_ present: Present) -> SafeText {
    "Another user changed \(SafeText(old?.name ?? "")), while you were writing."
  }

  mutating func rebase(on present: Present) { old = present.data.present.first { $0.id == id } }

  static var parts: [FormPart<MemberForm>] {
    [.field("name", "Name"), .field("weight", "Weight"), .field("iban", "IBAN")]
  }
}

/// The draft of the form.
extension MemberForm {
  var draftName: Draft.Name? { Draft.Name(kind: .member, id: id) }

  var draft: Draft? {
    guard hasUnsaved, let name = draftName else { return nil }
    var draft = Draft(name)
    draft.group = group
    draft.member = old
    draft.fields = form.written
    return draft
  }

  /// A form with the input of a draft.
  init(group: ID, draft: Draft) {
    self.init(group: group, id: draft.name.id, old: draft.member)
    form.restore(draft.fields)
  }
}
