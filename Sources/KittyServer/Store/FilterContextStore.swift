import KittyShared

/// The names that filters look up: the members and the categories of groups.
struct FilterContextStore: Sendable {
  let database: any Database

  /// A group in which a user looks for entries.
  struct SearchedGroup: Sendable {
    let id: ID
    let name: String
    let context: FilterContext
  }

  /// Returns the names of a group.
  /// - Parameters:
  ///   - member: The member who asks.
  ///   - today: The present day where the member is.
  func context(of group: ID, for member: ID, on today: Day) async throws -> FilterContext {
    let only: SQL = "(\(group))"
    let rows = try await database.read([Self.members(of: only), Self.categories(of: only)])
    return FilterContext(
      members: try rows[0].map { try Self.person($0).person }, me: member,
      categories: try rows[1].map { try Self.category($0).category }, today: today)
  }

  /// Returns the groups of a user in the order of their ids, archived ones too, with their names.
  /// - Parameters:
  ///   - group: The only group; `nil` for all.
  ///   - today: The present day where the user is.
  ///   - withNames: `false` to leave out the names of members and categories.
  func groups(
    of user: ID, only group: ID?, on today: Day, withNames: Bool
  ) async throws -> [SearchedGroup] {
    let mine: SQL = """
      (select a.group_id from accounts a join groups g on g.id = a.group_id
        where a.user_id = \(user) and a.removed_at is null and g.deleted_at is null
          and (\(group == nil) or g.id = \(group)))
      """
    var statements: [SQL] = [
      """
      select g.id, g.name, a.id from accounts a join groups g on g.id = a.group_id
      where a.user_id = \(user) and a.removed_at is null and g.id in \(part: mine) order by g.id
      """
    ]
    if withNames { statements += [Self.members(of: mine), Self.categories(of: mine)] }
    let rows = try await database.read(statements)
    let members = try withNames ? Dictionary(grouping: rows[1].map(Self.person), by: \.group) : [:]
    let categories = try withNames ? Dictionary(grouping: rows[2].map(Self.category), by: \.group) : [:]
    return try rows[0].map { row in
      let (id, name, me) = try row.decode(ID.self, String.self, ID.self)
      return SearchedGroup(
        id: id, name: name,
        context: FilterContext(
          members: (members[id] ?? []).map { $0.person }, me: me,
          categories: (categories[id] ?? []).map { $0.category }, today: today))
    }
  }

  private static func members(of groups: SQL) -> SQL {
    """
    select group_id, id, name, case when removed_at is null then 1 else 0 end from accounts
    where group_id in \(part: groups) and kind = 'member' order by group_id, id
    """
  }

  private static func categories(of groups: SQL) -> SQL {
    """
    select group_id, id, name, parent_id from categories
    where group_id in \(part: groups) and removed_at is null order by group_id, id
    """
  }

  private static func person(_ row: Row) throws -> (group: ID, person: FilterContext.Person) {
    let (group, id, name, isPresent) = try row.decode(ID.self, ID.self, String.self, Int.self)
    return (group, FilterContext.Person(id: id, name: name, isPresent: isPresent == 1))
  }

  private static func category(_ row: Row) throws -> (group: ID, category: FilterContext.Category) {
    let (group, id, name, parent) = try row.decode(ID.self, ID.self, String.self, ID?.self)
    return (group, FilterContext.Category(id: id, name: name, parent: parent))
  }
}

/// One filter in several groups.
enum FilterAmongGroups {
  /// Looks up the names of a filter in each group. A name that only some of several groups have is met in these alone, and
  /// means all that it may mean there: how the people of another group are called is no reason to refuse it.
  /// - Throws: `Rejection.invalid` for a name that no group has, or that may mean several in the only one.
  static func filters(
    _ filter: Filter?, in groups: [FilterContextStore.SearchedGroup]
  ) throws(Rejection) -> [ID: ResolvedFilter] {
    guard let filter else { return [:] }
    if groups.count == 1 {
      do { return [groups[0].id: try filter.resolved(in: groups[0].context)] } catch {
        throw Rejection(error)
      }
    }
    var filters: [ID: ResolvedFilter] = [:]
    // The names that no group has had so far.
    var unknown: [FilterProblem]?
    for group in groups {
      do {
        let found = try filter.resolvedAmongSeveral(in: group.context)
        filters[group.id] = found.filter
        let places = Set(found.unknown.map(\.place))
        unknown = (unknown ?? found.unknown).filter { places.contains($0.place) }
      } catch { throw Rejection(error) }
    }
    if let problem = unknown?.first {
      throw Rejection(
        FilterProblem(
          problem.code, "None of your groups has a member or a category with this name.", at: problem.place))
    }
    return filters
  }
}

extension Rejection {
  /// 422: a fault in the filter `q`, with its place.
  init(_ problem: FilterProblem) {
    self = .invalid("q", problem.code.rawValue, problem.description)
  }
}
