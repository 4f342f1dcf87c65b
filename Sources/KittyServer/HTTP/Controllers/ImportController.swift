import FoundationEssentials
import Hummingbird
import KittyShared

/// The routes of imports of files of other programs: import or preview one, also as a new group, list them, undo one.
struct ImportController: Sendable {
  let imports: FileImports
  let users: UserStore
  let files: RequestFiles
  let computations: Computations

  func register(on routes: inout Routes) {
    routes.on(Endpoints.importFile, importFile)
    routes.on(Endpoints.previewImport, preview)
    routes.on(Endpoints.imports, list)
    routes.on(Endpoints.undoImport) { call in
      try await imports.undo(try call.id("import"), force: call.flag("force"), by: call.caller())
    }
  }

  private func importFile(_ call: Call) async throws -> Reply<ImportReport> {
    let wish = try Self.wish(call)
    var caller = try call.caller()
    caller.isDryRun = try call.flag("dryRun")
    let report = try await files.withFile(of: call) { [caller] file in
      try await computations.runImport(for: call) { try await imports.run(file, wish, by: caller) }
    }
    return Reply(report)
  }

  private func preview(_ call: Call) async throws -> Reply<ImportReport> {
    let wish = try Self.wish(call)
    guard try call.flag("dryRun") else {
      throw Rejection.invalid(
        "dryRun", "preview_only",
        "Without a group a file is only previewed: send dryRun=true. To import it, make a group with POST /v1/groups, and send the file to its imports."
      )
    }
    var id = call.newID
    if let text = call.query["group"] {
      guard let wished = ID(text), wished.version == 7 else {
        throw Rejection.invalid("group", "not_version_7", "Send a UUID of version 7, or leave the group out.")
      }
      id = wished
    }
    guard let owner = try await users.find(id: call.user) else { throw Rejection.signInNeeded }
    let group = FileImports.FutureGroup(id: id, owner: owner)
    let report = try await files.withFile(of: call) { file in
      try await computations.runImport(for: call) {
        try await imports.preview(file, wish, as: group, at: call.now, call.write)
      }
    }
    return Reply(report)
  }

  private func list(_ call: Call) async throws -> Reply<Page<ImportRecord>> {
    let page = try call.page()
    let before = try page.cursor.map(Cursor.id)
    let found = try await imports.store.list(in: call.member.group, limit: page.limit + 1, before: before)
    return .page(found, page, of: call) { Cursor.pack($0.id) }
  }

  /// Reads the query.
  private static func wish(_ call: Call) throws(Rejection) -> FileImports.Wish {
    var wish = FileImports.Wish()
    wish.options.format = try choice(call, "format", ImportFormat.self, besides: "auto")
    wish.options.encoding = try choice(call, "encoding", ImportedText.Encoding.self)
    wish.options.decimalMark = try choice(call, "decimal", NumberReading.Mark.self)
    wish.options.dates = try choice(call, "dates", DateReading.Order.self)
    if let code = call.query["currency"] {
      guard let currency = Currency(code: code) else {
        throw .invalid("currency", "unknown_currency", "Write a code of ISO 4217, such as EUR.")
      }
      wish.options.currency = currency
    }
    wish.names = try object(call, "map")
    for (role, column) in try object(call, "columns") {
      guard let role = TableColumn(rawValue: role) else {
        let roles = TableColumn.allCases.map(\.rawValue).joined(separator: ", ")
        throw .invalid(
          "columns", "unknown_column", "columns names a column of the file for each of \(roles).")
      }
      wish.options.columns[role] = column
    }
    switch call.query["differences"] {
    case nil, "refuse": break
    case "accept": wish.acceptsDifferences = true
    default: throw .invalid("differences", "unknown_value", "differences must be refuse or accept.")
    }
    switch call.query["twins"] {
    case nil, "omit": break
    case "keep": wish.keepsTwins = true
    default: throw .invalid("twins", "unknown_value", "twins must be omit or keep.")
    }
    return wish
  }

  private static func choice<Value: RawRepresentable<String> & CaseIterable>(
    _ call: Call, _ name: String, _ type: Value.Type, besides: String? = nil
  ) throws(Rejection) -> Value? {
    guard let text = call.query[name], text != besides else { return nil }
    guard let value = Value(rawValue: text) else {
      let known = [besides].compactMap(\.self) + Value.allCases.map(\.rawValue)
      throw .invalid(name, "unknown_\(name)", "\(name) must be one of \(known.joined(separator: ", ")).")
    }
    return value
  }

  private static func object(_ call: Call, _ name: String) throws(Rejection) -> [String: String] {
    guard let text = call.query[name] else { return [:] }
    guard let object = try? JSON.decode([String: String].self, from: Data(text.utf8)) else {
      throw .invalid(
        name, "not_an_object", "\(name) must be a JSON object of texts, such as {\"Bob\": \"Robert\"}.")
    }
    return object
  }
}
