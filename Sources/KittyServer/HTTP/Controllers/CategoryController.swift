import Hummingbird
import KittyShared

/// The routes of categories: list, add, change, remove.
struct CategoryController: Sendable {
  let categories: CategoryStore
  let bookkeeping: Bookkeeping

  func register(on routes: inout Routes) {
    routes.on(Endpoints.categories, list)
    routes.create(Endpoints.addCategory, add) { id, call in
      try reply(await find(id, call), call).withLocation(
        Endpoints.category.route.path([try call.member.group, id]))
    }
    routes.on(Endpoints.addStandardCategories, addStandard)
    routes.on(Endpoints.category) { call in try reply(await find(call.id("category"), call), call) }
    routes.change(Endpoints.changeCategory, change) { call in
      try reply(await find(call.id("category"), call), call)
    }
    routes.on(Endpoints.removeCategory) { call in
      try await bookkeeping.remove(try call.id("category"), into: try destination(call), by: call.caller())
    }
  }

  private func reply(_ category: Category, _ call: Call) -> Reply<Category> {
    Reply(category).withETag(category.version)
  }

  private func find(_ id: ID, _ call: Call) async throws -> Category {
    guard let category = try await categories.find(id, in: call.member.group) else {
      throw Rejection.notFound("category")
    }
    return category
  }

  private func list(_ call: Call) async throws -> Reply<Page<Category>> {
    let page = try call.page()
    if let sequence = try call.since() {
      let found = try await categories.changes(
        in: call.member.group, since: sequence, limit: page.limit + 1)
      return .changes(found, page, of: call)
    }
    let after = try page.cursor.map { (cursor) throws(Rejection) in try Cursor.id(Cursor.split(cursor).keys) }
    let found = try await categories.list(
      in: call.member.group, removed: call.flag("removed"), limit: page.limit + 1, after: after)
    return try .page(found, page, of: call) { Cursor.pack($0.id) }
  }

  private func add(_ input: NewCategory, _ call: Call) async throws -> Reply<Category> {
    let group = try call.member.group
    let category = Category(
      id: input.id ?? call.newID, name: input.name.trimmed, parent: input.parent, createdAt: call.now)
    try await categories.insert([category], in: group, call.write)
    return reply(category, call).withLocation(Endpoints.category.route.path([group, category.id]))
  }

  /// Adds the standard categories whose names are not taken. Repeated, it adds nothing.
  private func addStandard(_ call: Call) async throws -> Reply<Page<Category>> {
    try call.requireInUse()
    let group = try call.member.group
    while true {
      let all = try await categories.all(in: group)
      let present = all.filter { $0.removedAt == nil }
      let missing = Self.standard(beside: present, at: call.now)
      if let refusal = CategoryStore.refusal(
        present: present.count, ever: all.count, adding: missing.count), !missing.isEmpty
      {
        throw refusal
      }
      do {
        if !missing.isEmpty { try await categories.insert(missing, in: group, call.write) }
      } catch let rejection as Rejection where rejection.code == "name_taken" {
        // Another request adds them at the same time.
        continue
      }
      let found = try await categories.list(
        in: group, removed: false, limit: Category.maxPresent, after: nil)
      return Reply(Page(items: found.items, next: nil, sequence: found.sequence))
    }
  }

  /// Returns the standard categories that a group has not. Where it has a parent of theirs below another category, or
  /// archived, they are on the upper level.
  private static func standard(beside present: [Category], at now: Instant) -> [Category] {
    var known = Dictionary(present.map { ($0.name.nameKey, $0) }, uniquingKeysWith: { first, _ in first })
    var added: [Category] = []
    func add(_ name: String, under parent: ID?) {
      guard known[name.nameKey] == nil else { return }
      // A millisecond apart, so that their ids are in this order.
      let id = ID(at: now.advanced(by: .milliseconds(added.count)))
      let category = Category(id: id, name: name, parent: parent, createdAt: now)
      added.append(category)
      known[name.nameKey] = category
    }
    for standard in Category.standard {
      add(standard.name, under: nil)
      let parent = known[standard.name.nameKey].flatMap {
        $0.parent == nil && $0.archivedAt == nil ? $0.id : nil
      }
      for child in standard.children { add(child, under: parent) }
    }
    return added
  }

  private func change(_ input: CategoryChange, _ call: Call) async throws -> Reply<Category> {
    let (group, id) = (try call.member.group, try call.id("category"))
    let version = try call.version(required: true)
    let (isDone, now) = try await categories.change(
      id, in: group, input, version: version, at: call.now, call.write)
    guard let now, now.removedAt == nil else { throw Rejection.notFound("category") }
    guard isDone else {
      guard version == nil || version == now.version else {
        throw Rejection.stale(now.name, version: now.version)
      }
      throw Rejection.notAParent
    }
    return reply(now, call)
  }

  private func destination(_ call: Call) throws(Rejection) -> Bookkeeping.Destination? {
    guard let text = call.query["into"] else { return nil }
    if text == "none" { return Bookkeeping.Destination.none }
    guard let id = ID(text) else {
      throw .invalid("into", "not_a_category", "into must be the id of another category in use, or \"none\".")
    }
    return .category(id)
  }
}
