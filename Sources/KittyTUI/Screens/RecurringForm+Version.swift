import KittyShared

/// The rule as another user changed it meanwhile.
extension RecurringForm {
  /// Makes the present version of the rule the one to change, with what was changed here over it. An entry that the rule
  /// made meanwhile is no reason to ask.
  mutating func rebase(on rule: Recurring) -> [Action] {
    guard let before = old else { return [] }
    let isSame =
      before.template == rule.template && before.recurrence == rule.recurrence
      && before.mode == rule.mode && before.zone == rule.zone
    if isSame {
      old = rule
      return submit()
    }
    var newer = RecurringForm(data, changing: rule, today: today)
    newer.page = page
    let names = newer.takeEntry(of: self) + newer.takeDays(of: self)
    let words: SafeText =
      names.isEmpty
      ? "The form has their version."
      : "The form has their version, with what you changed over it: \(names.joined(", "))."
    newer.form.error =
      "Another user changed the rule meanwhile: \(rule.name), \(rule.amountText), \(SafeText(rule.every.text)). \(words) \(key: .submit, "^S") saves it."
    self = newer
    return []
  }

  /// Takes over what was changed in the entry of a form of an older version: of another kind of entry, all of it.
  /// - Returns: The names of what was changed.
  private mutating func takeEntry(of older: RecurringForm) -> [SafeText] {
    guard older.isEntryChanged, let present = old?.template else { return [] }
    guard older.kind == kind, let mine = try? older.entry.template(), let stored = older.old?.template else {
      (kind, entry) = (older.kind, older.entry)
      return ["the whole entry"]
    }
    // As the form writes them: equal input is an equal template.
    let opened = try? Self.entryForm(data, kind, id: id, today: today, stored).template()
    var template = (try? entry.template()) ?? present
    let names = template.take(changesFrom: opened ?? stored, to: mine)
    entry = Self.entryForm(data, kind, id: id, today: today, template)
    return names
  }

  /// Takes over the days that were changed in a form of an older version.
  /// - Returns: The names of what was changed.
  private mutating func takeDays(of older: RecurringForm) -> [SafeText] {
    var names: [SafeText] = []
    for parts in [["n", "unit"], ["from"], ["until"], ["times"], ["mode"], ["zone"]]
    where older.isChanged(parts) {
      for index in form.fields.indices where parts.contains(form.fields[index].name) {
        form.fields[index].input.set(older.form[form.fields[index].name])
        if form.fields[index].name == parts[0] { names.append(form.fields[index].label) }
      }
    }
    return names
  }
}
