import KittyShared

// Each rule of the books is checked twice. `Bookkeeping` checks it before the write, and refuses with a sentence that
// says what to do. Another request can change the group after that, so the write checks the rule again: the statement
// that inserts the revision selects from the group's row, and inserts nothing where a rule does not hold. The entry
// refers to its revision by a foreign key, so a missing revision fails the whole transaction, and `EntryStore` reports
// that as `changed_meanwhile`. In this way the checks and the write need one round trip to the database.

/// A rule that must hold when a revision is written.
protocol EntryGuard: Sendable {
  /// Returns the rule as a condition on the row of `groups`, in the transaction that writes the revision.
  func condition(in group: ID) -> SQL
}

/// The rules of the books: each has the sentence of the early check beside the condition of the write.
enum EntryGuards {
  /// The group is neither archived nor deleted.
  struct GroupInUse: EntryGuard {
    /// - Throws: `Rejection.archived`. A deleted group is not found before a rule of the books is checked.
    func require(_ member: Membership) throws(Rejection) {
      guard !member.isArchived else { throw Rejection.archived }
    }

    func condition(in group: ID) -> SQL { "archived_at is null and deleted_at is null" }
  }

  /// The books are open on all days of the revision.
  struct BooksOpen: EntryGuard {
    /// The earliest day of the revision.
    let day: Day

    /// - Throws: `Rejection`: `closed`.
    func require(_ member: Membership) throws(Rejection) {
      if let refusal = member.rights.refusal(ofDate: day) { throw refusal }
    }

    func condition(in group: ID) -> SQL { "(closed_until is null or closed_until < \(day))" }
  }

  /// The accounts that the revision newly names are in the group. The early check is `Participants.require`, which
  /// names the field of the request.
  struct AccountsPresent: EntryGuard {
    let accounts: Set<ID>

    func condition(in group: ID) -> SQL {
      let ids: [SQL] = accounts.sorted().map { "\($0)" }
      return """
        \(ids.count) = (
          select count(*) from accounts
          where group_id = \(group) and removed_at is null and id in (\(list: ids)))
        """
    }
  }

  /// The categories that the revision newly names are there. The early check is `Bookkeeping.requireCategories`, which
  /// names the field of the request.
  struct CategoriesPresent: EntryGuard {
    let categories: Set<ID>

    func condition(in group: ID) -> SQL {
      let ids: [SQL] = categories.sorted().map { "\($0)" }
      return """
        \(ids.count) = (
          select count(*) from categories
          where group_id = \(group) and removed_at is null and id in (\(list: ids)))
        """
    }
  }

  /// The kitty has the counted amount after a count, now that the difference is in the postings. The early check is
  /// missing on purpose: the difference comes from a balance read a moment before, and `Bookkeeping` counts again
  /// when the write finds another one.
  struct CountMatches: EntryGuard {
    let counted: Amount
    let place: EntryRevision.Place

    func condition(in group: ID) -> SQL {
      """
      \(-counted.minorUnits) = (
          select \(part: BalanceStore.kitty(counted.currency, upTo: place, in: group)) from groups k where k.id = \(group))
      """
    }
  }

  /// The first count after a place in the books is the one that is adjusted in the same transaction. The early check is
  /// missing: `Bookkeeping` looks for it again when the write finds another one.
  struct CountFollows: EntryGuard {
    let next: EntryRevision.NextCount
    let entry: ID

    func condition(in group: ID) -> SQL {
      let found: SQL = """
        select e.id from entries e
        where \(part: Self.condition(after: next.place, without: entry, in: group))
        """
      guard let count = next.count else { return "not exists (\(part: found))" }
      return "\(count) = (\(part: found))"
    }

    /// Returns the condition, order and limit of the first count after a place.
    static func condition(after place: EntryRevision.NextCount.Place, without entry: ID, in group: ID) -> SQL
    {
      """
      e.group_id = \(group) and e.kind <> 'expense' and e.kind = 'count' and e.currency = \(place.currency)
        and e.deleted_at is null and e.id <> \(entry) and (e.date, e.number) > (\(place.date), \(place.number))
      order by e.date, e.number limit 1
      """
    }
  }

  /// The expense of a refund and its other refunds are as they were read.
  struct RefundsUnchanged: EntryGuard {
    let refunded: RefundedExpense
    let refund: ID

    func condition(in group: ID) -> SQL {
      let refunds: SQL = """
        from entries e where e.group_id = \(group) and e.refund_of = \(refunded.expense.id) and e.deleted_at is null
          and e.id <> \(refund)
        """
      return """
        \(refunded.state.count) = (select count(*) \(part: refunds))
          and \(refunded.state.latest) = (select coalesce(max(e.sequence), 0) \(part: refunds))
          and exists (
            select 1 from entries e where e.group_id = \(group) and e.id = \(refunded.expense.id)
              and e.deleted_at is null and e.version = \(refunded.expense.version))
        """
    }
  }

  /// The import of the entry is still being written: after a long pause, another server may have undone it. The early check is
  /// missing, because the request itself began the import.
  struct ImportUnderWay: EntryGuard {
    let id: ID

    func condition(in group: ID) -> SQL {
      "exists (select 1 from imports i where i.group_id = \(group) and i.id = \(id) and i.state = 'writing')"
    }
  }

  /// No refund of the entry counts. `Bookkeeping` finds out after a failure that this is the reason, so that no other
  /// change asks for it.
  struct NoRefunds: EntryGuard {
    let entry: ID

    func condition(in group: ID) -> SQL {
      """
      not exists (
        select 1 from entries e where e.group_id = \(group) and e.refund_of = \(entry) and e.deleted_at is null)
      """
    }
  }

  /// A payment with `onlyIfOwed` is at most what its payer owes and its recipient is owed.
  struct AmountOwed: EntryGuard {
    let payment: EntryRevision.OwedPayment

    /// - Parameters:
    ///   - payer: The balance of the payer before the payment.
    ///   - recipient: The balance of the recipient before the payment.
    /// - Throws: `Rejection`: `not_owed`.
    func require(payer: Amount, recipient: Amount) throws(Rejection) {
      let amount = payment.amount
      guard min(-payer.minorUnits, recipient.minorUnits) < amount.minorUnits else { return }
      let owes = Amount(max(0, -payer.minorUnits), amount.currency)
      let isOwed = Amount(max(0, recipient.minorUnits), amount.currency)
      throw .conflict(
        "not_owed",
        "The payer owes \(owes) now, and the recipient is owed \(isOwed): a payment of \(amount) is more. It may have been entered already."
      )
    }

    func condition(in group: ID) -> SQL {
      """
      0 >= coalesce((
          select paid - share + sent - received from balances
          where group_id = \(group) and account_id = \(payment.payer) and currency = \(payment.amount.currency)), 0)
        and 0 <= coalesce((
          select paid - share + sent - received from balances
          where group_id = \(group) and account_id = \(payment.recipient) and currency = \(payment.amount.currency)), 0)
      """
    }
  }

  /// The rule has not made the entry yet, and is as it was when the entry was computed. The early check is missing on
  /// purpose: the rule was read a moment before.
  struct OccurrenceDue: EntryGuard {
    let occurrence: DueOccurrence

    func condition(in group: ID) -> SQL { RecurringStore.isDue(occurrence, in: group) }
  }

  /// The round of a payment goes on, and the entry is the one that books the payment. The early check is missing on
  /// purpose: `SettlingRounds` reads the round again when the write finds another one.
  struct RoundPaymentOpen: EntryGuard {
    let booking: RoundBooking

    func condition(in group: ID) -> SQL {
      """
      exists (
        select 1 from settlement_payments p
        join settlements s on s.group_id = p.group_id and s.id = p.settlement_id
        where p.group_id = \(group) and p.settlement_id = \(booking.round) and p.number = \(booking.number)
          and p.entry_id = \(booking.entry) and s.ended_at is null)
      """
    }
  }

  /// The kitty holds the money that a payout takes. An expense of the kitty needs no such rule: it is often entered
  /// before the contributions that paid for it.
  struct KittyFunds: EntryGuard {
    let payout: Amount

    /// - Parameter balance: The balance of the kitty in the currency of the payout, before the payout.
    /// - Throws: `Rejection`: `not_in_the_pot`.
    func require(_ balance: Amount) throws(Rejection) {
      guard payout.minorUnits > balance.minorUnits else { return }
      throw .conflict(
        "not_in_the_pot",
        "The kitty holds \(balance), so it cannot pay out more. Enter a contribution or a correction first.")
    }

    func condition(in group: ID) -> SQL {
      """
      0 <= coalesce((
          select -(paid - share + sent - received) from balances
          where group_id = \(group) and account_id = \(group) and currency = \(payout.currency)), 0)
      """
    }
  }
}

extension EntryRevision {
  var booksOpen: EntryGuards.BooksOpen { .init(day: days.min() ?? content.date) }

  var kittyFunds: EntryGuards.KittyFunds? { payout.map { .init(payout: $0) } }

  /// The rules that must hold when the revision is written.
  var guards: [any EntryGuard] {
    var guards: [any EntryGuard] = [EntryGuards.GroupInUse(), booksOpen]
    if !newAccounts.isEmpty { guards.append(EntryGuards.AccountsPresent(accounts: newAccounts)) }
    if !addedCategories.isEmpty {
      guards.append(EntryGuards.CategoriesPresent(categories: addedCategories))
    }
    if action == .created || action == .restored, let counted = content.counted {
      guards.append(EntryGuards.CountMatches(counted: Amount(counted, content.currency), place: place))
    }
    for next in nextCounts { guards.append(EntryGuards.CountFollows(next: next, entry: entry)) }
    if let refunded { guards.append(EntryGuards.RefundsUnchanged(refunded: refunded, refund: entry)) }
    if requiresNoRefunds { guards.append(EntryGuards.NoRefunds(entry: entry)) }
    if let kittyFunds, !isLatePayout { guards.append(kittyFunds) }
    if let adjustedPayout { guards.append(EntryGuards.KittyFunds(payout: adjustedPayout)) }
    if let booking { guards.append(EntryGuards.RoundPaymentOpen(booking: booking)) }
    if let owedPayment { guards.append(EntryGuards.AmountOwed(payment: owedPayment)) }
    if let occurrence { guards.append(EntryGuards.OccurrenceDue(occurrence: occurrence)) }
    if let importing { guards.append(EntryGuards.ImportUnderWay(id: importing)) }
    return guards
  }
}

extension Rejection {
  /// 409: a rule that held before the write no longer holds in it.
  static let groupChanged = Rejection.conflict(
    "changed_meanwhile",
    "The group was changed at the same time: it was archived or closed, a member or a category was removed, or the kitty was used. Read it again, then retry."
  )
}
