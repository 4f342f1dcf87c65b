import KittyShared

/// The database: it answers, its schema is the one of this program, its texts are in order, and it has room for all
/// connections.
struct DatabaseCheck: Check {
  let part = "database"
  let settings: Settings
  /// The number of servers that use the same database.
  let copies: Int

  /// The connections that a server or worker opens at most.
  static let connectionsOfCopy = 17

  func findings() async throws -> [Finding] {
    if settings.databaseURL == nil { try DatabaseNotReady.requireFile(of: settings) }
    return try await settings.withReadOnlyDatabase { database in
      var found = [try await schema(of: database)]
      guard settings.databaseURL != nil else { return found }
      let facts = try await DatabaseFactsStore(database: database).facts()
      found.insert(version(facts), at: 0)
      found.append(connections(facts))
      if let problem = try await CollationVersion(database: database).problem() {
        found.append(.fault(problem))
      }
      return found
    }
  }

  private func schema(of database: any Database) async throws -> Finding {
    do {
      try await DatabaseNotReady.requireSchema(of: database)
      return .ok("The schema has version \(Migration.all.last?.version ?? 0), the one of this program.")
    } catch let problem as DatabaseNotReady {
      return .fault(problem.description)
    } catch let problem as MigrationFailure {
      return .fault(problem.description)
    }
  }

  private func version(_ facts: DatabaseFacts) -> Finding {
    guard facts.encoding == "UTF8" else {
      return .fault(
        "The database has the encoding \(facts.encoding). Make a new one with: create database … encoding 'UTF8'"
      )
    }
    return .ok("PostgreSQL \(facts.version) answers.")
  }

  private func connections(_ facts: DatabaseFacts) -> Finding {
    let processes = copies + (settings.worker == .separate ? 1 : 0)
    let needed = processes * Self.connectionsOfCopy
    let usage = "\(facts.connections) of \(facts.maxConnections) connections are open"
    guard needed <= facts.maxConnections else {
      return .warning(
        "\(usage), and \(processes) processes of KittyCash can open \(needed). Raise max_connections, or run fewer copies."
      )
    }
    return .ok("\(usage); \(processes) processes of KittyCash can open \(needed).")
  }
}

extension Settings {
  /// Opens the database for reading, runs `body`, and closes it.
  func withReadOnlyDatabase<Value>(_ body: (any Database) async throws -> Value) async throws -> Value {
    let database: any Database =
      if let databaseURL { PostgresDatabase(url: databaseURL) } else {
        try SQLiteDatabase(reading: dataFolder + "/kittycash.sqlite")
      }
    do {
      let value = try await body(database)
      await database.close()
      return value
    } catch {
      await database.close()
      throw error
    }
  }
}
