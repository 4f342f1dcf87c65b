import KittyShared

/// The removal of a member: its questions name the member, the group and what is still owed.
struct MemberRemoval {
  private let member: ID
  private let data: GroupData

  init(_ member: ID, _ data: GroupData) {
    self.member = member
    self.data = data
  }

  private var name: SafeText { data.name(of: member) }

  /// The balances of the member that are not zero, as a sentence; empty without any.
  var debts: SafeText {
    let isMe = member == data.group.me
    let open = data.balances.filter { $0.account == .member(member) && $0.net != 0 }.map {
      balance -> SafeText in
      let sum = Amount(balance.net, balance.currency).text().drop { $0 == "-" }
      let verb: SafeText = balance.net > 0 ? (isMe ? "are owed" : "is owed") : isMe ? "owe" : "owes"
      return "\(verb) \(sum) \(balance.currency.code)"
    }
    return open.isEmpty ? "" : "\(data.person(.member(member)).capitalised) \(open.joined(" and "))."
  }

  /// Asks before the member is removed.
  var question: Action {
    let debts = debts
    return .confirm(
      "Remove \(name) from \"\(data.group.name)\"?\(debts.string.isEmpty ? "" : " \(debts)" as SafeText)",
      [remove(force: false)])
  }

  /// Returns the answer to a removal that failed: a second question when something is still owed.
  func answer(to failure: ClientFailure) -> [Action] {
    guard case .problem(let problem) = failure, problem.code == "balance_not_zero" else {
      return [.toast(SafeText(failure.message("Not removed.")))]
    }
    let debts = debts.string.isEmpty ? "The balance of \(name) is not zero." : debts
    return [
      .confirm(
        "\(debts) Remove \(name) from \"\(data.group.name)\" anyway? The balance stays in the books until it is settled.",
        [remove(force: true)])
    ]
  }

  private func remove(force: Bool) -> Action {
    .run(.removeMember(group: data.group.id, member: member, force: force))
  }
}
