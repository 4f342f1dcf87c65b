import KittyShared

/// The words of a plan that keeps the kitty, and the order of its rules.
enum SettleWords {
  /// Returns the rule after one; `nil` pays the kitty out.
  static func next(_ rule: SettlementPlan.Rule?) -> SettlementPlan.Rule? {
    switch rule {
    case nil: .equal
    case .equal: .weights
    case .weights: .contributed
    case .contributed: nil
    }
  }

  /// Returns the words above a plan that keeps the kitty.
  static func keeping(_ plan: SettlementPlan, _ rule: SettlementPlan.Rule, _ data: GroupData) -> SafeText {
    let parts = (plan.keeps ?? []).map { part in
      "\(data.name(of: part.member)) \(SafeText(Money(amount: part.amount, currency: part.currency)))"
        as SafeText
    }
    let way: SafeText =
      switch rule {
      case .equal: "in equal parts"
      case .weights: "by weights"
      case .contributed: "by contributions"
      }
    let count: SafeText =
      switch plan.payments.count {
      case 0: "Everything is settled."
      case 1: "One payment settles everything."
      default: "\(plan.payments.count) payments settle everything."
      }
    return parts.isEmpty
      ? "\(count) The kitty is empty." : "\(count) The kitty is kept, \(way): \(parts.joined(", "))."
  }
}
