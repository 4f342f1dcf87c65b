import KittyShared

/// Shares the connections of a database between its users, so that none of them can take all.
///
/// - Long reads, which add up a whole group, are few at a time, and hold up only each other.
/// - The other reads, and the writes, of a user are a limited number at a time.
/// - The writes of a group wait for each other in the database anyway, so only a few of them occupy connections.
///
/// A statement that does not get its turn in time is refused, as by an overloaded database.
struct FairDatabase: Database {
  let database: any Database
  let shares: Shares

  /// The number of long reads at a time.
  static let longReads = 2

  /// The turns of the users and groups.
  struct Shares: Sendable {
    let longReads: Turns<Bool>
    let reads: Turns<ID>
    let writes: Turns<ID>
    let groupWrites: Turns<ID>

    /// - Parameters:
    ///   - readers: The number of reads of a user at a time.
    ///   - groupWriters: The number of transactions of a group at a time.
    init(readers: Int, groupWriters: Int) {
      longReads = Turns(each: FairDatabase.longReads, waiting: 64)
      reads = Turns(each: readers, waiting: 128)
      writes = Turns(each: 64, waiting: 128)
      groupWrites = Turns(each: groupWriters, waiting: 128)
    }

    /// The number of batches that were refused.
    var refused: Int {
      [longReads.refused, reads.refused, writes.refused, groupWrites.refused].reduce(0) { $0 + $1.value }
    }
  }

  func read(_ statements: [SQL]) async throws -> [[Row]] {
    let caller = DatabaseCaller.current
    return try await Self.refusing {
      if caller.isLong {
        return try await shares.longReads.run(for: true) { try await database.read(statements) }
      }
      guard let user = caller.user else { return try await database.read(statements) }
      return try await shares.reads.run(for: user) { try await database.read(statements) }
    }
  }

  func runTransaction(_ statements: [SQL]) async throws -> [[Row]] {
    let caller = DatabaseCaller.current
    return try await Self.refusing {
      guard let user = caller.user else { return try await database.runTransaction(statements) }
      return try await shares.writes.run(for: user) {
        guard let group = caller.group else { return try await database.runTransaction(statements) }
        return try await shares.groupWrites.run(for: group) { try await database.runTransaction(statements) }
      }
    }
  }

  func runLongTransaction(_ body: (_ run: @escaping StatementRunner) async throws -> Void) async throws {
    let caller = DatabaseCaller.current
    try await Self.refusing {
      guard let user = caller.user else { return try await database.runLongTransaction(body) }
      try await shares.writes.run(for: user) {
        guard let group = caller.group else { return try await database.runLongTransaction(body) }
        try await shares.groupWrites.run(for: group) { try await database.runLongTransaction(body) }
      }
    }
  }

  private static func refusing<Value>(_ body: () async throws -> Value) async throws -> Value {
    do { return try await body() } catch is NoTurn { throw DatabaseFailure.overloaded }
  }

  var skippingLocked: SQL { database.skippingLocked }
  /// `true` also while the user or the group of the current request has too many transactions, which counts as a refusal.
  var isOverloaded: Bool {
    let caller = DatabaseCaller.current
    return database.isOverloaded || caller.user.map(shares.writes.refuses) ?? false
      || caller.group.map(shares.groupWrites.refuses) ?? false
  }

  func migrate(_ migrations: [Migration]) async throws -> [Int] { try await database.migrate(migrations) }
  func close() async { await database.close() }
}
