import KittyShared

extension EntryStore {
  /// Adds a comment.
  /// - Throws: `Rejection` when the id exists already, the entry does not exist or has the maximum number of comments, or
  ///   the group stores too much.
  func insert(_ comment: Comment, on entry: ID, in group: ID, _ write: WriteContext) async throws {
    let bytes = GroupBytes.of(comment: comment.text)
    let room: SQL = limits.bytes.map { "and bytes + \(bytes) <= \($0)" } ?? ""
    do {
      let rows = try await database.transact(
        [
          GroupStore.nextSequence(of: group),
          """
          insert into comments (group_id, entry_id, id, text, created_by, created_at, sequence)
          select id, \(entry), \(comment.id), \(comment.text), \(comment.createdBy), \(comment.createdAt), sequence
          from groups where id = \(group) and (
            select count(*) from comments where group_id = \(group) and entry_id = \(entry)) < \(limits.comments)
            \(part: room)
          returning id
          """,
          // The number of comments is a part of the entry, so the entry changes.
          """
          update entries set sequence = (select sequence from groups where id = \(group))
          where group_id = \(group) and id = \(entry) and exists (
            select 1 from comments
            where group_id = \(group) and entry_id = \(entry) and id = \(comment.id))
          """,
          CommentText(comment.text).statement(for: comment.id, on: entry, in: group),
          """
          update groups set bytes = bytes + \(bytes)
          where id = \(group) and exists (
            select 1 from comments
            where group_id = \(group) and entry_id = \(entry) and id = \(comment.id))
          """,
          "select count(*) from comments where group_id = \(group) and entry_id = \(entry)",
        ], in: write)
      guard rows[1].isEmpty else { return }
      let count = try rows[5].first?.decode(Int.self) ?? 0
      throw count < limits.comments ? limits.quotaExceeded : limits.tooManyComments
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
