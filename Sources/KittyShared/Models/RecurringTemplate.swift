/// The entry that a rule makes again and again: an expense, or a payment such as a contribution to the kitty. It is a
/// request without the fields of one entry, its id and its date.
package struct RecurringTemplate: KnownFields, Hashable {
  /// The expense. Without participants and split it is divided by the default split of the group on the day when it is
  /// booked: among all members who are in the group then, unless the group has another.
  package var expense: NewExpense?
  /// The payment, contribution or payout.
  package var payment: NewPayment?

  package enum CodingKeys: String, CodingKey, CaseIterable { case expense, payment }

  /// The most bytes of a template.
  package static let maxBytes = 64 * 1024

  package init(expense: NewExpense) { self.expense = expense }
  package init(payment: NewPayment) { self.payment = payment }

  /// The description; that of a payment may be missing.
  package var description: String? { expense?.description ?? payment?.description }
  /// The amount.
  package var amount: AmountInput? { expense?.amount ?? payment?.amount }
  /// The currency; that of the group when missing.
  package var currency: Currency? { expense?.currency ?? payment?.currency }
  /// The path of the fields of the entry.
  package var field: String { expense == nil ? "payment" : "expense" }

  /// The members whom the template names, each with the path of its field.
  package var named: [(field: String, member: ID)] {
    var named: [(field: String, member: ID)] = []
    func add(_ field: String, _ account: LedgerAccount?) {
      if let member = account?.member { named.append((field, member)) }
    }
    func add(_ field: String, _ members: [ID]?) {
      named += (members ?? []).enumerated().map { ("\(field).\($0)", $1) }
    }
    add("payer", expense?.payer)
    for (index, payer) in (expense?.payers ?? []).enumerated() {
      add("payers.\(index).account", payer.account)
    }
    add("participants", expense?.participants)
    for (index, part) in (expense?.split?.parts ?? []).enumerated() {
      named.append(("split.parts.\(index).member", part.member))
    }
    for (index, item) in (expense?.split?.items ?? []).enumerated() {
      add("split.items.\(index).members", item.members)
    }
    add("from", payment?.from)
    add("to", payment?.to)
    return named
  }

  /// Returns the template with other categories, for its expense and its items.
  /// - Parameter other: Returns the category in place of one; `nil` for none.
  package func replacingCategories(_ other: (ID) -> ID?) -> RecurringTemplate {
    var template = self
    template.expense?.category = expense?.category.flatMap(other)
    for (index, item) in (expense?.split?.items ?? []).enumerated() {
      template.expense?.split?.items?[index].category = item.category.flatMap(other)
    }
    return template
  }

  /// Checks all fields that can be checked without the group.
  /// - Parameter isStored: `true` for a template of a group file, which keeps a tag that is reserved by now.
  func check(_ checks: inout FieldChecks, isStored: Bool = false) {
    checks.require(
      (expense == nil) != (payment == nil), "template", "one_of_two",
      "A template has either an expense or a payment.")
    checks.under("template.\(field)") { checks throws(Rejection) in
      expense?.check(&checks, isStored: isStored)
      payment?.check(&checks)
      let isTooMuch = "Leave it out: each entry of the rule has its own."
      checks.require(
        expense?.id == nil && payment?.id == nil, "id", "not_in_a_template", isTooMuch)
      checks.require(
        expense?.date == nil && payment?.date == nil, "date", "not_in_a_template", isTooMuch)
      checks.require(
        expense?.refundOf == nil, "refundOf", "not_in_a_template",
        "Leave it out: an expense is refunded once.")
      checks.require(
        payment?.onlyIfOwed == nil, "onlyIfOwed", "not_in_a_template",
        "Leave it out: it is for a payment that two members may enter.")
    }
  }

  mutating func compose() {
    expense?.compose()
    payment?.compose()
  }
}
