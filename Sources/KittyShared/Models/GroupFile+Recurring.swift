extension GroupFile {
  /// A rule for recurring entries, with its days that have come.
  package struct FileRecurring: KnownFields, Hashable {
    /// The rule's id.
    package var id: ID
    /// The entry that it makes.
    package var template: RecurringTemplate
    /// The step.
    package var every: Every
    /// The first day, or that of the latest change of the step.
    package var from: Day
    /// The wished day of the month, where that of `from` is another one.
    package var dayOfMonth: Int64?
    /// The number of the day `from`.
    package var first: Int64
    /// The last possible day.
    package var until: Day?
    /// The number of entries in total.
    package var times: Int64?
    /// The time zone.
    package var zone: String
    /// The mode.
    package var mode: Recurring.Mode
    /// The number of the next day.
    package var next: Int64
    /// The reason why nothing is made at present.
    package var held: Recurring.Held?
    /// The memory of the odd units.
    package var series: Series?
    /// The member who made it.
    package var createdBy: ID
    /// The instant of creation.
    package var createdAt: Instant
    /// The instant of removal.
    package var removedAt: Instant?
    /// The days that have come, in order.
    package var occurrences: [Occurrence]

    package enum CodingKeys: String, CodingKey, CaseIterable {
      case id, template, every, from, dayOfMonth, first, until, times, zone, mode, next, held, series
      case createdBy, createdAt, removedAt, occurrences
    }

    /// The memory of the odd units of a rule.
    package struct Series: KnownFields, Hashable {
      /// The key of the amount and the weights.
      package var key: String
      /// The number of entries with them.
      package var turns: Int64

      package enum CodingKeys: String, CodingKey, CaseIterable { case key, turns }

      package init(key: String, turns: Int64) {
        self.key = key
        self.turns = turns
      }
    }

    package init(_ rule: Recurring, next: Int64, series: Series?, occurrences: [Occurrence]) {
      id = rule.id
      template = rule.template
      every = rule.every
      from = rule.from
      dayOfMonth = rule.dayOfMonth
      first = rule.first
      until = rule.until
      times = rule.times
      zone = rule.zone
      mode = rule.mode
      self.next = next
      held = rule.held
      self.series = series
      createdBy = rule.createdBy
      createdAt = rule.createdAt
      removedAt = rule.removedAt
      self.occurrences = occurrences
    }

    /// The days of the rule.
    package var recurrence: Recurrence {
      Recurrence(
        from: from, step: every.n, unit: every.unit, dayOfMonth: dayOfMonth, first: first, until: until,
        times: times)
    }
  }

  /// Checks the rules: their templates, and that their days are numbered without gaps up to the next one.
  func checkRecurring(_ checks: inout FieldChecks) {
    guard let rules = recurring else { return }
    checks.require(
      format != Self.firstFormat, "recurring", "not_for_this_format",
      "The format \"\(Self.firstFormat)\" has no rules: write \"\(Self.format)\".")
    checks.require(
      Set(rules.map(\.id)).count == rules.count, "recurring", "twice", "Each rule must be listed once.")
    let present = rules.count { $0.removedAt == nil }
    checks.require(
      present <= Recurring.maxPresent && rules.count <= Recurring.maxEver, "recurring", "too_many",
      "A file can have \(Recurring.maxPresent) rules and \(Recurring.maxEver) with the removed ones; this one has \(present) and \(rules.count)."
    )
    let members = Set(members.map(\.id))
    for (index, rule) in rules.enumerated() {
      checks.under("recurring.\(index)") { checks throws(Rejection) in
        rule.check(&checks, members, currency)
      }
      if checks.errors.count > Self.maxErrors { return }
    }
  }
}

extension GroupFile.FileRecurring {
  fileprivate func check(_ checks: inout FieldChecks, _ members: Set<ID>, _ currency: Currency) {
    checks.madeHere(id, "id")
    template.check(&checks, isStored: true)
    template.checkStored(&checks, members, currency)
    checks.step(every)
    checks.ends(until: until, times: times, from: nil)
    checks.timeZone(zone, "zone")
    checks.require(
      dayOfMonth.map { (from.parts.day...31).contains($0) } ?? true, "dayOfMonth", "out_of_range",
      "dayOfMonth must be from the day of \"from\" to 31.")
    checks.require(
      first >= 0 && next >= first && next == Int64(occurrences.count), "next", "out_of_order",
      "next must follow the last number of the occurrences, and not be before first.")
    checks.require(
      members.contains(createdBy), "createdBy", "not_a_member", "The member must be listed in members.")
    let booked = Int64(occurrences.count { $0.state == .booked })
    checks.require(
      series.map { $0.turns >= 0 && $0.turns <= booked && $0.key.utf8.count <= 16 } ?? true, "series",
      "out_of_range", "The turns must not be more than the entries so far.")
    if let held {
      checks.text(held.code, "held.code", max: 64)
      checks.text(held.message, "held.message", max: 1000)
    }
    checks.require(
      held == nil || removedAt == nil, "held", "removed", "A removed rule cannot be held.")
    checkOccurrences(&checks)
  }

  private func checkOccurrences(_ checks: inout FieldChecks) {
    for (index, day) in occurrences.enumerated() {
      let field = "occurrences.\(index)"
      checks.require(
        day.k == Int64(index), "\(field).k", "out_of_order", "The numbers must be 0, 1, 2 and so on.")
      checks.require(
        (day.state == .booked) == (day.entry != nil), "\(field).entry", "not_for_this_state",
        "A booked day names its entry, and no other one does.")
      checks.require(
        day.entry.map { $0 == RecurringSource(rule: id, k: day.k).entry } ?? true, "\(field).entry",
        "not_the_entry", "The id of the entry must follow from the rule and the number.")
      checks.require(
        (day.state == .skipped) == (day.reason != nil), "\(field).reason", "not_for_this_state",
        "A skipped day has a reason, and no other one does.")
      if let reason = day.reason { checks.text(reason, "\(field).reason", max: 64) }
      if checks.errors.count > GroupFile.maxErrors { return }
    }
  }
}

extension RecurringTemplate {
  /// Checks what a rule had when it was made: an amount that an entry can have, and members of the group.
  fileprivate func checkStored(
    _ checks: inout FieldChecks, _ members: Set<ID>, _ groupCurrency: Currency
  ) {
    let currency = currency ?? groupCurrency
    checks.under("template.\(field)") { checks throws(Rejection) in
      // A member may have left since.
      for (field, member) in named where !members.contains(member) {
        checks.require(false, field, "not_a_member", "The member must be listed in members.")
        if checks.errors.count > GroupFile.maxErrors { return }
      }
      _ = try expense?.amount.nonzeroAmount(in: currency)
      _ = try payment?.amount.positiveAmount(in: currency)
    }
  }
}

extension GroupFile.FileEntry {
  /// Checks that a rule which the entry names has booked it, and that the id of the entry follows from it.
  /// - Parameter rules: The rules of the file with their days.
  func checkSource(_ checks: inout FieldChecks, _ field: String, _ rules: [ID: [Occurrence]]) {
    for (index, revision) in revisions.enumerated() {
      guard let source = revision.content.recurring else { continue }
      let days = rules[source.rule] ?? []
      let day = days.indices.contains(Int(clamping: source.k)) ? days[Int(clamping: source.k)] : nil
      checks.require(
        day?.state == .booked && source.entry == id, "\(field).revisions.\(index).content.recurring",
        "not_a_rule",
        "The rule must be listed in recurring with this day as a booked one, and the id of the entry must follow from it."
      )
    }
  }
}
