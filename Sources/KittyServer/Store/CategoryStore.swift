import KittyShared

/// The rows of categories, and of the entries that have them.
struct CategoryStore: Sendable {
  let database: any Database

  /// Inserts categories that do not exist yet, all in one transaction.
  /// - Throws: `Rejection` when a name or an id exists already, a parent is none, or the group is archived or full.
  func insert(_ categories: [Category], in group: ID, _ write: WriteContext) async throws {
    let inserts = categories.map { Self.insertion(of: $0, together: categories, in: group) }
    do {
      let rows = try await database.transact(
        inserts.flatMap { [GroupStore.nextSequence(of: group), $0] } + [
          Self.counts(in: group),
          "select id from groups where id = \(group) and archived_at is null and deleted_at is null",
        ], in: write)
      let inserted = stride(from: 1, to: inserts.count * 2, by: 2).allSatisfy { !rows[$0].isEmpty }
      guard !inserted else { return }
      // A rule kept some out. Only a request for one category can meet this, except for the limit.
      guard !rows[rows.count - 1].isEmpty else { throw Rejection.archived }
      let (present, ever) = try rows[rows.count - 2][0].decode(Int.self, Int.self)
      throw Self.refusal(present: present, ever: ever, adding: categories.count) ?? Rejection.notAParent
    } catch DatabaseFailure.notUnique("categories_name_key") {
      throw Rejection.categoryNameTaken(categories.map(\.name))
    } catch DatabaseFailure.notUnique("categories_id") {
      throw Rejection.conflict("id_taken", "A category with this id exists already.")
    }
  }

  /// Returns the statement that inserts a category and returns its id: no row when the group is archived or has no room for
  /// all new ones.
  /// - Parameter new: All categories of the transaction.
  static func insertion(of category: Category, together new: [Category], in group: ID) -> SQL {
    """
    insert into categories (group_id, id, name, name_key, parent_id, created_at, sequence)
    select id, \(category.id), \(category.name), \(category.name.nameKey), \(category.parent),
      \(category.createdAt), sequence
    from groups where id = \(group) and archived_at is null and deleted_at is null
      and \(part: hasRoom(for: new.map(\.id), in: group)) and \(part: canBeParent(category.parent, in: group))
    returning id
    """
  }

  private static func counts(in group: ID) -> SQL {
    """
    select coalesce(sum(case when removed_at is null then 1 else 0 end), 0), count(*) from categories
    where group_id = \(group)
    """
  }

  /// The condition that a group has room for all new categories. It is the same before and after some are inserted.
  private static func hasRoom(for new: [ID], in group: ID) -> SQL {
    let ids: [SQL] = new.map { "\($0)" }
    return """
      (select count(*) from categories c
        where c.group_id = \(group) and c.id not in (\(list: ids))) <= \(Category.maxEver - new.count)
        and (select count(*) from categories c
          where c.group_id = \(group) and c.removed_at is null and c.id not in (\(list: ids)))
          <= \(Category.maxPresent - new.count)
      """
  }

  /// Returns the rejection of new categories; `nil` when there is room.
  static func refusal(present: Int, ever: Int, adding count: Int) -> Rejection? {
    if present + count > Category.maxPresent {
      return .conflict(
        "too_many_categories",
        "A group can have \(Category.maxPresent) categories, and this one has \(present). Remove one first.")
    }
    guard ever + count > Category.maxEver else { return nil }
    return .conflict(
      "too_many_categories",
      "A group can have \(Category.maxEver) categories, removed ones included, and this one has \(ever). Rename one instead."
    )
  }

  /// The condition that a category can have another one below it: it is there, on the upper level and not archived.
  /// - Parameter isKept: The condition that the other one is below it already.
  private static func canBeParent(_ parent: ID?, in group: ID, unless isKept: SQL = "false") -> SQL {
    """
    (\(parent == nil) or exists (
      select 1 from categories p
      where p.group_id = \(group) and p.id = \(parent) and p.parent_id is null and p.removed_at is null
        and (p.archived_at is null or \(part: isKept))))
    """
  }

  /// Returns a page of the categories in the order of their ids, which is the order in which they were made.
  /// - Parameters:
  ///   - removed: `true` to include removed ones.
  ///   - after: The id of the last category on the previous page.
  func list(
    in group: ID, removed: Bool, limit: Int, after: ID?
  ) async throws -> ListPage<Category> {
    let rows = try await database.read([
      ChangeSequence.of(group),
      """
      \(part: Self.columns) where c.group_id = \(group) and c.id > \(after ?? ID.first)
        and (\(removed) or c.removed_at is null)
      order by c.id limit \(limit)
      """,
    ])
    return ListPage(items: try rows[1].map(Self.category), sequence: try ChangeSequence(rows[0]).now)
  }

  /// Returns the categories that changed after `start` in the change sequence, removed ones included, in the order of
  /// their latest changes.
  /// - Throws: `Rejection` when the changes after `start` are not known.
  func changes(
    in group: ID, since start: Int64, limit: Int
  ) async throws -> ChangeSet<Category> {
    let rows = try await database.read([
      ChangeSequence.of(group),
      """
      \(part: Self.columns) where c.group_id = \(group) and c.sequence > \(start)
      order by c.sequence limit \(limit)
      """,
    ])
    let sequence = try ChangeSequence(rows[0])
    try sequence.require(start)
    return ChangeSet(
      items: try rows[1].map { (try Self.category($0), try $0.last(Int64.self)) }, sequence: sequence.now)
  }

  /// Returns all categories of a group, removed ones too: at most `Category.maxEver`.
  func all(in group: ID) async throws -> [Category] {
    try await database.read("\(part: Self.columns) where c.group_id = \(group) order by c.id")
      .map(Self.category)
  }

  /// Returns a category, also a removed one.
  func find(_ category: ID, in group: ID) async throws -> Category? {
    try await database.read(Self.query(for: category, in: group)).first.map(Self.category)
  }

  private static func query(for category: ID, in group: ID) -> SQL {
    "\(part: columns) where c.group_id = \(group) and c.id = \(category)"
  }

  /// Changes a category that is there, if its version is `version`; `nil` for any version.
  /// - Returns: Whether it was changed, and its current state.
  /// - Throws: `Rejection` when another one has the name.
  func change(
    _ category: ID, in group: ID, _ change: CategoryChange, version: Int64?, at now: Instant,
    _ write: WriteContext
  ) async throws -> (isDone: Bool, current: Category?) {
    let name = change.name?.trimmed
    let (parent, setsParent): (ID?, Bool) =
      switch change.parent {
      case .keep: (nil, false)
      case .clear: (nil, true)
      case .set(let id): (id, true)
      }
    // A category with others below it stays on the upper level.
    let fits: SQL = """
      (\(parent == nil) or (\(parent != category) and \(part: Self.canBeParent(parent, in: group, unless: "categories.parent_id = p.id")) and not exists (
        select 1 from categories b
        where b.group_id = \(group) and b.parent_id = \(category) and b.removed_at is null)))
      """
    do {
      let rows = try await database.transact(
        [
          GroupStore.nextSequence(of: group),
          """
          update categories set version = version + 1, name = coalesce(\(name), name),
            name_key = coalesce(\(name?.nameKey), name_key),
            parent_id = case when \(setsParent) then \(parent) else parent_id end,
            archived_at = case when \(change.archived == nil) then archived_at
              when \(change.archived == true) then coalesce(archived_at, \(now)) end,
            sequence = (select sequence from groups where id = \(group))
          where group_id = \(group) and id = \(category) and removed_at is null and \(part: fits)
            and (\(version == nil) or version = \(version ?? 0))
          returning id
          """,
          Self.query(for: category, in: group),
        ], in: write)
      return (!rows[1].isEmpty, try rows[2].first.map(Self.category))
    } catch DatabaseFailure.notUnique("categories_name_key") {
      throw Rejection.categoryNameTaken([name ?? ""])
    }
  }

  /// Removes a category that no entry and no rule has, and that has none below it.
  /// - Parameter other: The category that its entries got.
  /// - Returns: Whether it was removed.
  func remove(
    _ category: ID, into other: ID?, from group: ID, at now: Instant, _ write: WriteContext
  ) async throws -> Bool {
    let rows = try await database.transact(
      [
        // Entries are written under the same lock, so none gets the category in between.
        GroupStore.nextSequence(of: group),
        """
        update categories set removed_at = \(now), removed_into = \(other), version = version + 1,
          sequence = (select sequence from groups where id = \(group))
        where group_id = \(group) and id = \(category) and removed_at is null
          and not exists (\(part: Self.entries(with: category, in: group)))
          and not exists (
            select 1 from recurring r where \(part: RecurringStore.names(category, in: group)))
          and not exists (
            select 1 from categories b
            where b.group_id = \(group) and b.parent_id = \(category) and b.removed_at is null)
          and (\(other == nil) or exists (
            select 1 from categories o
            where o.group_id = \(group) and o.id = \(other) and o.removed_at is null))
        returning id
        """,
      ], in: write)
    return !rows[1].isEmpty
  }

  /// Returns `true` when others are below a category.
  func hasChildren(_ category: ID, in group: ID) async throws -> Bool {
    try await !database.read(
      """
      select 1 from categories
      where group_id = \(group) and parent_id = \(category) and removed_at is null limit 1
      """
    ).isEmpty
  }

  /// Returns the number of entries with a category that are not deleted, and the earliest day of them.
  func use(of category: ID, in group: ID) async throws -> (count: Int, first: Day?) {
    try await database.read(
      "select count(*), min(e.date) from (\(part: Self.entries(with: category, in: group))) e"
    )[0].decode(Int.self, Day?.self)
  }

  /// Returns the ids of some entries with a category that are not deleted, in the order of their ids.
  func entries(with category: ID, in group: ID, after: ID, limit: Int) async throws -> [ID] {
    try await database.read(
      """
      select l.entry_id from entry_categories l
      join entries n on n.group_id = l.group_id and n.id = l.entry_id and n.deleted_at is null
      where l.group_id = \(group) and l.category_id = \(category) and l.entry_id > \(after)
      order by l.entry_id limit \(limit)
      """
    ).map { try $0.decode(ID.self) }
  }

  /// The query for the entries with a category that are not deleted.
  private static func entries(with category: ID, in group: ID) -> SQL {
    """
    select n.date from entry_categories l
    join entries n on n.group_id = l.group_id and n.id = l.entry_id and n.deleted_at is null
    where l.group_id = \(group) and l.category_id = \(category)
    """
  }

  /// Returns the statements that write the categories of an entry.
  /// - Parameters:
  ///   - old: The categories that it has.
  ///   - new: The categories that it gets.
  static func replace(_ old: Set<ID>, by new: Set<ID>, of entry: ID, in group: ID) -> [SQL] {
    var statements: [SQL] = []
    let gone: [SQL] = old.subtracting(new).sorted().map { "\($0)" }
    if !gone.isEmpty {
      statements.append(
        """
        delete from entry_categories
        where group_id = \(group) and entry_id = \(entry) and category_id in (\(list: gone))
        """)
    }
    let added = new.subtracting(old).sorted().map { rowOfEntry(entry, $0, in: group) }
    if !added.isEmpty { statements.append("\(part: insertingEntries) \(list: added)") }
    return statements
  }

  /// The statement that inserts the categories of entries, up to its first row.
  static let insertingEntries: SQL = "insert into entry_categories (group_id, entry_id, category_id) values"

  static func rowOfEntry(_ entry: ID, _ category: ID, in group: ID) -> SQL {
    "(\(group), \(entry), \(category))"
  }

  static let columns: SQL = """
    select c.id, c.name, c.parent_id, c.created_at, c.archived_at, c.removed_at, c.removed_into, c.version,
      c.sequence
    from categories c
    """

  static func category(_ row: Row) throws -> Category {
    let (id, name, parent, created, archived, removed, into, version) = try row.decode(
      ID.self, String.self, ID?.self, Instant.self, Instant?.self, Instant?.self, ID?.self, Int64.self)
    return Category(
      id: id, name: name, parent: parent, createdAt: created, archivedAt: archived, removedAt: removed,
      removedInto: into, version: version)
  }
}

extension Rejection {
  /// 422: a parent that cannot have a category below it.
  static let notAParent = Rejection.invalid(
    "parent", "not_a_parent",
    "The parent must be a category of the upper level of this group that is not archived. A category with others below it cannot be moved below another."
  )

  /// 409: the name of another category.
  fileprivate static func categoryNameTaken(_ names: [String]) -> Rejection {
    let name = names.count == 1 ? "\"\(names[0])\"" : "one of these names"
    return Rejection(
      .conflict, "name_taken", "The name is taken",
      "A category of this group has \(name) already, or one that looks the same. Choose another name.",
      errors: [FieldError(field: "name", code: "name_taken", message: "This name is taken.")])
  }
}
