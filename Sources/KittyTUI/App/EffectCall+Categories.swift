import KittyShared

/// The calls of categories.
extension EffectCall {
  static func addCategory(_ group: ID, _ category: NewCategory) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      do throws(ClientFailure) {
        return .categorySaved(
          group: group, try await runner.api.create(Endpoints.addCategory, [group], category))
      } catch {
        // An earlier attempt may have added it.
        guard error.isTaken, let id = category.id else { throw error }
        let stored: Category = try await runner.api.call(Endpoints.category, [group, id])
        guard stored.name == category.name.trimmed else {
          throw .madeBefore(
            "Your first version was saved: \"\(stored.name)\". Save again to add this one too.")
        }
        return .categorySaved(group: group, stored)
      }
    }
  }

  static func addStandardCategories(_ group: ID) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      let page: Page<Category> = try await runner.api.call(Endpoints.addStandardCategories, [group])
      return .categories(group: group, page.items)
    }
  }

  static func changeCategory(
    _ group: ID, _ category: ID, _ version: Int64, _ change: CategoryChange
  ) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      return .categorySaved(
        group: group,
        try await runner.api.call(
          Endpoints.changeCategory, [group, category], body: change, ifMatch: version))
    }
  }

  static func removeCategory(_ group: ID, _ category: ID, _ into: String?) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      try await runner.api.call(
        Endpoints.removeCategory, [group, category], query: into.map { [("into", $0)] } ?? [])
      return .categoryRemoved(group: group, category)
    }
  }
}
