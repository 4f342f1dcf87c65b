extension GroupFile {
  /// Checks that the file is the whole of a group whose books balance.
  public func check(_ checks: inout FieldChecks) {
    checks.require(
      format == Self.format, "format", "unknown_format", "This server reads \"\(Self.format)\".")
    checks.text(name, "name", max: 64)
    let ids = Set(members.map(\.id))
    checks.require(ids.count == members.count, "members", "twice", "Each member is listed once.")
    checks.require(
      members.contains { $0.id == owner && $0.removedAt == nil }, "owner", "not_a_member",
      "The owner is one of the members.")
    let names = members.filter { $0.removedAt == nil }.map { $0.name.lowercased() }
    checks.require(
      Set(names).count == names.count, "members", "name_taken", "Two members have the same name.")
    for (index, member) in members.enumerated() {
      checks.text(member.name, "members.\(index).name", max: 64)
      checks.require(
        (0...1_000_000).contains(member.weight), "members.\(index).weight", "out_of_range",
        "A weight is a whole number from 0 to 1000000.")
    }
    for (index, target) in targets.enumerated() {
      checks.require(
        ids.contains(target.member), "targets.\(index).member", "not_a_member", "This member is not listed.")
      checks.require(
        (1...Amount.limit).contains(target.amount), "targets.\(index).amount", "out_of_range",
        "A target is more than zero.")
    }
    let keys = Set(targets.map { "\($0.member) \($0.currency)" })
    checks.require(keys.count == targets.count, "targets", "twice", "A member has one target per currency.")
    checks.require(
      Set(entries.map(\.id)).count == entries.count, "entries", "twice", "Each entry is listed once.")
    var last: Int64 = 0
    for (index, entry) in entries.enumerated() {
      let field = "entries.\(index)"
      checks.require(
        entry.number > last && entry.number <= lastNumber, "\(field).number", "out_of_order",
        "Numbers grow from entry to entry, up to lastNumber.")
      last = max(last, entry.number)
      entry.check(&checks, field, ids)
      // What is wrong with a file is usually wrong all over it.
      if checks.errors.count > 20 { return }
    }
  }
}

extension GroupFile.FileEntry {
  fileprivate func check(_ checks: inout FieldChecks, _ field: String, _ members: Set<ID>) {
    var isDeleted = true
    checks.require(
      revisions.first?.action == .created, "\(field).revisions", "not_created",
      "An entry's first revision says that it was created.")
    for (index, revision) in revisions.enumerated() {
      let here = "\(field).revisions.\(index)"
      let fits =
        switch revision.action {
        case .created: index == 0
        case .restored: isDeleted
        case .changed, .deleted: !isDeleted
        }
      checks.require(
        fits, "\(here).action", "out_of_order", "This cannot follow what was done before.")
      isDeleted = revision.action == .deleted
      checks.require(
        members.contains(revision.by), "\(here).by", "not_a_member", "This member is not listed.")
      revision.content.check(&checks, "\(here).content", members)
    }
    for (index, comment) in comments.enumerated() {
      checks.text(comment.text, "\(field).comments.\(index).text", max: 1000)
      checks.require(
        members.contains(comment.by), "\(field).comments.\(index).by", "not_a_member",
        "This member is not listed.")
    }
  }
}

extension EntryContent {
  /// Checks that the content is whole and adds up.
  func check(_ checks: inout FieldChecks, _ field: String, _ members: Set<ID>) {
    checks.text(description, "\(field).description", max: 200)
    checks.note(note)
    let isSmall = [amount, booked.amount].allSatisfy { $0.magnitude <= Amount.limit }
    checks.require(isSmall, "\(field).amount", "too_large", "This amount is too large.")
    checks.require(
      rate != nil || (booked.amount == amount && booked.currency == currency), "\(field).booked",
      "not_the_amount", "Without a rate the amount itself is booked.")
    let accounts =
      [from, to].compactMap { $0?.member } + (payers ?? []).compactMap(\.account.member)
      + (shares ?? []).map(\.member)
    checks.require(
      accounts.allSatisfy(members.contains), field, "not_a_member", "A member is named who is not listed.")
    switch kind {
    case .payment, .contribution, .payout:
      let fits =
        switch kind {
        case .contribution: from?.member != nil && to == .kitty
        case .payout: from == .kitty && to?.member != nil
        default: from?.member != nil && to?.member != nil && from != to
        }
      checks.require(
        fits && amount > 0 && booked.amount > 0, field, "incomplete",
        "from, to or amount does not fit the kind.")
    case .expense, .count:
      let shared = Self.sum((shares ?? []).map(\.amount))
      let paid = Self.sum((payers ?? []).map(\.amount.units))
      checks.require(
        shared == booked.amount, "\(field).shares", "not_the_total",
        "The shares must add up to what is booked.")
      checks.require(
        paid == amount, "\(field).payers", "not_the_total", "The payers must add up to the amount.")
      checks.require(
        split != nil && shares != nil && payers?.isEmpty == false, field, "incomplete",
        "payers, split and shares are needed.")
      checks.require(kind == .count || amount != 0, "\(field).amount", "zero", "This amount is zero.")
      if kind == .count {
        let difference = expected.flatMap { expected in
          counted.map { expected.subtractingReportingOverflow($0) }
        }
        checks.require(
          difference?.overflow == false && difference?.partialValue == amount, "\(field).counted",
          "not_the_total",
          "The amount is what was expected less what was counted.")
      }
    }
  }

  private static func sum(_ values: [Int64]) -> Int64? {
    var sum: Int64 = 0
    for value in values {
      let (next, overflow) = sum.addingReportingOverflow(value)
      guard !overflow else { return nil }
      sum = next
    }
    return sum
  }
}
