import KittyShared

@testable import KittyTUI

extension Fixtures {
  /// Two rules: one that books, and one with a proposal.
  static let rules: [Recurring] = [
    rule(80, .init(expense: rent), Recurrence(from: Day("2026-01-31")!, step: 1, unit: .month), next: 10),
    rule(
      81,
      .init(
        payment: NewPayment(
          from: .member(members[1].id), to: .kitty, amount: .minorUnits(2000), currency: eur,
          description: "Dues")),
      Recurrence(from: Day("2026-11-06")!, step: 2, unit: .week, times: 26), mode: .propose, next: 2,
      proposed: 1),
  ]

  /// The same rules when both ask for a member: the first one waits since Carl has left.
  static let askingRules: [Recurring] = [
    rule(
      80, .init(expense: rent), Recurrence(from: Day("2026-01-31")!, step: 1, unit: .month), next: 10,
      held: .init(
        code: "not_a_member",
        message: "Carl left the group. Change the rule so that it names present members only.",
        since: Instant(milliseconds: 1_795_510_000_000))),
    rule(
      81, rules[1].template, rules[1].recurrence, mode: .propose, next: 3, proposed: 2),
    rule(
      82,
      .init(
        expense: NewExpense(description: "Internet", amount: .minorUnits(3999), currency: eur, payer: .kitty)),
      Recurrence(from: Day("2026-12-01")!, step: 1, unit: .month), mode: .propose, next: 0),
  ]

  /// The group with rules that ask for a member.
  static var askingData: GroupData {
    var data = data
    data.rules = askingRules
    return data
  }

  /// A rule with more days than are read at first, all of them proposals but the latest one.
  static func manyDays(_ range: Range<Int>, of total: Int64) -> [Occurrence] {
    let days = Recurrence(from: Day("2020-01-01")!, step: 1, unit: .day)
    return range.map { index in
      let k = total - 1 - Int64(index)
      return Occurrence(
        k: k, date: days.day(k)!, state: index == 0 ? .booked : .proposed, at: Instant(milliseconds: 0))
    }
  }

  /// That rule with its latest days.
  /// - Parameters:
  ///   - older: The number of older proposals that were read.
  ///   - proposed: The number of its proposals.
  static func manyDays(_ count: Int, of total: Int64, older: Int = 0, proposed: Int? = nil) -> RuleDetails {
    let days = Recurrence(from: Day("2020-01-01")!, step: 1, unit: .day)
    let found = rule(
      81, rules[1].template, days, mode: .propose, next: total, proposed: proposed ?? Int(total) - 1)
    return RuleDetails(
      rule: found, planned: [], problem: nil, days: manyDays(0..<count, of: total),
      proposals: manyDays(count..<(count + older), of: total), next: count == Int(total) ? nil : "c\(count)")
  }

  /// The first rule after its next entry was booked.
  static let bookedMeanwhile = rule(
    80, .init(expense: rent), Recurrence(from: Day("2026-01-31")!, step: 1, unit: .month), next: 11,
    version: 4)

  static let rent = NewExpense(
    description: "Rent", amount: .minorUnits(90_000), currency: eur, payer: .member(members[0].id))

  /// A rule of Anna, in the time zone of Berlin.
  static func rule(
    _ number: Int64, _ template: RecurringTemplate, _ days: Recurrence, mode: Recurring.Mode = .book,
    next: Int64, held: Recurring.Held? = nil, proposed: Int = 0, version: Int64 = 3
  ) -> Recurring {
    Recurring(
      id: id(number), template: template, recurrence: days, zone: "Europe/Berlin", mode: mode, next: next,
      held: held, proposed: proposed, createdBy: members[0].id, createdAt: Instant(milliseconds: 0),
      removedAt: nil, version: version)
  }

  /// The second rule with a booked day, a proposal, and two days to come.
  static let ruleDetails: RuleDetails = {
    let rule = rules[1]
    let planned = (Int64(2)..<4).map { k in
      let day = rule.recurrence.day(k)!
      let amount = Amount(2000, eur)
      return PlannedOccurrence(
        k: k, date: day, isClosed: false, id: id(90 + k),
        entry: EntryContent(
          kind: .contribution, description: "Dues", amount: amount, rate: nil, booked: amount, date: day,
          note: nil, from: .member(members[1].id), to: .kitty))
    }
    let days = [
      Occurrence(k: 1, date: Day("2026-11-20")!, state: .proposed, at: Instant(milliseconds: 0)),
      Occurrence(
        k: 0, date: Day("2026-11-06")!, state: .booked, entry: id(101), at: Instant(milliseconds: 0)),
    ]
    return RuleDetails(rule: rule, planned: planned, problem: nil, days: days)
  }()
}
