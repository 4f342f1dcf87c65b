/// The group's kitty: its shared money.
package struct Kitty: Codable, Hashable, Sendable {
  /// The money in it, per currency. A negative value means that it has paid more than was put in.
  package let holds: [Money]
  /// Targets and contributions; members with neither are omitted.
  package let targets: [Target]
  /// The `cursor` of the next page of targets; `nil` on the last page.
  package let next: String?

  /// One member's contributions in one currency.
  package struct Target: Codable, Hashable, Sendable {
    /// The member.
    package let member: ID
    /// The currency.
    package let currency: Currency
    /// The agreed contribution: minor units; 0 if there is no target.
    package let target: Int64
    /// Contributions minus payouts: minor units.
    package let contributed: Int64
    /// The missing contribution: minor units, never negative; 0 if there is no target.
    package let missing: Int64

    package init(member: ID, currency: Currency, target: Int64, contributed: Int64) {
      self.member = member
      self.currency = currency
      self.target = target
      self.contributed = contributed
      // A member without a target owes the kitty nothing, also after a payout to them.
      missing = target == 0 ? 0 : max(0, target - contributed)
    }
  }

  package init(holds: [Money], targets: [Target], next: String? = nil) {
    self.holds = holds
    self.targets = targets
    self.next = next
  }
}

/// A request to set members' targets for the kitty; other members keep their targets.
package struct TargetsChange: RequestBody, Hashable {
  /// The currency; the group's when omitted.
  package var currency: Currency?
  /// The target of each member.
  package var targets: [NewTarget]

  /// The target of one member.
  package struct NewTarget: KnownFields, Hashable {
    /// The member.
    package var member: ID
    /// The total contribution; 0 removes the target.
    package var amount: AmountInput

    package enum CodingKeys: String, CodingKey, CaseIterable { case member, amount }

    package init(_ member: ID, amount: AmountInput) {
      self.member = member
      self.amount = amount
    }
  }

  package enum CodingKeys: String, CodingKey, CaseIterable { case currency, targets }

  package init(currency: Currency? = nil, targets: [NewTarget]) {
    self.currency = currency
    self.targets = targets
  }

  /// Checks all fields that can be checked without the group.
  package func check(_ checks: inout FieldChecks) {
    checks.require(!targets.isEmpty, "targets", "nobody", "Name at least one member.")
    checks.require(
      targets.count <= SplitRule.maxSharers, "targets", "too_many",
      "Name at most \(SplitRule.maxSharers) members.")
    checks.require(
      Set(targets.map(\.member)).count == targets.count, "targets", "twice", "Name each member once.")
  }
}

/// A request to enter the counted money in the kitty; the difference from the books is shared.
package struct NewCount: Creation, Hashable {
  /// The largest amount that can be counted: 10^15 minor units. The kitty may hold more than one entry can put into it;
  /// JSON represents every such number.
  package static let limit: Int64 = 1_000_000_000_000_000

  /// The id, if the client makes it. An id is never entered twice.
  package var id: ID?
  /// The counted money: minor units, or a decimal string; zero or more.
  package var counted: AmountInput
  /// The currency; the group's when omitted.
  package var currency: Currency?
  /// Today in any time zone; when omitted, in that of the account, in UTC without one. Money can only be counted today.
  package var date: Day?
  /// At most 200 characters; "Cash count" when omitted.
  package var description: String?
  /// A note: at most 2000 characters.
  package var note: String?
  /// The split of the difference; equally among all members when omitted.
  package var split: SplitRule?

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case id, counted, currency, date, description, note, split
  }

  package init(
    id: ID? = nil, counted: AmountInput, currency: Currency? = nil, date: Day? = nil,
    description: String? = nil, note: String? = nil, split: SplitRule? = nil
  ) {
    self.id = id
    self.counted = counted
    self.currency = currency
    self.date = date
    self.description = description
    self.note = note
    self.split = split
  }

  /// Checks all fields that can be checked without the group.
  package func check(_ checks: inout FieldChecks) {
    checks.newID(id)
    if let description { checks.text(description, "description", max: 200) }
    checks.note(note)
    checks.sharing(nil, split)
    checks.require(
      split.map { [.equally, .shares, .percentages].contains($0.method) } ?? true, "split.method",
      "not_for_a_count",
      "A count must be split equally, by shares or by percentages: its difference is not known yet.")
  }
}
