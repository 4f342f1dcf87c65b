import KittyShared

/// The lines of a receipt in a form: items for some members each, and tax, tip and discount, which are split in
/// proportion.
struct ItemFields: Hashable, Sendable {
  /// One item of the receipt.
  struct Item: Hashable, Sendable {
    var words = TextField(limit: 200)
    var amount = TextField(limit: 32)
    var members: Set<ID>
    /// `true` when the request names the members even if all share the item.
    var namesAll = false
    /// Its own category, instead of that of the expense.
    var category: ID?
    /// The tags that are not in its description.
    var tags = TextField(limit: Tags.typedLimit)

    /// `true` when the item is empty.
    var isEmpty: Bool { words.text.trimmed.isEmpty && amount.text.trimmed.isEmpty }

    /// The tags as words; those of a text with a fault as they are typed.
    var tagWords: [SafeText] {
      guard let tags = try? Tags.typed(tags.text) else {
        return tags.text.trimmed.isEmpty ? [] : [SafeText(tags.text)]
      }
      return tags.map { "#\($0)" }
    }

    /// Returns the tags of the request.
    /// - Throws: `Rejection` that names the item.
    fileprivate func typedTags(_ name: String) throws(Rejection) -> [String]? {
      do throws(Rejection) { return try Tags.typed(tags.text) } catch {
        let message = error.errors?.first?.message ?? error.detail
        throw .invalid("split.items", "not_a_tag", "\(name): \(message)")
      }
    }
  }

  /// The members who can share an item, in the order of the list.
  let people: [ID]
  var items: [Item] = []
  /// Tax, tip and discount.
  var extras = Array(repeating: TextField(limit: 32), count: 3)

  static let extraNames: [SafeText] = ["Tax", "Tip", "Discount"]

  /// - Parameter rule: The rule of the expense to change.
  init(_ people: [ID], rule: SplitRule?, currency: Currency) {
    self.people = people
    func text(_ input: AmountInput?) -> String {
      input.flatMap { try? $0.amount(in: currency).typed } ?? ""
    }
    items = (rule?.items ?? []).map { item in
      Item(
        words: TextField(item.description ?? "", limit: 200),
        amount: TextField(text(item.amount), limit: 32), members: Set(item.members ?? people),
        namesAll: item.members != nil, category: item.category,
        tags: TextField(
          Tags.text(item.tags?.filter { !Tags.inText(item.description ?? "").contains($0) }),
          limit: Tags.typedLimit))
    }
    for (position, extra) in [rule?.tax, rule?.tip, rule?.discount].enumerated() {
      extras[position] = TextField(text(extra), limit: 32)
    }
  }

  /// Takes away the categories that an item can no longer have.
  mutating func dropCategories(unless isUsable: (ID) -> Bool) {
    for index in items.indices where items[index].category.map({ !isUsable($0) }) ?? false {
      items[index].category = nil
    }
  }

  var written: [String] {
    items.flatMap { item in
      [item.words.text, item.amount.text, item.category?.description ?? "", item.tags.text]
        + people.filter(item.members.contains).map(\.description)
    } + extras.map(\.text)
  }

  /// Writes the receipt to a draft.
  func write(to draft: inout Draft) {
    draft.items = items.map { item in
      Draft.Item(
        words: item.words.text, amount: item.amount.text,
        members: !item.namesAll && item.members.count == people.count
          ? nil : people.filter(item.members.contains),
        namesAll: item.namesAll ? true : nil, category: item.category,
        tags: item.tags.text.trimmed.isEmpty ? nil : [item.tags.text])
    }
    draft.extras = extras.map(\.text)
  }

  /// Puts the receipt of a draft back.
  /// - Returns: `false` when a member is no longer there.
  mutating func restore(_ draft: Draft) -> Bool {
    let known = Set(people)
    items = draft.items.map { item in
      Item(
        words: TextField(item.words, limit: 200), amount: TextField(item.amount, limit: 32),
        members: item.members.map(known.intersection) ?? known,
        namesAll: item.namesAll ?? false, category: item.category,
        tags: TextField(Tags.text(item.tags), limit: Tags.typedLimit))
    }
    for (index, text) in draft.extras.prefix(extras.count).enumerated() { extras[index].set(text) }
    return draft.items.allSatisfy { $0.members.map(known.isSuperset) ?? true }
  }

  /// Describes the lines of the receipt.
  func words(_ name: (ID) -> SafeText) -> SafeText {
    var words = items.map { item -> SafeText in
      let who = people.filter(item.members.contains).map(name).joined(", ")
      let labels = (item.category.map { [name($0)] } ?? []) + item.tagWords
      return
        "\(SafeText(item.words.text)) \(item.amount.text) (\(([who] + labels).joined(", ")))"
    }
    for (extra, title) in zip(extras, Self.extraNames) where !extra.text.isEmpty {
      words.append("\(title) \(extra.text)")
    }
    return words.joined(", ")
  }

  /// Adds an empty item for all members.
  /// - Returns: The index of the item; of the last item if that is still empty.
  mutating func add() -> Int {
    if let last = items.last, last.isEmpty { return items.count - 1 }
    items.append(Item(members: Set(people)))
    return items.count - 1
  }

  /// Returns the rule of the input, without empty items.
  /// - Parameter keepsOpen: `true` does not name the members of an item that is for all of them, unless they were named
  ///   before.
  /// - Throws: `Rejection` for invalid input.
  func rule(_ currency: Currency, keepsOpen: Bool = false) throws(Rejection) -> SplitRule {
    var lines: [SplitRule.Item] = []
    for (position, item) in items.enumerated() where !item.isEmpty {
      let words = item.words.text.trimmed
      let name = words.isEmpty ? "Item \(position + 1)" : words
      let amount = try Self.amount(item.amount.text, currency, of: name)
      let members = people.filter(item.members.contains)
      guard !members.isEmpty else {
        throw .invalid("split.items", "nobody", "\(name): select at least one member.")
      }
      let isOpen = keepsOpen && !item.namesAll && members.count == people.count
      lines.append(
        .init(
          words.isEmpty ? nil : words, amount: amount, members: isOpen ? nil : members,
          category: item.category, tags: try item.typedTags(name)))
    }
    guard !lines.isEmpty else {
      throw .invalid("split.items", "nobody", "Add the first item: Enter on \"add an item\", or ^N.")
    }
    var values: [AmountInput?] = []
    for (position, extra) in extras.enumerated() {
      let text = extra.text.trimmed
      values.append(
        text.isEmpty ? nil : try Self.amount(text, currency, of: Self.extraNames[position].string))
    }
    return SplitRule(.items, items: lines, tax: values[0], tip: values[1], discount: values[2])
  }

  /// The error of an item's amount; empty for none.
  func problem(of index: Int, _ currency: Currency) -> SafeText {
    do throws(Amount.ParseFailure) {
      _ = try Amount(typed: items[index].amount.text, currency: currency)
      return ""
    } catch {
      return SafeText(error.description)
    }
  }

  /// The error of an item's tags; empty for none.
  func tagProblem(of index: Int) -> SafeText {
    do throws(Rejection) {
      _ = try Tags.typed(items[index].tags.text)
      return ""
    } catch {
      return SafeText(error.errors?.first?.message ?? error.detail)
    }
  }

  /// The total of the receipt; `nil` when the input is invalid.
  func total(_ currency: Currency) -> Amount? {
    guard let rule = try? rule(currency) else { return nil }
    var total = Amount(0, currency)
    let parts = (rule.items ?? []).map(\.amount) + [rule.tax, rule.tip].compactMap { $0 }
    for part in parts {
      guard let amount = try? part.amount(in: currency), let sum = try? total.adding(amount) else {
        return nil
      }
      total = sum
    }
    guard let discount = rule.discount else { return total }
    guard let less = try? discount.amount(in: currency).negated() else { return nil }
    return try? total.adding(less)
  }

  private static func amount(
    _ text: String, _ currency: Currency, of name: String
  ) throws(Rejection) -> AmountInput {
    do throws(Amount.ParseFailure) {
      return .minorUnits(try Amount(typed: text, currency: currency).minorUnits)
    } catch {
      throw .invalid("split.items", "not_an_amount", "\(name): \(error.description)")
    }
  }
}
