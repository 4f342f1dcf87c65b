import Postgres

/// The plan that distributes the tables over the nodes of a PostgreSQL with Citus: all rows of a group are on one node,
/// and all other tables are on every node.
struct Distribution: Equatable {
  /// The tables, each after the tables that it refers to.
  let tables: [Table]

  struct Table: Equatable {
    let name: String
    /// The column that decides the node of a row; `nil` for a table that is on every node.
    let column: String?
  }

  /// The table that decides the node of a group's rows.
  static let root = "groups"

  /// - Parameters:
  ///   - keys: The first column of the primary key of each table. It is `group_id` for the tables of groups.
  ///   - references: The foreign keys.
  /// - Throws: `DatabaseFailure` when the foreign keys form a cycle.
  init(keys: [String: String?], references: [(from: String, to: String)]) throws(DatabaseFailure) {
    var tables: [Table] = []
    var remaining = keys
    while !remaining.isEmpty {
      let free = remaining.keys.filter { name in
        references.allSatisfy { $0.from != name || $0.to == name || remaining[$0.to] == nil }
      }
      guard !free.isEmpty else { throw .fault("tables refer to each other: \(remaining.keys.sorted())") }
      for name in free.sorted() {
        let key = remaining.removeValue(forKey: name) ?? nil
        tables.append(Table(name: name, column: name == Self.root ? "id" : key == "group_id" ? key : nil))
      }
    }
    // Within one transaction, Citus requires the tables of every node first.
    self.tables = tables.filter { $0.column == nil } + tables.filter { $0.column != nil }
  }
}

/// The tables were not distributed.
enum DistributionFailure: Error, CustomStringConvertible {
  case sqlite
  case noCitus
  case rules(String)

  var description: String {
    switch self {
    case .sqlite:
      """
      SQLite is one file on one machine and cannot be distributed. Move to PostgreSQL first: set DATABASE_URL.
      """
    case .noCitus:
      """
      The schema is up to date, but this PostgreSQL has no Citus, so its tables stay on one node. Install Citus \
      on every node, run "create extension citus" in this database, and try again.
      """
    case .rules(let why):
      """
      This version of Citus cannot run the statements of KittyCash on its shards, so the tables were not changed: \
      \(why)
      """
    }
  }
}

extension PostgresDatabase {
  /// Distributes the tables that are still on one node, in one transaction. Before its commit, the program's statements
  /// and the triggers of the books are tried on the shards; if they do not work, nothing is changed.
  /// - Parameter trial: Uses the tables like the program. Its changes are rolled back.
  /// - Returns: The tables that were distributed by this call; empty when all were before.
  /// - Throws: `DistributionFailure`; `DatabaseFailure`.
  func distribute(trial: (any Database) async throws -> Void) async throws -> [Distribution.Table] {
    try await exclusive { session in
      let found = try await session.run([
        PostgresStatement(
          """
          select 1 from pg_proc where proname = 'create_distributed_table' and pg_function_is_visible(oid) limit 1
          """)
      ])
      guard !found[0].rows.isEmpty else { throw DistributionFailure.noCitus }
      try await requireTransactions(session)
      let catalog = try await session.run(Self.catalog)
      let plan = try Distribution(
        keys: Dictionary(uniqueKeysWithValues: catalog[0].rows.map { ($0.columns[0] ?? "", $0.columns[1]) }),
        references: catalog[1].rows.map { ($0.columns[0] ?? "", $0.columns[1] ?? "") })
      let done = Set(catalog[2].rows.compactMap { $0.columns[0] })
      let tables = plan.tables.filter { !done.contains($0.name) }
      guard !tables.isEmpty else { return [] }
      // Citus distributes no table with foreign keys to or from a table of this node: the foreign keys between the
      // tables are dropped before and added again after.
      let distributed = Set(tables.filter { $0.column != nil }.map(\.name))
      let references = catalog[1].rows.map(\.columns).filter { row in
        distributed.contains(row[0] ?? "") && distributed.contains(row[1] ?? "")
      }
      // Citus requires the first because of references to tables of every node, and the second because of the triggers.
      let settings = ["citus.multi_shard_modify_mode": "sequential", "citus.enable_unsafe_triggers": "on"]
      let set = settings.map { PostgresStatement("select set_config($1, $2, true)", [$0, $1]) }
      do {
        let before = references.map { PostgresStatement($0[2] ?? "") }
        let after = references.map { PostgresStatement($0[3] ?? "") }
        _ = try await session.run(
          [PostgresStatement("begin")] + set + DistributedTriggers.statements + before + tables.map(\.call)
            + after
            + [PostgresStatement("savepoint trial")])
        try await trial(OpenTransaction(session: session))
        _ = try await session.run([
          PostgresStatement("rollback to savepoint trial"), PostgresStatement(Self.rejectionChecks),
          PostgresStatement("commit"),
        ])
      } catch PostgresError.server(_, let message, _) {
        throw DistributionFailure.rules(message)
      } catch let failure as DatabaseFailure {
        throw DistributionFailure.rules("\(failure)")
      }
      return tables
    }
  }

  /// Checks that a batch without `begin` and `commit` is one transaction, also on a distributed table: the program sends
  /// its transactions so. The second statement of the batch fails, and the first must be rolled back.
  private func requireTransactions(_ session: PostgresSession) async throws {
    let row = PostgresStatement(
      "insert into distribution_trial values ('00000000-0000-7000-8000-000000000000')")
    let remove = PostgresStatement("drop table if exists distribution_trial")
    _ = try await session.run([remove])
    _ = try await session.run([
      PostgresStatement("create table distribution_trial (group_id uuid primary key)")
    ])
    _ = try await session.run([
      PostgresStatement("select create_distributed_table('distribution_trial', 'group_id')")
    ])
    do {
      _ = try await session.run([row, row])
    } catch PostgresError.server("23505", _, _) {
      // The expected failure.
    }
    let left = try await session.run([PostgresStatement("select 1 from distribution_trial")])
    _ = try await session.run([remove])
    guard left[0].rows.isEmpty else {
      throw DistributionFailure.rules("a batch of statements is not one transaction")
    }
  }

  /// Reads the tables with the first columns of their keys, the foreign keys, and the distributed tables.
  private static let catalog = [
    """
    select c.relname, a.attname from pg_class c
    left join pg_index i on i.indrelid = c.oid and i.indisprimary
    left join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
      and c.relname <> 'schema_migrations'
    """,
    """
    select conrelid::regclass::text, confrelid::regclass::text,
      format('alter table %s drop constraint %I', conrelid::regclass, conname),
      format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    from pg_constraint where contype = 'f' and connamespace = current_schema()::regnamespace
    """,
    "select logicalrelid::regclass::text from pg_dist_partition",
  ].map { PostgresStatement($0) }

  /// Makes changes that the triggers must reject.
  private static let rejectionChecks = """
    do $$
    declare
      one uuid := gen_random_uuid();
      member uuid := gen_random_uuid();
      entered uuid := gen_random_uuid();
    begin
      begin
        insert into groups (id, name, currency, created_at) values (one, 'trial', 'EUR', 0);
        insert into accounts (group_id, id, kind, name, name_key, role, created_at)
        values (one, one, 'kitty', 'Kitty', 'kitty', 'kitty', 0), (one, member, 'member', 'A', 'a', 'guest', 0);
        if (select sequence from groups where id = one) <> 2 then
          raise exception 'a change of a member did not increase the sequence';
        end if;
        insert into postings (group_id, entry_id, revision, line, account_id, kind, currency, amount)
        values (one, entered, 1, 0, member, 'sent', 'EUR', 5), (one, entered, 1, 1, one, 'received', 'EUR', -5);
        insert into revisions (group_id, entry_id, revision, action, made_by, made_at, lines, content)
        values (one, entered, 1, 'created', member, 0, 2, '{}');
        begin
          insert into postings (group_id, entry_id, revision, line, account_id, kind, currency, amount)
          values (one, gen_random_uuid(), 1, 0, member, 'sent', 'EUR', 5);
          raise exception 'postings that do not sum to zero were accepted';
        exception when check_violation then null;
        end;
        begin
          update revisions set content = '' where group_id = one;
          raise exception 'a revision could be changed';
        exception when check_violation then null;
        end;
        raise exception using errcode = 'KC000';
      exception when sqlstate 'KC000' then null;
      end;
    end $$
    """
}

/// A database within a transaction that is open, and stays open.
private struct OpenTransaction: Database {
  let session: PostgresSession
  let skippingLocked: SQL = "for update skip locked"
  let isOverloaded = false

  func read(_ statements: [SQL]) async throws -> [[Row]] { try await runTransaction(statements) }

  func runTransaction(_ statements: [SQL]) async throws -> [[Row]] {
    do throws(PostgresError) {
      return try await session.run(statements.map(PostgresStatement.init)).map { $0.rows.map(Row.init) }
    } catch {
      throw DatabaseFailure(error)
    }
  }

  func migrate(_ migrations: [Migration]) async throws -> [Int] { [] }
  func close() async {}
}

extension Distribution.Table {
  /// The call of Citus that distributes the table.
  fileprivate var call: PostgresStatement {
    guard let column else { return PostgresStatement("select create_reference_table($1::regclass)", [name]) }
    guard name != Distribution.root else {
      return PostgresStatement("select create_distributed_table($1::regclass, $2)", [name, column])
    }
    return PostgresStatement(
      "select create_distributed_table($1::regclass, $2, colocate_with => $3)",
      [name, column, Distribution.root])
  }
}
