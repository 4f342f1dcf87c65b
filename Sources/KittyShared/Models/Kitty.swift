/// The group's pot.
package struct Kitty: Codable, Hashable, Sendable {
  /// What it holds, per currency. Below zero it has paid more than was put in.
  package let holds: [Money]
  /// Who has put in how much of what was agreed; members without a target and a contribution are left out.
  package let targets: [Target]

  /// One member's contributions in one currency.
  package struct Target: Codable, Hashable, Sendable {
    /// Who.
    package let member: ID
    /// In which currency.
    package let currency: Currency
    /// What was agreed: minor units; 0 when nothing was.
    package let target: Int64
    /// Contributions less payouts: minor units.
    package let contributed: Int64
    /// What is still to come: minor units, never below zero; 0 where nothing was agreed.
    package let missing: Int64

    package init(member: ID, currency: Currency, target: Int64, contributed: Int64) {
      self.member = member
      self.currency = currency
      self.target = target
      self.contributed = contributed
      // Who agreed to nothing owes the pot nothing, also when it has paid out to them.
      missing = target == 0 ? 0 : max(0, target - contributed)
    }
  }

  package init(holds: [Money], targets: [Target]) {
    self.holds = holds
    self.targets = targets
  }
}

/// A request to say what members have agreed to put into the kitty; who is not named keeps their target.
package struct TargetsChange: RequestBody, Hashable {
  /// The group's currency when left out.
  package var currency: Currency?
  /// What each is to put in, all in all.
  package var targets: [NewTarget]

  /// What one member is to put in.
  package struct NewTarget: KnownFields, Hashable {
    /// Who.
    package var member: ID
    /// How much; 0 takes the target away.
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
    checks.require(targets.count <= 500, "targets", "too_many", "Name at most 500 members.")
    checks.require(
      Set(targets.map(\.member)).count == targets.count, "targets", "twice", "Name each member once.")
  }
}

/// A request to enter what is really in the pot; the difference from the books is shared.
package struct NewCount: Creation, Hashable {
  /// The id, when the client makes it. The same id is never entered twice.
  package var id: ID?
  /// What was counted: minor units, or a decimal text; zero or more.
  package var counted: AmountInput
  /// The group's currency when left out.
  package var currency: Currency?
  /// Today, wherever that is; in UTC when left out. What was in the pot on another day nobody can count now.
  package var date: Day?
  /// At most 200 characters; "Cash count" when left out.
  package var description: String?
  /// More about it: at most 2000 characters.
  package var note: String?
  /// Who bears what is missing, or gets what is over; everybody equally when left out.
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
      "A count is split equally, by shares or by percentages: its difference is not known yet.")
  }
}
