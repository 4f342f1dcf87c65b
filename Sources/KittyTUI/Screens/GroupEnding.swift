import KittyShared

/// The questions before a group is archived or deleted. They name the group and what is still owed.
struct GroupEnding {
  let group: Group

  /// Asks before the group is deleted.
  var deletion: Action {
    let sums = sums
    let debts: SafeText = sums.isEmpty ? "" : " You \(sums.joined(" and ")) in it."
    return .confirm(
      "Delete \"\(group.name)\"?\(debts) You can restore it for 30 days.",
      [.run(.deleteGroup(group.id, force: false))])
  }

  /// Asks again before a group with debts is deleted.
  var forcedDeletion: Action {
    let holds = group.kitty.filter { $0.amount != 0 }.map(SafeText.init)
    var facts: [SafeText] = sums.isEmpty ? [] : ["you \(sums.joined(" and "))"]
    if !holds.isEmpty { facts.append("the kitty has \(holds.joined(" and "))") }
    let words: SafeText =
      facts.isEmpty ? "other members have debts, or there is money in the kitty" : facts.joined(", and ")
    return .confirm(
      "\"\(group.name)\" is not settled: \(words). Delete it anyway?",
      [.run(.deleteGroup(group.id, force: true))])
  }

  /// Asks before the group is archived, or brought back.
  var archiving: Action {
    let isArchived = group.archivedAt != nil
    let effect = Effect.changeGroup(
      group.id, version: group.version, GroupChange(archived: !isArchived))
    return .confirm(
      isArchived
        ? "Restore \"\(group.name)\"?"
        : "Archive \"\(group.name)\"? You can still read it, and restore it.", [.run(effect)])
  }

  /// The balances of the user, after "you".
  private var sums: [SafeText] {
    group.balances.map { balance -> SafeText in
      let sum = Amount(balance.amount, balance.currency).text().drop { $0 == "-" }
      let verb: SafeText = balance.amount > 0 ? "are owed" : "owe"
      return "\(verb) \(sum) \(balance.currency.code)"
    }
  }
}
