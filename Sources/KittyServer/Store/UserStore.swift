import KittyShared

/// Accounts as rows.
struct UserStore: Sendable {
  let database: any Database

  /// - Throws: `Problem` when the name or the id is taken.
  func insert(_ user: User, passwordHash: String) async throws {
    do {
      try await database.transact([
        """
        insert into users (id, name, display_name, password_hash, created_at)
        values (\(user.id), \(user.name), \(user.displayName), \(passwordHash), \(user.createdAt))
        """
      ])
    } catch DatabaseFailure.notUnique("users_name") {
      throw Problem(
        409, "name_taken", "The name is taken",
        "Somebody has the name \"\(user.name)\" already. Choose another.",
        errors: [FieldError(field: "name", code: "name_taken", message: "This name is taken.")])
    } catch DatabaseFailure.notUnique("users_id") {
      throw Problem.conflict("id_taken", "There is a user with this id already.")
    }
  }

  /// The user and the hash of their password.
  func find(name: String) async throws -> (user: User, passwordHash: String)? {
    let rows = try await database.read(
      """
      select password_hash, id, name, display_name, photo_hash, photo_width, photo_height, created_at
      from users where name = \(name)
      """)
    return try rows.first.map { row in
      let (hash, id, name, display, photo, width, height, created) = try row.decode(
        String.self, ID.self, String.self, String.self, String?.self, Int?.self, Int?.self, Instant.self)
      let user = User(
        id: id, name: name, displayName: display, photo: Photo(hash: photo, width: width, height: height),
        createdAt: created)
      return (user, hash)
    }
  }

  func find(id: ID) async throws -> User? {
    let rows = try await database.read(
      """
      select id, name, display_name, photo_hash, photo_width, photo_height, created_at
      from users where id = \(id)
      """)
    return try rows.first.map { row in
      let (id, name, display, photo, width, height, created) = try row.decode(
        ID.self, String.self, String.self, String?.self, Int?.self, Int?.self, Instant.self)
      return User(
        id: id, name: name, displayName: display, photo: Photo(hash: photo, width: width, height: height),
        createdAt: created)
    }
  }

  /// Sets or removes the photo, and asks the worker to remove the files of the one before.
  func setPhoto(_ photo: Photo?, of user: ID, at now: Instant) async throws {
    try await database.transact([
      JobStore.enqueueRemoval(ofPhotosFrom: "select photo_hash from users where id = \(user)", at: now),
      """
      update users set photo_hash = \(photo?.hash), photo_width = \(photo?.width), photo_height = \(photo?.height)
      where id = \(user)
      """,
    ])
  }
}

extension Photo {
  /// A photo from its three columns; `nil` when they are.
  init?(hash: String?, width: Int?, height: Int?) {
    guard let hash, let width, let height else { return nil }
    self.init(hash: hash, width: width, height: height)
  }
}
