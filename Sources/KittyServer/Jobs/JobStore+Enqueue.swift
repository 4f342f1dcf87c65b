import KittyShared

extension JobStore {
  /// Returns the statement that enqueues a job.
  /// - Parameters:
  ///   - id: The id of the job; a new one when `nil`.
  ///   - condition: The condition under which the job is enqueued; always when `nil`.
  static func enqueue(
    _ kind: Job.Kind, payload: String = "", id: ID? = nil, where condition: SQL? = nil, at now: Instant
  ) -> SQL {
    let condition: SQL = condition.map { " where \(part: $0)" } ?? ""
    return enqueue(
      "select \(id ?? ID(at: now)), \(kind.rawValue), \(payload), \(now), \(now)\(part: condition)")
  }

  /// Returns the statement that enqueues the removal of the photos whose hashes `hashes` selects as `photo_hash`,
  /// after the grace period. The job keeps a photo that is in use by then. The statement does nothing when no hash is
  /// selected, or only null.
  static func enqueueRemoval(ofPhotosFrom hashes: SQL, at now: Instant) -> SQL {
    enqueue(
      """
      select \(ID(at: now)), \(Job.Kind.removePhoto.rawValue), photo_hash, \(now.advanced(by: photoGracePeriod)),
        \(now)
      from (\(part: hashes)) as old where photo_hash is not null
      """)
  }

  /// Returns the statement that enqueues the removal of a receipt's files after the grace period. The job keeps a receipt
  /// that is in use by then.
  static func enqueueRemoval(ofReceipt hash: String, where condition: SQL? = nil, at now: Instant) -> SQL {
    let condition: SQL = condition.map { " where \(part: $0)" } ?? ""
    return enqueue(
      """
      select \(ID(at: now)), \(Job.Kind.removeReceipt.rawValue), \(hash), \(now.advanced(by: photoGracePeriod)), \(now)
        \(part: condition)
      """)
  }

  /// Returns the statement that enqueues a notice to the confirmed address that a user has at this point of the
  /// transaction. It does nothing for a user without one.
  /// - Parameters:
  ///   - user: Selects the id of the user.
  ///   - condition: The condition on the user's row under which it is enqueued.
  static func enqueue(
    _ notice: AccountNotice, of user: SQL, where condition: SQL = "true", at now: Instant
  ) -> SQL {
    // Neither names nor addresses contain blanks.
    let prefix = "\(notice.rawValue) \(now.milliseconds) "
    return enqueue(
      """
      select \(ID(at: now)), \(Job.Kind.tellUser.rawValue), \(prefix) || name || ' ' || email, \(now), \(now)
      from users where id = \(part: user) and email is not null and email_confirmed_at is not null
        and \(part: condition)
      """)
  }

  /// Returns the statement that enqueues the selected jobs, with the mark that wakes the workers. All statements that
  /// enqueue jobs are made here.
  private static func enqueue(_ selection: SQL) -> SQL {
    var statement: SQL = "insert into jobs (id, kind, payload, run_at, created_at) \(part: selection)"
    statement.wakesWorker = true
    return statement
  }
}
