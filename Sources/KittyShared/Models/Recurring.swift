/// The step of a rule: every so many days, weeks, months or years.
package struct Every: KnownFields, Hashable {
  /// The number of units: 1 to 1000.
  package var n: Int64
  /// The unit: `day`, `week`, `month` or `year`.
  package var unit: Recurrence.Unit

  package enum CodingKeys: String, CodingKey, CaseIterable { case n, unit }

  package init(_ n: Int64, _ unit: Recurrence.Unit) {
    self.n = n
    self.unit = unit
  }

  /// Such as `every month`, or `every 2 weeks`.
  package var text: String { n == 1 ? "every \(unit.rawValue)" : "every \(n) \(unit.rawValue)s" }
}

/// A rule of a group that makes an entry on each of its days.
package struct Recurring: Codable, Hashable, Sendable {
  /// The rule's id.
  package let id: ID
  /// The entry that it makes.
  package var template: RecurringTemplate
  /// The step.
  package let every: Every
  /// The first day, or that of the latest change of the step.
  package let from: Day
  /// The wished day of the month, where the month of `from` has none such; `nil` for that of `from`.
  package let dayOfMonth: Int64?
  /// The number of the day `from`.
  package let first: Int64
  /// The last possible day.
  package let until: Day?
  /// The number of entries in total.
  package let times: Int64?
  /// The time zone that decides when a day begins.
  package let zone: String
  /// The mode.
  package let mode: Mode
  /// The next number and its day; `nil` when no more follow.
  package let next: Next?
  /// The reason why nothing is made at present; `nil` for a rule that goes on.
  package let held: Held?
  /// The number of proposals that are neither confirmed nor skipped yet.
  package let proposed: Int
  /// The member who made the rule, in whose name the entries are.
  package let createdBy: ID
  /// The instant of creation.
  package let createdAt: Instant
  /// The instant of removal; `nil` for a rule that is there.
  package let removedAt: Instant?
  /// Grows with each change, and with each entry of the rule; the `ETag`.
  package let version: Int64

  /// The most rules of a group that are not removed.
  package static let maxPresent = 100
  /// The most rules of a group, with those that were removed.
  package static let maxEver = 1000
  /// The most entries of a rule that are made at a time.
  package static let maxCatchUp = 400
  /// The most days between today and the first day of a rule, before or after it: ten years.
  package static let horizon: Int64 = 3653

  /// The ways in which a rule makes its entries.
  package enum Mode: String, Codable, Sendable, CaseIterable {
    /// They are booked.
    case book
    /// They are proposed; a member confirms or skips each.
    case propose

    /// Reads one of the words.
    package init(from decoder: any Decoder) throws {
      let word = try decoder.singleValueContainer().decode(String.self)
      guard let mode = Mode(rawValue: word) else {
        throw FieldError(decoder, code: "unknown_mode", message: "The mode must be book or propose.")
      }
      self = mode
    }
  }

  /// The next entry.
  package struct Next: Codable, Hashable, Sendable {
    /// Its number in the rule, from 0.
    package let k: Int64
    /// Its day.
    package let date: Day

    package init(k: Int64, date: Day) {
      self.k = k
      self.date = date
    }
  }

  /// The reason why a rule waits for a member.
  package struct Held: KnownFields, Hashable {
    /// The reason as a word for programs, such as `not_a_member`.
    package var code: String
    /// The reason in words.
    package var message: String
    /// The instant since when.
    package var since: Instant

    package enum CodingKeys: String, CodingKey, CaseIterable { case code, message, since }

    package init(code: String, message: String, since: Instant) {
      self.code = code
      self.message = message
      self.since = since
    }
  }

  package init(
    id: ID, template: RecurringTemplate, recurrence: Recurrence, zone: String, mode: Mode, next: Int64,
    held: Held?, proposed: Int, createdBy: ID, createdAt: Instant, removedAt: Instant?, version: Int64
  ) {
    self.id = id
    self.template = template
    every = Every(recurrence.step, recurrence.unit)
    from = recurrence.from
    dayOfMonth = recurrence.dayOfMonth
    first = recurrence.first
    until = recurrence.until
    times = recurrence.times
    self.zone = zone
    self.mode = mode
    self.next = removedAt == nil ? recurrence.day(next).map { Next(k: next, date: $0) } : nil
    self.held = held
    self.proposed = proposed
    self.createdBy = createdBy
    self.createdAt = createdAt
    self.removedAt = removedAt
    self.version = version
  }

  /// The days of the rule.
  package var recurrence: Recurrence {
    Recurrence(
      from: from, step: every.n, unit: every.unit, dayOfMonth: dayOfMonth, first: first, until: until,
      times: times)
  }
}

/// The rule that made an entry, and its number in the rule.
package struct RecurringSource: KnownFields, Hashable {
  /// The rule.
  package var rule: ID
  /// The number, from 0.
  package var k: Int64

  package enum CodingKeys: String, CodingKey, CaseIterable { case rule, k }

  package init(rule: ID, k: Int64) {
    self.rule = rule
    self.k = k
  }

  /// The id of the entry: it follows from the rule and the number alone, so that the same entry is never made twice.
  package var entry: ID { ID(of: rule, number: k) }
}
