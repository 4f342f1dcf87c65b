import KittyShared

/// A form for the name that others see, the time zone and the default currency of the user.
struct ProfileForm: AccountForm {
  private(set) var user: User
  var form: FormFields
  var pending: Effect?

  /// - Parameter field: The field with the focus.
  init(_ user: User, at field: String) {
    self.user = user
    form = FormFields([
      .init(name: "displayName", label: "Name", input: TextField(user.displayName, limit: 64)),
      .init(name: "timeZone", label: "Time zone", input: TextField(user.timeZone ?? "", limit: 64)),
      .init(
        name: "defaultCurrency", label: "Currency",
        input: TextField(user.defaultCurrency?.code ?? "", limit: 3)),
    ])
    form.active = form.fields.firstIndex { $0.name == field } ?? 0
  }

  var title: SafeText { "Profile" }
  var hasUnsaved: Bool { form.fields.contains { isTouched($0) } }
  var bindings: [Binding] {
    let choosing =
      isInTimeZone
      ? [
        Binding([.control("n")], "^N", "the next time zone with this text", .complete, footer: "find a zone")
      ]
      : []
    return FormFields.bindings(submit: "save", isLast: form.isAtEnd) + choosing + FormFields.editing
  }

  private var isInTimeZone: Bool { form.fields[form.active].name == "timeZone" }
  /// The text whose time zones `^N` goes through.
  private var sought: String?

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    guard form.edit(key) else { return false }
    sought = nil
    return true
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    guard command == .complete else { return performFields(command) }
    let text = sought ?? form["timeZone"].trimmed
    let zones = Self.zones(with: text, context)
    guard !zones.isEmpty else {
      return [.toast("No time zone has \"\(text)\" in its name. Write a city or a continent.")]
    }
    let next = zones.firstIndex(of: form["timeZone"]).map { ($0 + 1) % zones.count } ?? 0
    form.fields[form.active].input.set(zones[next])
    form.fields[form.active].error = ""
    sought = text
    return []
  }

  /// The time zones whose name contains a text, those with a city of this beginning first.
  private static func zones(with text: String, _ context: Context) -> [String] {
    let text = text.lowercased().replacing(" ", with: "_")
    let found = context.timeZones().filter { $0.lowercased().contains(text) }.sorted()
    func isCity(_ zone: String) -> Bool {
      zone.lowercased().split(separator: "/").last?.hasPrefix(text) == true
    }
    return found.filter(isCity) + found.filter { !isCity($0) }
  }

  private static func text(of field: String, in user: User) -> String {
    switch field {
    case "displayName": user.displayName
    case "timeZone": user.timeZone ?? ""
    default: user.defaultCurrency?.code ?? ""
    }
  }

  private func isTouched(_ field: FormFields.Field) -> Bool {
    field.input.text != Self.text(of: field.name, in: user)
  }

  func effect() throws(Rejection) -> Effect {
    var currency: Currency?
    if let code = form.filled("defaultCurrency") {
      guard let known = Currency(code: code) else {
        throw .invalid(
          "defaultCurrency", "unknown_currency",
          "Write a currency code such as EUR or USD, or leave it empty.")
      }
      currency = known
    }
    let name = form["displayName"].trimmed
    let change = UserChange(
      displayName: name == user.displayName ? nil : name,
      defaultCurrency: Patch(currency, was: user.defaultCurrency),
      timeZone: Patch(form.filled("timeZone"), was: user.timeZone))
    guard change != UserChange() else {
      throw .invalid("", "nothing_to_change", "Nothing is changed yet. Esc goes back.")
    }
    return .you(.change(version: user.version, try change.checked()))
  }

  mutating func rebase(on present: User) -> [SafeText] {
    var both: [SafeText] = []
    for index in form.fields.indices {
      let field = form.fields[index]
      let (before, now) = (Self.text(of: field.name, in: user), Self.text(of: field.name, in: present))
      if !isTouched(field) {
        form.fields[index].input.set(now)
      } else if now != before, now != field.input.text {
        form.fields[index].aside = "now: \(now.isEmpty ? "nothing" : now)"
        both.append(field.label)
      }
    }
    user = present
    return both
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    receiveAccount(message, done: [.pop, .toast("Saved.")])
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let row = form.view(into: &canvas, row: rows.lowerBound, width: context.width)
    let words: SafeText =
      switch form.fields[form.active].name {
      case "displayName":
        "The name that the members of your groups see. In a group you can have another one: \(key: .members, "M") there, then \(key: .edit, "e")."
      case "timeZone":
        "Write a city and press \(key: .complete, "^N"), such as berlin for Europe/Berlin. Empty: the time zone of the machine that you use."
      default: "The currency that a new group has at first, such as EUR. Empty: none."
      }
    drawHint(words, into: &canvas, row: row + 1, context)
  }
}

/// The draft of the form. It has the account as it was, so that a change from another device is seen when it is saved.
extension ProfileForm {
  var draftName: Draft.Name? { Draft.Name(kind: .profile, id: user.id) }

  var draft: Draft? {
    guard hasUnsaved, let name = draftName else { return nil }
    var draft = Draft(name)
    draft.account = user
    draft.fields = form.written
    return draft
  }

  /// A form with the input of a draft.
  init(_ user: User, draft: Draft) {
    self.init(user, at: "displayName")
    form.restore(draft.fields)
  }
}
