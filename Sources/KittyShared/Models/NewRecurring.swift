/// A request to make a rule for entries that recur.
package struct NewRecurring: Creation, Hashable {
  /// The id, if the client makes it.
  package var id: ID?
  /// The entry.
  package var template: RecurringTemplate
  /// The step.
  package var every: Every
  /// The first day; at most ten years ago or ahead.
  package var from: Day
  /// The last possible day.
  package var until: Day?
  /// The number of entries, instead of a last day.
  package var times: Int64?
  /// The time zone that decides when a day begins; that of the account when omitted.
  package var zone: String?
  /// The mode; `book` when omitted.
  package var mode: Recurring.Mode?

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case id, template, every, from, until, times, zone, mode
  }

  package init(
    id: ID? = nil, template: RecurringTemplate, every: Every, from: Day, until: Day? = nil,
    times: Int64? = nil, zone: String? = nil, mode: Recurring.Mode? = nil
  ) {
    self.id = id
    self.template = template
    self.every = every
    self.from = from
    self.until = until
    self.times = times
    self.zone = zone
    self.mode = mode
  }

  /// Checks all fields that can be checked without the group.
  package func check(_ checks: inout FieldChecks) {
    checks.newID(id)
    template.check(&checks)
    checks.step(every)
    checks.ends(until: until, times: times, from: from)
    if let zone { checks.timeZone(zone, "zone") }
  }

  package mutating func compose() { template.compose() }

  /// The days of the rule.
  package var recurrence: Recurrence {
    Recurrence(from: from, step: every.n, unit: every.unit, until: until, times: times)
  }
}

/// A request to change a rule, from its next entry on; omitted fields stay unchanged. What is booked stays as it is.
package struct RecurringChange: RequestBody, Hashable {
  /// The whole new template.
  package var template: RecurringTemplate?
  /// The new step, from the next day on.
  package var every: Every?
  /// The new day of the next entry; it must be after that of the last one.
  package var from: Day?
  /// The last possible day; `null` removes it.
  package var until: Patch<Day> = .keep
  /// The number of entries, those so far included; `null` removes it.
  package var times: Patch<Int64> = .keep
  /// The time zone.
  package var zone: String?
  /// The mode.
  package var mode: Recurring.Mode?
  /// `false` tries again to make the entries of a rule that is held. A change of another field does the same.
  package var held: Bool?

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case template, every, from, until, times, zone, mode, held
  }

  /// The fields that `null` removes.
  package static var nullable: [CodingKeys] { [.until, .times] }

  /// Makes an empty change.
  package init() {}

  /// Checks all fields that can be checked without the rule.
  package func check(_ checks: inout FieldChecks) {
    checks.require(
      self != RecurringChange(), "", "nothing_to_change", "Send at least one field with a new value.")
    checks.require(
      held != true, "held", "not_by_hand", "A rule cannot be held by hand. Send false to let it go on.")
    template?.check(&checks)
    if let every { checks.step(every) }
    var (day, count) = (Day?.none, Int64?.none)
    if case .set(let value) = until { day = value }
    if case .set(let value) = times { count = value }
    checks.ends(until: day, times: count, from: from)
    if let zone { checks.timeZone(zone, "zone") }
  }

  package mutating func compose() { template?.compose() }

  /// Returns the days of a rule with the change applied.
  /// - Parameters:
  ///   - old: The days so far.
  ///   - next: The number of the next one.
  ///   - last: The day of the one before it, as it was recorded; `nil` when there was none.
  /// - Throws: `Rejection.invalid`.
  package func applied(to old: Recurrence, next: Int64, last: Day?) throws(Rejection) -> Recurrence {
    var new = old
    if let from {
      if let last, from <= last {
        throw .invalid(
          "from", "before_the_last", "The last entry of the rule is of \(last): choose a later day.")
      }
      new.from = from
      new.dayOfMonth = nil
      new.first = next
      new.step = every?.n ?? old.step
      new.unit = every?.unit ?? old.unit
    } else if let every, every != Every(old.step, old.unit) {
      new = old.continued(at: next, step: every.n, unit: every.unit)
    }
    new.until = until.applied(to: old.until)
    new.times = times.applied(to: old.times)
    // Another kind of end replaces the old one.
    if case .set = until, times == .keep { new.times = nil }
    if case .set = times, until == .keep { new.until = nil }
    if let until = new.until {
      if case .set = self.until, until < last ?? new.from {
        throw .invalid(
          "until", "out_of_order",
          last.map { "The last entry of the rule is of \($0): until must not be before it." }
            ?? "The rule begins on \(new.from): until must not be before it.")
      }
      if let from, until < from {
        throw .invalid(
          "from", "out_of_order", "The rule ends on \(until), before this day: change until too.")
      }
    }
    if case .set(let count) = times, count < next {
      throw .invalid("times", "too_few", "The rule has made \(next) already.")
    }
    return new
  }
}

extension FieldChecks {
  /// Checks the step of a rule.
  mutating func step(_ every: Every, _ field: String = "every") {
    require(
      (1...Recurrence.maxStep).contains(every.n), "\(field).n", "out_of_range",
      "n must be a whole number from 1 to \(Recurrence.maxStep).")
  }

  /// Checks the end of a rule.
  mutating func ends(until: Day?, times: Int64?, from: Day?) {
    require(
      until == nil || times == nil, "times", "two_ways", "Send until or times, not both.")
    require(
      times.map { (1...100_000).contains($0) } ?? true, "times", "out_of_range",
      "times must be a whole number from 1 to 100000.")
    guard let until, let from else { return }
    require(from <= until, "until", "out_of_order", "until is before from, so there is no day between them.")
  }
}
