import KittyShared

extension Bookkeeping {
  /// Makes a rule for entries that recur. Its first entry is computed, so that a template that cannot be booked is refused
  /// now and not later; it is booked by the worker, also when it is due at once.
  /// - Parameter id: The id of the rule.
  /// - Throws: `Rejection`.
  func make(_ input: NewRecurring, id: ID, by caller: Caller) async throws -> Recurring {
    try EntryGuards.GroupInUse().require(caller.membership)
    let zone = input.zone ?? caller.timeZone ?? "UTC"
    try Self.requireZone(zone)
    let today = caller.now.day(in: zone)
    try Self.require(input.from, near: today)
    let days = input.recurrence
    let template = try await checked(input.template, for: id, days, k: 0, by: caller)
    let rule = Recurring(
      id: id, template: template, recurrence: days, zone: zone, mode: input.mode ?? .book, next: 0, held: nil,
      proposed: 0, createdBy: caller.membership.member, createdAt: caller.now, removedAt: nil, version: 1)
    try await recurring.insert(rule, isDue: input.from <= today, in: caller.group, caller.write)
    return rule
  }

  /// Changes a rule from its next entry on.
  /// - Parameter version: The version that the change is made to; `nil` for any.
  /// - Throws: `Rejection`.
  func change(
    _ id: ID, _ change: RecurringChange, version: () throws -> Int64?, by caller: Caller
  ) async throws -> Recurring {
    while true {
      let row = try await rule(id, in: caller.group)
      let old = row.rule
      try Permissions.requireRevision(of: old.createdBy, caller.membership)
      let wanted = try version()
      guard wanted == nil || wanted == old.version else {
        throw Rejection.stale("The rule", version: old.version)
      }
      let zone = change.zone ?? old.zone
      try Self.requireZone(zone)
      let today = caller.now.day(in: zone)
      if let from = change.from { try Self.require(from, near: today) }
      // Each number before the next one was recorded, with the day that it had then.
      let last =
        change.from == nil && change.until == .keep
        ? nil : try await recurring.occurrence(row.nextNumber - 1, of: id, in: caller.group)?.date
      let days = try change.applied(to: old.recurrence, next: row.nextNumber, last: last)
      let template =
        try await change.template.mapAsync { template in
          try await checked(template, for: id, days, k: row.nextNumber, by: caller)
        } ?? old.template
      let new = Recurring(
        id: id, template: template, recurrence: days, zone: zone, mode: change.mode ?? old.mode,
        next: row.nextNumber, held: nil, proposed: old.proposed, createdBy: old.createdBy,
        createdAt: old.createdAt, removedAt: nil, version: old.version + 1)
      let isDue = new.next.map { $0.date <= today } ?? false
      if try await recurring.change(
        row, to: new, isDue: isDue, in: caller.group, at: caller.now, caller.write)
      {
        return new
      }
      // It was changed meanwhile; it is read again, and refused if the request named a version.
    }
  }

  /// Removes a rule. What it booked stays; its proposals are skipped.
  /// - Throws: `Rejection`.
  func removeRule(_ id: ID, version: () throws -> Int64?, by caller: Caller) async throws {
    let rule = try await rule(id, in: caller.group).rule
    try Permissions.requireRevision(of: rule.createdBy, caller.membership)
    let wanted = try version()
    guard wanted == nil || wanted == rule.version else {
      throw Rejection.stale("The rule", version: rule.version)
    }
    guard
      try await recurring.remove(
        id, version: wanted, from: caller.group, at: caller.now, caller.write)
    else {
      let now = try await self.rule(id, in: caller.group).rule
      throw Rejection.stale("The rule", version: now.version)
    }
  }

  /// Returns the next entries of a rule, as they would be with the present members.
  /// - Throws: `Rejection`, also one that says why the entries cannot be booked.
  func plan(_ id: ID, count: Int, for caller: Caller) async throws -> [PlannedOccurrence] {
    let row = try await rule(id, in: caller.group)
    let people = try await participants(for: caller)
    let field = "template.\(row.rule.template.field)"
    var (turns, planned) = (row.turns, [PlannedOccurrence]())
    for k in row.nextNumber..<(row.nextNumber + Int64(count)) {
      guard let day = row.rule.recurrence.day(k) else { break }
      let isClosed = caller.membership.rights.refusal(ofDate: day) != nil
      // A skipped day takes no turn.
      var after = turns
      let content: EntryContent
      do {
        content = try self.content(of: row.rule, k: k, day, people, caller, &after)
        try await requireCategories(of: content, for: caller)
      } catch let rejection as Rejection where rejection.reason == .invalid {
        throw try await named(rejection.under(field), in: caller.group)
      }
      if !isClosed { turns = after }
      planned.append(
        PlannedOccurrence(
          k: k, date: day, isClosed: isClosed, id: ID(of: id, number: k), entry: content))
    }
    return planned
  }

  /// Books a proposal. When its entry is there already, the proposal becomes booked with it; another entry with the id skips
  /// it.
  /// - Throws: `Rejection`.
  func confirm(_ k: Int64, of id: ID, by caller: Caller) async throws -> Entry {
    let source = RecurringSource(rule: id, k: k)
    for _ in 0..<Self.attempts {
      let row = try await rule(id, in: caller.group)
      try Permissions.requireRevision(of: row.rule.createdBy, caller.membership)
      guard let occurrence = try await recurring.occurrence(k, of: id, in: caller.group) else {
        throw Rejection.notFound("proposal")
      }
      if occurrence.state == .booked, let entry = try await entries.find(.id(source.entry), in: caller.group)
      {
        return entry
      }
      guard occurrence.state == .proposed else {
        throw Rejection.conflict(
          "skipped",
          occurrence.reason == "id_taken"
            ? "The day \(occurrence.date) of this rule was skipped, because another entry has its id."
            : "The day \(occurrence.date) of this rule was skipped.")
      }
      guard caller.membership.rights.refusal(ofDate: occurrence.date) == nil else {
        throw Rejection.conflict(
          "closed",
          "The books are closed up to \(caller.membership.closedUntil ?? occurrence.date), and this proposal is of \(occurrence.date). Skip it, or open the books first."
        )
      }
      let people = try await participants(for: caller)
      try await requirePresent(row.rule, people, in: caller.group)
      var due = DueOccurrence(
        rule: id, k: k, date: occurrence.date, version: row.rule.version, isConfirmation: true, nextDay: nil,
        series: row.turns)
      let content = try content(of: row.rule, k: k, occurrence.date, people, caller, &due.series)
      do {
        guard
          case .entry(let entry) = try await enter(
            content, id: source.entry, former: [], occurrence: due, by: caller)
        else { break }
        return entry
      } catch let rejection as Rejection where rejection.code == Rejection.groupChanged.code {
        continue
      } catch let rejection as Rejection where rejection.code == "id_taken" {
        _ = try await take(due, in: caller.group, at: caller.now, caller.write)
        // The day is settled now, and the next turn says how; or the rule was changed meanwhile.
      }
    }
    throw Rejection.groupChanged
  }

  /// Records a day whose entry is there already: booked if the rule made it, skipped if not.
  /// - Returns: `false` when the rule was changed meanwhile.
  func take(
    _ due: DueOccurrence, in group: ID, at now: Instant, _ write: WriteContext
  ) async throws -> Bool {
    let source = RecurringSource(rule: due.rule, k: due.k)
    let present = try await entries.find(.id(source.entry), in: group)
    let isOurs = present?.content.recurring == source
    return try await recurring.record(
      due, isOurs ? .booked : .skipped, reason: isOurs ? nil : "id_taken", entry: isOurs ? source.entry : nil,
      in: group, at: now, write)
  }

  /// Skips a proposal; one that is skipped stays so.
  /// - Throws: `Rejection`.
  func skip(_ k: Int64, of id: ID, by caller: Caller) async throws -> Occurrence {
    let author = try await rule(id, in: caller.group).rule.createdBy
    try Permissions.requireRevision(of: author, caller.membership)
    try await recurring.skip(k, of: id, in: caller.group, at: caller.now, caller.write)
    guard let occurrence = try await recurring.occurrence(k, of: id, in: caller.group) else {
      throw Rejection.notFound("proposal")
    }
    if occurrence.state == .proposed {
      try EntryGuards.GroupInUse().require(caller.membership)
      throw Rejection.groupChanged
    }
    guard occurrence.state == .skipped else {
      throw Rejection.conflict(
        "booked", "The day \(occurrence.date) of this rule is booked. Delete its entry instead.")
    }
    return occurrence
  }

  // MARK: Parts

  /// The number of times that a write is tried again because another request changed meanwhile what it has read.
  static let attempts = 5

  /// Returns a rule that is there.
  func rule(_ id: ID, in group: ID) async throws -> RecurringStore.Stored {
    guard let row = try await recurring.find(id, in: group), row.rule.removedAt == nil else {
      throw Rejection.notFound("rule")
    }
    return row
  }

  /// Returns the content of one entry of a rule.
  func content(
    of rule: Recurring, k: Int64, _ day: Day, _ people: Participants, _ caller: Caller,
    _ turns: inout FairTurns
  ) throws -> EntryContent {
    try Ledger.content(
      for: try splitByDefault(rule.template, people, for: caller),
      source: RecurringSource(rule: rule.id, k: k), date: day, currency: caller.membership.currency,
      people: people, turns: &turns)
  }

  /// Returns a template with the default split of the group, as it is now, where it names no split.
  private func splitByDefault(
    _ template: RecurringTemplate, _ people: Participants, for caller: Caller
  ) throws -> RecurringTemplate {
    guard let expense = template.expense else { return template }
    return RecurringTemplate(expense: try splitByDefault(expense, people, for: caller))
  }

  /// Returns a template as it is stored, after its next entry was computed.
  /// - Throws: `Rejection.invalid` with the path of the field in the template.
  private func checked(
    _ template: RecurringTemplate, for id: ID, _ days: Recurrence, k: Int64, by caller: Caller
  ) async throws -> RecurringTemplate {
    let template = template.stored(
      in: template.currency ?? caller.membership.currency)
    guard try JSON.text(of: template).utf8.count <= RecurringTemplate.maxBytes else {
      throw Rejection.invalid(
        "template", "too_large", "A template has at most \(RecurringTemplate.maxBytes) bytes as JSON.")
    }
    do {
      let people = try await participants(for: caller)
      var turns = FairTurns()
      let content = try Ledger.content(
        for: try splitByDefault(template, people, for: caller), source: RecurringSource(rule: id, k: k),
        date: days.day(k) ?? days.from, currency: caller.membership.currency, people: people, turns: &turns)
      try await requireCategories(of: content, for: caller)
    } catch let rejection as Rejection where rejection.reason == .invalid {
      throw try await named(rejection.under("template.\(template.field)"), in: caller.group)
    }
    return template
  }

  /// - Throws: `Rejection`: `left` with the names of the members whom a rule names, and who left.
  func requirePresent(_ rule: Recurring, _ people: Participants, in group: ID) async throws {
    let present = Set(people.present.map(\.id))
    let gone = Set(rule.template.named.map(\.member)).subtracting(present).sorted()
    guard !gone.isEmpty else { return }
    var names: [String] = []
    for member in gone.prefix(3) {
      names.append(try await members.find(member, in: group)?.name ?? "\(member)")
    }
    if gone.count > names.count { names.append("\(gone.count - names.count) others") }
    throw Rejection.conflict(
      "left",
      "\(names.joined(separator: ", ")) left the group. Change the rule so that it names present members only."
    )
  }

  private static func requireZone(_ zone: String) throws(Rejection) {
    guard TimeZones.isKnown(zone) else {
      throw .invalid(
        "zone", "not_a_time_zone", "There is no such zone here. \(FieldChecks.timeZoneHint)")
    }
  }

  private static func require(_ day: Day, near today: Day) throws(Rejection) {
    try day.requireNear(today, "from")
    guard today.daysSince1970 - day.daysSince1970 <= Recurring.horizon else {
      throw .invalid("from", "too_far_back", "\(day) is more than ten years ago: choose a later day.")
    }
  }
}

extension Rejection {
  /// The same rejection with a path before the name of each field.
  fileprivate func under(_ path: String) -> Rejection {
    guard let errors else { return self }
    return .invalid(
      errors.map {
        FieldError(
          field: $0.field.isEmpty ? path : "\(path).\($0.field)", code: $0.code, message: $0.message)
      })
  }
}

extension Optional {
  fileprivate func mapAsync<Result>(_ body: (Wrapped) async throws -> Result) async rethrows -> Result? {
    guard let value = self else { return nil }
    return try await body(value)
  }
}
