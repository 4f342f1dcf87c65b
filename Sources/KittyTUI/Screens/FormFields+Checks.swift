import KittyShared

/// The checks of single fields: when a field is left, and all of them before the form is sent.
extension FormFields {
  /// Shows the error of a field that is left. An error of the server stays until the field is edited.
  mutating func check(_ name: String, _ read: (String) throws(Rejection) -> Void) {
    guard let index = fields.firstIndex(where: { $0.name == name }) else { return }
    do throws(Rejection) { try read(name) } catch {
      fields[index].error = SafeText(error.errors?.first?.message ?? error.detail)
    }
  }

  /// Checks all fields, and moves the focus to the first wrong one.
  /// - Returns: `true` when none is wrong.
  mutating func passes(_ read: (String) throws(Rejection) -> Void) -> Bool {
    clearErrors()
    for field in fields { check(field.name, read) }
    guard let first = fields.firstIndex(where: { !$0.error.string.isEmpty }) else { return true }
    active = first
    if first >= shown { shown = fields.count }
    return false
  }

  mutating func clearError(of name: String) {
    if let index = fields.firstIndex(where: { $0.name == name }) { fields[index].error = "" }
  }

  /// Checks a text that people read.
  func text(_ name: String, max: Int) throws(Rejection) {
    var checks = FieldChecks()
    checks.text(self[name], name, max: max)
    if let error = checks.errors.first { throw .invalid([error]) }
  }

  /// Reads a currency.
  func currency(_ name: String = "currency") throws(Rejection) -> Currency {
    guard let currency = Currency(code: self[name].trimmed) else {
      throw .invalid(name, "unknown_currency", "Write a currency code such as EUR, USD or JPY.")
    }
    return currency
  }

  /// Reads an amount.
  func amount(_ name: String, in currency: Currency) throws(Rejection) -> Amount {
    do throws(Amount.ParseFailure) { return try Amount(typed: self[name], currency: currency) } catch {
      throw .invalid(name, "not_an_amount", error.description)
    }
  }

  /// Reads a date in any way of writing.
  func day(_ name: String, today: Day) throws(Rejection) -> Day {
    do throws(TypedDay.Refusal) {
      if let date = try TypedDay(self[name], today: today) { return date.day }
    } catch {
      throw .invalid(name, "not_a_date", error.description)
    }
    throw .invalid(
      name, "not_a_date",
      "Write a date such as \(today), 28.11., today, yesterday, fri, or -2 for two days ago.")
  }

  /// Says what a date was understood as, at the end of its line.
  mutating func sayDay(_ name: String, today: Day) {
    let day = try? day(name, today: today)
    setAside(day.map { "= \($0.words(today: today))" } ?? "", of: name)
  }
}

/// Fields that are filled by choosing.
extension FormFields {
  /// Handles a key of a choice: it opens the list, or is for the open list.
  /// - Returns: `nil` for a key that edits text.
  mutating func pick(_ key: Key) -> Bool? {
    if var open = picker {
      let answer = open.press(key)
      picker = answer == .closed ? nil : open
      return answer != .unused
    }
    let field = fields[active]
    let clears: [Key] = [.backspace, .delete, .control("u"), .control("w"), .control("k"), .control("h")]
    guard !field.choices.isEmpty, Picker.opens(key) || clears.contains(key) else { return nil }
    let present = field.choices.first {
      $0.name.string.uppercased() == field.input.text.uppercased()
    }
    picker = Picker(field.choices, at: present?.value)
    _ = picker?.press(key)
    return true
  }

  /// Takes the marked value of the open list, if there is one, before the focus moves or the form is sent.
  /// - Returns: `false` when no value has the typed letters: then the list stays open.
  mutating func settle() -> Bool {
    guard let open = picker else { return true }
    guard let chosen = fields[active].choices.first(where: { $0.value == open.value }) else { return false }
    fields[active].input.set(chosen.name.string)
    fields[active].error = ""
    picker = nil
    return true
  }

  /// The keys of the form as it is: of the open list, or of the fields.
  func bindings(submit: SafeText) -> [Binding] {
    picker == nil ? Self.bindings(submit: submit, isLast: isAtEnd) + Self.editing : Picker.bindings
  }

  /// Enter and ^S of a form.
  /// - Parameter isLast: `true` on the last line, where Enter submits.
  static func entering(_ submit: SafeText, isLast: Bool) -> [Binding] {
    [
      Binding(
        [.enter], "Enter", isLast ? submit : "next line; on the last one: \(submit)", .open,
        footer: isLast ? submit : "next"),
      Binding([.control("s")], "^S", "\(submit), from any line", .submit, footer: isLast ? "" : submit),
    ]
  }
}

extension FormFields.Field {
  /// A field for a currency, chosen by code or name.
  /// - Parameter first: The likely currencies.
  static func currency(_ currency: Currency, first: [Currency]) -> FormFields.Field {
    FormFields.Field(
      name: "currency", label: "Currency", input: TextField(currency.code, limit: 64),
      choices: Picker.Option.currencies(first: first))
  }
}
