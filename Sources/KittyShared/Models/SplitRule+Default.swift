extension SplitRule {
  /// The kinds of split that a group can have as its default: without amounts, which differ from expense to expense.
  package static let defaultMethods: [Method] = [.equally, .shares, .percentages]

  /// Returns the rule as the default split of a group is used for an expense: those who have left take no part.
  /// - Throws: `Rejection.invalid` when a member with a percentage has left.
  package func fitted(to people: Participants) throws(Rejection) -> SplitRule {
    guard let parts else { return self }
    let present = Set(people.present.map(\.id))
    let left = parts.filter { present.contains($0.member) }
    guard left.count < parts.count else { return self }
    guard method != .percentages else {
      throw .invalid(
        "split", "default_split_outdated",
        "The default split of the group names a member who has left. Send a split, or change the default split."
      )
    }
    return left.isEmpty ? SplitRule(.equally) : SplitRule(method, parts: left)
  }

  /// Checks the members and the sum of a default split.
  /// - Throws: `Rejection.invalid` with fields below `defaultSplit`.
  package func requireDefault(_ people: Participants, currency: Currency) throws(Rejection) {
    let any = Amount(10_000, currency)
    do throws(Rejection) {
      _ = try completed(people, currency: currency).shares(of: any, booked: any, seed: .first)
    } catch {
      throw .invalid((error.errors ?? []).map { $0.ofDefaultSplit })
    }
  }
}

extension FieldChecks {
  /// Checks a default split as far as possible without the group.
  mutating func defaultSplit(_ rule: SplitRule) {
    var checks = FieldChecks()
    rule.check(&checks)
    let methods = SplitRule.defaultMethods.map(\.rawValue).joined(separator: ", ")
    checks.require(
      SplitRule.defaultMethods.contains(rule.method), "split.method", "not_for_a_default",
      "A default split must be one of \(methods): amounts differ from expense to expense.")
    for error in checks.errors.map(\.ofDefaultSplit) {
      require(false, error.field, error.code, error.message)
    }
  }
}

extension FieldError {
  /// The same error of the default split of a group.
  fileprivate var ofDefaultSplit: FieldError {
    FieldError(
      field: field.replacing("split", with: "defaultSplit", maxReplacements: 1), code: code, message: message)
  }
}
