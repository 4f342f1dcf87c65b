import KittyShared

/// The changes of an entry in words: each field with its old and new value, with formatted amounts and the names of
/// members.
struct EntryHistory {
  private let data: GroupData
  private let entry: Entry
  private let history: [Revision]
  private let context: Context

  init(_ details: EntryDetails, _ data: GroupData, _ context: Context) {
    self.data = data
    self.context = context
    entry = details.entry
    history = details.history
  }

  /// The currencies of the amounts in one state of the entry.
  private struct Units {
    var entered: Currency
    var booked: Currency
  }

  /// One revision: its author, time and action, and a line for each changed field.
  struct Part {
    let heading: SafeText
    let changes: [SafeText]
  }

  var parts: [Part] {
    // The currency of an old amount follows from the later changes: from the present entry backwards.
    var units = Units(entered: entry.currency, booked: entry.booked.currency)
    var parts: [Part] = []
    for revision in history.reversed() {
      let after = units
      for change in revision.changes {
        if change.field == "currency", case .text(let code) = change.old, let known = Currency(code: code) {
          units.entered = known
        }
        if change.field == "booked", case .object(let old) = change.old,
          case .text(let code) = old["currency"],
          let known = Currency(code: code)
        {
          units.booked = known
        }
      }
      let before = units
      let lines: [SafeText] =
        revision.action == .changed || revision.action == .adjusted
        ? revision.changes.map { change in
          let old = words(change.old, change.field, before), new = words(change.new, change.field, after)
          return "\(Self.name(of: change.field)): \(old) → \(new)"
        } : []
      parts.append(
        Part(
          heading:
            "\(context.time(of: revision.at)) \(data.name(of: revision.by)) \(revision.action.rawValue) it",
          changes: lines))
    }
    return parts.reversed()
  }

  private static func name(of field: String) -> SafeText {
    switch field {
    case "booked": "in the books"
    case "payers": "paid by"
    case "shares": "shared by"
    default: SafeText(field)
    }
  }

  private func words(_ value: JSONValue?, _ field: String, _ units: Units) -> SafeText {
    guard let value, value != .null else { return "nothing" }
    switch (field, value) {
    case ("amount", .number(let number)), ("counted", .number(let number)), ("expected", .number(let number)):
      return Self.sum(number, units.entered)
    case ("booked", .object(let money)):
      guard case .number(let number) = money["amount"] else { break }
      return Self.sum(number, units.booked)
    case ("payers", .list(let payers)): return list(payers) { part("account", $0, units.entered) }
    case ("shares", .list(let shares)): return list(shares) { part("member", $0, units.booked) }
    case ("split", .object(let rule)): return words(forSplit: rule, units.entered)
    case ("rate", .text(let rate)): return SafeText(Amount.shown(decimal: rate))
    case ("from", _), ("to", _): return name(value)
    case ("category", .text(let id)): return category(id)
    case ("receipts", .list(let receipts)):
      return list(receipts) { value in
        if case .object(let receipt) = value, let name = receipt["name"] {
          Self.plain(name)
        } else {
          Self.plain(value)
        }
      }
    case ("tags", .list(let tags)): return list(tags) { "#\(Self.plain($0))" }
    case ("recurring", .object(let source)):
      if case .number(let k) = source["k"] { return "number \(k + 1) of its rule" }
    default: break
    }
    return Self.plain(value)
  }

  private func list(_ values: [JSONValue], _ words: (JSONValue) -> SafeText) -> SafeText {
    values.isEmpty ? "none" : values.map(words).joined(", ")
  }

  /// A member with an amount, a weight or a percentage.
  private func part(_ who: String, _ value: JSONValue, _ currency: Currency) -> SafeText {
    guard case .object(let part) = value else { return Self.plain(value) }
    let name = name(part[who])
    if let amount = part["amount"] { return "\(name) \(money(amount, currency))" }
    if let percent = part["percent"] {
      return "\(name) \(Amount.shown(decimal: Self.plain(percent).string)) %"
    }
    if let weight = part["weight"] { return "\(name) ×\(Self.plain(weight))" }
    return name
  }

  private func money(_ value: JSONValue, _ currency: Currency) -> SafeText {
    if case .number(let number) = value { return SafeText(Amount(number, currency).text()) }
    return Self.plain(value)
  }

  private func name(_ value: JSONValue?) -> SafeText {
    guard case .text(let text) = value else { return "(unknown)" }
    if text == "kitty" { return data.name(of: .kitty) }
    return ID(text).map { data.name(of: $0) } ?? SafeText(text)
  }

  private func category(_ id: String) -> SafeText { ID(id).map { data.categoryName($0) } ?? SafeText(id) }

  private func words(forSplit rule: [String: JSONValue], _ currency: Currency) -> SafeText {
    var text: SafeText = ""
    if case .text(let word) = rule["method"], let method = SplitRule.Method(rawValue: word) {
      text = SplitFields.name(of: method)
    }
    if case .list(let parts) = rule["parts"] {
      text = "\(text), \(list(parts) { part("member", $0, currency) })"
    }
    if case .list(let items) = rule["items"] {
      text = "\(text), \(list(items) { item($0, currency) })"
    }
    for extra in ["tax", "tip", "discount"] {
      if let value = rule[extra] { text = "\(text), \(SafeText(extra)) \(money(value, currency))" }
    }
    return text
  }

  /// Describes the rule of the present entry in the same words.
  static func words(for rule: SplitRule, _ currency: Currency, _ data: GroupData) -> SafeText {
    let part: (SplitRule.Part) -> SafeText = { part in
      let name = data.name(of: part.member)
      if let amount = part.amount { return "\(name) \(money(amount, currency))" }
      if let percent = part.percent { return "\(name) \(Amount.shown(decimal: percent.text)) %" }
      return part.weight.map { "\(name) ×\($0)" } ?? name
    }
    var words = [SplitFields.name(of: rule.method)] + (rule.parts ?? []).map(part)
    words += (rule.items ?? []).map { item in
      let who = (item.members ?? []).map { data.name(of: $0) }.joined(", ")
      let category: SafeText = item.category.map { ", \(data.categoryName($0))" } ?? ""
      let tags = tagWords(item.tags ?? [], beside: item.description ?? "")
      return
        "\(SafeText(item.description ?? "item")) \(money(item.amount, currency)) (\(who))\(category)\(tags)"
    }
    for (name, extra) in [("tax" as SafeText, rule.tax), ("tip", rule.tip), ("discount", rule.discount)] {
      if let extra { words.append("\(name) \(money(extra, currency))") }
    }
    return words.joined(", ")
  }

  /// The tags of an item that its description does not show.
  private static func tagWords(_ tags: [String], beside description: String) -> SafeText {
    let shown = Tags.inText(description)
    return tags.filter { !shown.contains($0) }.reduce("") { "\($0), #\($1)" }
  }

  private static func money(_ input: AmountInput, _ currency: Currency) -> SafeText {
    SafeText((try? input.amount(in: currency))?.text() ?? "")
  }

  private func item(_ value: JSONValue, _ currency: Currency) -> SafeText {
    guard case .object(let item) = value else { return Self.plain(value) }
    let what: SafeText = item["description"].map { Self.plain($0) } ?? "item"
    let amount: SafeText = item["amount"].map { money($0, currency) } ?? ""
    guard case .list(let members) = item["members"] else { return "\(what) \(amount)" }
    var category: SafeText = ""
    if case .text(let id) = item["category"] { category = ", \(self.category(id))" }
    var tags: [String] = []
    if case .list(let values) = item["tags"] { tags = values.map { Self.plain($0).string } }
    let labels = Self.tagWords(tags, beside: what.string)
    return "\(what) \(amount) (\(list(members) { name($0) }))\(category)\(labels)"
  }

  private static func sum(_ number: Int64, _ currency: Currency) -> SafeText {
    "\(Amount(number, currency).text()) \(currency.code)"
  }

  private static func plain(_ value: JSONValue) -> SafeText {
    switch value {
    case .text(let text): SafeText(text)
    case .number(let number): "\(number)"
    case .bool(let isTrue): isTrue ? "yes" : "no"
    case .null: "nothing"
    case .list(let values): values.map(plain).joined(", ")
    case .object(let fields):
      fields.sorted { $0.key < $1.key }.map { "\($0.key) \(plain($0.value))" as SafeText }.joined(", ")
    }
  }
}
