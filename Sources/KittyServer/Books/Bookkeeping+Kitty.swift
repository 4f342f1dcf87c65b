import KittyShared

extension Bookkeeping {
  /// Repeats `body`, which reads and writes, when another request changed what it has read.
  func untilUnchanged<Result>(_ body: () async throws -> Result) async throws -> Result {
    for _ in 1..<Self.attempts {
      do {
        return try await body()
      } catch let rejection as Rejection where rejection.code == Rejection.groupChanged.code {
        continue
      }
    }
    return try await body()
  }

  /// Enters a cash count of the kitty: the difference from the books becomes an expense or a refund of the kitty. Another
  /// request can use the kitty between the read of its balance and the write; the count is then repeated with the new
  /// balance.
  /// - Parameter id: The id of the new entry; it decides which participant bears a leftover unit.
  /// - Throws: `Rejection`.
  func enter(_ count: NewCount, id: ID, by caller: Caller) async throws -> Entered {
    try await untilUnchanged { try await enterOnce(count, id: id, by: caller) }
  }

  private func enterOnce(_ count: NewCount, id: ID, by caller: Caller) async throws -> Entered {
    let currency = caller.membership.currency
    let people = try await participants(for: caller)
    let books = try await balances.kittyBalance(
      count.currency ?? currency, countedOn: count.date ?? caller.today, in: caller.group)
    var content = try Ledger.content(
      for: count, expected: books.amount, seed: id, currency: currency, people: people,
      today: caller.today)
    content.date = books.day
    return try await enter(content, id: id, former: people.former, by: caller)
  }

  /// Sets the amounts that members are to put into the kitty. An amount of 0 removes the target of a member, also of a
  /// former one.
  /// - Throws: `Rejection`.
  func setTargets(
    _ change: TargetsChange, by member: Membership, _ write: WriteContext
  ) async throws {
    let people = try await members.participants(in: member.group)
    let currency = change.currency ?? member.currency
    var targets: [(member: ID, amount: Int64)] = []
    for (index, target) in change.targets.enumerated() {
      let amount = try target.amount.amount(in: currency, "targets.\(index).amount")
      var isKnown = false
      if amount.minorUnits == 0 {
        isKnown = try await members.find(target.member, in: member.group) != nil
      }
      if !isKnown { try people.require(.member(target.member), "targets.\(index).member") }
      guard amount.minorUnits >= 0 else {
        throw Rejection.invalid("targets.\(index).amount", "negative", "A target must be zero or more.")
      }
      targets.append((target.member, amount.minorUnits))
    }
    try await balances.setTargets(targets, currency, in: member.group, write)
  }
}
