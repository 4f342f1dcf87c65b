import KittyShared

/// The calls of rules for recurring entries.
extension EffectCall {
  static func loadRecurring(_ group: ID) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      return .recurring(
        group: group,
        try await runner.api.all(Endpoints.recurring, [group], limit: Recurring.maxPresent))
    }
  }

  static func loadRule(_ group: ID, _ rule: ID) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      let found: Recurring = try await runner.api.call(Endpoints.recurringRule, [group, rule])
      let latest = try await runner.days(of: rule, in: group)
      var proposals: [Occurrence] = []
      if latest.next != nil, found.proposed > latest.items.count(where: { $0.state == .proposed }) {
        // Older proposals ask for a member too.
        let oldest = latest.items.last?.k ?? 0
        proposals = try await runner.days(of: rule, in: group, [("state", "proposed")]).items.filter {
          $0.k < oldest
        }
      }
      var (planned, problem) = ([PlannedOccurrence](), String?.none)
      if found.next != nil {
        do throws(ClientFailure) {
          let page: Page<PlannedOccurrence> = try await runner.api.call(
            Endpoints.recurringPreview, [group, rule])
          planned = page.items
        } catch {
          // The entries of a rule that names a former member cannot be computed.
          guard case .problem(let why) = error, why.status == 422 || why.status == 409 else { throw error }
          problem = why.errors?.first?.message ?? why.words
        }
      }
      return .rule(
        group: group,
        RuleDetails(
          rule: found, planned: planned, problem: problem, days: latest.items, proposals: proposals,
          next: latest.next))
    }
  }

  static func loadDays(_ group: ID, _ rule: ID, _ cursor: String) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      let page = try await runner.days(of: rule, in: group, [("cursor", cursor)])
      return .days(group: group, rule: rule, after: cursor, page.items, next: page.next)
    }
  }

  static func makeRecurring(_ group: ID, _ rule: NewRecurring) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      do throws(ClientFailure) {
        return .recurringSaved(
          group: group, try await runner.api.create(Endpoints.makeRecurring, [group], rule))
      } catch {
        guard error.isTaken else { throw error }
        throw .madeBefore(
          "Your first version of the rule was saved and is in the list. Press ^S to add this one too.")
      }
    }
  }

  static func changeRecurring(
    _ group: ID, _ rule: ID, _ version: Int64, _ change: RecurringChange
  ) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      return .recurringSaved(
        group: group,
        try await runner.api.call(
          Endpoints.changeRecurring, [group, rule], body: change, ifMatch: version))
    }
  }

  static func removeRecurring(_ group: ID, _ rule: ID) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      try await runner.api.call(Endpoints.removeRecurring, [group, rule])
      return .recurringRemoved(group: group, rule)
    }
  }

  static func confirmOccurrence(_ group: ID, _ rule: ID, _ k: Int64) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      let entry: Entry = try await runner.api.call(Endpoints.confirmOccurrence, [group, rule, k])
      return .proposalDone(group: group, rule: rule, k, booked: entry.number)
    }
  }

  static func skipOccurrence(_ group: ID, _ rule: ID, _ k: Int64) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      let _: Occurrence = try await runner.api.call(Endpoints.skipOccurrence, [group, rule, k])
      return .proposalDone(group: group, rule: rule, k, booked: nil)
    }
  }
}

extension EffectRunner {
  /// Reads a page of the days of a rule that have come, latest first.
  fileprivate func days(
    of rule: ID, in group: ID, _ query: [(String, String)] = []
  ) async throws(ClientFailure) -> Page<Occurrence> {
    try await api.call(
      Endpoints.occurrences, [group, rule],
      query: query + [("limit", "\(PageRequest.limits.upperBound)")])
  }
}
