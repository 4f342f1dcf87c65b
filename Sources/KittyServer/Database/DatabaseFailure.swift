/// The reason for which the database did not run statements.
enum DatabaseFailure: Error, Equatable {
  /// A key or unique index contains the value already. Its name is `table_column`, or that of the index.
  case notUnique(String)
  /// A row refers to a row that does not exist, or does not have the referenced value.
  case brokenReference
  /// A check of the schema refused a row; the zero-sum rule is one of them.
  case refused(String)
  /// A number does not fit 64 bits.
  case outOfRange
  /// Too many statements wait for the database: nothing was done.
  case overloaded
  /// A statement took longer than its time limit, or waited too long for a lock. Its transaction was rolled back.
  case tooSlow(String)
  /// The database cannot be reached, or does not answer. Nothing was done, or an unknown part.
  case unavailable(String, maybeApplied: Bool)
  /// Any other error: a bug in the program, for the log only.
  case fault(String)
}

extension Error {
  /// `true` for a failure of the database after which a write may have been done all the same.
  var leavesOutcomeUnknown: Bool {
    if case .unavailable(_, maybeApplied: true)? = self as? DatabaseFailure { true } else { false }
  }
}
