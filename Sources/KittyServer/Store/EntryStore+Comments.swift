import KittyShared

extension EntryStore {
  /// Adds a comment.
  /// - Throws: `Rejection` when the id exists already or the entry does not exist.
  func insert(_ comment: Comment, on entry: ID, in group: ID, _ write: WriteContext) async throws {
    do {
      try await database.transact(
        [
          GroupStore.nextSequence(of: group),
          """
          insert into comments (group_id, entry_id, id, text, created_by, created_at, sequence)
          values (\(group), \(entry), \(comment.id), \(comment.text), \(comment.createdBy), \(comment.createdAt),
            (select sequence from groups where id = \(group)))
          """,
          // The number of comments is a part of the entry, so the entry changes.
          """
          update entries set sequence = (select sequence from groups where id = \(group))
          where group_id = \(group) and id = \(entry)
          """,
        ], in: write)
    } catch DatabaseFailure.notUnique("comments_id") {
      throw Rejection.conflict("id_taken", "A comment with this id exists already. Send another id, or none.")
    } catch DatabaseFailure.brokenReference {
      throw Rejection.notFound("entry")
    }
  }

  /// Returns a page of the comments on an entry, oldest first.
  /// - Parameter after: The id of the last comment on the previous page.
  func comments(on entry: ID, in group: ID, limit: Int, after: ID?) async throws -> [Comment] {
    try await database.read(
      """
      select id, text, created_by, created_at from comments
      where group_id = \(group) and entry_id = \(entry) and id > \(after ?? ID.first)
      order by id limit \(limit)
      """
    ).map { row in
      let (id, text, by, at) = try row.decode(ID.self, String.self, ID.self, Instant.self)
      return Comment(id: id, text: text, createdBy: by, createdAt: at)
    }
  }
}
