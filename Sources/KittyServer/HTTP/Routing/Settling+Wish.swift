import KittyShared

extension QueryReading {
  /// Returns the wish for a plan that the query has.
  /// - Throws: `Rejection.invalid`.
  func settlingWish() throws(Rejection) -> Settling.Wish {
    try Settling.Wish(centre: query["centre"], keep: query["keep"], by: query["by"])
  }
}

extension Settling.Wish {
  /// Reads the wish of a request.
  /// - Throws: `Rejection.invalid` that names the field.
  init(centre: String?, keep: String?, by: String?) throws(Rejection) {
    if let centre { self.centre = try Call.account(centre, "centre") }
    guard let keep else {
      guard by == nil else {
        throw .invalid("by", "without_keep", "by says how a kept kitty is divided: send keep=kitty with it.")
      }
      return
    }
    guard keep == "kitty" else {
      throw .invalid("keep", "not_to_keep", "Only the kitty can be kept: send keep=kitty.")
    }
    guard let rule = SettlementPlan.Rule(rawValue: by ?? "equal") else {
      let rules = SettlementPlan.Rule.allCases.map(\.rawValue).joined(separator: ", ")
      throw .invalid("by", "unknown_rule", "by must be one of \(rules).")
    }
    guard self.centre != .kitty else {
      throw .invalid(
        "centre", "kept",
        "Payments through the kitty do not go with a kept kitty. Name a member as the centre.")
    }
    self.keep = rule
  }
}
