import KittyShared

/// The participants of an expense and the split between them, in a form.
struct SplitFields: Sendable {
  /// The methods in the order of the choice.
  static let methods: [SplitRule.Method] = [.equally, .shares, .percentages, .exact, .adjusted, .items]

  let people: [Member]
  private(set) var method: SplitRule.Method
  private(set) var participants: Set<ID>
  private(set) var values: [ID: TextField]
  /// The items of the receipt, for the split by items.
  var items: ItemFields
  /// The error of the server, or of a value that was left.
  private(set) var error: SafeText = ""
  /// The member whose value is wrong.
  private(set) var wrong: Int?

  /// - Parameter rule: The rule of the expense to change; `nil` for a new one.
  init(_ people: [Member], rule: SplitRule? = nil, currency: Currency) {
    self.people = people
    method = rule?.method ?? .equally
    items = ItemFields(people.map(\.id), rule: rule, currency: currency)
    let parts = rule?.parts ?? []
    participants = Set(rule == nil || rule?.method == .items ? people.map(\.id) : parts.map(\.member))
    values = [:]
    for part in parts {
      let text: String? =
        switch method {
        case .shares: part.weight.map { "\($0)" }
        case .percentages: part.percent.map { Amount.shown(decimal: $0.text) }
        case .exact, .adjusted: part.amount.flatMap { try? $0.amount(in: currency).typed }
        case .equally, .items: nil
        }
      values[part.member] = TextField(text ?? "", limit: 16)
    }
  }

  /// The input that makes the split. Equal terms are an equal split.
  var terms: [String] {
    if method == .items { return [method.rawValue] + items.written }
    let texts = takesValues ? bearers.map { values[$0]?.text ?? "" } : []
    return [method.rawValue] + bearers.map(\.description) + texts
  }

  /// `true` when the split has amounts, which are in the currency of the expense.
  var hasAmounts: Bool { [.exact, .adjusted, .items].contains(method) }
  var takesValues: Bool { method != .equally && method != .items }
  /// `true` when a member has no value yet, so that a letter is not a part of it.
  func isEmpty(_ index: Int) -> Bool {
    !people.indices.contains(index) || values[people[index].id]?.text.isEmpty ?? true
  }
  var bearers: [ID] { people.map(\.id).filter(participants.contains) }

  var methodName: SafeText { Self.name(of: method) }

  /// Returns the name of a method.
  static func name(of method: SplitRule.Method) -> SafeText {
    switch method {
    case .equally: "equally"
    case .shares: "by shares"
    case .percentages: "by percentages"
    case .exact: "by exact amounts"
    case .adjusted: "equally, some more"
    case .items: "by items"
    }
  }

  /// Describes the split. Equal words are equal splits.
  func words(_ name: (ID) -> SafeText) -> SafeText {
    if method == .items { return "\(methodName): \(items.words(name))" }
    let parts = people.filter { participants.contains($0.id) }.map { member -> SafeText in
      let value = values[member.id]?.text ?? ""
      return takesValues && !value.isEmpty ? "\(SafeText(member.name)) \(value)" : SafeText(member.name)
    }
    return "\(methodName): \(parts.joined(", "))"
  }

  /// Writes the input to a draft.
  func write(to draft: inout Draft) {
    draft.choices["split"] = method.rawValue
    draft.members = bearers
    for member in people {
      if let text = values[member.id]?.text, !text.isEmpty { draft.values[member.id.description] = text }
    }
    items.write(to: &draft)
  }

  /// Puts the input of a draft back.
  /// - Returns: `false` when a member is no longer there.
  mutating func restore(_ draft: Draft) -> Bool {
    let known = Set(people.map(\.id))
    method = draft.choices["split"].flatMap { SplitRule.Method(rawValue: $0) } ?? method
    participants = known.intersection(draft.members)
    values = [:]
    for member in people {
      if let text = draft.values[member.id.description] { values[member.id] = TextField(text, limit: 16) }
    }
    let hasItems = items.restore(draft)
    return hasItems && participants.count == draft.members.count && values.count == draft.values.count
  }

  /// Changes to a method.
  mutating func choose(_ new: SplitRule.Method) {
    guard new != method else { return }
    method = new
    values = [:]
    clearError()
  }

  mutating func clearError() { (error, wrong) = ("", nil) }

  /// Shows an error, at the first value that cannot be read if there is one.
  mutating func fail(_ words: SafeText, _ currency: Currency?) {
    error = words
    wrong = currency.flatMap { currency in
      people.indices.first { participants.contains(people[$0].id) && problem(of: $0, currency) != nil }
    }
  }

  /// Checks the value of a member that is left. An empty one may be filled in later.
  mutating func check(_ index: Int, _ currency: Currency?) {
    guard takesValues, people.indices.contains(index), values[people[index].id]?.text.isEmpty == false,
      let currency, let problem = problem(of: index, currency)
    else { return }
    (error, wrong) = (problem, index)
  }

  private func problem(of index: Int, _ currency: Currency) -> SafeText? {
    do throws(Rejection) {
      if takesValues { _ = try part(of: people[index], currency) }
      return nil
    } catch {
      return SafeText(error.errors?.first?.message ?? error.detail)
    }
  }

  mutating func toggle(_ index: Int) {
    guard people.indices.contains(index), method != .items else { return }
    clearError()
    let member = people[index].id
    if participants.remove(member) == nil { participants.insert(member) }
  }

  mutating func toggleAll() {
    participants = participants.count == people.count ? [] : Set(people.map(\.id))
  }

  /// Handles a key for the value of one member. A space is never part of a value.
  mutating func edit(_ key: Key, _ index: Int) -> Bool {
    guard takesValues, people.indices.contains(index), key != .character(" ") else { return false }
    let member = people[index].id
    var field = values[member] ?? TextField(limit: 16)
    guard field.edit(key) else { return false }
    values[member] = field
    clearError()
    if !field.text.isEmpty { participants.insert(member) }
    return true
  }

  /// Returns the rule of the input.
  /// - Parameter keepsOpen: `true` does not name the members of an item that is for all of them.
  /// - Throws: `Rejection` for an invalid value.
  func rule(_ currency: Currency, keepsOpen: Bool = false) throws(Rejection) -> SplitRule {
    if method == .items { return try items.rule(currency, keepsOpen: keepsOpen) }
    var parts: [SplitRule.Part] = []
    for member in people where participants.contains(member.id) {
      parts.append(try part(of: member, currency))
    }
    return SplitRule(method, parts: parts)
  }

  private func part(of member: Member, _ currency: Currency) throws(Rejection) -> SplitRule.Part {
    let text = values[member.id]?.text ?? ""
    var part = SplitRule.Part(member.id)
    switch method {
    case .equally, .items: break
    case .shares:
      guard let weight = text.isEmpty ? member.weight : Int64(text) else {
        throw .invalid("split", "not_a_weight", "\(member.name): write a whole number, such as 2.")
      }
      part.weight = weight
    case .percentages:
      part.percent = try Self.typed(member) { () throws(Amount.ParseFailure) in try Percent(typed: text) }
    case .exact, .adjusted:
      let amount = try Self.typed(member) { () throws(Amount.ParseFailure) in
        text.isEmpty ? Amount(0, currency) : try Amount(typed: text, currency: currency)
      }
      part.amount = .minorUnits(amount.minorUnits)
    }
    return part
  }

  /// Adds the name of the member to the error of a value.
  private static func typed<Value>(
    _ member: Member, _ read: () throws(Amount.ParseFailure) -> Value
  ) throws(Rejection) -> Value {
    do throws(Amount.ParseFailure) {
      return try read()
    } catch {
      throw .invalid("split", "not_an_amount", "\(member.name): \(error.description)")
    }
  }

  /// The shares of the booked amount. The server computes them with the same code and the same id.
  func shares(of amount: Amount, booked: Amount, seed: ID) -> Result<[ID: Int64], Rejection> {
    do throws(Rejection) {
      let people = Participants(present: people.map { (id: $0.id, weight: $0.weight) })
      let shares = try rule(amount.currency).completed(people, currency: amount.currency)
        .shares(of: amount, booked: booked, seed: seed)
      return .success(Dictionary(shares.map { ($0.member, $0.amount) }, uniquingKeysWith: { $1 }))
    } catch {
      return .failure(error)
    }
  }

  /// Draws a line for each member.
  /// - Parameter focus: The member whose line has the focus.
  func view(
    into canvas: inout Canvas, rows: Range<Int>, width: Int, focus: Int?, amount: Amount?, booked: Amount?,
    seed: ID
  ) {
    guard rows.count > 1 else { return }
    var heading: SafeText = method == .items ? "Shares" : "For whom, and the shares"
    var style = Style.muted
    var shares: [ID: Int64] = [:]
    if let amount, let booked {
      switch self.shares(of: amount, booked: booked, seed: seed) {
      case .success(let found): shares = found
      case .failure(let problem) where error.string.isEmpty:
        // During input the missing amount is the most useful message.
        heading = SafeText(problem.errors?.first?.message ?? problem.detail)
        style = .error
      case .failure: break
      }
    }
    canvas.draw(heading, row: rows.lowerBound, column: 2, width: width - 2, style: style)
    let problem: SafeText = wrong == nil ? "" : error
    let height = max(1, rows.count - 1 - (wrong == nil ? 0 : problem.wrapped(to: max(10, width - 4)).count))
    let first = max(0, min((focus ?? 0) - height / 2, people.count - height))
    let visible = first..<min(people.count, first + height)
    let texts = visible.map { position -> SafeText in
      guard let share = shares[people[position].id], let booked,
        method == .items || participants.contains(people[position].id)
      else { return "—" }
      return SafeText(Money(amount: share, currency: booked.currency))
    }
    var next = rows.lowerBound + 1
    for (offset, position) in visible.enumerated() {
      let (row, member) = (next, people[position])
      next = FormFields.drawError(position == wrong ? problem : "", row: row + 1, width: width, into: &canvas)
      let isHere = focus == position
      canvas.draw(isHere ? ">" : " ", row: row, column: 0, style: .key)
      // With items, the members are selected for each item.
      if method != .items {
        canvas.draw(participants.contains(member.id) ? "[x]" : "[ ]", row: row, column: 2)
      }
      let share = Row.Part.whole(
        texts[offset], rank: takesValues ? 2 : 0, column: texts.map(\.width).max() ?? 0,
        texts[offset] == "—" ? .muted : .normal)
      let value = Row.Part.cut("", rank: 0, least: 12, column: 12)
      let layout = Row(
        left: [.cut(SafeText(member.name), rank: 1, least: 6, column: 28, isHere ? .bold : .normal)],
        right: takesValues ? [value, share] : [share]
      ).draw(into: &canvas, row: row, columns: 6..<max(7, min(width, 54)))
      if takesValues, let columns = layout.right[0] {
        (values[member.id] ?? TextField(limit: 16)).view(
          into: &canvas, row: row, column: columns.lowerBound, width: columns.count, isActive: isHere)
      }
      if isHere, !takesValues { canvas.placeCursor(row: row, column: 2) }
    }
  }
}
