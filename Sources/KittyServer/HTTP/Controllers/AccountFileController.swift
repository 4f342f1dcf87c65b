import Hummingbird
import KittyShared

/// The routes of the small files that clients keep with an account.
struct AccountFileController: Sendable {
  let files: AccountFileStore

  func register(on routes: inout Routes) {
    routes.on(Endpoints.accountFiles) { call in
      let page = try call.page()
      let after = try page.cursor.map { try Cursor.unpack($0, count: 1)[0] } ?? ""
      let session = try call.signedIn
      let found = try await files.list(
        of: session.user, session: session.id, at: call.now, limit: page.limit + 1, after: after)
      return .page(found, page, of: call) { Cursor.pack($0.name) }
    }
    routes.on(Endpoints.accountFile) { call in Reply(try await find(call)) }
    routes.on(Endpoints.writeAccountFile) { input, call in
      let (name, session) = (try Self.name(call), try call.signedIn)
      guard
        try await files.write(
          name, input.content, of: session.user, session: session.id, at: call.now, call.write)
      else {
        throw Rejection.conflict(
          "too_many_files",
          "An account has at most \(AccountFileStore.limit) files with \(AccountFileStore.maxTotal >> 20) MiB. Remove some."
        )
      }
      return Reply(
        AccountFile(name: name, size: input.content.utf8.count, savedAt: call.now, inUse: false))
    }
    routes.on(Endpoints.removeAccountFile) { call in
      guard try await files.delete(Self.name(call), of: call.user, call.write) else {
        throw Rejection.notFound("file")
      }
    }
  }

  private func find(_ call: Call) async throws -> AccountFile {
    let session = try call.signedIn
    let found = try await files.find(
      Self.name(call), of: session.user, session: session.id, at: call.now)
    guard let found else { throw Rejection.notFound("file") }
    return found
  }

  /// Reads the name from the path.
  /// - Throws: `Rejection.notFound` when no file can have it.
  private static func name(_ call: Call) throws(Rejection) -> String {
    guard let name = call.context.parameters.get("file"), AccountFile.isName(name) else {
      throw .notFound("file")
    }
    return name
  }
}
