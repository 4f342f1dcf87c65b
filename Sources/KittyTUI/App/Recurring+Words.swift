import KittyShared

/// Rules for recurring entries in words.
extension Recurring {
  /// The description of its entries.
  var name: SafeText {
    if let description = template.description { return SafeText(description) }
    guard let payment = template.payment else { return "(nothing)" }
    return payment.to == .kitty ? "Contribution" : payment.from == .kitty ? "Payout" : "Payment"
  }

  /// The amount, if it can be read.
  var amount: Amount? {
    guard let currency = template.currency else { return nil }
    return try? template.amount?.amount(in: currency)
  }

  /// The amount in words.
  var amountText: SafeText {
    amount.map { SafeText(Money(amount: $0.minorUnits, currency: $0.currency)) } ?? ""
  }

  /// The amount for programs.
  var plainAmount: SafeText { amount.map { "\($0.decimal)" } ?? "" }

  /// The state that asks for a member; empty while there is none.
  var stateWords: SafeText {
    if held != nil { return "waits" }
    if proposed > 0 { return proposed == 1 ? "1 proposal" : "\(proposed) proposals" }
    return mode == .propose ? "proposes" : ""
  }

  /// The same with the reason of a rule that waits.
  var stateReason: SafeText { held.map { "waits: \(SafeText($0.message))" } ?? stateWords }
}

extension [Recurring] {
  /// The things that ask for a member, such as `1 waits, 2 to confirm`: the rules that wait, and the proposals; empty when nothing
  /// does.
  var stateWords: SafeText {
    let waiting = count { $0.held != nil }
    let proposals = reduce(0) { $0 + $1.proposed }
    var words: [SafeText] = []
    if waiting > 0 { words.append(waiting == 1 ? "1 waits" : "\(waiting) wait") }
    if proposals > 0 { words.append("\(proposals) to confirm") }
    return words.joined(", ")
  }
}

extension Occurrence {
  /// The state in words.
  var words: SafeText {
    switch state {
    case .booked: "booked"
    case .proposed: "proposed"
    case .skipped:
      switch reason {
      case "closed": "skipped: the books were closed"
      case "by_hand": "skipped"
      case "removed": "skipped: the rule was removed"
      default: "skipped: \(SafeText(reason ?? ""))"
      }
    }
  }
}
