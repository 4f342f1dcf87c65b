import KittyShared
import Postgres

/// How the tables are spread over the nodes of a PostgreSQL with Citus: what belongs to a group lies with its group,
/// and everything else is on every node.
struct Distribution: Equatable {
  /// The tables in an order in which each comes after those that it refers to.
  let tables: [Table]

  struct Table: Equatable {
    let name: String
    /// The column that says on which node a row is; `nil` for a table that is on every node.
    let column: String?
  }

  /// The table that the others lie beside.
  static let root = "groups"

  /// - Parameters:
  ///   - keys: The first column of the primary key of each table. It is `group_id` where the table belongs to groups.
  ///   - references: Which table refers to which.
  /// - Throws: `DatabaseFailure` when tables refer to each other in a circle.
  init(keys: [String: String?], references: [(from: String, to: String)]) throws(DatabaseFailure) {
    var tables: [Table] = []
    var rest = keys
    while !rest.isEmpty {
      let free = rest.keys.filter { name in
        references.allSatisfy { $0.from != name || $0.to == name || rest[$0.to] == nil }
      }
      guard !free.isEmpty else { throw .fault("tables refer to each other: \(rest.keys.sorted())") }
      for name in free.sorted() {
        let key = rest.removeValue(forKey: name) ?? nil
        tables.append(Table(name: name, column: name == Self.root ? "id" : key == "group_id" ? key : nil))
      }
    }
    // In one transaction Citus wants the tables of every node first.
    self.tables = tables.filter { $0.column == nil } + tables.filter { $0.column != nil }
  }
}

/// The tables were not spread over nodes, and why.
enum DistributionFailure: Error, CustomStringConvertible {
  case sqlite
  case noCitus
  case rules(String)

  var description: String {
    switch self {
    case .sqlite:
      """
      SQLite is one file on one machine and is not spread over others. Move to PostgreSQL first: set DATABASE_URL.
      """
    case .noCitus:
      """
      The schema is up to date, but this PostgreSQL has no Citus, so that its tables stay on one node. Install Citus \
      on every node, run "create extension citus" in this database, and try again.
      """
    case .rules(let why):
      """
      This version of Citus does not do on its shards what KittyCash needs, so that the tables stay as they \
      were: \(why)
      """
    }
  }
}

extension PostgresDatabase {
  /// Hands the tables that are on one node to Citus. It is one transaction, and at its end it is tried out: where the
  /// program's statements, or the triggers that guard the books, do not work on shards, nothing is changed.
  /// - Parameter trial: Uses the tables as the program does; what it writes is taken back.
  /// - Returns: The tables that were spread now; none when all were.
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
      // Citus asks for the first where tables of every node are referred to, and for the second where a table
      // that it spreads has triggers.
      // Citus takes neither a table that one on this node refers to, nor one that refers to such: what refers to
      // each other is handed over without the references, and is given them back.
      let spread = Set(tables.filter { $0.column != nil }.map(\.name))
      let references = catalog[1].rows.map(\.columns).filter { row in
        spread.contains(row[0] ?? "") && spread.contains(row[1] ?? "")
      }
      let settings = ["citus.multi_shard_modify_mode": "sequential", "citus.enable_unsafe_triggers": "on"]
      let set = settings.map { PostgresStatement("select set_config($1, $2, true)", [$0, $1]) }
      do {
        let before = references.map { PostgresStatement($0[2] ?? "") }
        let after = references.map { PostgresStatement($0[3] ?? "") }
        _ = try await session.run(
          [PostgresStatement("begin")] + set + Distribution.guards + before + tables.map(\.call) + after
            + [PostgresStatement("savepoint trial")])
        try await trial(OpenTransaction(session: session))
        _ = try await session.run([
          PostgresStatement("rollback to savepoint trial"), PostgresStatement(Self.refusals),
          PostgresStatement("commit"),
        ])
      } catch PostgresError.server(_, let message, _) {
        throw DistributionFailure.rules(message)
      } catch let failure as DatabaseFailure {
        throw DistributionFailure.rules("\(failure)")
      } catch let problem as Rejection {
        throw DistributionFailure.rules(problem.detail)
      }
      return tables
    }
  }

  /// The program sends a transaction as one batch without `begin` and `commit`. Here is one on a table that is spread,
  /// whose second statement fails: nothing of it may be left.
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
      // That is how it fails.
    }
    let left = try await session.run([PostgresStatement("select 1 from distribution_trial")])
    _ = try await session.run([remove])
    guard left[0].rows.isEmpty else {
      throw DistributionFailure.rules("a transaction that comes as one batch is not kept together")
    }
  }

  /// The tables with the first columns of their keys, which of them refer to which, and what Citus has already.
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

  /// Enters what must be refused.
  private static let refusals = """
    do $$
    declare
      one uuid := gen_random_uuid();
      somebody uuid := gen_random_uuid();
      entered uuid := gen_random_uuid();
    begin
      begin
        insert into groups (id, name, currency, created_at) values (one, 'trial', 'EUR', 0);
        insert into accounts (group_id, id, kind, name, name_key, role, created_at)
        values (one, one, 'kitty', 'Kitty', 'kitty', 'kitty', 0), (one, somebody, 'member', 'A', 'a', 'guest', 0);
        if (select sequence from groups where id = one) <> 2 then
          raise exception 'a change of a member was not counted';
        end if;
        insert into postings (group_id, entry_id, revision, line, account_id, kind, currency, amount)
        values (one, entered, 1, 0, somebody, 'sent', 'EUR', 5), (one, entered, 1, 1, one, 'received', 'EUR', -5);
        insert into revisions (group_id, entry_id, revision, action, made_by, made_at, lines, content)
        values (one, entered, 1, 'created', somebody, 0, 2, '{}');
        begin
          insert into postings (group_id, entry_id, revision, line, account_id, kind, currency, amount)
          values (one, gen_random_uuid(), 1, 0, somebody, 'sent', 'EUR', 5);
          raise exception 'an entry that does not add up to zero was taken';
        exception when check_violation then null;
        end;
        begin
          update revisions set content = '' where group_id = one;
          raise exception 'what is on record could be changed';
        exception when check_violation then null;
        end;
        raise exception using errcode = 'KC000';
      exception when sqlstate 'KC000' then null;
      end;
    end $$
    """
}

/// A transaction that is open and stays so.
private struct OpenTransaction: Database {
  let session: PostgresSession
  let skippingLocked: SQL = "for update skip locked"
  let isOverloaded = false

  func read(_ statements: [SQL]) async throws -> [[Row]] { try await transact(statements) }

  func transact(_ statements: [SQL]) async throws -> [[Row]] {
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
  /// The call of Citus.
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
