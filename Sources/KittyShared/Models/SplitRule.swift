/// The split of an amount in a request or an entry.
package struct SplitRule: KnownFields, Hashable {
  /// The kind of split.
  package var method: Method
  /// The participants; all members when omitted, if the method allows it.
  package var parts: [Part]?
  /// The lines of a receipt, for `items` alone.
  package var items: [Item]?
  /// Tax on top of the items; divided in proportion.
  package var tax: AmountInput?
  /// A tip on top of the items; divided in proportion.
  package var tip: AmountInput?
  /// A discount on the items; divided in proportion.
  package var discount: AmountInput?

  package enum CodingKeys: String, CodingKey, CaseIterable { case method, parts, items, tax, tip, discount }

  /// The kinds of split.
  package enum Method: String, Codable, CaseIterable, Sendable {
    /// The same for each participant.
    case equally
    /// By weights; a part without a weight has its member's weight.
    case shares
    /// By percentages, together 100.
    case percentages
    /// By amounts, together the total.
    case exact
    /// Equally after adjustments.
    case adjusted
    /// By the lines of a receipt.
    case items

    /// Reads one of the words.
    package init(from decoder: any Decoder) throws {
      let text = try decoder.singleValueContainer().decode(String.self)
      guard let method = Method(rawValue: text) else {
        let known = Method.allCases.map(\.rawValue).joined(separator: ", ")
        throw FieldError(decoder, code: "unknown_method", message: "The method must be one of \(known).")
      }
      self = method
    }
  }

  /// One participant; the method decides which value it has.
  package struct Part: KnownFields, Hashable {
    /// The member.
    package var member: ID
    /// For `shares`: 0 to 1,000,000.
    package var weight: Int64?
    /// For `percentages`.
    package var percent: Percent?
    /// For `exact`, the share; for `adjusted`, the surplus over the others (0 when omitted).
    package var amount: AmountInput?

    package enum CodingKeys: String, CodingKey, CaseIterable { case member, weight, percent, amount }

    /// Makes a part.
    package init(_ member: ID, weight: Int64? = nil, percent: Percent? = nil, amount: AmountInput? = nil) {
      self.member = member
      self.weight = weight
      self.percent = percent
      self.amount = amount
    }
  }

  /// One line of a receipt.
  package struct Item: KnownFields, Hashable {
    /// The description: at most 200 characters.
    package var description: String?
    /// The price; below zero for what is taken off, such as a returned deposit or a voucher.
    package var amount: AmountInput
    /// The members who share it equally; all members when omitted.
    package var members: [ID]?
    /// The category of this item, instead of that of the expense.
    package var category: ID?
    /// Tags of this item, those in its description among them.
    package var tags: [String]?

    package enum CodingKeys: String, CodingKey, CaseIterable {
      case description, amount, members, category, tags
    }

    /// Makes an item.
    package init(
      _ description: String? = nil, amount: AmountInput, members: [ID]? = nil, category: ID? = nil,
      tags: [String]? = nil
    ) {
      self.description = description
      self.amount = amount
      self.members = members
      self.category = category
      self.tags = tags
    }
  }

  /// Makes a rule.
  package init(
    _ method: Method, parts: [Part]? = nil, items: [Item]? = nil, tax: AmountInput? = nil,
    tip: AmountInput? = nil, discount: AmountInput? = nil
  ) {
    self.method = method
    self.parts = parts
    self.items = items
    self.tax = tax
    self.tip = tip
    self.discount = discount
  }

  /// Returns an equal split among `members`.
  package static func equally(_ members: [ID]) -> SplitRule {
    SplitRule(.equally, parts: members.map { Part($0) })
  }
}

extension SplitRule {
  /// Checks the rule as far as possible without the group.
  /// - Parameters:
  ///   - isStored: `true` for a rule of a group file, whose tags are checked as stored ones.
  ///   - orReserved: `true` to accept a tag that is reserved by now.
  func check(_ checks: inout FieldChecks, isStored: Bool = false, orReserved: Bool = false) {
    let tooMany = "Name at most \(Self.maxSharers) members."
    let isItems = method == .items
    checks.require(
      isItems == (items != nil), "split.items", isItems ? "missing" : "not_for_this_method",
      isItems ? "The method \"items\" requires items." : "Only the method \"items\" takes items.")
    checks.require(
      parts == nil || !isItems, "split.parts", "not_for_this_method",
      "The method \"items\" takes no parts: name the members of each item.")
    checks.require(
      isItems || (tax == nil && tip == nil && discount == nil), "split", "not_for_this_method",
      "Only the method \"items\" takes tax, tip and discount.")
    let needsParts = method == .percentages || method == .exact || method == .adjusted
    checks.require(
      !needsParts || parts != nil, "split.parts", "missing",
      "This method requires parts: list the members with their values.")
    if let parts {
      checks.require(!parts.isEmpty, "split.parts", "nobody", "Name at least one member.")
      checks.require(parts.count <= Self.maxSharers, "split.parts", "too_many", tooMany)
    }
    for (index, part) in (parts ?? []).enumerated() { check(part, at: "split.parts.\(index)", &checks) }
    if let items {
      checks.require(!items.isEmpty, "split.items", "nobody", "List at least one item.")
      checks.require(
        items.count <= Self.maxItems, "split.items", "too_many", "List at most \(Self.maxItems) items.")
    }
    for (index, item) in (items ?? []).enumerated() {
      let field = "split.items.\(index)"
      if let text = item.description { checks.text(text, field + ".description", max: 200) }
      if !isStored { checks.tags(item.tags, field + ".tags", orReserved: orReserved) }
      guard let members = item.members else { continue }
      checks.require(!members.isEmpty, field + ".members", "nobody", "Name at least one member.")
      checks.require(members.count <= Self.maxSharers, field + ".members", "too_many", tooMany)
    }
  }

  private func check(_ part: Part, at field: String, _ checks: inout FieldChecks) {
    func forbid(_ present: Bool, _ name: String) {
      checks.require(
        !present, "\(field).\(name)", "not_for_this_method",
        "The method \"\(method.rawValue)\" takes no \(name).")
    }
    forbid(part.weight != nil && method != .shares, "weight")
    forbid(part.percent != nil && method != .percentages, "percent")
    forbid(part.amount != nil && method != .exact && method != .adjusted, "amount")
    checks.require(
      part.weight.map { (0...1_000_000).contains($0) } ?? true, field + ".weight", "out_of_range",
      "A weight must be a whole number from 0 to 1000000.")
    checks.require(
      method != .percentages || part.percent != nil, field + ".percent", "missing", "This field is required.")
    checks.require(
      method != .exact || part.amount != nil, field + ".amount", "missing", "This field is required.")
  }
}
