import Foundation
import KittyShared
import Postgres
import Testing

@testable import KittyServer

/// `kittycash-server migrate --distribute`. Functions with the names and signatures of Citus replace it and record
/// their calls. A view stands for the shard of a table.
@Suite struct DistributionTests {
  private static let program = Bundle.main.bundleURL.appending(path: "kittycash-server").path
  private static let comment: Testing.Comment =
    "KITTY_TEST_POSTGRES is not set: `make test` starts a PostgreSQL"

  /// A database with the schema of KittyCash, and a second schema with the functions of Citus.
  private struct CitusFixture {
    let url: String
    let client: PostgresClient

    /// - Parameter shards: PL/pgSQL that runs for each table that is distributed.
    static func run(shards: String? = "", _ body: (CitusFixture) async throws -> Void) async throws {
      let fresh = try #require(try await Backend.postgres.freshURL())
      let schema = "citus_" + ID(at: .now).description.filter { $0 != "-" }
      let url = "\(fresh)%2C\(schema)"
      let client = PostgresClient(connectionString: url, connections: 1)
      let citus = CitusFixture(url: url, client: client)
      let database = PostgresDatabase(url: url)
      _ = try await database.migrate(Migration.all)
      await database.close()
      if let shards { for text in functions(schema, shards) { try await citus.rows(text) } }
      do { try await body(citus) } catch {
        await client.close()
        throw error
      }
      await client.close()
    }

    private static func functions(_ schema: String, _ shards: String) -> [String] {
      [
        "create schema \(schema)",
        """
        create table \(schema).pg_dist_partition (
          place serial, logicalrelid regclass primary key, col text, beside text, mode text, triggers text)
        """,
        """
        create function \(schema).create_reference_table(table_name regclass) returns void language sql as $$
          insert into \(schema).pg_dist_partition (logicalrelid) values (table_name) $$
        """,
        """
        create function \(schema).create_distributed_table(
          table_name regclass, distribution_column text, distribution_type text default 'hash',
          colocate_with text default 'default', shard_count int default null
        ) returns void language plpgsql as $$ begin
          insert into \(schema).pg_dist_partition (logicalrelid, col, beside, mode, triggers)
          values (table_name, distribution_column, colocate_with,
            current_setting('citus.multi_shard_modify_mode', true),
            current_setting('citus.enable_unsafe_triggers', true));
          if table_name::text <> 'distribution_trial' then
            execute format('create view %s_1 as select * from %1$s', table_name);
          end if;
          \(shards)
        end $$
        """,
        """
        create function \(schema).get_shard_id_for_distribution_column(table_name regclass, value anyelement)
        returns bigint language sql as $$ select 1::bigint $$
        """,
      ]
    }

    @discardableResult func rows(_ text: String) async throws -> [[String?]] {
      try await client.run([PostgresStatement(text)])[0].rows.map(\.columns)
    }

    /// The calls, in order.
    func calls() async throws -> [[String?]] {
      // Citus forgets dropped tables.
      try await rows(
        """
        select logicalrelid::text, col, beside from pg_dist_partition
        where logicalrelid::oid in (select oid from pg_class) order by place
        """)
    }

    func migrate() async throws -> (status: Int32, output: String) {
      try await DistributionTests.migrate(["DATABASE_URL": url])
    }
  }

  private static func migrate(_ settings: [String: String]) async throws -> (status: Int32, output: String) {
    let folder = NSTemporaryDirectory() + "kitty-test-" + ID(at: .now).description
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await runProgram(
      program, ["migrate", "--distribute", "--log-level", "critical"],
      ["DATA_DIR": folder, "DATABASE_URL": "", "REDIS_URL": ""].merging(settings) { $1 })
  }

  @Test func sqliteIsNotDistributed() async throws {
    let outcome = try await Self.migrate([:])
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("Move to PostgreSQL first: set DATABASE_URL."), "\(outcome.output)")
  }

  @Test(.enabled(if: Backend.postgresURL != nil, comment))
  func missingCitusIsReported() async throws {
    try await CitusFixture.run(shards: nil) { citus in
      let outcome = try await citus.migrate()
      #expect(outcome.status == 1)
      #expect(outcome.output.contains("The schema is up to date: version"), "\(outcome.output)")
      #expect(outcome.output.contains("this PostgreSQL has no Citus"), "\(outcome.output)")
    }
  }

  @Test(.enabled(if: Backend.postgresURL != nil, comment))
  func everyTableIsDistributedOnce() async throws {
    try await CitusFixture.run { citus in
      let outcome = try await citus.migrate()
      try #require(outcome.status == 0, "\(outcome.output)")
      #expect(
        outcome.output.contains("postings: by group_id\n")
          && outcome.output.contains("users: on every node\n"))
      let calls = try await citus.calls()
      let names = calls.compactMap { $0[0] }
      let tables = try await citus.rows(
        """
        select tablename from pg_tables where schemaname = current_schema and tablename <> 'schema_migrations'
        """
      ).compactMap { $0[0] }
      #expect(names.count == tables.count && Set(names) == Set(tables))
      for call in calls {
        let name = call[0] ?? ""
        switch name {
        case "groups": #expect(call == ["groups", "id", "default"])
        case "users", "sessions", "tokens", "jobs", "idempotency_keys": #expect(call[1] == nil, "\(name)")
        case "accounts", "entries", "revisions", "postings", "balances", "targets", "comments", "invites":
          #expect(call == [name, "group_id", "groups"])
        default: #expect(call[1] == nil || call == [name, "group_id", "groups"])
        }
      }
      let modes = try await citus.rows(
        "select distinct mode, triggers from pg_dist_partition where beside = 'groups'")
      #expect(modes == [["sequential", "on"]])
      // The smoke test left no rows.
      #expect(try await citus.rows("select count(*) from groups") == [["0"]])

      // A migration keeps the triggers in the form that distributed tables need.
      try await citus.rows("delete from schema_migrations where name = 'one look at postings'")
      #expect(
        try await citus.migrate().output.contains("Applied \(Migration.statementLevelPostingChecks.version)"))
      let guards = try await citus.rows(
        "select prosrc like '%beside(%' from pg_proc where oid = 'refuse_zero_sum'::regproc")
      #expect(guards == [["t"]])

      // The second call has nothing to do until a migration adds a table.
      #expect(try await citus.migrate().output.contains("All tables are spread over the nodes."))
      try await citus.rows(
        """
        create table notes (group_id uuid, id uuid, primary key (group_id, id))
        """)
      #expect(try await citus.migrate().output.hasSuffix("notes: by group_id\n"))
      #expect(try await citus.calls().count == calls.count + 1)
    }
  }

  @Test(.enabled(if: Backend.postgresURL != nil, comment))
  func catalogFollowsTheRulesOfCitus() async throws {
    try await CitusFixture.run { citus in
      try #require(try await citus.migrate().status == 0)
      // Each table is distributed after the tables that it refers to.
      let positions = Dictionary(
        uniqueKeysWithValues: try await citus.calls().enumerated().map { ($1[0] ?? "", $0) })
      for row in try await citus.rows(
        """
        select distinct conrelid::regclass, confrelid::regclass from pg_constraint
        where contype = 'f' and connamespace = current_schema()::regnamespace and conrelid <> confrelid
        """)
      {
        let (from, to) = (try #require(row[0]), try #require(row[1]))
        #expect(try #require(positions[to]) < (try #require(positions[from])), "\(from) refers to \(to)")
      }
      // A reference between distributed tables contains the distribution column of both at the same position; a
      // reference table refers to reference tables only.
      let wrong = try await citus.rows(
        """
        select f.conname from pg_constraint f
        join pg_dist_partition a on a.logicalrelid = f.conrelid
        join pg_dist_partition b on b.logicalrelid = f.confrelid
        where f.contype = 'f' and b.col is not null and (a.col is null or not exists (
          select 1 from generate_subscripts(f.conkey, 1) n
          join pg_attribute x on x.attrelid = f.conrelid and x.attnum = f.conkey[n]
          join pg_attribute y on y.attrelid = f.confrelid and y.attnum = f.confkey[n]
          where x.attname = a.col and y.attname = b.col))
        """)
      #expect(wrong == [], "references without group_id")
      // Unique indexes contain the group: a node cannot check the rows of other nodes.
      let unique = try await citus.rows(
        """
        select i.indexrelid::regclass from pg_index i join pg_dist_partition d on d.logicalrelid = i.indrelid
        where i.indisunique and d.col is not null and not exists (
          select 1 from pg_attribute x
          where x.attrelid = i.indrelid and x.attname = d.col and x.attnum = any (i.indkey::int2[]))
        """)
      #expect(unique == [], "unique indexes without group_id")
    }
  }

  /// A failed smoke test leaves all tables as they were: shards without the triggers, or an error of Citus.
  @Test(
    .enabled(if: Backend.postgresURL != nil, comment),
    arguments: [
      (
        "execute format('alter table %s disable trigger user', table_name);",
        "changes of members were not counted"
      ),
      (
        "if table_name = 'postings'::regclass then alter table postings disable trigger user; end if;",
        "do not sum to zero"
      ),
      (
        "if table_name = 'revisions'::regclass then alter table revisions disable trigger revisions_immutable; end if;",
        "could be changed"
      ),
      (
        "if table_name = 'comments'::regclass then raise exception 'no shards today'; end if;",
        "no shards today"
      ),
    ])
  func missingTriggersRollDistributionBack(shards: String, why: String) async throws {
    try await CitusFixture.run(shards: shards) { citus in
      let outcome = try await citus.migrate()
      #expect(
        outcome.status == 1 && outcome.output.contains("the tables were not changed"), "\(outcome.output)")
      #expect(outcome.output.contains(why), "\(outcome.output)")
      #expect(try await citus.calls() == [])
      let off = try await citus.rows(
        """
        select tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid
        where t.tgenabled = 'D' and c.relnamespace = current_schema()::regnamespace
        """)
      #expect(off == [])
    }
  }

  @Test func circularReferencesAreRefused() {
    #expect(throws: DatabaseFailure.self) {
      try Distribution(
        keys: ["a": "id", "b": "id"], references: [(from: "a", to: "b"), (from: "b", to: "a")])
    }
  }
}
