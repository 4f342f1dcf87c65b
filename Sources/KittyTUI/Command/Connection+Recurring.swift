import KittyShared

extension Every {
  /// Reads such as `month`, `2 weeks` or `90days`.
  init(typed text: String) throws(CommandFailure) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let word = String(text.dropFirst(digits.count)).trimmed.lowercased()
    let unit = Recurrence.Unit.allCases.first { word == $0.rawValue || word == $0.rawValue + "s" }
    guard let unit, let count = digits.isEmpty ? 1 : Int64(digits), (1...Recurrence.maxStep).contains(count)
    else {
      throw CommandFailure(.usage, "--every: write day, week, month, year, or such as \"2 weeks\".")
    }
    self.init(count, unit)
  }
}

extension Connection {
  /// Finds a rule of a group by its id, or by the beginning of its description, in any case.
  /// - Throws: `CommandFailure` when none matches, or several do.
  func rule(_ text: String, in group: ID) async throws(CommandFailure) -> Recurring {
    let all = try await ask { (api) throws(ClientFailure) in
      try await api.list(Endpoints.recurring, [group]).value
    }
    if let id = ID(text), let found = all.first(where: { $0.id == id }) { return found }
    switch NameMatch(text, in: all.map { ($0.name.string, $0) }) {
    case .one(let rule): return rule
    case .several(let found):
      let rules = found.map(\.value).map {
        "\($0.id) (\($0.name.string), \($0.amount.map { "\($0)" } ?? "") \($0.every.text))"
      }
      throw CommandFailure(.usage, "\"\(text)\" could be \(rules.listed("or")). Write the id.")
    case .none:
      throw CommandFailure(
        .notFound, "This group has no recurring entry whose description begins with \"\(text)\".")
    }
  }

  /// Returns the numbers of the proposals of a rule, earliest first, or the one that was asked for.
  /// - Parameter text: The number or the day of a proposal; `nil` for all of them.
  func proposals(
    of rule: ID, in group: ID, _ text: String?
  ) async throws(CommandFailure) -> [Int64] {
    if let number = text.flatMap({ Int64($0) }) { return [number] }
    let day = try text.map { (text) throws(CommandFailure) in
      guard let day = Day(text) else {
        throw CommandFailure(.usage, "\"\(text)\" is neither a number nor a day such as 2026-11-24.")
      }
      return day
    }
    let days = try await ask { (api) throws(ClientFailure) in
      try await api.list(Endpoints.occurrences, [group, rule], query: [("state", "proposed")]).value
    }
    let found = days.filter { day == nil || $0.date == day }
    if let day, found.isEmpty { throw CommandFailure(.notFound, "The rule has no proposal of \(day).") }
    return found.map(\.k).sorted()
  }

  /// Makes a rule.
  func make(
    _ template: RecurringTemplate, every: String, from: String?, orFrom first: Day?,
    _ days: RecurringCommand.DayOptions, _ propose: Bool, in group: ID
  ) async throws(CommandFailure) -> Report {
    guard
      let day = try from.map({ (text) throws(CommandFailure) in
        try RecurringCommand.DayOptions.day(text, "from")
      }) ?? first
    else { throw CommandFailure(.usage, "--from: write the first day.") }
    var new = NewRecurring(
      id: ID(at: .now), template: template, every: try Every(typed: every), from: day,
      times: days.times.map(Int64.init), zone: days.zone, mode: propose ? .propose : .book)
    if let until = days.until { new.until = try RecurringCommand.DayOptions.day(until, "until") }
    do throws(Rejection) { new = try new.checked() } catch {
      throw CommandFailure(.usage, error.errors?.first?.message ?? error.detail)
    }
    let request = new
    let made: Recurring = try await ask { (api) throws(ClientFailure) in
      try await api.create(Endpoints.makeRecurring, [group], request)
    }
    return try RecurringCommand.report(
      made, "Added \(made.name), \(SafeText(made.every.text)) from \(made.from) on.")
  }
}
